// What a device can do at most. ceilings/ finds it, diagnose/ takes it as data: this is the type between them.
#pragma once

#include <string>
#include <vector>

namespace trtprof {

// Bandwidths are bytes a second, peaks operations a second (a multiply-add is two) without sparsity, costs seconds.
enum class CeilingKind {
  memory_bandwidth,  // of the device's memory, reads and writes added up
  l2_bandwidth,
  fp32_peak,  // multiply-adds outside matrix units
  tf32_peak,  // in matrix units, as all below
  fp16_peak,
  bf16_peak,
  int8_peak,
  fp8_peak,
  launch_cost,          // of one more kernel on a stream
  host_to_device_rate,  // from page-locked memory
  device_to_host_rate,
  pageable_host_to_device_rate,
  pageable_device_to_host_rate,
};

enum class CeilingBasis {
  measured,
  datasheet,
};

struct CeilingFigure {
  CeilingKind kind = CeilingKind::memory_bandwidth;
  double value = 0.0;
  CeilingBasis basis = CeilingBasis::datasheet;
  std::string source;  // a document of the vendor, or what was measured
  bool operator==(const CeilingFigure&) const = default;
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

}  // namespace trtprof
