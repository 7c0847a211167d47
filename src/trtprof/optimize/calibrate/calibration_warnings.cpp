#include "trtprof/optimize/calibrate/calibration_warnings.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

// TensorRT's developer guide: about 500 images suffice for classifiers of ImageNet. ONNX Runtime and OpenVINO's NNCF
// (300 by default) advise hundreds, too. What fewer do is a matter of the model: of these many a percentile of 99.99 of
// a small tensor is its maximum, and one odd sample moves each threshold.
constexpr std::uint64_t kFewSamples = 32;
// A normal distribution has 0.27 % beyond three standard deviations. Where much more is clipped, the answer changes.
constexpr double kMuchClipped = 0.01;
constexpr std::size_t kNamed = 3;

// "'a' (1.2 %), 'b' (1.1 %), 'c' (1 %) and 4 more"
std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
  return text;
}

std::string quoted(const std::string& name) {
  return fmt::format("'{}'", shorten_middle(name, 60));
}

}  // namespace

std::vector<std::string> calibration_warnings(const Calibration& calibration, bool random_data) {
  std::vector<std::string> warnings;
  if (random_data) {
    warnings.emplace_back(
        "INT8 IS CALIBRATED WITH RANDOM NUMBERS: what is written is good for timing and its answers to real data are "
        "worth nothing; give samples with --calibration-data or --data");
  } else if (calibration.samples.value_or(kFewSamples) < kFewSamples) {
    warnings.push_back(fmt::format(
        "only {} samples calibrate the model: one odd sample moves every threshold; some hundreds are usual "
        "(TensorRT's guide: about 500 for ImageNet)",
        *calibration.samples));
  }
  std::vector<std::string> zero;
  std::vector<std::pair<double, std::string>> clipped;
  for (const auto& [name, value] : calibration.values) {
    if (value.not_finite != 0) {
      warnings.push_back(fmt::format("{} has {} values that are no finite numbers; they were left out", quoted(name),
                                     value.not_finite));
    }
    if (value.threshold == 0.0 && value.seen != 0) zero.push_back(quoted(name));
    if (value.clipped > kMuchClipped) clipped.emplace_back(value.clipped, name);
  }
  if (!zero.empty()) {
    warnings.push_back(fmt::format("{} {} zero in all samples and cannot be quantised: {}", zero.size(),
                                   zero.size() == 1 ? "value is" : "values are", list_of(zero)));
  }
  std::ranges::sort(clipped, std::greater{}, &std::pair<double, std::string>::first);
  std::vector<std::string> named;
  named.reserve(clipped.size());
  for (const auto& [share, name] : clipped) named.push_back(fmt::format("{} ({:.2g} %)", quoted(name), share * 100));
  if (!named.empty()) {
    warnings.push_back(fmt::format("{} clips over {:g} % of {} {}: {}", to_string(calibration.method),
                                   kMuchClipped * 100, named.size(), named.size() == 1 ? "value" : "values",
                                   list_of(named)));
  }
  return warnings;
}

}  // namespace trtprof
