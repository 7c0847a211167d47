#include <algorithm>
#include <map>
#include <ostream>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/inspection.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

constexpr std::string_view kUnknown = "-";
// A graph may have hundreds of inputs, and a model with open inputs one open tensor for each; the JSON has them all.
constexpr std::size_t kMaxLines = 16;
constexpr std::size_t kOperatorWidth = 28;
constexpr std::size_t kTensorWidth = 48;
constexpr std::size_t kChainWidth = 116;

std::string bytes_text(double bytes) {
  return format_bytes(static_cast<std::uint64_t>(bytes));
}

// "f32 1x3x224x224", a symbol or "?" where a dimension is open.
std::string type_and_shape(const ValueInfo& value) {
  std::string shape = value.shape ? value.shape->empty() ? "scalar" : "" : "rank not known";
  if (value.shape) {
    for (const Dimension& dimension : *value.shape) {
      shape += shape.empty() ? "" : "x";
      shape += dimension.value            ? std::to_string(*dimension.value)
               : dimension.symbol.empty() ? "?"
                                          : "<" + dimension.symbol + ">";
    }
  }
  const std::string_view type = value.type == ElementType::unknown ? "type not known," : to_string(value.type);
  return printable(fmt::format("{} {}", type, shape));
}

void add_values(KeyValues& lines, std::string_view key, const std::vector<ValueInfo>& values) {
  for (std::size_t i = 0; i < std::min(values.size(), kMaxLines); ++i) {
    const std::string title = fmt::format("{}{}", key, values.size() > 1 ? "s" : "");
    lines.emplace_back(i == 0 ? title : "", fmt::format("{} {}", printable(values[i].name), type_and_shape(values[i])));
  }
  if (values.size() > kMaxLines) {
    lines.emplace_back("", fmt::format("and {} more", values.size() - kMaxLines));
  }
}

// A sum over nodes some of which have unknown cost is a lower bound, and over such nodes alone nothing.
std::string total_text(bool any, const std::string& sum, const CostTotals& totals) {
  return totals.unknown_operators == 0 ? sum : any ? "at least " + sum : "not known";
}

std::string parameters_text(std::int64_t count) {
  const std::string rounded = format_count(static_cast<double>(count));
  return count < 1000 ? rounded : fmt::format("{} ({})", rounded, count);
}

void write_model(std::ostream& out, const ModelInspection& inspection) {
  const Inspection& contents = inspection.contents;
  const CostTotals& totals = contents.totals;
  KeyValues lines = {{"Model", text_report::describe_model(inspection.model)},
                     {"Producer", printable(inspection.model.producer)},
                     {"Graph", printable(inspection.model.graph_name)}};
  add_values(lines, "Input", inspection.inputs);
  add_values(lines, "Output", inspection.outputs);
  lines.emplace_back("Parameters", parameters_text(contents.parameters));
  lines.emplace_back("MACs", total_text(totals.macs > 0.0, format_count(totals.macs), totals));
  lines.emplace_back("FLOPs", total_text(totals.flops > 0.0, format_count(totals.flops), totals));
  lines.emplace_back("Traffic", total_text(totals.bytes_read + totals.bytes_written > 0.0,
                                           fmt::format("{} read, {} written", bytes_text(totals.bytes_read),
                                                       bytes_text(totals.bytes_written)),
                                           totals));
  if (totals.unknown_operators > 0) {
    lines.emplace_back("Unknown cost",
                       fmt::format("{} of {}", totals.unknown_operators, counted(totals.operators, "operator")));
  }
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  text_report::write_key_values(out, lines, "");
}

void write_operator_row(std::ostream& out, const OperatorGroup& group) {
  const CostTotals& totals = group.totals;
  // A sum of nothing known is no zero.
  const auto known = [&](double sum, std::string text) {
    return sum == 0.0 && totals.unknown_operators > 0 ? std::string(kUnknown) : std::move(text);
  };
  out << fmt::format("  {}{:>7}{:>11}{:>11}{:>12}{:>12}{:>12}", fit_left(group.op_type, kOperatorWidth), group.count,
                     known(totals.macs, format_count(totals.macs)), known(totals.flops, format_count(totals.flops)),
                     format_count(static_cast<double>(group.parameters)),
                     known(totals.bytes_read, bytes_text(totals.bytes_read)),
                     known(totals.bytes_written, bytes_text(totals.bytes_written)))
      << (totals.unknown_operators > 0 ? fmt::format("   {} unknown", totals.unknown_operators) : "") << '\n';
}

void write_operators(std::ostream& out, const Inspection& contents, const Paint& paint) {
  if (contents.operators.empty()) {
    return;
  }
  out << '\n' << paint.bold("Operators:") << '\n';
  out << fmt::format("  {:<{}}{:>7}{:>11}{:>11}{:>12}{:>12}{:>12}\n", "Operator", kOperatorWidth, "Count", "MACs",
                     "FLOPs", "Parameters", "Read", "Written");
  for (const OperatorGroup& group : contents.operators) {
    write_operator_row(out, group);
  }
  write_operator_row(out, {"Total", contents.totals.operators, contents.parameters, contents.totals});
  if (contents.constant_nodes > 0) {
    out << fmt::format("  and {}, counted as weights\n", counted(contents.constant_nodes, "Constant node"));
  }
}

void write_precision(std::ostream& out, const Inspection& contents, const Paint& paint) {
  std::vector<std::string> nodes;
  nodes.reserve(contents.nodes_by_precision.size());
  for (const auto& [type, count] : contents.nodes_by_precision) {
    nodes.push_back(fmt::format("{} {}", type, count));
  }
  std::vector<std::string> weights;
  weights.reserve(contents.weights_by_precision.size());
  for (const auto& [type, bytes] : contents.weights_by_precision) {
    weights.push_back(fmt::format("{} {}", type, format_bytes(bytes)));
  }
  KeyValues lines = {{"Nodes by result", fmt::format("{}", fmt::join(nodes, ", "))},
                     {"Weights", fmt::format("{}", fmt::join(weights, ", "))}};
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  if (!lines.empty()) {
    out << '\n' << paint.bold("Precision:") << '\n';
    text_report::write_key_values(out, lines, "  ");
  }
}

void write_memory(std::ostream& out, const Inspection& contents, const Paint& paint) {
  const std::string unknown =
      fmt::format("not known: {} of unknown size", counted(contents.tensors_of_unknown_size, "activation"));
  KeyValues lines = {
      {"Weights", contents.weight_bytes ? format_bytes(*contents.weight_bytes) : "not known"},
      {"Activations, peak", contents.peak_activation_bytes ? format_bytes(*contents.peak_activation_bytes) : unknown},
      {"at", printable(contents.peak_node)},
      {"Activations, all", contents.activation_bytes ? format_bytes(*contents.activation_bytes) : unknown}};
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  out << '\n' << paint.bold("Memory:") << '\n';
  text_report::write_key_values(out, lines, "  ");
}

void write_lines(std::ostream& out, const std::vector<std::string>& lines, const std::string& title) {
  if (lines.empty()) {
    return;
  }
  out << '\n' << title << '\n';
  for (std::size_t i = 0; i < std::min(lines.size(), kMaxLines); ++i) {
    out << "  " << printable(lines[i]) << '\n';
  }
  if (lines.size() > kMaxLines) {
    out << fmt::format("  and {} more\n", lines.size() - kMaxLines);
  }
}

void write_largest(std::ostream& out, const Inspection& contents, const Paint& paint) {
  if (contents.largest_tensors.empty()) {
    return;
  }
  out << '\n' << paint.bold("Largest tensors:") << '\n';
  for (const TensorSize& tensor : contents.largest_tensors) {
    out << fmt::format("  {:>8}  {:<10}  {}  {}\n", tensor.bytes ? format_bytes(*tensor.bytes) : std::string(kUnknown),
                       tensor.constant ? "weight" : "activation", fit_left(tensor.name, kTensorWidth),
                       type_and_shape(tensor.info));
  }
}

void write_candidates(std::ostream& out, const Inspection& contents, std::size_t listed, const Paint& paint) {
  if (contents.fusion_candidates.empty()) {
    return;
  }
  std::map<FusionKind, std::vector<const FusionCandidate*>> kinds;
  for (const FusionCandidate& candidate : contents.fusion_candidates) {
    kinds[candidate.kind].push_back(&candidate);
  }
  out << '\n'
      << paint.bold(fmt::format("Fusion candidates: {}", contents.fusion_candidates.size()))
      << " (convolutions with what they may take along, and blocks of them)\n";
  for (const auto& [kind, candidates] : kinds) {
    out << fmt::format("  {}: {}\n", to_string(kind), candidates.size());
    for (std::size_t i = 0; i < std::min(candidates.size(), listed); ++i) {
      out << "    " << shorten_middle(fmt::format("{}", fmt::join(candidates[i]->nodes, " + ")), kChainWidth) << '\n';
    }
    if (listed > 0 && candidates.size() > listed) {
      out << fmt::format("    and {} more\n", candidates.size() - listed);
    }
  }
}

std::string series_text(const SampleSeries& series) {
  if (!series.samples.empty()) {
    return counted(static_cast<std::int64_t>(series.samples.size()), "sample");
  }
  return series.summary ? fmt::format("a summary of {}, no samples",
                                      counted(static_cast<std::int64_t>(series.summary->count), "sample"))
                        : "nothing";
}

std::string end_to_end_text(const Profile& profile) {
  if (!profile.end_to_end) {
    return "not measured";
  }
  const EndToEnd& run = *profile.end_to_end;
  std::string text = series_text(run.total);
  for (const auto& [name, part] :
       {std::pair{"host to device", &run.host_to_device}, std::pair{"enqueue", &run.enqueue},
        std::pair{"compute", &run.compute}, std::pair{"device to host", &run.device_to_host}}) {
    text += *part ? fmt::format(", {}", name) : "";
  }
  return text;
}

std::string layer_run_text(const Profile& profile) {
  if (!profile.layer_run) {
    return "not measured";
  }
  const LayerRun& run = *profile.layer_run;
  std::string text = counted(static_cast<std::int64_t>(run.layers.size()), "layer");
  if (!run.layers.empty()) {
    const auto [least, most] = std::ranges::minmax_element(
        run.layers, [](const Layer& a, const Layer& b) { return a.time.samples.size() < b.time.samples.size(); });
    const auto low = static_cast<std::int64_t>(least->time.samples.size());
    const auto high = static_cast<std::int64_t>(most->time.samples.size());
    text +=
        low == high ? fmt::format(", {} each", counted(low, "sample")) : fmt::format(", {} to {} samples", low, high);
  }
  return run.not_executed.empty() ? text : text + fmt::format(", {} not executed", run.not_executed.size());
}

std::string timeline_text(const Timeline& timeline) {
  std::string text = timeline.kernels.empty()
                         ? ""
                         : counted(static_cast<std::int64_t>(timeline.kernels.size()), "kernel") + " an inference, ";
  text += counted(static_cast<std::int64_t>(timeline.span.samples.size()), "sample");
  return text + fmt::format(" ({})", printable(timeline.source));
}

}  // namespace

void write_inspection_text(std::ostream& out, const ModelInspection& inspection, const InspectionTextOptions& options) {
  const Paint paint(options.color);
  const Inspection& contents = inspection.contents;
  write_model(out, inspection);
  write_operators(out, contents, paint);
  write_precision(out, contents, paint);
  write_memory(out, contents, paint);
  write_lines(out, contents.open_dimensions, paint.bold("Open dimensions:"));
  write_largest(out, contents, paint);
  write_candidates(out, contents, options.candidates_of_a_kind, paint);
  write_lines(out, contents.notes, paint.bold("Notes:"));
  write_lines(out, inspection.warnings, paint.warning("Warnings:"));
}

void write_inspection_text(std::ostream& out, const ProfileInspection& inspection,
                           const InspectionTextOptions& options) {
  const Paint paint(options.color);
  const Profile& profile = inspection.profile;
  if (profile.partial) {
    out << paint.alarm("PARTIAL: the measurement ended early") << "\n\n";
  }
  const KeyValues file = {
      {"Profile", fmt::format("{} ({}, schema {}.{})", printable(inspection.path), format_bytes(inspection.file_bytes),
                              profile.schema_major, profile.schema_minor)}};
  text_report::write_key_values(out, file, "");
  out << '\n';
  text_report::write_context(out, profile);
  out << '\n' << paint.bold("Measured:") << '\n';
  KeyValues measured = {{"End to end", end_to_end_text(profile)}, {"Layer run", layer_run_text(profile)}};
  if (profile.timeline) measured.emplace_back("Timeline", timeline_text(*profile.timeline));
  text_report::write_key_values(out, measured, "  ");
  text_report::write_remarks(out, profile, paint);
  write_lines(out, inspection.reading_notes, paint.bold("Left out:"));
}

}  // namespace trtprof
