#include <memory>
#include <utility>

#include <fmt/format.h>

#include "trtprof/measure/inputs.h"
#include "trtprof/measure/machine_watch.h"
#include "trtprof/measure/measure.h"
#include "trtprof/measure/output_check.h"
#include "trtprof/measure/timeline.h"

namespace trtprof {
namespace {

using Compiled = Result<std::unique_ptr<CompiledModel>>;

// Takes away what was drawn on every way out.
class ProgressScope {
 public:
  explicit ProgressScope(Progress& progress) : progress_(progress) {}
  ~ProgressScope() { progress_.finish(); }
  ProgressScope(const ProgressScope&) = delete;
  ProgressScope& operator=(const ProgressScope&) = delete;

 private:
  Progress& progress_;
};

Status set_inputs(CompiledModel& model, const ProfileRequest& request) {
  const auto tensors = complete_inputs(model.inputs(), request.inputs, request.seed);
  if (!tensors) return forward_error(tensors);
  for (const auto& [name, tensor] : *tensors) {
    if (const Status set = model.set_input(name, tensor); !set) return set;
  }
  return {};
}

enum class Instrument { none, layer_timing, tracing };

Compiled compile_and_feed(Backend& backend, const ProfileRequest& request, Instrument instrument) {
  CompileOptions options = request.compile;
  options.layer_timing = instrument == Instrument::layer_timing;
  options.tracing = instrument == Instrument::tracing;
  options.traced_later = request.timeline && !options.tracing;
  Compiled model = backend.compile(request.source, options);
  if (!model) return model;
  if (const Status set = set_inputs(**model, request); !set) return forward_error(set);
  return model;
}

// The shapes as run; the file's description has open dimensions.
void describe_model(const CompiledModel& model, ModelInfo& info) {
  info.inputs = model.inputs();
  info.outputs = model.outputs();
  if (!info.inputs.empty() && !info.inputs.front().shape.empty()) info.batch = info.inputs.front().shape.front();
}

bool cut_short(const MeasurementInfo& measurement) {
  return measurement.stop_reason == StopReason::interrupted || measurement.stop_reason == StopReason::failed;
}

bool is_interruption(const Error& error) {
  return error.code == ErrorCode::interrupted;
}

Status add_end_to_end(Backend& backend, const ProfileRequest& request, MeasureContext& context, MachineWatch& watch,
                      Profile& profile) {
  context.progress.phase("compiling");
  const Compiled model = compile_and_feed(backend, request, Instrument::none);
  if (!model) return forward_error(model);
  describe_model(**model, profile.model);
  if (const Status watched = watch.start(**model); !watched) return watched;

  auto measured = measure_end_to_end(**model, request.end_to_end, context);
  // After it: how inferences are launched is decided with the first.
  (*model)->describe(profile.environment);
  if (!measured) return forward_error(measured);
  profile.partial = cut_short(measured->measurement);
  profile.end_to_end = std::move(*measured);
  add_remarks(profile, {(*model)->notes(), (*model)->warnings()});
  // After the samples, not before: with --warmup 0 the first inference is a sample.
  if (!context.failure) add_remarks(profile, output_remarks(**model));
  return {};
}

Status add_layer_run(Backend& backend, const ProfileRequest& request, MeasureContext& context, Profile& profile) {
  context.progress.phase("compiling for layer timing");
  const Compiled model = compile_and_feed(backend, request, Instrument::layer_timing);
  if (!model) return forward_error(model);

  auto measured = measure_layers(**model, request.layers, context);
  if (!measured) return forward_error(measured);
  profile.partial = cut_short(measured->measurement);
  profile.layer_run = std::move(*measured);
  add_remarks(profile, {(*model)->notes(), (*model)->warnings()});
  return {};
}

Status add_timeline(Backend& backend, const ProfileRequest& request, MeasureContext& context, Profile& profile) {
  context.progress.phase("compiling for tracing");
  const Compiled model = compile_and_feed(backend, request, Instrument::tracing);
  if (!model) return forward_error(model);
  const auto without = [&](const Error& error) -> Status {
    if (error.code != ErrorCode::unavailable) return tl::unexpected<Error>(error);
    profile.notes.push_back(fmt::format("No timeline: {}.", error.message));
    return {};
  };
  if (const Status possible = (*model)->can_trace(); !possible) return without(possible.error());
  auto measured = measure_timeline(**model, request.traced, context);
  if (!measured) return without(measured.error());
  profile.partial = cut_short(measured->measurement);
  profile.timeline = std::move(*measured);
  if (profile.layer_run) {
    const auto layers = (*model)->layers();
    if (!layers) return forward_error(layers);
    adopt_layer_names(*profile.timeline, *layers, profile.layer_run->layers);
  }
  add_remarks(profile, {(*model)->notes(), (*model)->warnings()});
  return {};
}

// The runs after the end-to-end run: one that fails takes nothing from those before it.
using AddRun = Status (*)(Backend&, const ProfileRequest&, MeasureContext&, Profile&);
void add_run(AddRun add, Backend& backend, const ProfileRequest& request, MeasureContext& context, Profile& profile) {
  if (profile.partial) return;
  const Status added = add(backend, request, context, profile);
  if (!added && !is_interruption(added.error())) context.failure = added.error();
  if (!added || context.stop.requested()) profile.partial = true;
}

}  // namespace

Result<Profile> profile_model(Backend& backend, const ProfileRequest& request, MeasureContext& context) {
  const ProgressScope drawn(context.progress);
  context.epoch = context.clock();
  MachineWatch watch(request, context);
  Profile profile;
  profile.environment = request.environment;
  profile.model = request.info;
  add_remarks(profile, request.machine);

  if (const Status added = add_end_to_end(backend, request, context, watch, profile); !added) {
    return forward_error(added);
  }
  if (context.stop.requested()) profile.partial = true;
  if (request.layer_run) add_run(add_layer_run, backend, request, context, profile);
  if (request.timeline) add_run(add_timeline, backend, request, context, profile);
  watch.finish(profile);
  if (context.failure) {
    profile.warnings.push_back(fmt::format("The measurement ended early: {}.", context.failure->message));
  }
  add_remarks(profile, profile_remarks(profile));
  return profile;
}

}  // namespace trtprof
