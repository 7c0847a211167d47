#include "trtprof/optimize/compile_model.h"

#include "trtprof/backend/fixed_profiles.h"
#include "trtprof/base/file.h"
#include "trtprof/base/progress.h"

namespace trtprof {
namespace {

Status build_engine(Backend& backend, ModelSource& source, const CompileOptions& compile, bool tf32,
                    const StopFlag& stop) {
  BuildOptions options;
  options.device = compile.device;
  options.tf32 = tf32;
  options.profiles = fixed_profiles(source.graph, compile.shapes);
  NoProgress progress;
  const auto built = backend.build(source, options, progress, stop);
  if (!built) return forward_error(built);
  source.engine = source.path.parent_path() / "model.engine";
  return write_file(source.engine, built->plan);
}

}  // namespace

Result<std::unique_ptr<CompiledModel>> compile_model(Backend& backend, const OnnxModel& model, CompileOptions options,
                                                     bool tf32, const StopFlag& stop) {
  // Engines that keep the weights in the file map it: on Linux it stays readable when its name is gone.
  const auto folder = TemporaryFolder::create("trtprof-compile");
  if (!folder) return forward_error(folder);
  ModelSource source{folder->path() / "model.onnx", model.graph()};
  if (const Status saved = model.save_with_data(source.path); !saved) return forward_error(saved);
  if (backend.builds_engines()) {
    options.precision = CompileOptions().precision;
    if (const Status built = build_engine(backend, source, options, tf32, stop); !built) return forward_error(built);
  }
  return backend.compile(source, options);
}

}  // namespace trtprof
