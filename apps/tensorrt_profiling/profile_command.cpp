#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "backend_choice.h"
#include "cached_engine.h"
#include "commands.h"
#include "interrupt.h"
#include "messages.h"
#include "profile_input.h"
#include "terminal_progress.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/file.h"
#include "trtprof/base/outside_profiler.h"
#include "trtprof/measure/measure.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/device_table.h"
#include "trtprof/report/report.h"
#include "trtprof/report/trace_report.h"
#include "trtprof/telemetry/clock_lock.h"
#include "watched_run.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAllDevices = "all";

struct Outputs {
  std::optional<fs::path> json;
  std::optional<fs::path> csv;
  std::optional<fs::path> trace;
};

// "p.json" to "p.cuda0.json"
fs::path for_device(const fs::path& path, std::string device) {
  std::erase(device, ':');
  fs::path result = path.parent_path() / path.stem();
  result += '.' + device + path.extension().string();
  return result;
}

Outputs outputs_of(const Settings& settings, const std::string& device) {
  Outputs outputs = {settings.json, settings.csv, settings.trace};
  if (settings.device != kAllDevices) return outputs;
  for (auto* path : {&outputs.json, &outputs.csv, &outputs.trace}) {
    if (*path) *path = for_device(**path, device);
  }
  return outputs;
}

// The devices to run on, one after the other.
Result<std::vector<std::string>> devices_of(const Settings& settings, Backend& backend) {
  if (settings.device != kAllDevices) return std::vector<std::string>{settings.device};
  const auto probed = backend.probe();
  if (!probed) return forward_error(probed);
  std::vector<std::string> ids;
  for (const DeviceInfo& device : probed->devices) ids.push_back(device.id);
  if (ids.empty()) return unavailable(fmt::format("{} has no device", probed->engine_name));
  return ids;
}

Status write_files(const Outputs& outputs, const Profile& profile) {
  if (outputs.json) {
    if (Status saved = save_profile(profile, *outputs.json); !saved) return saved;
  }
  using Write = void (*)(std::ostream&, const Profile&);
  for (const auto& [path, write] : {std::pair<const std::optional<fs::path>&, Write>(outputs.csv, &write_csv_report),
                                    {outputs.trace, &write_trace_report}}) {
    if (!path) continue;
    Status written = write_file(*path, [&, write = write](std::ostream& out) -> Status {
      write(out, profile);
      return {};
    });
    if (!written) return written;
  }
  return {};
}

Status check_standard_output() {
  std::cout.flush();
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return {};
}

Status print_report(const Settings& settings, const Profile& profile) {
  TextReportOptions options = settings.report;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  write_text_report(std::cout, profile, options);
  return check_standard_output();
}

class ProfileRun {
 public:
  explicit ProfileRun(const Settings& settings) : settings_(settings) {}

  Status run() {
    // Forks, so before any library starts its threads.
    if (settings_.lock_clocks) {
      auto lock = ClockLock::prepare(settings_.locked_megahertz);
      if (!lock) return forward_error(lock);
      clock_lock_ = std::move(*lock);
    }
    // Minutes of measuring must not end in an unwritable file.
    if (settings_.device != kAllDevices) {
      if (Status writable = check_outputs(""); !writable) return writable;
    }
    const auto input = read_profile_input(settings_);
    if (!input) return forward_error(input);
    const auto request = make_profile_request(settings_, *input);
    if (!request) return forward_error(request);
    const auto backend = open(*input);
    if (!backend) return forward_error(backend);
    if (Status fits = check_fits(settings_, *input, **backend); !fits) return fits;
    const auto devices = devices_of(settings_, **backend);
    if (!devices) return forward_error(devices);
    if (settings_.device == kAllDevices) {
      for (const std::string& device : *devices) {
        if (Status writable = check_outputs(device); !writable) return writable;
      }
    }
    return run_on(*devices, **backend, *request);
  }

  [[nodiscard]] bool partial() const { return partial_; }
  // Empty, or that a clock is still locked.
  [[nodiscard]] std::string still_locked() const { return clock_lock_ ? clock_lock_->not_restored() : ""; }
  // An inference that failed after others had been measured; those are printed.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  Status check_outputs(const std::string& device) const {
    const Outputs outputs = outputs_of(settings_, device);
    for (const auto& path : {outputs.json, outputs.csv, outputs.trace}) {
      if (!path) continue;
      if (Status writable = check_writable(*path); !writable) return writable;
    }
    return {};
  }

  [[nodiscard]] Result<LoadedBackend> open(const ProfileInput& input) const {
    if (!input.engine) return open_backend(settings_.backend);
    // Not probed: loading the engine tells more, such as that it belongs to another version, than that there is no GPU.
    return open_engine_backend(settings_.backend, *input.engine);
  }

  Status run_on(const std::vector<std::string>& devices, Backend& backend, const ProfileRequest& request) {
    std::vector<DeviceProfile> profiles;
    for (const std::string& device : devices) {
      auto profile = run_on(device, backend, request);
      if (!profile) return forward_error(profile);
      Status printed = print_report(settings_, *profile);
      Status written = write_files(outputs_of(settings_, device), *profile);
      if (!printed) return printed;
      if (!written) return written;
      partial_ = profile->partial;
      profiles.push_back({device, std::move(*profile)});
      if (partial_) break;
      if (profiles.size() < devices.size()) std::cout << '\n';
    }
    if (profiles.size() > 1) write_device_table(std::cout, profiles);
    return check_standard_output();
  }

  Result<Profile> run_on(const std::string& device, Backend& backend, ProfileRequest request) {
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    request.compile.device = device;
    request.clock_lock = clock_lock_.get();
    if (backend.builds_engines() && request.source.engine.empty()) {
      const Status ready = use_cached_engine(settings_, backend, request, *progress, interrupt_.flag());
      if (!ready) return forward_error(ready);
    }
    // On a CPU the layer run tells the same, so only for the trace.
    request.timeline = settings_.timeline && (backend.builds_engines() || settings_.trace.has_value());
    if (backend.builds_engines()) {
      if (const auto tool = outside_profiler()) fit_to_watcher(*tool, settings_, request);
    }
    MeasureContext context{*progress, interrupt_.flag()};
    auto profile = profile_model(backend, request, context);
    progress->finish();
    failure_ = std::move(context.failure);
    return profile;
  }

  const Settings& settings_;
  const InterruptScope interrupt_;
  std::unique_ptr<ClockLock> clock_lock_;
  bool partial_ = false;
  std::optional<Error> failure_;
};

}  // namespace

int run_profile(const Settings& settings) {
  ProfileRun run(settings);
  const Status done = run.run();
  if (const std::string warning = run.still_locked(); !warning.empty()) print_warning(warning);
  if (!done) return print_error(done.error());
  if (run.failure()) return print_error(*run.failure());
  return run.partial() ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace trtprof::cli
