// What rules about fusions say alike. Private to the rules.
#pragma once

#include <string>

#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

// What the bottleneck guide publishes for MobileNetV2, named beside our figures and never used: a sentence with a space
// before it. Empty without figures.
[[nodiscard]] std::string not_ours(const std::string& figures);

// nullptr: not known.
[[nodiscard]] const CeilingFigure* bandwidth_of(const Subject& subject);

// "589 MB at the memory's 4.30 TB/s (measured)"
[[nodiscard]] std::string at_bandwidth(double bytes, const CeilingFigure& bandwidth);

}  // namespace trtprof::rules
