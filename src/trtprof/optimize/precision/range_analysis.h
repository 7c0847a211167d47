// What the activations of a model are on data: their extremes, their percentiles, and what has no place in f16.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/watch_values.h"

namespace trtprof {

struct RangeOptions {
  std::string device = {};
  // Of activations that are looked at in one run. A larger model is run over the data several times.
  std::uint64_t watched_bytes = std::uint64_t{256} << 20;
  std::vector<double> percentiles = {50.0, 99.0, 99.9, 99.99};  // of magnitudes, 0 to 100
};

struct ActivationRange {
  std::string value;
  double min = 0.0;  // of finite elements, as are the others
  double max = 0.0;
  double absmax = 0.0;
  double smallest_nonzero = 0.0;                            // magnitude; 0: all are zero
  std::uint64_t elements = 0;                               // of one inference
  std::uint64_t seen = 0;                                   // over all of them
  std::uint64_t not_finite = 0;                             // NaN and infinities
  std::uint64_t below_smallest_f16 = 0;                     // not zero, and under half of 2^-24: zero in f16
  std::vector<std::pair<double, double>> percentiles = {};  // of RangeOptions::percentiles
};

struct RangeReport {
  std::vector<ActivationRange> values;  // f32 inputs and computed values of the main graph, in order of the nodes
  std::size_t inferences = 0;           // that each value was seen in
  std::size_t runs = 0;                 // over the data, for the limit of watched_bytes
  std::vector<std::string> warnings = {};
};

[[nodiscard]] Result<RangeReport> analyze_ranges(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                                 std::size_t count, const InputSource& inputs,
                                                 const RangeOptions& options = {});

// On seeded random inputs, with a warning that they are not data.
[[nodiscard]] Result<RangeReport> analyze_ranges_of_random(Backend& backend, const OnnxModel& model,
                                                           const BoundShapes& shapes, std::size_t count,
                                                           std::uint64_t seed, const RangeOptions& options = {});

// As PrecisionOptions::ranges.
[[nodiscard]] ValueRanges value_ranges(const RangeReport& report);

}  // namespace trtprof
