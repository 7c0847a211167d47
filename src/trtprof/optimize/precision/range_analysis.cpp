#include "trtprof/optimize/precision/range_analysis.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "trtprof/measure/inputs.h"
#include "trtprof/optimize/precision/magnitude_histogram.h"

namespace trtprof {
namespace {

constexpr double kZeroInF16 = 0x1p-25;  // ties to even go to zero

class RangeCollector {
 public:
  explicit RangeCollector(const RangeOptions& options) : options_(options) {}

  void add(const Tensor& tensor) {
    const std::size_t count = tensor.data.size() / sizeof(float);
    range_.elements = count;
    range_.seen += count;
    for (std::size_t i = 0; i < count; ++i) {
      float value = 0.0F;
      std::memcpy(&value, tensor.data.data() + i * sizeof value, sizeof value);
      add_value(value);
    }
  }

  [[nodiscard]] ActivationRange range(const std::string& name) const {
    ActivationRange range = range_;
    range.value = name;
    range.not_finite = histogram_.not_finite();
    range.min = histogram_.count() == 0 ? 0.0 : min_;
    range.max = histogram_.count() == 0 ? 0.0 : max_;
    range.absmax = std::max(std::abs(range.min), std::abs(range.max));
    range.smallest_nonzero = std::isfinite(smallest_) ? smallest_ : 0.0;
    for (const double percent : options_.percentiles) {
      if (const auto value = histogram_.percentile(percent)) {
        range.percentiles.emplace_back(percent, std::min(*value, range.absmax));
      }
    }
    return range;
  }

 private:
  void add_value(float value) {
    histogram_.add(value);
    if (!std::isfinite(value)) return;
    min_ = std::min(min_, double{value});
    max_ = std::max(max_, double{value});
    const double magnitude = std::abs(double{value});
    if (magnitude == 0.0) return;
    smallest_ = std::min(smallest_, magnitude);
    if (magnitude <= kZeroInF16) ++range_.below_smallest_f16;
  }

  const RangeOptions& options_;
  ActivationRange range_;
  MagnitudeHistogram histogram_;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  double smallest_ = std::numeric_limits<double>::infinity();
};

using Collectors = std::map<std::string, RangeCollector>;

void warn(RangeReport& report) {
  for (const ActivationRange& range : report.values) {
    if (range.not_finite == 0) continue;
    report.warnings.push_back(
        fmt::format("'{}' has {} values in f32 that are no finite numbers", range.value, range.not_finite));
  }
}

}  // namespace

Result<RangeReport> analyze_ranges(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                   std::size_t count, const InputSource& inputs, const RangeOptions& options) {
  const auto values = watchable_values(model, shapes);
  if (!values) return forward_error(values);
  Collectors collectors;
  NoProgress progress;
  const StopFlag never;
  const auto runs =
      watch_values(backend, model, shapes, count, inputs, *values, {options.device, options.watched_bytes}, progress,
                   never, [&](const std::string& name, const Tensor& tensor) {
                     if (tensor.type != ElementType::f32) return;
                     collectors.try_emplace(name, options).first->second.add(tensor);
                   });
  if (!runs) return forward_error(runs);
  RangeReport report;
  report.inferences = count;
  report.runs = *runs;
  for (const auto* list : {&values->inputs, &values->computed}) {
    for (const WatchedValue& each : *list) {
      const auto collector = collectors.find(each.name);
      if (collector != collectors.end()) report.values.push_back(collector->second.range(each.name));
    }
  }
  warn(report);
  return report;
}

Result<RangeReport> analyze_ranges_of_random(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                             std::size_t count, std::uint64_t seed, const RangeOptions& options) {
  const auto plain = Evaluator::create(backend, model, shapes, {options.device, "f32", {}});
  if (!plain) return forward_error(plain);
  const std::vector<TensorDesc> descriptions = plain->inputs();
  auto report = analyze_ranges(
      backend, model, shapes, count, [&](std::size_t index) { return complete_inputs(descriptions, {}, seed + index); },
      options);
  if (report) {
    report->warnings.emplace_back(
        "the ranges are of random inputs: real data may reach further, and may leave parts of the range empty");
  }
  return report;
}

ValueRanges value_ranges(const RangeReport& report) {
  ValueRanges ranges;
  for (const ActivationRange& range : report.values) {
    ranges[range.value] = {range.absmax, range.smallest_nonzero, range.elements};
  }
  return ranges;
}

}  // namespace trtprof
