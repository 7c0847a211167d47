#include "trtprof/optimize/sensitivity/trial_scorer.h"

#include <utility>

#include "trtprof/optimize/compile_model.h"
#include "trtprof/optimize/sensitivity/replayed_model.h"

namespace trtprof {
namespace {

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
  compile.precision = "f32";
  auto model = compile_model(backend, reference, compile, /*tf32=*/false);  // as exact as a CPU
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
  const auto model = compile_model(impl.backend, trial, impl.compile, BuildOptions().tf32, stop);
  if (!model) return forward_error(model);
  impl.reference->rewind();
  NoProgress progress;
  return measure_accuracy(*impl.reference, **model, all ? impl.data : *impl.some, impl.accuracy, progress, stop);
}

}  // namespace trtprof
