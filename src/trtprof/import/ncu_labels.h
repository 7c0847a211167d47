// The details page of Nsight Compute names metrics by their labels; figures want the metrics' own names.
#pragma once

#include <string>
#include <string_view>

namespace trtprof {

// "sm__throughput.avg.pct_of_peak_sustained_elapsed" of ("GPU Speed Of Light Throughput", "Compute (SM) Throughput",
// "%"); "Section: Label" where the metric is not known, the label alone where it is a metric's name already.
[[nodiscard]] std::string metric_of_label(std::string_view section, std::string_view label, std::string_view unit);

}  // namespace trtprof
