#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/enum_names.h"
#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/report/report.h"

namespace trtprof {
namespace {

constexpr std::string_view kLineEnd = "\r\n";  // RFC 4180, 2.1

constexpr auto kColumns = std::to_array<std::string_view>({
    "index",        "name",          "model_name", "layer_class",    "engine_type",
    "origin_nodes", "origin_source", "precision",  "implementation", "inputs",
    "outputs",      "share",         "time_s",     "samples",        "median_s",
    "median_low_s", "median_high_s", "mean_s",     "stddev_s",       "min_s",
    "max_s",        "p90_s",         "p95_s",      "p99_s",          "engine_reported_s",
    "kernels",      "gpu_time_s",    "gpu_share",  "gap_before_s",
});

// A text field. Control characters become visible, so that every record is one line and none acts on a terminal. A
// spreadsheet takes a field that begins with = + - or @ for a formula: those get an apostrophe in front, and so do
// fields that begin with one, so that a reader can take it off again (docs/csv.md).
std::string text_field(std::string_view text) {
  std::string field = printable(text);
  if (!field.empty() && std::string_view("=+-@'").find(field.front()) != std::string_view::npos) {
    field.insert(field.begin(), '\'');
  }
  if (field.find_first_of(",\"") == std::string::npos) {
    return field;
  }
  std::string quoted = "\"";
  for (const char c : field) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + '"';
}

// The shortest text that reads back as the same number; nothing for what is not known.
std::string number_field(const std::optional<double>& number) {
  return number ? fmt::format("{}", *number) : "";
}

// "Conv:conv1; Relu:relu1"
std::string origins(const std::vector<OriginNode>& nodes) {
  std::string text;
  for (const OriginNode& node : nodes) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : "; ", node.op_type, node.name);
  }
  return text;
}

// "f32[1x3x224x224]; i64[scalar]"
std::string tensors(const std::vector<TensorDesc>& descs) {
  std::string text;
  for (const TensorDesc& desc : descs) {
    text += fmt::format("{}{}[{}]", text.empty() ? "" : "; ", desc.element_type, format_shape(desc.shape));
  }
  return text;
}

using Row = std::array<std::string, kColumns.size()>;

void write_row(std::ostream& out, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    out << (i == 0 ? "" : ",") << row.at(i);
  }
  out << kLineEnd;
}

// What the timeline tells of a layer; empty without one.
struct GpuFigures {
  std::string kernels;
  std::string seconds;
  std::string share;
  std::string gap;
};

Row row_of(std::size_t index, const Layer& layer, double total, const GpuFigures& gpu) {
  const std::optional<Summary> summary = summary_of(layer.time);
  const std::optional<double> seconds = layer_seconds(layer);
  const auto figure = [&](double Summary::* member) {
    return number_field(summary ? std::optional((*summary).*member) : std::nullopt);
  };
  const Interval* interval = summary && summary->median_interval ? &*summary->median_interval : nullptr;
  return {
      std::to_string(index),
      text_field(layer.name),
      text_field(readable_name(layer)),
      text_field(to_string(layer.layer_class)),
      text_field(layer.engine_type),
      text_field(origins(layer.origin_nodes)),
      text_field(to_string(layer.origin_source)),
      text_field(layer.precision),
      text_field(layer.implementation),
      text_field(tensors(layer.inputs)),
      text_field(tensors(layer.outputs)),
      seconds && total > 0.0 ? number_field(*seconds / total) : "",
      number_field(seconds),
      summary ? std::to_string(summary->count) : "",
      figure(&Summary::median),
      interval != nullptr ? number_field(interval->low) : "",
      interval != nullptr ? number_field(interval->high) : "",
      figure(&Summary::mean),
      number_field(summary ? summary->stddev : std::nullopt),
      figure(&Summary::min),
      figure(&Summary::max),
      figure(&Summary::p90),
      figure(&Summary::p95),
      figure(&Summary::p99),
      number_field(layer.reported_seconds),
      gpu.kernels,
      gpu.seconds,
      gpu.share,
      gpu.gap,
  };
}

// By index of the layer run's layers.
std::vector<GpuFigures> gpu_figures(const Profile& profile) {
  std::vector<GpuFigures> figures(profile.layer_run->layers.size());
  if (!profile.timeline || profile.timeline->kernels.empty() || profile.timeline->join == KernelJoin::none) {
    return figures;
  }
  const std::vector<LayerKernels> layers = kernels_by_layer(*profile.layer_run, *profile.timeline);
  double total = 0.0;
  for (const LayerKernels& layer : layers) total += layer.gpu_seconds.value_or(0.0);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::optional<double>& seconds = layers[i].gpu_seconds;
    figures[i] = {std::to_string(layers[i].kernels.size()), number_field(seconds),
                  seconds && total > 0.0 ? number_field(*seconds / total) : "", number_field(layers[i].gap_seconds)};
  }
  return figures;
}

}  // namespace

void write_csv_report(std::ostream& out, const Profile& profile) {
  Row header;
  std::ranges::copy(kColumns, header.begin());
  write_row(out, header);
  if (!profile.layer_run) {
    return;
  }
  const double total = layer_sum(*profile.layer_run);
  const std::vector<GpuFigures> gpu = gpu_figures(profile);
  for (std::size_t i = 0; i < profile.layer_run->layers.size(); ++i) {
    write_row(out, row_of(i, profile.layer_run->layers[i], total, gpu[i]));
  }
}

}  // namespace trtprof
