#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/fusion.h"
#include "trtprof/report/inspection.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::KeyValues;
using text_report::Paint;

// Enough to recognise a file by; the JSON holds all 64 digits.
constexpr std::size_t kHashDigits = 12;
constexpr std::size_t kMaxTensors = 16;

std::string hash(const std::string& sha256) {
  return sha256.empty() ? "" : fmt::format(", sha256 {}", printable(sha256.substr(0, kHashDigits)));
}

void add_tensors(KeyValues& lines, std::string_view key, const std::vector<TensorDesc>& tensors) {
  for (std::size_t i = 0; i < std::min(tensors.size(), kMaxTensors); ++i) {
    const TensorDesc& tensor = tensors[i];
    lines.emplace_back(
        i > 0 ? "" : fmt::format("{}{}", key, tensors.size() > 1 ? "s" : ""),
        fmt::format("{} {} {}{}", printable(tensor.name),
                    tensor.element_type.empty() ? "?" : printable(tensor.element_type), format_shape(tensor.shape),
                    tensor.layout.empty() ? "" : fmt::format(" ({})", printable(tensor.layout))));
  }
  if (tensors.size() > kMaxTensors) {
    lines.emplace_back("", fmt::format("and {} more", tensors.size() - kMaxTensors));
  }
}

void add_history(KeyValues& lines, const EngineHistory& history) {
  const std::string capability = history.compute_capability.empty()
                                     ? ""
                                     : fmt::format(" (compute capability {})", printable(history.compute_capability));
  lines.insert(
      lines.end(),
      {{"Built on", history.device.empty() ? "no GPU" + capability : printable(history.device) + capability},
       {"Built in", fmt::format("{} by {} {}, done {}", format_duration(history.seconds), printable(history.builder),
                                printable(history.builder_version), printable(history.finished_at))},
       {"Built from", fmt::format("{}{}", printable(history.model_path), hash(history.model_sha256))}});
  std::string title = "Options";
  for (const auto& [name, value] : history.options) {
    lines.emplace_back(title, fmt::format("{} {}", printable(name), printable(value)));
    title.clear();
  }
  lines.emplace_back("Record", printable(history.record));
}

}  // namespace

void write_inspection_text(std::ostream& out, const EngineInspection& inspection,
                           const InspectionTextOptions& options) {
  const Paint paint(options.color);
  KeyValues lines = {{"Engine", fmt::format("{} ({}{})", printable(inspection.path),
                                            format_bytes(inspection.file_bytes), hash(inspection.sha256))},
                     {"Kind", fmt::format("serialized {} engine", printable(inspection.flavour))},
                     {"Built by", fmt::format("{} {}", printable(inspection.flavour), printable(inspection.version))}};
  if (inspection.history) {
    add_history(lines, *inspection.history);
  }
  add_tensors(lines, "Input", inspection.inputs);
  add_tensors(lines, "Output", inspection.outputs);
  text_report::write_key_values(out, lines, "");
  if (inspection.fusion) {
    FusionTextOptions fusion;
    fusion.color = options.color;
    out << '\n';
    write_fusion_text(out, *inspection.fusion, fusion);
  }
  text_report::write_list(out, inspection.unseen, paint.warning("Not seen:"));
  if (inspection.history) {
    text_report::write_list(out, inspection.history->warnings, paint.bold("Warnings of the builder:"));
  }
  text_report::write_list(out, inspection.notes, paint.bold("Notes:"));
  text_report::write_list(out, inspection.warnings, paint.warning("Warnings:"));
}

}  // namespace trtprof
