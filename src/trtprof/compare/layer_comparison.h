// What each part of the model takes on both sides, and what the engines do differently there.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/statistics.h"
#include "trtprof/compare/layer_match.h"
#include "trtprof/compare/verdict.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class LayerChangeKind {
  gained,             // B alone runs it
  lost,               // A alone runs it
  fused_differently,  // the same nodes of the model, cut into layers another way
  retyped,            // another precision
  reformatted,        // another layout of its tensors
  reimplemented,      // another tactic or kernel
};

struct LayerChange {
  LayerChangeKind kind = LayerChangeKind::gained;
  std::string a;  // what it was: "f32", "nchw", a kernel, "2 layers"; empty for gained
  std::string b;  // what it is; empty for lost
  bool operator==(const LayerChange&) const = default;
};

// One group of layers that do the same work.
struct LayerComparison {
  std::string name;  // readable_name() of its longest layer
  LayerClass layer_class = LayerClass::other;
  MatchBasis basis = MatchBasis::none;
  std::vector<std::string> nodes;     // of the model, of both sides
  std::vector<std::string> layers_a;  // engine's names, of the first run that has any
  std::vector<std::string> layers_b;
  double seconds_a = 0.0;  // mean over the launches of what its layers take (median each); 0 where it is not run
  double seconds_b = 0.0;
  double difference = 0.0;           // seconds_b - seconds_a
  std::optional<Interval> interval;  // 95 %, of the difference; nullopt with one launch a side
  bool clear = false;                // still on one side of zero when all groups are asked at once (Bonferroni)
  std::vector<LayerChange> changes;
};

struct LayersCompared {
  // By the size of the difference, largest first. The differences add up to sum_b - sum_a: all that gained, lost and
  // matched layers do.
  std::vector<LayerComparison> groups;
  double sum_a = 0.0;  // mean over the launches of layer_sum()
  double sum_b = 0.0;
};

// Runs are those of the launches of each side, one or more. `paired`: as in JudgeOptions.
[[nodiscard]] LayersCompared compare_layers(std::span<const LayerRun* const> a, std::span<const LayerRun* const> b,
                                            bool paired);

[[nodiscard]] std::string_view to_string(LayerChangeKind kind);  // "fused_differently"

}  // namespace trtprof
