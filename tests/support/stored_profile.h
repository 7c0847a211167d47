// Profiles of real runs, thinned: every series keeps 20 of its samples, evenly spaced by rank so that medians stay, and
// one inference is in detail (tests/data/diagnose).
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {

inline Profile stored_profile(const std::string& name) {
  auto loaded = load_profile(std::filesystem::path(kDataDir) / "diagnose" / (name + ".json"));
  if (!loaded) {
    ADD_FAILURE() << loaded.error().message;
    return {};
  }
  return std::move(loaded->profile);
}

}  // namespace trtprof::test
