#include "trtprof/optimize/calibrate/tensorrt_cache.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/base/utf8.h"
#include "trtprof/optimize/calibrate/threshold.h"

namespace trtprof {
namespace {

constexpr std::string_view kStart = "TRT-";
constexpr std::size_t kHexDigits = 8;

constexpr auto kCalibrators = std::to_array<std::pair<std::string_view, CalibrationMethod>>({
    {"EntropyCalibration2", CalibrationMethod::entropy},
    {"EntropyCalibration", CalibrationMethod::entropy},
    {"MinMaxCalibration", CalibrationMethod::min_max},
    {"LegacyCalibration", CalibrationMethod::percentile},
});

// Up to the end of the line, which goes, too.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<CalibrationMethod> method_of(std::string_view first_line) {
  const std::string_view name = first_line.substr(std::min(first_line.rfind('-') + 1, first_line.size()));
  for (const auto& [calibrator, method] : kCalibrators) {
    if (calibrator == name) return method;
  }
  return std::nullopt;
}

std::optional<float> scale_of(std::string_view hexadecimal) {
  std::uint32_t bits = 0;
  const auto [stopped, error] = std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), bits, 16);
  const bool all = stopped == hexadecimal.data() + hexadecimal.size();
  if (hexadecimal.empty() || hexadecimal.size() > kHexDigits || error != std::errc{} || !all) return std::nullopt;
  const auto scale = std::bit_cast<float>(bits);
  // 127 times it is to be a number, too.
  if (!std::isfinite(scale * static_cast<float>(kInt8Steps)) || std::signbit(scale)) return std::nullopt;
  return scale;
}

}  // namespace

bool is_tensorrt_cache(std::string_view text) {
  return text.starts_with(kStart);
}

Result<Calibration> calibration_from_tensorrt(std::string_view text, std::string_view source) {
  const std::string file = printable(source);
  if (!is_tensorrt_cache(text)) return fail(fmt::format("{} is no calibration cache of TensorRT", file));
  Calibration calibration;
  const std::string_view first = take_line(text);
  const auto method = method_of(first);
  if (!method) {
    return fail(fmt::format("{} is of '{}', which is none of TensorRT's calibrators", file, shorten_middle(first, 60)));
  }
  calibration.method = *method;
  calibration.data = fmt::format("TensorRT's cache ({})", shorten_middle(first, 60));
  for (int line = 2; !text.empty(); ++line) {
    const std::string_view entry = take_line(text);
    if (entry.empty()) continue;
    const std::size_t colon = entry.rfind(": ");  // names may have colons
    const bool named = colon != std::string_view::npos && colon > 0 && is_utf8(entry.substr(0, colon));
    const auto scale = named ? scale_of(entry.substr(colon + 2)) : std::nullopt;
    if (!scale) {
      return fail(fmt::format("{}: line {} is '{}', and not a tensor with a scale in hexadecimal", file, line,
                              shorten_middle(entry, 60)));
    }
    CalibratedValue value;
    value.threshold = static_cast<double>(*scale) * kInt8Steps;
    value.min = 0.0 - value.threshold;  // no negative zero
    value.max = value.threshold;
    const std::string name(entry.substr(0, colon));
    if (!calibration.values.emplace(name, value).second) {
      return fail(fmt::format("{}: line {} has a second scale for '{}'", file, line, shorten_middle(name, 60)));
    }
  }
  if (calibration.values.empty()) return fail(fmt::format("{} has no scale", file));
  return calibration;
}

}  // namespace trtprof
