#include "trtprof/optimize/fusion_worth.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/tensor.h"
#include "trtprof/optimize/experiments/fusion_placement.h"
#include "trtprof/optimize/experiments/fusion_trial.h"

namespace trtprof {
namespace {

// Layer times of the model as it is, for what is apart: a bound, not an effect.
constexpr int kLayerRuns = 20;

InstanceState state_of(Placement placement) {
  switch (placement) {
    case Placement::fused:
      return InstanceState::not_tried;
    case Placement::apart:
      return InstanceState::apart;
    case Placement::not_told:
      break;
  }
  return InstanceState::not_told;
}

InstanceState state_of(TrialOutcome outcome) {
  switch (outcome) {
    case TrialOutcome::measured:
      return InstanceState::measured;
    case TrialOutcome::not_prevented:
      return InstanceState::not_prevented;
    case TrialOutcome::retyped:
      return InstanceState::retyped;
    case TrialOutcome::no_control:
      return InstanceState::no_control;
    case TrialOutcome::interrupted:
      break;
  }
  return InstanceState::not_tried;
}

// Of the model as it is: the median seconds of each layer; empty where the engine does not tell.
Result<std::vector<double>> layer_medians(CompiledModel& model, std::size_t layers) {
  std::vector<std::vector<double>> samples(layers);
  for (int i = 0; i < kLayerRuns; ++i) {
    const auto run = model.run_once_profiled();
    if (!run) return forward_error(run);
    if (run->layer_seconds.size() != layers) return std::vector<double>{};
    for (std::size_t layer = 0; layer < layers; ++layer) samples[layer].push_back(run->layer_seconds[layer]);
  }
  std::vector<double> medians;
  medians.reserve(layers);
  for (const auto& series : samples) medians.push_back(median(series));
  return medians;
}

class FusionWorthRun {
 public:
  FusionWorthRun(Original original, const FusionWorthRequest& request)
      : original_(std::move(original)), request_(request) {
    report_.environment = request.environment;
    report_.model = request.info;
    report_.per_instance = request.per_instance;
    report_.notes = request.machine.notes;
    report_.warnings = request.machine.warnings;
  }

  Result<FusionWorthReport> run() {
    if (const Status compiled = compile_original(original_, request_.setup); !compiled) {
      return forward_error(compiled);
    }
    original_.end_to_end->describe(report_.environment);
    report_.model.inputs = original_.end_to_end->inputs();
    report_.model.outputs = original_.end_to_end->outputs();
    const auto& inputs = report_.model.inputs;
    if (!inputs.empty() && !inputs.front().shape.empty()) report_.model.batch = inputs.front().shape.front();
    if (const Status judged = judge_pairs(); !judged) return forward_error(judged);
    for (KindWorth& kind : report_.kinds) {
      if (stopped()) break;
      if (const Status measured = measure(kind); !measured) return forward_error(measured);
    }
    report_.partial = stopped();
    if (!originals_.empty()) report_.inference = median(originals_);
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool stopped() const { return request_.setup.context.stop.requested(); }

  Status judge_pairs() {
    const auto seconds = layer_medians(*original_.layered, original_.layers.size());
    if (!seconds) return forward_error(seconds);
    const FusionPlacement placement(original_.layers);
    auto pairs = find_fusion_pairs(original_.inferred.graph, original_.tensors);
    drop_what_cannot_be_an_output(pairs);
    std::vector<bool> has_pair(original_.layers.size(), false);
    for (const FusionPairKind kind : kAllFusionPairKinds) {
      KindWorth worth;
      worth.kind = kind;
      for (const FusionPair& pair : pairs) {
        if (pair.kind != kind || is_fused_with_the_other(pair, pairs, placement)) continue;
        worth.instances.push_back(instance_of(pair, placement, *seconds));
        for (const std::size_t layer : placement.head_layers(pair)) has_pair[layer] = true;
      }
      if (!worth.instances.empty()) report_.kinds.push_back(std::move(worth));
    }
    for (std::size_t i = 0; i < original_.layers.size(); ++i) {
      report_.other_fused_layers += original_.layers[i].origin_nodes.size() > 1 && !has_pair[i] ? 1U : 0U;
    }
    return {};
  }

  // Values inside model-local functions, which inference has inlined, have no name in the model.
  void drop_what_cannot_be_an_output(std::vector<FusionPair>& pairs) const {
    std::unordered_set<std::string> made;
    for (const GraphNode& node : original_.source.graph.nodes) {
      if (node.subgraph.empty()) made.insert(node.outputs.begin(), node.outputs.end());
    }
    std::erase_if(pairs, [&](const FusionPair& pair) { return !made.contains(pair.tensor); });
  }

  // Of two convolutions that are added, the addition belongs to the one that the engine gave it to; where it gave it
  // to neither, to the later one.
  [[nodiscard]] static bool is_fused_with_the_other(const FusionPair& pair, const std::vector<FusionPair>& pairs,
                                                    const FusionPlacement& placement) {
    if (placement.of(pair) == Placement::fused) return false;
    bool later = false;
    for (const FusionPair& other : pairs) {
      if (&other == &pair) {
        later = true;
      } else if (other.kind == pair.kind && other.tail == pair.tail &&
                 (later || placement.of(other) == Placement::fused)) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] FusionInstance instance_of(const FusionPair& pair, const FusionPlacement& placement,
                                           const std::vector<double>& seconds) const {
    FusionInstance instance{pair, state_of(placement.of(pair)), bytes_of(pair, placement), {}, {}, {}};
    if (instance.state == InstanceState::apart && !seconds.empty()) {
      instance.tail_seconds = 0.0;
      for (const std::size_t layer : placement.tail_layers(pair)) *instance.tail_seconds += seconds[layer];
    }
    return instance;
  }

  [[nodiscard]] std::optional<std::uint64_t> bytes_of(const FusionPair& pair, const FusionPlacement& placement) const {
    const auto tensor = original_.tensors.find(pair.tensor);
    if (tensor == original_.tensors.end() || !tensor->second.shape) return std::nullopt;
    const auto elements = element_count(*tensor->second.shape);
    if (!elements) return std::nullopt;
    ElementType type = tensor->second.type;
    const auto layers = placement.head_layers(pair);
    if (!layers.empty() && !original_.layers[layers.front()].outputs.empty()) {
      const std::string& written = original_.layers[layers.front()].outputs.front().element_type;
      type = element_type_from_string(written).value_or(type);
    }
    return 2 * *elements * bits_of(type) / 8;
  }

  Status measure(KindWorth& kind) {
    std::vector<FusionInstance*> fused;
    for (FusionInstance& instance : kind.instances) {
      if (instance.state == InstanceState::not_tried) fused.push_back(&instance);
    }
    if (fused.empty()) return {};
    const auto together = try_without(kind.kind, fused);
    if (!together) return forward_error(together);
    if (!*together) return {};
    kind.worth = (*together)->worth;
    kind.layers = (*together)->layers;
    kind.barrier = (*together)->barrier;
    kind.original = (*together)->original;
    kind.other_layers_changed = (*together)->other_layers_changed;
    for (std::size_t i = 0; i < fused.size(); ++i) fused[i]->state = state_of((*together)->outcomes[i]);
    return request_.per_instance ? measure_each(kind) : Status{};
  }

  Status measure_each(KindWorth& kind) {
    for (FusionInstance& instance : kind.instances) {
      if (instance.state != InstanceState::measured || stopped()) continue;
      const auto alone = try_without(kind.kind, {&instance});
      if (!alone) return forward_error(alone);
      if (!*alone) continue;
      instance.worth = (*alone)->worth;
      instance.layers = (*alone)->layers;
    }
    return {};
  }

  // nullopt: the engine refused a variant, which is noted.
  Result<std::optional<TrialResult>> try_without(FusionPairKind kind, const std::vector<FusionInstance*>& instances) {
    std::vector<const FusionPair*> pairs;
    pairs.reserve(instances.size());
    for (const FusionInstance* instance : instances) pairs.push_back(&instance->pair);
    auto result = run_trial(original_, pairs, request_.setup);
    if (!result && result.error().code == ErrorCode::failed) {
      report_.warnings.push_back(fmt::format("{} could not be measured: {}.", to_string(kind), result.error().message));
      for (FusionInstance* instance : instances) instance->state = InstanceState::no_control;
      return std::optional<TrialResult>();
    }
    if (!result && result.error().code == ErrorCode::interrupted) return std::optional<TrialResult>();
    if (!result) return forward_error(result);
    if (result->original) originals_.push_back(*result->original);
    return std::optional(std::move(*result));
  }

  Original original_;
  const FusionWorthRequest& request_;
  FusionWorthReport report_;
  std::vector<double> originals_;
};

}  // namespace

Result<FusionWorthReport> measure_fusion_worth(OnnxModel model, const FusionWorthRequest& request) {
  auto inferred = infer_shapes(model, request.setup.compile.shapes);
  if (!inferred) return forward_error(inferred);
  ModelSource source{model.path(), model.graph()};
  TensorTable tensors = tensor_table(inferred->graph, inferred->values);
  return FusionWorthRun({std::move(model), std::move(*inferred), std::move(tensors), std::move(source)}, request).run();
}

}  // namespace trtprof
