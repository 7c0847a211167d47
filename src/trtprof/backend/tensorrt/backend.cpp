#include "trtprof/backend/tensorrt/backend.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/builder.h"
#include "trtprof/backend/tensorrt/ceilings.h"
#include "trtprof/backend/tensorrt/compiled_model.h"
#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/backend/tensorrt/device.h"
#include "trtprof/backend/tensorrt/libraries.h"
#include "trtprof/backend/tensorrt/nvtx_ranges.h"
#include "trtprof/backend/tensorrt/plugins.h"

namespace trtprof::tensorrt {
namespace {

// An ONNX model without an engine is built in memory, for the one set of shapes it shall run at.
BuildOptions options_for(const CompileOptions& compile) {
  BuildOptions build;
  build.device = compile.device;
  build.plugins = compile.plugins;
  ShapeProfile profile;
  for (const auto& [name, shape] : compile.shapes) profile[name] = {shape, shape, shape};
  for (const auto& [name, values] : compile.shape_values) profile[name] = {values, values, values, true};
  build.profiles = {std::move(profile)};
  return build;
}

LoadOptions load_options(const CompileOptions& options) {
  return {options.allow_engine_code, options.version_compatible, options.refit_from};
}

Result<std::unique_ptr<LoadedEngine>> engine_of(const Libraries& libraries, int device, const ModelSource& source,
                                                const CompileOptions& options) {
  if (!source.engine.empty()) return LoadedEngine::from_file(libraries, source.engine, load_options(options));
  NoProgress progress;
  const StopFlag stop;
  const auto built = build_engine(libraries, device, source, options_for(options), progress, stop);
  if (!built) return forward_error(built);
  return LoadedEngine::from_plan(libraries, built->plan, source.path.string(), {options.allow_engine_code, {}, {}});
}

// For bind_engine(): of inputs that hold a shape their values. What a model says of such an input, its own shape, is no
// wish.
BoundShapes shapes_to_bind(const LoadedEngine& engine, const CompileOptions& options) {
  BoundShapes shapes = options.shapes;
  for (const EngineTensor& tensor : engine.tensors()) {
    const auto known = shapes.find(tensor.name);
    if (tensor.host && known != shapes.end() && known->second == tensor.shape) shapes.erase(known);
  }
  for (const auto& [name, values] : options.shape_values) shapes[name] = values;
  return shapes;
}

Status check_precision(const CompileOptions& options) {
  if (options.precision.empty() || options.precision == "model") return {};
  return usage_error(
      fmt::format("{} has no precision to choose when an engine runs: it is the model's own", kEngineName),
      "Build the engine in the precision it shall have.");
}

}  // namespace

std::string TensorrtBackend::name() const {
  return kBackendName;
}

Result<ProbeResult> TensorrtBackend::probe() {
  const auto libraries = Libraries::get();
  if (!libraries) return forward_error(libraries);
  auto devices = list_devices();
  if (!devices) return forward_error(devices);
  return ProbeResult{kEngineName, (*libraries)->version_text(), std::move(*devices)};
}

Result<std::unique_ptr<CompiledModel>> TensorrtBackend::compile(const ModelSource& source,
                                                                const CompileOptions& options) {
  if (options.tracing || options.traced_later) NvtxRanges::listen();
  if (const Status precision = check_precision(options); !precision) return forward_error(precision);
  const auto libraries = Libraries::get();
  if (!libraries) return forward_error(libraries);
  // Before a GPU is looked for: another version is the answer wherever it is asked.
  if (!source.engine.empty()) {
    const Status fits = LoadedEngine::check_file(**libraries, source.engine, load_options(options));
    if (!fits) return forward_error(fits);
  }
  if (const Status loaded = load_plugins(**libraries, options.plugins); !loaded) return forward_error(loaded);
  const auto device = find_device(options.device);
  if (!device) return forward_error(device);
  if (const Status used = use_device(*device, options.launch.spin); !used) return forward_error(used);
  const auto facts = device_facts(*device);
  if (!facts) return forward_error(facts);
  auto engine = engine_of(**libraries, *device, source, options);
  if (!engine) return forward_error(engine);
  TensorrtModel::Setup setup;
  setup.graph = source.graph;
  setup.options = options;
  setup.options.shapes = shapes_to_bind(**engine, options);
  setup.device = *device;
  setup.facts = *facts;
  setup.engine_version = (*libraries)->version_text();
  setup.runtime_kind = (*libraries)->runtime_kind();
  setup.notes = (*engine)->notes();
  return TensorrtModel::make(std::move(*engine), std::move(setup));
}

Result<BuiltEngine> TensorrtBackend::build(const ModelSource& source, const BuildOptions& options, Progress& progress,
                                           const StopFlag& stop) {
  const auto libraries = Libraries::get();
  if (!libraries) return forward_error(libraries);
  // Before a GPU is looked for: no GPU would help.
  if (const Status builds = (*libraries)->check_builds(); !builds) return forward_error(builds);
  if (const Status loaded = load_plugins(**libraries, options.plugins); !loaded) return forward_error(loaded);
  int device = -1;
  const auto found = find_device(options.device);
  if (found) {
    if (const Status used = use_device(*found, false); !used) return forward_error(used);
    device = *found;
  } else if (kFlavour == EngineFlavour::tensorrt || !options.device.empty()) {
    return forward_error(found);
  }
  return build_engine(**libraries, device, source, options, progress, stop);
}

Result<Environment> TensorrtBackend::describe_device(const std::string& device) {
  const auto index = find_device(device);
  if (!index) return forward_error(index);
  const auto facts = device_facts(*index);
  if (!facts) return forward_error(facts);
  Environment environment;
  environment.backend = kBackendName;
  environment.engine_name = kEngineName;
  if (const auto libraries = Libraries::get()) environment.engine_version = (*libraries)->version_text();
  environment.device_kind = DeviceKind::gpu;
  environment.device_name = facts->name;
  environment.properties = device_properties(*index, *facts);
  return environment;
}

Result<MeasuredCeilings> TensorrtBackend::measure_ceilings(const CeilingsRequest& request, Progress& progress,
                                                           const StopFlag& stop) {
  const auto device = find_device(request.device);
  if (!device) return forward_error(device);
  if (const Status used = use_device(*device, true); !used) return forward_error(used);
  const auto facts = device_facts(*device);
  if (!facts) return forward_error(facts);
  return measure_gpu(*device, *facts, request, progress, stop);
}

}  // namespace trtprof::tensorrt
