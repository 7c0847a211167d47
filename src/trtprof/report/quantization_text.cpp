#include <algorithm>
#include <map>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/optimization.h"
#include "trtprof/report/quantization.h"
#include "trtprof/report/reasons_text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

template <class Entries>
std::string many(const Entries& entries, std::string_view what) {
  return counted(static_cast<std::int64_t>(entries.size()), what);
}

// "54 nodes (Conv 52, Add 1, Gemm 1)".
std::string quantized_of(const QuantizationReport& report) {
  std::map<std::string, std::size_t> by_type;
  for (const QuantizedNode& node : report.quantized) ++by_type[node.op_type];
  std::string types;
  for (const auto& [type, count] : by_type) {
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", printable(type), count);
  }
  return many(report.quantized, "node") + (types.empty() ? "" : " (" + types + ")");
}

std::string calibration_of(const Calibration& calibration) {
  const std::string how = calibration.percentile
                              ? fmt::format("{} {}", to_string(calibration.method), *calibration.percentile)
                              : std::string(to_string(calibration.method));
  if (calibration.inferences == 0) return fmt::format("{}, {}", how, printable(calibration.data));
  return fmt::format("{}, {} of {}", how, counted(static_cast<std::int64_t>(calibration.inferences), "inference"),
                     printable(calibration.data));
}

std::string equalized_of(const Equalization& equalization) {
  std::size_t raised = 0;
  double largest = 1.0;
  for (const EqualizedValue& value : equalization.values) {
    raised += value.raised;
    largest = std::max(largest, value.largest_factor);
  }
  if (equalization.values.empty()) return "no activation has channels that could be raised";
  return fmt::format("{} of {}, by a factor of {:.0f} at most", counted(static_cast<std::int64_t>(raised), "channel"),
                     many(equalization.values, "activation"), largest);
}

}  // namespace

void write_quantization_text(std::ostream& out, const QuantizationDone& done, const OptimizationTextOptions& options) {
  const text_report::Paint paint(options.color);
  const QuantizationReport& report = done.report;
  out << '\n' << paint.bold("INT8 by Q/DQ") << '\n';
  text_report::KeyValues lines = {
      {"Quantised", quantized_of(report)},
      {"Activations", counted(report.activations, "Q/DQ pair")},
      {"Weights", fmt::format("{} -> {}, a scale for each output channel", format_bytes(report.weight_bytes_before),
                              format_bytes(report.weight_bytes_after))},
      {"Calibration", calibration_of(done.calibration)}};
  if (done.equalization) lines.emplace_back("Equalised", equalized_of(*done.equalization));
  if (done.biases) {
    const std::size_t left = done.biases->left.size();
    lines.emplace_back("Biases",
                       fmt::format("{} corrected, by {:.3g} at most{}",
                                   counted(static_cast<std::int64_t>(done.biases->corrected), "layer"),
                                   done.biases->largest_shift, left > 0 ? fmt::format("; {} not", left) : ""));
  }
  text_report::write_key_values(out, lines, "  ");
  write_reasons(out, report.left, "In floating point still, and why", options);
  if (done.biases) write_reasons(out, done.biases->left, "Biases as they were, and why", options);
  text_report::write_list(out, report.notes, "Notes");
  text_report::write_list(out, done.notes, report.notes.empty() ? "Notes" : "");
}

}  // namespace trtprof
