#include "trtprof/measure/machine_watch.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/measure/telemetry_remarks.h"
#include "trtprof/profile/telemetry_values.h"
#include "trtprof/telemetry/clock_lock.h"
#include "trtprof/telemetry/cpu_source.h"
#include "trtprof/telemetry/nvml_source.h"

namespace trtprof {
namespace {

constexpr double kHertzPerMegahertz = 1e6;

std::string pci_bus_id_of(const Environment& environment) {
  const auto found = environment.properties.find("PCI bus id");
  return found == environment.properties.end() ? "" : found->second;
}

TelemetrySource source_for(const Environment& environment, const TelemetryOptions& options, const Clock& clock) {
  if (environment.device_kind == DeviceKind::cpu) return cpu_source(usable_cpus(), clock, options.sysfs_root);
  const std::string pci_bus_id = pci_bus_id_of(environment);
  if (!pci_bus_id.empty()) return nvml_source(pci_bus_id);
  TelemetrySource source;
  source.facts.missing.push_back(fmt::format(
      "the {} backend does not tell the PCI bus id of its GPU, by which NVML knows it", environment.backend));
  return source;
}

}  // namespace

MachineWatch::MachineWatch(const ProfileRequest& request, MeasureContext& context)
    : request_(request), context_(context), next_(std::exchange(context.observer, this)) {}

MachineWatch::~MachineWatch() {
  context_.observer = next_;
  if (request_.clock_lock != nullptr) request_.clock_lock->release();
}

Status MachineWatch::start(const CompiledModel& model) {
  if (!request_.telemetry.on && request_.clock_lock == nullptr) return {};
  Environment environment;
  model.describe(environment);
  if (const Status locked = lock_clock(environment); !locked) return locked;
  if (request_.telemetry.on) start_sampling(environment);
  return {};
}

Status MachineWatch::lock_clock(const Environment& environment) const {
  if (request_.clock_lock == nullptr) return {};
  const std::string pci_bus_id = pci_bus_id_of(environment);
  if (environment.device_kind != DeviceKind::gpu || pci_bus_id.empty()) {
    return unavailable(
        fmt::format("--lock-clocks: the {} backend tells no PCI bus id of an NVIDIA GPU", environment.backend));
  }
  return request_.clock_lock->lock(pci_bus_id);
}

void MachineWatch::start_sampling(const Environment& environment) {
  sampler_.emplace(source_for(environment, request_.telemetry, context_.clock), request_.telemetry.period_seconds,
                   context_.clock, context_.epoch);
}

void MachineWatch::run_begins(std::string_view run) {
  if (next_ != nullptr) next_->run_begins(run);
  if (sampler_) sampler_->begin_phase(run);
}

void MachineWatch::run_ends(std::int64_t inferences) {
  if (sampler_) sampler_->end_phase(inferences);
  if (next_ != nullptr) next_->run_ends(inferences);
}

void MachineWatch::finish(Profile& profile) {
  if (sampler_) {
    profile.telemetry = sampler_->finish();
    sampler_.reset();
  }
  if (ClockLock* const lock = request_.clock_lock; lock != nullptr) {
    lock->release();
    const auto wanted = lock->megahertz();
    profile.notes.push_back(fmt::format("The SM clock was locked at {} (--lock-clocks).",
                                        wanted ? fmt::format("{} MHz", *wanted) : "what the GPU sustains"));
    if (!lock->not_restored().empty()) profile.warnings.push_back(lock->not_restored());
    if (profile.telemetry && wanted) profile.telemetry->locked_sm_clock_hz = *wanted * kHertzPerMegahertz;
    // What it sustains NVML does not tell: the highest that was seen, for limits only lower it.
    if (profile.telemetry && !wanted) {
      const auto clocks = values_during_phases(*profile.telemetry, "sm_clock");
      if (!clocks.empty()) profile.telemetry->locked_sm_clock_hz = clocks.back();
    }
  }
  if (profile.telemetry) add_remarks(profile, telemetry_remarks(*profile.telemetry));
}

}  // namespace trtprof
