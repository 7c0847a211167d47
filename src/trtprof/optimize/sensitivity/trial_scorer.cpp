#include "trtprof/optimize/sensitivity/trial_scorer.h"

#include <utility>

#include "trtprof/backend/fixed_profiles.h"
#include "trtprof/base/file.h"
#include "trtprof/base/progress.h"
#include "trtprof/optimize/sensitivity/replayed_model.h"

namespace trtprof {
namespace {

// The reference is as exact as a CPU; a trial runs as its result would.
enum class Role { reference, trial };

// Backends that run engines get one for these shapes.
Status build_engine(Backend& backend, ModelSource& source, const CompileOptions& compile, Role role,
                    const StopFlag& stop) {
  BuildOptions options;
  options.device = compile.device;
  if (role == Role::reference) options.tf32 = false;
  options.profiles = fixed_profiles(source.graph, compile.shapes);
  NoProgress progress;
  const auto built = backend.build(source, options, progress, stop);
  if (!built) return forward_error(built);
  source.engine = source.path.parent_path() / "model.engine";
  return write_file(source.engine, built->plan);
}

// Engines that keep the weights in the file map it: on Linux it stays readable when its name is gone.
Result<std::unique_ptr<CompiledModel>> compiled(Backend& backend, const OnnxModel& model, CompileOptions options,
                                                Role role, const StopFlag& stop) {
  const auto folder = TemporaryFolder::create("trtprof-trial");
  if (!folder) return forward_error(folder);
  ModelSource source{folder->path() / "model.onnx", model.graph()};
  if (const Status saved = model.save_with_data(source.path); !saved) return forward_error(saved);
  if (backend.builds_engines()) {
    options.precision = CompileOptions().precision;  // the engine's own
    if (const Status built = build_engine(backend, source, options, role, stop); !built) return forward_error(built);
  } else if (role == Role::reference) {
    options.precision = "f32";
  }
  return backend.compile(source, options);
}

// A batch that is filled up would be kept as what the whole data has there.
std::size_t whole_batches(std::size_t samples, const CompiledModel& model) {
  std::size_t batch = 1;
  for (const TensorDesc& input : model.inputs()) {
    if (!input.shape.empty() && input.shape.front() > 0) batch = static_cast<std::size_t>(input.shape.front());
  }
  return (samples + batch - 1) / batch * batch;
}

}  // namespace

struct TrialScorer::Impl {
  Backend& backend;
  const DataSet& data;
  CompileOptions compile;
  AccuracyOptions accuracy;
  std::unique_ptr<ReplayedModel> reference;
  std::optional<DataSet> some;  // the first samples of the data, as many as were asked for last
};

Result<TrialScorer> TrialScorer::create(Backend& backend, const OnnxModel& reference, const BoundShapes& shapes,
                                        const DataSet& data, const ScorerOptions& options) {
  CompileOptions compile;
  compile.device = options.device;
  compile.shapes = shapes;
  auto model = compiled(backend, reference, compile, Role::reference, StopFlag());
  if (!model) return forward_error(model);
  compile.precision = options.trial_precision;
  auto replayed = std::make_unique<ReplayedModel>(*std::move(model), options.kept_bytes);
  return TrialScorer(
      std::make_shared<Impl>(Impl{backend, data, std::move(compile), options.accuracy, std::move(replayed), {}}));
}

Environment TrialScorer::environment() const {
  Environment environment;
  impl_->reference->describe(environment);
  return environment;
}

Result<AccuracyResult> TrialScorer::score(const OnnxModel& trial, std::optional<std::size_t> samples,
                                          const StopFlag& stop) {
  Impl& impl = *impl_;
  const std::size_t wanted = samples ? whole_batches(*samples, *impl.reference) : impl.data.size();
  const bool all = wanted >= impl.data.size();
  if (!all && (!impl.some || impl.some->size() != wanted)) {
    impl.some = impl.data;
    impl.some->limit(wanted);
  }
  const auto model = compiled(impl.backend, trial, impl.compile, Role::trial, stop);
  if (!model) return forward_error(model);
  impl.reference->rewind();
  NoProgress progress;
  return measure_accuracy(*impl.reference, **model, all ? impl.data : *impl.some, impl.accuracy, progress, stop);
}

}  // namespace trtprof
