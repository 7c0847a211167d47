// Is the model still the same model? Asked after every step of the passes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trtprof/optimize/evaluate.h"
#include "trtprof/optimize/output_difference.h"
#include "trtprof/optimize/pass.h"

namespace trtprof {

// Largest OutputDifference::error that a step of this level may cause. f32 has 6e-8 of rounding in each operation, and
// an engine that fuses other nodes than before adds in another order: even exact rewrites show 1e-6 on deep models.
[[nodiscard]] double tolerance_of(PassLevel level);

// The ONNX checker's opinion, and whether inference finds fault with nodes that it found none with before.
class StructureCheck {
 public:
  explicit StructureCheck(OnnxModel& model);
  // A sentence on what is wrong; empty: nothing. Also takes out stored types that are true of no value any more.
  [[nodiscard]] std::string objection_to(OnnxModel& model) const;

 private:
  bool was_valid_ = false;
  std::size_t notes_before_ = 0;
};

// The outputs for one set of seeded random inputs.
class NumericChecker {
 public:
  // Runs the model. Fails where the backend cannot, with its reason.
  [[nodiscard]] static Result<NumericChecker> create(Backend& backend, const OnnxModel& model,
                                                     const BoundShapes& shapes, std::uint64_t seed);
  // Runs a changed model; an error: it does not run any more.
  [[nodiscard]] Result<NamedTensors> run(const OnnxModel& model) const;
  [[nodiscard]] const NamedTensors& original() const { return original_; }

 private:
  NumericChecker(Backend& backend, NamedTensors inputs, NamedTensors original)
      : backend_(&backend), inputs_(std::move(inputs)), original_(std::move(original)) {}
  Backend* backend_;
  NamedTensors inputs_;
  NamedTensors original_;
};

}  // namespace trtprof
