// What `counters` and `nsys` share: this program run again under a tool, and the same model measured without it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interrupt.h"
#include "settings.h"
#include "trtprof/backend/module.h"
#include "trtprof/external/nsight_compute.h"
#include "trtprof/measure/measure.h"

namespace trtprof::cli {

// This program and `profile` with those of the arguments that `profile` takes: what is run under the tool.
[[nodiscard]] Result<std::vector<std::string>> profile_under_tool(const Settings& settings);

// The model or engine of the command line, ready to be measured.
class ToolTarget {
 public:
  explicit ToolTarget(const Settings& settings) : settings_(settings) {}

  // Reads the file and opens its backend; --device all is a usage error. An engine that is built for a model comes from
  // the cache, so that the tool sees it run and not built.
  Status open();
  // Does a GPU run it?
  [[nodiscard]] bool on_gpu() const { return (*backend_)->builds_engines(); }

  // Layers, and where asked and to be had the timeline. Shorter than `profile`: the figures that are wanted are others.
  [[nodiscard]] Result<Profile> measure(bool timeline, RunObserver* observer);

  // For run_ncu() and the like; progress is made anew by each.
  [[nodiscard]] const StopFlag& stop() const { return interrupt_.flag(); }

 private:
  const Settings& settings_;
  InterruptScope interrupt_;
  std::optional<ProfileRequest> request_;
  std::optional<LoadedBackend> backend_;
};

// Lines of a tool, with --verbose.
[[nodiscard]] std::function<void(std::string_view)> say_lines(const Settings& settings);

[[nodiscard]] bool is_capture_of(const std::string& path, std::string_view extension);

// Report and files of a profile that a tool helped to make.
Status finish_tool_output(const Settings& settings, const Profile& profile);

}  // namespace trtprof::cli
