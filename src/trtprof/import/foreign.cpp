#include "trtprof/import/foreign.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/ncu_import.h"
#include "trtprof/import/nsys_import.h"
#include "trtprof/import/onnxruntime_trace.h"
#include "trtprof/import/openvino_reports.h"
#include "trtprof/import/openvino_statistics.h"
#include "trtprof/import/profile_import.h"
#include "trtprof/import/pytorch_trace.h"
#include "trtprof/import/trtexec_layers.h"
#include "trtprof/import/trtexec_log.h"
#include "trtprof/import/trtexec_profile.h"
#include "trtprof/import/trtexec_times.h"

namespace trtprof {
namespace {

constexpr std::array kImporters = {
    Importer{ForeignFormat::profile, "a profile of this program", is_profile, read_profile},
    Importer{ForeignFormat::nsight_systems_sqlite, "nsys export --type sqlite", is_nsight_systems_sqlite,
             read_nsight_systems_sqlite},
    Importer{ForeignFormat::trtexec_profile, "trtexec --exportProfile", is_trtexec_profile, read_trtexec_profile},
    Importer{ForeignFormat::trtexec_times, "trtexec --exportTimes", is_trtexec_times, read_trtexec_times},
    Importer{ForeignFormat::trtexec_layers, "trtexec --exportLayerInfo", is_trtexec_layers, read_trtexec_layers},
    Importer{ForeignFormat::onnxruntime_trace, "ONNX Runtime's profile", is_onnxruntime_trace, read_onnxruntime_trace},
    Importer{ForeignFormat::openvino_counters, "benchmark_app's counters", is_openvino_counters,
             read_openvino_counters},
    Importer{ForeignFormat::openvino_statistics, "benchmark_app's statistics", is_openvino_statistics,
             read_openvino_statistics},
    Importer{ForeignFormat::pytorch_trace, "torch.profiler's trace", is_pytorch_trace, read_pytorch_trace},
    Importer{ForeignFormat::nsight_compute_csv, "ncu --csv", is_nsight_compute_csv, read_nsight_compute_csv},
    Importer{ForeignFormat::trtexec_log, "what trtexec printed", is_trtexec_log, read_trtexec_log},
};

// What the file is instead, in a few words, as far as its beginning shows.
std::string looks_like(std::string_view beginning) {
  constexpr std::size_t columns = 60;
  if (beginning.empty()) return "it is empty";
  if (beginning.starts_with("PK")) return "it is a ZIP archive";
  if (beginning.substr(0, 512).find('\0') != std::string_view::npos) return "it is binary";
  const JsonOutline outline = json_outline(beginning);
  if (outline.root == '{' && !outline.keys.empty()) {
    return fmt::format("it is JSON, an object that begins with \"{}\"", shorten_middle(outline.keys.front(), columns));
  }
  if (outline.root == '[' && !outline.element_keys.empty()) {
    return fmt::format("it is JSON, an array of objects that begin with \"{}\"",
                       shorten_middle(outline.element_keys.front(), columns));
  }
  if (outline.root != '\0') return "it is JSON of another form";
  const std::string_view line = beginning.substr(0, beginning.find_first_of("\r\n"));
  return fmt::format("it is text that begins with \"{}\"", shorten_middle(line, columns));
}

std::string what_is_read() {
  std::string names;
  for (const Importer& importer : kImporters) {
    if (!names.empty()) names += &importer == &kImporters.back() ? " and " : ", ";
    names += importer.name;
  }
  return names;
}

}  // namespace

std::span<const Importer> all_importers() {
  return kImporters;
}

Result<Imported> import_file(const std::filesystem::path& path) {
  const auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  for (const Importer& importer : kImporters) {
    if (importer.recognises(file->beginning())) return importer.read(path);
  }
  return fail(fmt::format("{} is of no format that is read: {}", file->name(), looks_like(file->beginning())),
              fmt::format("Read are {}.", what_is_read()));
}

std::string_view to_string(ForeignFormat format) {
  switch (format) {
    case ForeignFormat::profile:
      return "profile";
    case ForeignFormat::trtexec_profile:
      return "trtexec_profile";
    case ForeignFormat::trtexec_times:
      return "trtexec_times";
    case ForeignFormat::trtexec_layers:
      return "trtexec_layers";
    case ForeignFormat::trtexec_log:
      return "trtexec_log";
    case ForeignFormat::nsight_compute_csv:
      return "nsight_compute_csv";
    case ForeignFormat::nsight_systems_sqlite:
      return "nsight_systems_sqlite";
    case ForeignFormat::onnxruntime_trace:
      return "onnxruntime_trace";
    case ForeignFormat::openvino_counters:
      return "openvino_counters";
    case ForeignFormat::openvino_statistics:
      return "openvino_statistics";
    case ForeignFormat::pytorch_trace:
      return "pytorch_trace";
  }
  return "";
}

}  // namespace trtprof
