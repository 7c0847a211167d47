// Many versions of a model scored against one reference on the same data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/accuracy/accuracy.h"

namespace trtprof {

struct ScorerOptions {
  AccuracyOptions accuracy = {};
  std::string device = {};
  std::string trial_precision = "model";  // CompileOptions::precision of trials: the types of their graph
  // Of the reference's outputs; those beyond are computed again for every trial.
  std::uint64_t kept_bytes = std::uint64_t{256} << 20;
};

// The reference runs in f32, once for each sample; a trial runs as ScorerOptions says. On a backend that runs
// engines each gets one of its own, that of the reference without TF32.
class TrialScorer {
 public:
  // The backend and the data must outlive it. `shapes` of every input: the batch is their leading dimension.
  [[nodiscard]] static Result<TrialScorer> create(Backend& backend, const OnnxModel& reference,
                                                  const BoundShapes& shapes, const DataSet& data,
                                                  const ScorerOptions& options = {});

  // On the first `samples` of the data, in whole batches; nullopt: on all. AccuracyResult::partial when the user
  // stopped it.
  [[nodiscard]] Result<AccuracyResult> score(const OnnxModel& trial, std::optional<std::size_t> samples,
                                             const StopFlag& stop);

  // Of the reference: engine, device.
  [[nodiscard]] Environment environment() const;

 private:
  struct Impl;
  explicit TrialScorer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace trtprof
