// The ONNX model that a profile is of, with what rules want to know of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/cost/fusion_report.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

class KnownModel {
 public:
  // Shapes are those of the profile's inputs. Fails when they contradict the model.
  [[nodiscard]] static Result<KnownModel> of(OnnxModel model, const Profile& profile);

  [[nodiscard]] const OnnxModel& onnx() const { return state_->model; }
  [[nodiscard]] const Graph& graph() const { return state_->shapes.graph; }  // model-local functions inlined
  [[nodiscard]] const std::vector<ValueInfo>& values() const { return state_->shapes.values; }
  [[nodiscard]] const TensorTable& tensors() const { return state_->tensors; }
  [[nodiscard]] const OnnxOperators& operators() const { return *state_->operators; }
  // Of the profile's layers; nullptr without a layer run.
  [[nodiscard]] const FusionReport* fusion() const { return state_->fusion ? &*state_->fusion : nullptr; }

 private:
  struct State {
    OnnxModel model;
    InferredShapes shapes;
    TensorTable tensors;
    std::optional<OnnxOperators> operators;
    std::optional<FusionReport> fusion;
  };
  explicit KnownModel(std::unique_ptr<State> state) : state_(std::move(state)) {}

  std::unique_ptr<State> state_;  // `operators` refers into it
};

}  // namespace trtprof
