// What was found of the worth of each fusion (fusion_worth.h): the result, apart from how it was measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/fusion_pairs.h"
#include "trtprof/optimize/effect.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class InstanceState {
  measured,
  apart,          // the engine does not fuse it
  not_prevented,  // as TrialOutcome
  retyped,
  no_control,
  not_told,   // the engine does not tell whether it fuses it
  not_tried,  // the user stopped it before
};
[[nodiscard]] std::string_view to_string(InstanceState state);  // "not_prevented"

enum class BoundBasis { memory_bandwidth, layer_time };
[[nodiscard]] std::string_view to_string(BoundBasis basis);

// The most that a fusion can save, by what it cannot do more than spare.
struct FusionBound {
  double seconds = 0.0;
  BoundBasis basis = BoundBasis::memory_bandwidth;
  bool operator==(const FusionBound&) const = default;
};

struct FusionInstance {
  FusionPair pair;
  InstanceState state = InstanceState::not_told;
  // The tensor in between, written and read once, in the type that the engine computes in; nullopt: size not known.
  std::optional<std::uint64_t> bytes;
  std::optional<double> tail_seconds;  // of the layers that run the tail alone; only where it is apart
  std::optional<Effect> worth;         // by itself, where that was asked for
  std::optional<Effect> layers;
};

struct KindWorth {
  FusionPairKind kind = FusionPairKind::conv_bn;
  std::vector<FusionInstance> instances;
  // Of all measured instances at once; nullopt where none was.
  std::optional<Effect> worth;           // end to end
  std::optional<Effect> layers;          // by the times of the layers that run the nodes
  std::optional<Effect> barrier;         // what reading from the tensors costs; already taken off the worth
  std::optional<double> original;        // seconds of an inference as it is, in the same rounds
  std::size_t other_layers_changed = 0;  // fused otherwise where these are prevented, beside the layers concerned
  std::optional<FusionBound> bound;      // of the instances that are apart
  [[nodiscard]] std::size_t count(InstanceState state) const;
  [[nodiscard]] std::optional<std::uint64_t> bytes(InstanceState state) const;  // nullopt: one is not known
};

struct FusionWorthReport {
  Environment environment;
  ModelInfo model;
  std::vector<KindWorth> kinds;        // that the model has, in the order of the enumeration
  std::optional<double> inference;     // median seconds end to end, over all rounds
  std::size_t other_fused_layers = 0;  // run several nodes of the model, and none of these pairs
  bool per_instance = false;
  bool partial = false;  // the user stopped it
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

// Fills KindWorth::bound: the bytes over `bytes_per_second` (nullopt: not known), or the time of the tails' layers
// where that is less; a depthwise and a pointwise convolution stay both when they are fused, so of those the bytes
// alone.
void bound_what_is_apart(FusionWorthReport& report, std::optional<double> bytes_per_second);

}  // namespace trtprof
