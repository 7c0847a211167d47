// Layers' times as they count in an inference, and words that several rules use. Private to rules/.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

// Severity::minor begins here: below it nothing is worth a change of the model or the build.
inline constexpr double kWorthSaying = 0.01;

// The engine's layer timing adds a cost of its own to each layer, so that layers may add up to more than the time in
// which they can have run: then they keep their proportions in that time (as in Verdict::shares).
class InferenceTimes {
 public:
  explicit InferenceTimes(const Subject& subject);

  [[nodiscard]] double of(std::size_t layer) const;  // seconds; 0: no time is known
  [[nodiscard]] double of(const std::vector<std::size_t>& layers) const;
  [[nodiscard]] double fit() const { return fit_; }  // that layers' times are multiplied by; at most 1
  [[nodiscard]] double share(double seconds) const;  // of the inference; 0 while its time is not known
  [[nodiscard]] bool worth_saying(double seconds) const { return share(seconds) >= kWorthSaying; }

 private:
  const Roofline* roofline_;
  double inference_;
  double fit_ = 1.0;
};

[[nodiscard]] std::vector<std::string> names_of(const Profile& profile, const std::vector<std::size_t>& layers);

// "a, b, c and 4 more".
[[nodiscard]] std::string listed(const std::vector<std::string>& names, std::size_t most = 3);

// For a command line: in quotes where a shell needs them.
[[nodiscard]] std::string argument(const std::string& text);

}  // namespace trtprof::rules
