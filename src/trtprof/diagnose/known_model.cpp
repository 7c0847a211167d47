#include "trtprof/diagnose/known_model.h"

#include <algorithm>
#include <utility>

namespace trtprof {
namespace {

// Those of the profile that the model has too; an engine may have dropped inputs that nothing needs.
BoundShapes shapes_of(const Profile& profile, const Graph& graph) {
  BoundShapes shapes;
  for (const TensorDesc& input : profile.model.inputs) {
    const bool known =
        std::ranges::any_of(graph.inputs, [&](const ValueInfo& value) { return value.name == input.name; });
    const bool open = std::ranges::any_of(input.shape, [](std::int64_t dimension) { return dimension < 0; });
    if (known && !open) shapes[input.name] = input.shape;
  }
  return shapes;
}

}  // namespace

Result<KnownModel> KnownModel::of(OnnxModel model, const Profile& profile) {
  auto shapes = infer_shapes(model, shapes_of(profile, model.graph()));
  if (!shapes) return forward_error(shapes);
  auto state = std::make_unique<State>(State{std::move(model), std::move(*shapes), {}, std::nullopt, std::nullopt});
  state->tensors = tensor_table(state->shapes.graph, state->shapes.values);
  state->operators.emplace(state->shapes.graph, state->tensors);
  if (profile.layer_run) {
    state->fusion = fusion_report(state->shapes.graph, state->tensors, profile.layer_run->layers);
  }
  return KnownModel(std::move(state));
}

}  // namespace trtprof
