// The copies between host and device of one inference, by direction. Private to rules/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

struct Copies {
  std::string_view direction;  // "to the device", "from the device"
  double seconds = 0.0;        // by the end-to-end run's clock, else by timestamps
  std::optional<double> bytes;
  std::optional<double> count;  // from a timeline
  bool pageable = false;
  const CeilingFigure* page_locked_rate = nullptr;  // that the device reaches; null: not known
  const CeilingFigure* pageable_rate = nullptr;

  [[nodiscard]] std::optional<double> rate() const;  // bytes a second
};

// Of those that were measured.
[[nodiscard]] std::vector<Copies> copies_of(const Subject& subject);

// What the run says of its copies: "overlapped, page-locked host memory"; empty: nothing.
[[nodiscard]] std::string copies_as_run(const Profile& profile);

[[nodiscard]] std::string format_rate(double bytes_per_second);  // "51.9 GB/s"
[[nodiscard]] std::string sentence_of(
    const std::vector<Copies>& copies);  // "50.3 MB to the device in 1.04 ms (48.5 GB/s)"

}  // namespace trtprof::rules
