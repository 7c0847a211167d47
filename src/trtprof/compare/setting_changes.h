// What differs between two sides beside their times: model, engine, machine, how it was run.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof {

struct SettingChange {
  std::string name;  // "engine version", "threads", or the engine's own name of a setting
  std::string a;     // empty: not set, not known
  std::string b;
  bool operator==(const SettingChange&) const = default;
};

// Between the first profiles of both sides; clocks are medians over the launches, and differ from 2 % on.
[[nodiscard]] std::vector<SettingChange> setting_changes(std::span<const Profile> a, std::span<const Profile> b);

// Fields in which the profiles of one side are not of one kind: then they are not launches of one thing. Empty when
// they are. Files of different content are: builds of one engine.
[[nodiscard]] std::vector<SettingChange> mixed_launches(std::span<const Profile> side);

}  // namespace trtprof
