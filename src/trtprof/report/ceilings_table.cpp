#include "trtprof/report/ceilings_table.h"

#include <algorithm>
#include <cmath>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

constexpr std::size_t kKindWidth = 40;

bool is_cost(CeilingKind kind) {
  return kind == CeilingKind::launch_cost || kind == CeilingKind::graph_node_cost;
}

bool is_peak(CeilingKind kind) {
  return kind >= CeilingKind::fp32_peak && kind <= CeilingKind::fp8_peak;
}

const CeilingFigure* figure_of(const DeviceCeilings* device, CeilingKind kind, CeilingBasis basis) {
  if (device == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      device->figures, [&](const CeilingFigure& figure) { return figure.kind == kind && figure.basis == basis; });
  return found == device->figures.end() ? nullptr : &*found;
}

std::string spread_of(const CeilingFigure& figure) {
  if (!figure.spread) return "-";
  return fmt::format("{} to {} ({})", format_ceiling(figure.kind, figure.spread->low),
                     format_ceiling(figure.kind, figure.spread->high), figure.spread->samples);
}

void write_row(std::ostream& out, const CeilingFigure& figure, const CeilingFigure* datasheet) {
  const bool compared = datasheet != nullptr && datasheet != &figure && !is_cost(figure.kind);
  out << fmt::format("  {} {:>16}  {:<40} {:<10}{:>16}{:>10}\n", fit_left(describe_ceiling(figure.kind), kKindWidth),
                     format_ceiling(figure.kind, figure.value), spread_of(figure), to_string(figure.basis),
                     datasheet != nullptr ? format_ceiling(figure.kind, datasheet->value) : "-",
                     compared ? format_percent(figure.value / datasheet->value, 1) : "-");
  out << "      " << printable(figure.source) << '\n';
}

}  // namespace

std::string describe_ceiling(CeilingKind kind) {
  switch (kind) {
    case CeilingKind::memory_bandwidth:
      return "memory bandwidth, read and write";
    case CeilingKind::cache_bandwidth:
      return "last cache's bandwidth, read";
    case CeilingKind::fp32_peak:
      return "FP32 peak";
    case CeilingKind::tf32_peak:
      return "TF32 peak";
    case CeilingKind::fp16_peak:
      return "FP16 peak";
    case CeilingKind::bf16_peak:
      return "BF16 peak";
    case CeilingKind::int8_peak:
      return "INT8 peak";
    case CeilingKind::fp8_peak:
      return "FP8 peak";
    case CeilingKind::launch_cost:
      return "cost of a launch on a stream";
    case CeilingKind::graph_node_cost:
      return "cost of a kernel in a CUDA graph";
    case CeilingKind::host_to_device_rate:
      return "host to device, page-locked";
    case CeilingKind::device_to_host_rate:
      return "device to host, page-locked";
    case CeilingKind::pageable_host_to_device_rate:
      return "host to device, pageable";
    case CeilingKind::pageable_device_to_host_rate:
      return "device to host, pageable";
  }
  return "?";
}

std::string format_ceiling(CeilingKind kind, double value) {
  if (is_cost(kind)) return format_duration(value);
  if (!is_peak(kind)) return format_bytes(static_cast<std::uint64_t>(std::llround(value))) + "/s";
  return format_count(value) + (kind == CeilingKind::int8_peak ? "OP/s" : "FLOP/s");
}

void write_ceilings_table(std::ostream& out, const CeilingsTable& table, bool color) {
  const Paint paint(color);
  out << paint.bold(fmt::format("  {} {:>16}  {:<40} {:<10}{:>16}{:>10}", fit_left("Limit", kKindWidth), "Value",
                                "Lowest to highest (samples)", "Basis", "Datasheet", "Reached"))
      << '\n';
  for (int i = 0; i <= static_cast<int>(CeilingKind::pageable_device_to_host_rate); ++i) {
    const auto kind = static_cast<CeilingKind>(i);
    const CeilingFigure* measured = figure_of(&table.measured, kind, CeilingBasis::measured);
    const CeilingFigure* datasheet = figure_of(table.known, kind, CeilingBasis::datasheet);
    const CeilingFigure* shown = measured != nullptr ? measured : datasheet;
    if (shown != nullptr) write_row(out, *shown, datasheet);
  }
  std::vector<std::string> missing;
  for (const MissingCeiling& each : table.missing) {
    missing.push_back(fmt::format("{}: {}", describe_ceiling(each.kind), printable(each.reason)));
  }
  text_report::write_list(out, missing, "Not measured:");
  text_report::write_list(out, table.notes, "Notes:");
}

}  // namespace trtprof
