#include "trtprof/diagnose/rules/fusion_figures.h"

#include <cstdint>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof::rules {

std::string not_ours(const std::string& figures) {
  return figures.empty() ? std::string()
                         : fmt::format(
                               " The bottleneck guide's figures for MobileNetV2 ({}) are not of this run and "
                               "not in the gain.",
                               figures);
}

const CeilingFigure* bandwidth_of(const Subject& subject) {
  return subject.ceilings == nullptr ? nullptr : subject.ceilings->find(CeilingKind::memory_bandwidth);
}

std::string at_bandwidth(double bytes, const CeilingFigure& bandwidth) {
  return fmt::format("{} at the memory's {}/s ({})", format_bytes(static_cast<std::uint64_t>(bytes)),
                     format_bytes(static_cast<std::uint64_t>(bandwidth.value)),
                     bandwidth.basis == CeilingBasis::measured ? "measured" : "datasheet");
}

}  // namespace trtprof::rules
