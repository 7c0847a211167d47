// What a model computes, found by running it on a backend: its outputs, and values inside it.
//
// Passes check their results with it, constants are folded by it, precision and calibration look at activations through
// it, and accuracy is measured on it.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/model/graph.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

using NamedTensors = std::map<std::string, Tensor>;

struct EvaluationOptions {
  std::string device = {};  // "": the backend's default
  std::string precision =
      "f32";  // as CompileOptions::precision: what an engine may choose for itself is not wanted here
  // Values inside the model that run() gives beside the outputs. They are made outputs of a copy, so an engine fuses
  // nothing across them.
  std::vector<std::string> watched = {};
};

// A model compiled once and run as often as there is data; backends that run engines build one for it first, which
// takes from a second to a minute. The backend must outlive it.
class Evaluator {
 public:
  // `shapes` of every input. Fails for a watched value that the main graph does not make, or whose type is not known.
  [[nodiscard]] static Result<Evaluator> create(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                                const EvaluationOptions& options = {});
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;
  ~Evaluator();

  [[nodiscard]] const std::vector<TensorDesc>& inputs() const;
  // One inference. Every input is to be there, of the type and shape that inputs() says.
  [[nodiscard]] Result<NamedTensors> run(const NamedTensors& inputs);

 private:
  struct Impl;
  explicit Evaluator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Once, with the shapes of these inputs.
[[nodiscard]] Result<NamedTensors> evaluate(Backend& backend, const OnnxModel& model, const NamedTensors& inputs,
                                            const EvaluationOptions& options = {});

// Makes values of the main graph outputs too, each with its inferred type; those that are outputs already stay as they
// are. Fails for a value that no node and no input makes, and for one whose type is not known.
[[nodiscard]] Status expose_values(OnnxModel& model, std::span<const std::string> values);

}  // namespace trtprof
