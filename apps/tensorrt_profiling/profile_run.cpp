#include "profile_run.h"

#include <iostream>
#include <utility>

#include <fmt/format.h>

#include "backend_choice.h"
#include "cached_engine.h"
#include "messages.h"
#include "profile_input.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/base/outside_profiler.h"
#include "trtprof/cost/layer_costs.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/device_table.h"
#include "trtprof/report/report.h"
#include "trtprof/report/trace_report.h"
#include "watched_run.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAllDevices = "all";

// "p.json" to "p.cuda0.json"
fs::path for_device(const fs::path& path, std::string device) {
  std::erase(device, ':');
  fs::path result = path.parent_path() / path.stem();
  result += '.' + device + path.extension().string();
  return result;
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

// What there is to know of the model's graph; a model that cannot be understood was measured all the same.
std::optional<KnownModel> known_model(const ModelSource& source, const Profile& profile) {
  if (source.path.empty()) return std::nullopt;
  auto model = OnnxModel::load(source.path);
  if (!model) return std::nullopt;
  auto known = KnownModel::of(std::move(*model), profile);
  if (known) return std::move(*known);
  print_verbose(known.error().message);
  return std::nullopt;
}

}  // namespace

int ProfileRun::run() {
  const Status done = measure();
  if (clock_lock_) {
    if (const std::string warning = clock_lock_->not_restored(); !warning.empty()) print_warning(warning);
  }
  if (!done) return print_error(done.error());
  if (failure_) return print_error(*failure_);
  return partial_ ? static_cast<int>(ErrorCode::interrupted) : 0;
}

Status ProfileRun::measure() {
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
  const auto backend = open(input->engine);
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

ProfileRun::Outputs ProfileRun::outputs_of(const std::string& device) const {
  Outputs outputs = {profile_json_, settings_.csv, settings_.trace};
  if (settings_.device != kAllDevices) return outputs;
  for (auto* path : {&outputs.json, &outputs.csv, &outputs.trace}) {
    if (*path) *path = for_device(**path, device);
  }
  return outputs;
}

Status ProfileRun::check_outputs(const std::string& device) const {
  const Outputs outputs = outputs_of(device);
  for (const auto& path : {outputs.json, outputs.csv, outputs.trace}) {
    if (!path) continue;
    if (Status writable = check_writable(*path); !writable) return writable;
  }
  return {};
}

Status ProfileRun::write_files(const std::string& device, const Profile& profile) const {
  const Outputs outputs = outputs_of(device);
  if (outputs.json) {
    if (Status saved = save_profile(profile, *outputs.json); !saved) return saved;
  }
  return write_exports(profile, outputs.csv, outputs.trace);
}

Result<LoadedBackend> ProfileRun::open(const std::optional<EngineFile>& engine) const {
  if (!engine) return open_backend(settings_.backend);
  // Not probed: loading the engine tells more, such as that it belongs to another version, than that there is no GPU.
  return open_engine_backend(settings_.backend, *engine);
}

Status ProfileRun::run_on(const std::vector<std::string>& devices, Backend& backend, const ProfileRequest& request) {
  std::vector<DeviceProfile> profiles;
  for (const std::string& device : devices) {
    auto profile = run_on(device, backend, request);
    if (!profile) return forward_error(profile);
    const std::optional<KnownModel> model = known_model(request.source, *profile);
    if (model) store_work(*profile, model->operators());
    Status said = say_(*profile, model ? &*model : nullptr);
    Status written = write_files(device, *profile);
    if (!said) return said;
    if (!written) return written;
    partial_ = profile->partial;
    profiles.push_back({device, std::move(*profile)});
    if (partial_) break;
    if (profiles.size() < devices.size()) std::cout << '\n';
  }
  if (profiles.size() > 1) write_device_table(std::cout, profiles);
  return check_standard_output();
}

Result<Profile> ProfileRun::run_on(const std::string& device, Backend& backend, ProfileRequest request) {
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

Status write_exports(const Profile& profile, const std::optional<fs::path>& csv, const std::optional<fs::path>& trace) {
  using Write = void (*)(std::ostream&, const Profile&);
  for (const auto& [path, write] :
       {std::pair<const std::optional<fs::path>&, Write>(csv, &write_csv_report), {trace, &write_trace_report}}) {
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

}  // namespace trtprof::cli
