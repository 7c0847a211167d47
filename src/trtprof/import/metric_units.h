// Numbers and units as profilers print them.
#pragma once

#include <optional>
#include <string_view>

namespace trtprof {

// Which sign separates what: "4,920.35" (C, en_US), "4.920,35" (de_DE), "4 920,35" (fr_FR). Tools print by the locale
// of the user who ran them, and one number alone need not tell: "4,920".
class NumberStyle {
 public:
  // Learns from one more text; anything that is no number teaches nothing. True once it is certain.
  bool observe(std::string_view text);
  [[nodiscard]] bool certain() const { return certain_; }
  // nullopt for what is no number: "", "n/a", "nan", "no data", "PolicySpread".
  [[nodiscard]] std::optional<double> parse(std::string_view text) const;

 private:
  bool decide(char decimal);
  char decimal_ = '.';
  bool certain_ = false;
};

// A unit as a factor to base units: 1e3 for "Kbyte", 1e-6 for "usecond" and "us", 1e9 for "cycle/nsecond".
struct MetricUnit {
  double factor = 1.0;
  bool known = true;  // false: the value is left as printed
};

[[nodiscard]] MetricUnit parse_metric_unit(std::string_view unit);

}  // namespace trtprof
