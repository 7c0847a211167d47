#include "trtprof/diagnose/finding.h"

#include <array>

namespace trtprof {
namespace {

constexpr double kCritical = 0.2;
constexpr double kMajor = 0.05;
constexpr double kMinor = 0.01;

}  // namespace

Severity severity_of(double gain_seconds, double inference_seconds) {
  if (!(inference_seconds > 0.0)) return Severity::note;
  const double share = gain_seconds / inference_seconds;
  if (share >= kCritical) return Severity::critical;
  if (share >= kMajor) return Severity::major;
  return share >= kMinor ? Severity::minor : Severity::note;
}

std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, 4> names{"critical", "major", "minor", "note"};
  return names[static_cast<std::size_t>(severity)];
}

std::optional<Severity> severity_from_string(std::string_view name) {
  for (const Severity severity : {Severity::critical, Severity::major, Severity::minor, Severity::note}) {
    if (name == to_string(severity)) return severity;
  }
  return std::nullopt;
}

std::string_view to_string(GainBasis basis) {
  constexpr std::array<std::string_view, 3> names{"measured", "bound", "estimated"};
  return names[static_cast<std::size_t>(basis)];
}

}  // namespace trtprof
