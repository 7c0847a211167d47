#include "trtprof/optimize/precision/overflow.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"

namespace trtprof::precision {
namespace {

std::string figure(double value) {
  return fmt::format("{:.4g}", value);
}

}  // namespace

Overflows::Overflows(const TypedGraph& graph, const PrecisionOptions& options)
    : graph_(graph), options_(options), limit_(largest_value(options.type) / std::max(1.0, options.overflow_margin)) {}

const ValueRange* Overflows::range_of(int value) const {
  if (value == kNone || graph_.value(value).scope != 0) return nullptr;  // ranges are of the main graph
  const auto range = options_.ranges.find(graph_.value(value).name);
  return range == options_.ranges.end() ? nullptr : &range->second;
}

std::string Overflows::reason(int index) const {
  if (options_.ranges.empty()) return "";
  const TypedNode& node = graph_.node(index);
  std::string reason = value_too_large(node);
  return reason.empty() ? sum_too_large(node) : reason;
}

std::string Overflows::value_too_large(const TypedNode& node) const {
  const auto look = [&](const std::vector<int>& values, const char* what) -> std::string {
    for (const int value : values) {
      const ValueRange* range = range_of(value);
      if (range == nullptr || !graph_.value(value).is_float() || range->absmax <= limit_) continue;
      return fmt::format("its {} '{}' reaches {}, and {} is safe up to {}", what, printable(graph_.value(value).name),
                         figure(range->absmax), to_string(options_.type), figure(limit_));
    }
    return "";
  };
  std::string reason = look(node.outputs, "output");
  return reason.empty() ? look(node.inputs, "input") : reason;
}

// From what came out and went in: exporters do not ask engines to add up in f32, and not all do.
std::string Overflows::sum_too_large(const TypedNode& node) const {
  if (node.inputs.empty() || node.outputs.empty()) return "";
  const ValueRange* in = range_of(node.inputs.front());
  const ValueRange* out = range_of(node.outputs.front());
  if (in == nullptr || out == nullptr || out->elements == 0) return "";
  const double count = static_cast<double>(in->elements) / static_cast<double>(out->elements);
  std::optional<double> inside;
  const char* what = "sum";
  if (node.is("ReduceMean") || node.is("GlobalAveragePool")) inside = out->absmax * count;
  if (node.is("ReduceL2")) {
    inside = out->absmax * out->absmax;
    what = "sum of squares";
  }
  if (node.is("LpNormalization")) {
    inside = in->absmax * in->absmax;
    what = "square";
  }
  if (node.is("ReduceLogSumExp") || node.is("ReduceLogSum")) inside = std::exp(out->absmax);
  if (!inside || *inside <= limit_) return "";
  return fmt::format("its {} inside reaches {}, and {} is safe up to {}", what, figure(*inside),
                     to_string(options_.type), figure(limit_));
}

}  // namespace trtprof::precision
