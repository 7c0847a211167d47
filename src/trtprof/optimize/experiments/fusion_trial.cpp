#include "trtprof/optimize/experiments/fusion_trial.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <unordered_set>
#include <utility>

#include "trtprof/base/file.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/model/taps.h"
#include "trtprof/optimize/experiments/fusion_placement.h"
#include "trtprof/optimize/experiments/paired_rounds.h"

namespace trtprof {
namespace {

using Compiled = Result<std::unique_ptr<CompiledModel>>;

// An engine that drops a pair may make it drop others; twice is enough for all that was seen, and once more for luck.
constexpr int kMostAttempts = 4;
// Of the worth's interval, in parts of the inference: narrower says nothing more.
constexpr double kNarrowEnough = 0.0025;

Compiled compile(const ModelSource& source, const FusionTrialSetup& setup, bool layer_timing) {
  CompileOptions options = setup.compile;
  options.layer_timing = layer_timing;
  Compiled model = setup.backend.compile(source, options);
  if (!model) return model;
  const auto tensors = complete_inputs((*model)->inputs(), setup.inputs, setup.seed);
  if (!tensors) return forward_error(tensors);
  for (const auto& [name, tensor] : *tensors) {
    if (const Status set = (*model)->set_input(name, tensor); !set) return forward_error(set);
  }
  return model;
}

// Some engines decide on their layers at the first inference.
Result<std::vector<Layer>> layers_after_a_run(CompiledModel& model) {
  if (const auto run = model.run_once_profiled(); !run) return forward_error(run);
  return model.layers();
}

// A copy of the model with taps, compiled for layer times.
struct Variant {
  TemporaryFolder folder;
  ModelSource source;
  std::unique_ptr<CompiledModel> layered;
  std::vector<Layer> layers;
};

Result<Variant> make_variant(Original& original, const std::vector<std::string>& tapped,
                             const FusionTrialSetup& setup) {
  auto folder = TemporaryFolder::create("trtprof-fusion");
  if (!folder) return forward_error(folder);
  Variant variant{std::move(*folder), {}, nullptr, {}};
  auto written = write_with_taps(original.model, tapped, original.inferred.values, variant.folder.path());
  if (!written) return forward_error(written);
  variant.source = {std::move(written->path), std::move(written->graph)};
  if (setup.prepare) {
    if (const Status ready = setup.prepare(variant.source); !ready) return forward_error(ready);
  }
  auto layered = compile(variant.source, setup, true);
  if (!layered) return forward_error(layered);
  variant.layered = std::move(*layered);
  auto layers = layers_after_a_run(*variant.layered);
  if (!layers) return forward_error(layers);
  variant.layers = std::move(*layers);
  return variant;
}

std::set<std::string> sorted_nodes(const Layer& layer) {
  std::set<std::string> nodes;
  for (const OriginNode& origin : layer.origin_nodes) nodes.insert(origin.name);
  return nodes;
}

std::set<std::set<std::string>> groups_of(const std::vector<Layer>& layers) {
  std::set<std::set<std::string>> groups;
  for (const Layer& layer : layers) {
    if (!layer.origin_nodes.empty()) groups.insert(sorted_nodes(layer));
  }
  return groups;
}

// Of the computation, and of what is written.
bool same_types(const Layer& a, const Layer& b) {
  const auto written = [](const Layer& layer) {
    return layer.outputs.empty() ? std::string() : layer.outputs.front().element_type;
  };
  return a.precision == b.precision && written(a) == written(b);
}

// One inference, and the seconds of these of its layers; none where the engine tells no times.
struct LayerSum {
  CompiledModel& model;
  std::vector<std::size_t> layers;

  Result<double> operator()() const {
    const auto run = model.run_once_profiled();
    if (!run) return forward_error(run);
    double sum = 0.0;
    for (const std::size_t layer : layers) {
      if (layer < run->layer_seconds.size()) sum += run->layer_seconds[layer];
    }
    return sum;
  }
};

struct Candidate {
  const FusionPair* pair;
  std::string control;
  std::size_t layer;  // of the original, that fuses it
  TrialOutcome outcome;
};

class Trial {
 public:
  Trial(Original& original, const std::vector<const FusionPair*>& pairs, const FusionTrialSetup& setup)
      : original_(original), setup_(setup), placement_(original.layers) {
    const FusionControls controls(placement_, original.inferred.graph, original.tensors);
    std::vector<std::string> chosen = controls.choose(pairs);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto layers = placement_.head_layers(*pairs[i]);
      const bool known = !chosen[i].empty() && !layers.empty();
      candidates_.push_back({pairs[i], std::move(chosen[i]), layers.empty() ? 0 : layers.front(),
                             known ? TrialOutcome::measured : TrialOutcome::no_control});
    }
  }

  Result<TrialResult> run() {
    for (int attempt = 0; attempt < kMostAttempts && any_left() && !stopped(); ++attempt) {
      const auto settled = settle();
      if (!settled) return forward_error(settled);
      if (*settled) break;
      if (attempt + 1 == kMostAttempts) give_up();
    }
    TrialResult result;
    if (any_left() && !stopped()) {
      if (const Status done = measure(result); !done) return forward_error(done);
    }
    for (const Candidate& candidate : candidates_) {
      const bool cut_short = candidate.outcome == TrialOutcome::measured && !result.worth;
      result.outcomes.push_back(cut_short ? TrialOutcome::interrupted : candidate.outcome);
    }
    return result;
  }

 private:
  [[nodiscard]] bool stopped() const { return setup_.context.stop.requested(); }
  [[nodiscard]] bool any_left() const {
    return std::ranges::any_of(candidates_, [](const Candidate& c) { return c.outcome == TrialOutcome::measured; });
  }
  void give_up() {
    for (Candidate& candidate : candidates_) {
      if (candidate.outcome == TrialOutcome::measured) candidate.outcome = TrialOutcome::no_control;
    }
  }

  // Both variants are made of what is left. False: some pairs had to be left out, so that they must be made anew.
  Result<bool> settle() {
    std::vector<std::string> tensors;
    std::vector<std::string> controls;
    for (const Candidate& candidate : candidates_) {
      if (candidate.outcome != TrialOutcome::measured) continue;
      tensors.push_back(candidate.pair->tensor);
      controls.push_back(candidate.control);
    }
    prevented_.reset();
    control_.reset();
    setup_.context.progress.phase("compiling without the fusion");
    auto prevented = make_variant(original_, tensors, setup_);
    if (!prevented) return forward_error(prevented);
    prevented_ = std::move(*prevented);
    const FusionPlacement placement(prevented_->layers);
    const bool kept = drop(TrialOutcome::not_prevented, [&](const Candidate& candidate) {
      return placement.of(*candidate.pair) == Placement::apart;
    });
    const bool retyped = drop(TrialOutcome::retyped, [&](const Candidate& candidate) {
      const auto head = placement.head_layers(*candidate.pair);
      return same_types(prevented_->layers[head.front()], original_.layers[candidate.layer]);
    });
    if (kept || retyped) return !any_left();
    setup_.context.progress.phase("compiling the control");
    auto control = make_variant(original_, controls, setup_);
    if (!control) return forward_error(control);
    control_ = std::move(*control);
    return !drop(TrialOutcome::no_control, [&](const Candidate& candidate) { return is_unchanged(candidate); });
  }

  template <class Good>
  bool drop(TrialOutcome outcome, Good good) {
    bool dropped = false;
    for (Candidate& candidate : candidates_) {
      if (candidate.outcome != TrialOutcome::measured || good(candidate)) continue;
      candidate.outcome = outcome;
      dropped = true;
    }
    return dropped;
  }

  [[nodiscard]] bool is_unchanged(const Candidate& candidate) const {
    const Layer& before = original_.layers[candidate.layer];
    return std::ranges::any_of(control_->layers, [&](const Layer& layer) {
      return same_types(layer, before) && sorted_nodes(layer) == sorted_nodes(before);
    });
  }

  Status measure(TrialResult& result) {
    result.other_layers_changed = other_layers_changed();
    setup_.context.progress.phase("measuring layers with and without the fusion");
    if (const Status layers = measure_layers(result); !layers) return layers;
    prevented_->layered.reset();
    control_->layered.reset();
    return stopped() ? Status{} : measure_end_to_end(result);
  }

  [[nodiscard]] std::unordered_set<std::string> measured_nodes() const {
    std::unordered_set<std::string> nodes;
    for (const Candidate& candidate : candidates_) {
      if (candidate.outcome != TrialOutcome::measured) continue;
      nodes.merge(nodes_of(original_.layers[candidate.layer]));
      nodes.insert(candidate.pair->tail.begin(), candidate.pair->tail.end());
    }
    return nodes;
  }

  [[nodiscard]] std::size_t other_layers_changed() const {
    std::set<std::size_t> concerned;
    for (const Candidate& candidate : candidates_) {
      if (candidate.outcome == TrialOutcome::measured) concerned.insert(candidate.layer);
    }
    const auto groups = groups_of(prevented_->layers);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < original_.layers.size(); ++i) {
      const Layer& layer = original_.layers[i];
      if (layer.origin_nodes.empty() || concerned.contains(i)) continue;
      changed += groups.contains(sorted_nodes(layer)) ? 0U : 1U;
    }
    return changed;
  }

  // What the layers of the pairs' nodes take; conversions that a barrier asks for are layers without nodes.
  Status measure_layers(TrialResult& result) const {
    const auto nodes = measured_nodes();
    const LayerSum original{*original_.layered, FusionPlacement(original_.layers).layers_with(nodes)};
    const LayerSum prevented{*prevented_->layered, FusionPlacement(prevented_->layers).layers_with(nodes)};
    const std::array<TimedRun, 2> runs = {std::cref(original), std::cref(prevented)};
    RoundOptions options;
    options.slot_seconds = 0.0;
    options.max_seconds = setup_.seconds / 4.0;
    const auto rounds = take_rounds(runs, options, setup_.context, {});
    if (!rounds) return forward_error(rounds);
    const bool timed = rounds->count() > 0 && median(rounds->seconds[0]) > 0.0;
    if (timed) result.layers = paired_effect(rounds->seconds[1], rounds->seconds[0]);
    return {};
  }

  Status measure_end_to_end(TrialResult& result) {
    setup_.context.progress.phase("compiling without layer timing");
    const auto prevented = compile(prevented_->source, setup_, false);
    if (!prevented) return forward_error(prevented);
    const auto control = compile(control_->source, setup_, false);
    if (!control) return forward_error(control);
    const std::array runs = {end_to_end_run(*original_.end_to_end), end_to_end_run(**prevented),
                             end_to_end_run(**control)};
    const auto enough = [](const Rounds& rounds) {
      const Effect effect = paired_effect(rounds.seconds[1], rounds.seconds[2]);
      return effect.interval &&
             effect.interval->high - effect.interval->low < 2.0 * kNarrowEnough * median(rounds.seconds[0]);
    };
    RoundOptions options;
    options.max_seconds = setup_.seconds;
    setup_.context.progress.phase("measuring with and without the fusion");
    const auto rounds = take_rounds(runs, options, setup_.context, enough);
    if (!rounds) return forward_error(rounds);
    if (rounds->count() == 0) return {};
    result.original = median(rounds->seconds[0]);
    result.worth = paired_effect(rounds->seconds[1], rounds->seconds[2]);
    result.barrier = paired_effect(rounds->seconds[2], rounds->seconds[0]);
    return {};
  }

  Original& original_;
  const FusionTrialSetup& setup_;
  FusionPlacement placement_;
  std::vector<Candidate> candidates_;
  std::optional<Variant> prevented_;
  std::optional<Variant> control_;
};

}  // namespace

Status compile_original(Original& original, const FusionTrialSetup& setup) {
  if (setup.prepare) {
    if (Status ready = setup.prepare(original.source); !ready) return ready;
  }
  setup.context.progress.phase("compiling");
  auto end_to_end = compile(original.source, setup, false);
  if (!end_to_end) return forward_error(end_to_end);
  original.end_to_end = std::move(*end_to_end);
  auto layered = compile(original.source, setup, true);
  if (!layered) return forward_error(layered);
  original.layered = std::move(*layered);
  auto layers = layers_after_a_run(*original.layered);
  if (!layers) return forward_error(layers);
  original.layers = std::move(*layers);
  return {};
}

Result<TrialResult> run_trial(Original& original, const std::vector<const FusionPair*>& pairs,
                              const FusionTrialSetup& setup) {
  return Trial(original, pairs, setup).run();
}

}  // namespace trtprof
