// What a device can do at most. ceilings/ finds it, diagnose/ takes it as data: this is the type between them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

// Bandwidths are bytes a second, peaks operations a second (a multiply-add is two) without sparsity, costs seconds.
enum class CeilingKind {
  memory_bandwidth,  // of the device's memory, reads and writes added up
  cache_bandwidth,   // of the last cache before it: a GPU's L2, a CPU's L3; reads
  fp32_peak,         // multiply-adds outside matrix units
  tf32_peak,         // in matrix units, as all below
  fp16_peak,
  bf16_peak,
  int8_peak,
  fp8_peak,
  launch_cost,          // of one more kernel on a stream
  graph_node_cost,      // of one more kernel in a CUDA graph
  host_to_device_rate,  // from page-locked memory
  device_to_host_rate,
  pageable_host_to_device_rate,
  pageable_device_to_host_rate,
};

enum class CeilingBasis {
  measured,
  datasheet,
};

// How far the samples of a measured figure lie apart.
struct CeilingSpread {
  double low = 0.0;
  double high = 0.0;
  std::size_t samples = 0;
  bool operator==(const CeilingSpread&) const = default;
};

struct CeilingFigure {
  CeilingKind kind = CeilingKind::memory_bandwidth;
  double value = 0.0;  // measured: the median
  CeilingBasis basis = CeilingBasis::datasheet;
  std::string source;  // a document of the vendor, or what was measured
  std::optional<CeilingSpread> spread = {};
  bool operator==(const CeilingFigure&) const = default;
};

// A figure that could not be measured, and why.
struct MissingCeiling {
  CeilingKind kind = CeilingKind::memory_bandwidth;
  std::string reason;  // a sentence, with what would help
  bool operator==(const MissingCeiling&) const = default;
};

struct DeviceCeilings {
  std::string device;                  // "NVIDIA H200 SXM"
  std::vector<std::string> names;      // that drivers and engines give it: Environment::device_name
  std::vector<CeilingFigure> figures;  // of one kind at most one measured and one of a datasheet
  bool operator==(const DeviceCeilings&) const = default;

  // What was measured before what a datasheet says; nullptr: not known.
  [[nodiscard]] const CeilingFigure* find(CeilingKind kind) const {
    const CeilingFigure* found = nullptr;
    for (const CeilingFigure& figure : figures) {
      if (figure.kind == kind && (found == nullptr || figure.basis == CeilingBasis::measured)) found = &figure;
    }
    return found;
  }
};

// "memory_bandwidth", as in the JSON.
[[nodiscard]] std::string_view to_string(CeilingKind kind);
[[nodiscard]] std::string_view to_string(CeilingBasis basis);
[[nodiscard]] std::optional<CeilingKind> ceiling_kind_from_string(std::string_view name);

}  // namespace trtprof
