// What a rule concludes, and what it rests on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/diagnose/evidence.h"

namespace trtprof {

// By what there is to gain of an inference; findings that put the measurement in doubt say themselves how much.
enum class Severity {
  critical,  // 20 % or more
  major,     // 5 % or more
  minor,     // 1 % or more
  note,      // less, or not known
};

enum class GainBasis {
  measured,   // both sides of it were measured, on this device
  bound,      // no more is possible: the distance from a limit of the device, or all of what could go away
  estimated,  // by a rule of thumb, which Gain::how names with its source
};

// Seconds of one inference. Gains of several findings overlap: they do not add up.
struct Gain {
  double low = 0.0;
  double high = 0.0;
  GainBasis basis = GainBasis::bound;
  std::string how;  // a sentence: of what figures, by what reasoning
  bool operator==(const Gain&) const = default;
};

struct Finding {
  std::string rule;  // Rule::id
  Severity severity = Severity::note;
  std::string title;  // a clause with its main figure: "3 depthwise convolutions take 2.1 times the least possible"
  std::string explanation;  // a sentence or a few, with the figures: what was seen and why it is so
  std::vector<Evidence> evidence;
  std::optional<Gain> gain;  // nullopt: nothing to gain by itself, or not known
  std::string action;        // a sentence or a few: what to do
  // Command lines of this program that do it, or show what more there is to know; file names as the profile has them.
  std::vector<std::string> commands;
  bool operator==(const Finding&) const = default;
};

// Of a gain in seconds, against the inference's time.
[[nodiscard]] Severity severity_of(double gain_seconds, double inference_seconds);

[[nodiscard]] std::string_view to_string(Severity severity);  // "critical"
[[nodiscard]] std::optional<Severity> severity_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(GainBasis basis);  // "measured"

}  // namespace trtprof
