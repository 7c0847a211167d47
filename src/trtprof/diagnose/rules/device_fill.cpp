#include "trtprof/diagnose/rules/device_fill.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "trtprof/diagnose/rules/inference_times.h"

namespace trtprof::rules {
namespace {

double ideal_of_items(const LayerRoofline& roof, const LayerCost& cost) {
  const double bytes = roof.bytes.value_or(0.0);
  const double weights = bytes > 0.0 ? std::min(cost.cost.weight_bytes.value_or(0.0) / bytes, 1.0) : 0.0;
  return std::max(roof.memory_seconds.value_or(0.0) * (1.0 - weights), roof.compute_seconds.value_or(0.0));
}

const std::string* property(const Profile& profile, const char* name) {
  const auto found = profile.environment.properties.find(name);
  return found == profile.environment.properties.end() ? nullptr : &found->second;
}

}  // namespace

SmallLayers small_layers(const Subject& subject) {
  const Roofline& roofline = *subject.roofline;
  SmallLayers small;
  for (std::size_t i = 0; i < roofline.layers.size(); ++i) {
    const LayerRoofline& roof = roofline.layers[i];
    if (roof.bound != LayerBound::latency || !roof.seconds) continue;
    small.layers.push_back(i);
    small.ideal += roof.ideal_seconds.value_or(0.0);
    small.ideal_of_items += ideal_of_items(roof, subject.costs[i]);
  }
  small.seconds = InferenceTimes(subject).of(small.layers);
  small.multiprocessors = multiprocessors_of(subject.profile);
  small.median_blocks = median_blocks(roofline, small.layers);
  std::ranges::stable_sort(small.layers, [&](std::size_t a, std::size_t b) {
    return *roofline.layers[a].seconds > *roofline.layers[b].seconds;
  });
  return small;
}

std::optional<double> median_blocks(const Roofline& roofline, const std::vector<std::size_t>& layers) {
  std::vector<std::pair<std::int64_t, double>> blocks;
  double seconds = 0.0;
  for (const std::size_t layer : layers) {
    const LayerRoofline& roof = roofline.layers[layer];
    if (!roof.blocks || !roof.seconds) continue;
    blocks.emplace_back(*roof.blocks, *roof.seconds);
    seconds += *roof.seconds;
  }
  std::ranges::sort(blocks);
  double below = 0.0;
  for (const auto& [count, time] : blocks) {
    below += time;
    if (below >= seconds / 2.0) return static_cast<double>(count);
  }
  return std::nullopt;
}

std::optional<std::int64_t> multiprocessors_of(const Profile& profile) {
  const std::string* text = property(profile, "multiprocessors");
  if (text == nullptr) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  return error == std::errc() && end == text->data() + text->size() && count > 0 ? std::optional(count) : std::nullopt;
}

std::optional<double> l2_bytes_of(const Profile& profile) {
  const std::string* text = property(profile, "L2 cache");
  if (text == nullptr) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || !(value > 0.0)) return std::nullopt;
  constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
      {{" B", 1.0}, {" KiB", 1024.0}, {" MiB", 1024.0 * 1024.0}, {" GiB", 1024.0 * 1024.0 * 1024.0}}};
  const std::string_view unit(end, static_cast<std::size_t>(text->data() + text->size() - end));
  for (const auto& [name, bytes] : kUnits) {
    if (unit == name) return value * bytes;
  }
  return std::nullopt;
}

}  // namespace trtprof::rules
