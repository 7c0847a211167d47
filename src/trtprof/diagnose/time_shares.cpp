#include "trtprof/diagnose/time_shares.h"

#include <algorithm>
#include <array>
#include <map>

#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

// The host is what is waited for where launching takes about as long as computing. Below, it is ahead of the device.
constexpr double kNotAhead = 0.9;

constexpr std::array kAll{Bottleneck::transfers, Bottleneck::launches, Bottleneck::host,
                          Bottleneck::reformats, Bottleneck::memory,   Bottleneck::compute,
                          Bottleneck::latency,   Bottleneck::opaque,   Bottleneck::unknown};

std::optional<double> median_of(const std::optional<SampleSeries>& series) {
  return series ? trtprof::median_of(*series) : std::nullopt;
}

bool launched_as_graph(const Profile& profile) {
  if (profile.timeline) return profile.timeline->graph;
  const auto found = profile.environment.properties.find("CUDA graph");
  return found != profile.environment.properties.end() && found->second == "on";
}

Bottleneck kind_of(const Layer& layer, const LayerRoofline& roof) {
  if (layer.layer_class == LayerClass::reformat) return Bottleneck::reformats;
  if (layer.layer_class == LayerClass::opaque) return Bottleneck::opaque;
  switch (roof.bound) {
    case LayerBound::memory:
      return Bottleneck::memory;
    case LayerBound::compute:
      return Bottleneck::compute;
    case LayerBound::latency:
      return Bottleneck::latency;
    case LayerBound::unknown:
      break;
  }
  return Bottleneck::unknown;
}

}  // namespace

bool InferenceParts::paced_by_launches() const {
  return gpu && !graph && enqueue && inside > 0.0 && *enqueue >= kNotAhead * inside;
}

InferenceParts parts_of(const Profile& profile, const TimeAccount& account) {
  InferenceParts parts;
  parts.end_to_end = account.end_to_end;
  parts.gpu = profile.environment.device_kind == DeviceKind::gpu;
  parts.graph = launched_as_graph(profile);
  parts.interval = account.interval;
  std::optional<double> compute;
  if (profile.end_to_end) {
    parts.enqueue = median_of(profile.end_to_end->enqueue);
    compute = median_of(profile.end_to_end->compute);
  }
  for (const TermKind kind : {TermKind::host_to_device, TermKind::device_to_host}) {
    const TimeTerm* term = account.find(kind);
    if (term != nullptr) parts.transfers += term->seconds.value_or(0.0);
  }
  // Of copies under compute, what is left beside it.
  const double beside = compute ? std::max(parts.end_to_end - *compute, 0.0) : parts.end_to_end;
  parts.transfers = std::min(parts.transfers, beside);
  parts.inside = compute ? std::min(*compute, parts.end_to_end - parts.transfers) : parts.end_to_end - parts.transfers;
  const auto busy = profile.timeline ? trtprof::median_of(profile.timeline->busy) : std::nullopt;
  if (busy) {
    parts.device_busy = std::min(*busy, parts.inside);
    parts.gaps = parts.inside - *parts.device_busy;
  }
  return parts;
}

std::vector<TimeShare> shares_of(const Profile& profile, const InferenceParts& parts, const Roofline* roofline) {
  std::map<Bottleneck, double> seconds;
  for (const Bottleneck each : kAll) seconds[each] = 0.0;
  seconds[Bottleneck::transfers] = parts.transfers;
  double layers_ran = parts.inside;
  if (parts.device_busy) {
    layers_ran = *parts.device_busy;
    seconds[parts.gpu ? Bottleneck::launches : Bottleneck::host] = *parts.gaps;
  } else if (!parts.gpu && roofline != nullptr && roofline->seconds > 0.0) {
    // A CPU runs its layers one after another: what they do not take, the runtime does.
    layers_ran = std::min(roofline->seconds, parts.inside);
    seconds[Bottleneck::host] = parts.inside - layers_ran;
  }
  const double measured = roofline != nullptr ? roofline->seconds + roofline->seconds_of_no_layer : 0.0;
  // What the engine reports of layers holds the waiting for launches too, which only a timeline tells apart.
  const bool apart = parts.device_busy || !parts.paced_by_launches();
  if (measured > 0.0 && apart) {
    // The runs differ: layers keep their proportions, in the time that there was.
    const double scale = std::min(layers_ran / measured, 1.0);
    for (const LayerRoofline& roof : roofline->layers) {
      seconds[kind_of(profile.layer_run->layers[roof.layer], roof)] += scale * roof.seconds.value_or(0.0);
    }
  }
  double told = 0.0;
  for (const auto& [what, time] : seconds) told += what == Bottleneck::unknown ? 0.0 : time;
  seconds[Bottleneck::unknown] = std::max(parts.end_to_end - told, 0.0);
  std::vector<TimeShare> shares;
  shares.reserve(kAll.size());
  for (const Bottleneck each : kAll) {
    shares.push_back({each, seconds[each], parts.end_to_end > 0.0 ? seconds[each] / parts.end_to_end : 0.0});
  }
  std::stable_sort(shares.begin(), shares.end() - 1,
                   [](const TimeShare& a, const TimeShare& b) { return a.seconds > b.seconds; });
  return shares;
}

}  // namespace trtprof
