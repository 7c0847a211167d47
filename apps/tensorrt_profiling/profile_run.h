// A model or an engine measured as the command line says, on one device or on all: what `profile` and `analyze` share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interrupt.h"
#include "settings.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/error.h"
#include "trtprof/diagnose/known_model.h"
#include "trtprof/measure/measure.h"
#include "trtprof/telemetry/clock_lock.h"

namespace trtprof::cli {

// Prints what a command says of a profile; `model` is null where none is at hand.
using SayProfile = std::function<Status(const Profile& profile, const KnownModel* model)>;

class ProfileRun {
 public:
  // `profile_json`: where the profile is written as JSON, as its options say; names get the device's where there are
  // several.
  ProfileRun(const Settings& settings, std::optional<std::filesystem::path> profile_json, SayProfile say)
      : settings_(settings), profile_json_(std::move(profile_json)), say_(std::move(say)) {}

  // The exit code, errors printed: the run, what `say` makes of each device's profile, the files that were asked for.
  int run();

 private:
  struct Outputs {
    std::optional<std::filesystem::path> json;
    std::optional<std::filesystem::path> csv;
    std::optional<std::filesystem::path> trace;
  };
  [[nodiscard]] Outputs outputs_of(const std::string& device) const;
  [[nodiscard]] Status check_outputs(const std::string& device) const;
  [[nodiscard]] Status write_files(const std::string& device, const Profile& profile) const;
  [[nodiscard]] Result<LoadedBackend> open(const std::optional<EngineFile>& engine) const;
  [[nodiscard]] Status measure();
  [[nodiscard]] Status run_on(const std::vector<std::string>& devices, Backend& backend, const ProfileRequest& request);
  [[nodiscard]] Result<Profile> run_on(const std::string& device, Backend& backend, ProfileRequest request);

  const Settings& settings_;
  const std::optional<std::filesystem::path> profile_json_;
  const SayProfile say_;
  const InterruptScope interrupt_;
  std::unique_ptr<ClockLock> clock_lock_;
  bool partial_ = false;
  std::optional<Error> failure_;  // an inference that failed after others had been measured; those are printed
};

// Those of the two that are asked for.
[[nodiscard]] Status write_exports(const Profile& profile, const std::optional<std::filesystem::path>& csv,
                                   const std::optional<std::filesystem::path>& trace);

// Fails when the report did not get out.
[[nodiscard]] Status check_standard_output();

}  // namespace trtprof::cli
