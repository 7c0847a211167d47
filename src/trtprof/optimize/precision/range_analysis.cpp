#include "trtprof/optimize/precision/range_analysis.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/measure/inputs.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/optimize/precision/magnitude_histogram.h"

namespace trtprof {
namespace {

constexpr double kZeroInF16 = 0x1p-25;  // ties to even go to zero

struct Watched {
  std::string name;
  std::uint64_t bytes = 0;
};

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

// f32 values that nodes of the main graph compute. What Constant nodes hold are weights.
Result<std::vector<Watched>> values_to_watch(const OnnxModel& model, const BoundShapes& shapes) {
  const auto inferred = infer_shapes(model, shapes);
  if (!inferred) return forward_error(inferred);
  std::unordered_map<std::string, const ValueInfo*> known;
  for (const ValueInfo& value : inferred->values) known.emplace(value.name, &value);
  std::vector<Watched> watched;
  for (const auto& node : model.proto().graph().node()) {
    if (node.op_type() == "Constant") continue;
    for (const auto& output : node.output()) {
      const auto value = known.find(output);
      if (output.empty() || value == known.end() || value->second->type != ElementType::f32) continue;
      constexpr std::uint64_t guess = std::uint64_t{16} << 20;  // where the shape follows from data
      std::uint64_t bytes = sizeof(float);
      if (value->second->shape) {
        for (const Dimension& dimension : *value->second->shape) {
          bytes = dimension.value ? bytes * static_cast<std::uint64_t>(*dimension.value) : std::max(bytes, guess);
        }
      } else {
        bytes = guess;
      }
      watched.push_back({output, bytes});
    }
  }
  return watched;
}

std::vector<std::vector<std::string>> in_parts(const std::vector<Watched>& watched, std::uint64_t limit) {
  std::vector<std::vector<std::string>> parts;
  std::uint64_t bytes = 0;
  for (const Watched& each : watched) {
    if (parts.empty() || bytes + each.bytes > limit) {
      parts.emplace_back();
      bytes = 0;
    }
    parts.back().push_back(each.name);
    bytes += each.bytes;
  }
  return parts;
}

using Collectors = std::map<std::string, RangeCollector>;

Status watch_part(Backend& backend, const OnnxModel& model, const BoundShapes& shapes, std::size_t count,
                  const InputSource& inputs, const RangeOptions& options, const std::vector<std::string>& part,
                  bool with_inputs, Collectors& collectors) {
  auto evaluator = Evaluator::create(backend, model, shapes, {options.device, "f32", part});
  if (!evaluator) return forward_error(evaluator);
  const std::unordered_set<std::string> wanted(part.begin(), part.end());
  const auto take = [&](const std::string& name, const Tensor& tensor) {
    if (tensor.type == ElementType::f32) collectors.try_emplace(name, options).first->second.add(tensor);
  };
  for (std::size_t i = 0; i < count; ++i) {
    const auto given = inputs(i);
    if (!given) return forward_error(given);
    if (with_inputs) {
      for (const auto& [name, tensor] : *given) take(name, tensor);
    }
    const auto values = evaluator->run(*given);
    if (!values) return forward_error(values);
    for (const auto& [name, tensor] : *values) {
      if (wanted.contains(name)) take(name, tensor);
    }
  }
  return {};
}

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
  const auto watched = values_to_watch(model, shapes);
  if (!watched) return forward_error(watched);
  Collectors collectors;
  RangeReport report;
  report.inferences = count;
  for (const auto& part : in_parts(*watched, options.watched_bytes)) {
    const bool first = report.runs++ == 0;
    const Status status = watch_part(backend, model, shapes, count, inputs, options, part, first, collectors);
    if (!status) return forward_error(status);
  }
  const auto report_of = [&](const std::string& name) {
    const auto collector = collectors.find(name);
    if (collector != collectors.end()) report.values.push_back(collector->second.range(name));
  };
  for (const auto& input : model.proto().graph().input()) report_of(input.name());
  for (const Watched& each : *watched) report_of(each.name);
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
    report->warnings.push_back(
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
