#include "trtprof/diagnose/rules/inference_times.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/diagnose/time_shares.h"

namespace trtprof::rules {
namespace {

// Longer names are cut in sentences; Evidence::layers has them whole.
constexpr std::size_t kColumns = 60;

}  // namespace

InferenceTimes::InferenceTimes(const Subject& subject)
    : roofline_(subject.roofline), inference_(subject.inference_seconds()) {
  if (roofline_ == nullptr || subject.account == nullptr) return;
  const InferenceParts parts = parts_of(subject.profile, *subject.account);
  const double ran = parts.device_busy.value_or(parts.inside);
  const double measured = roofline_->seconds + roofline_->seconds_of_no_layer;
  if (ran > 0.0 && measured > ran) fit_ = ran / measured;
}

double InferenceTimes::of(std::size_t layer) const {
  if (roofline_ == nullptr || layer >= roofline_->layers.size()) return 0.0;
  return fit_ * roofline_->layers[layer].seconds.value_or(0.0);
}

double InferenceTimes::of(const std::vector<std::size_t>& layers) const {
  double seconds = 0.0;
  for (const std::size_t layer : layers) seconds += of(layer);
  return seconds;
}

double InferenceTimes::share(double seconds) const {
  return inference_ > 0.0 ? seconds / inference_ : 0.0;
}

std::vector<std::string> names_of(const Profile& profile, const std::vector<std::size_t>& layers) {
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const std::size_t layer : layers) names.push_back(profile.layer_run->layers[layer].name);
  return names;
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  const std::size_t shown = names.size() <= most + 1 ? names.size() : most;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size();
    text += fmt::format("{}{}", i == 0 ? "" : last ? " and " : ", ", shorten_middle(names[i], kColumns));
  }
  return shown < names.size() ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

std::string argument(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace trtprof::rules
