#include "trtprof/diagnose/verdict.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "trtprof/diagnose/held_back.h"
#include "trtprof/diagnose/time_shares.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr double kMost = 0.5;
// Gaps that a reader would want to be rid of: a fifth of compute.
constexpr double kManyGaps = 0.2;
// An inference completes this much later than any of its parts takes: nobody but the host is left.
constexpr double kIdleBetween = 1.25;
// Published networks of depthwise layers reach 85 % of the memory limit; below 70 % there is something to be had.
constexpr double kFar = 0.7;
constexpr double kWorthNaming = 0.01;
constexpr std::size_t kNamedLayers = 5;

double share_of(const std::vector<TimeShare>& shares, Bottleneck what) {
  return std::ranges::find(shares, what, &TimeShare::what)->share;
}

struct Decision {
  Bottleneck bottleneck = Bottleneck::unknown;
  std::string reason;
  std::vector<Evidence> evidence;
};

std::optional<Decision> by_transfers(const std::vector<TimeShare>& shares) {
  const double share = share_of(shares, Bottleneck::transfers);
  if (share < kMost) return std::nullopt;
  return Decision{Bottleneck::transfers,
                  fmt::format("copies between host and device are {:.0f}% of the inference", 100.0 * share),
                  {{"copies, of end to end", share, "1", {}}}};
}

// Kernels launched one by one, by a host that is not ahead of the device.
std::optional<Decision> by_launches(const InferenceParts& parts) {
  if (!parts.paced_by_launches()) return std::nullopt;
  const double enqueue = *parts.enqueue / parts.inside;
  const double gaps = parts.gaps ? *parts.gaps / parts.inside : kManyGaps;
  if (gaps < kManyGaps) return std::nullopt;
  Decision decision{Bottleneck::launches, {}, {{"enqueueing, of compute", enqueue, "1", {}}}};
  if (parts.gaps) {
    decision.evidence.push_back({"gaps between kernels, of compute", gaps, "1", {}});
    decision.reason = fmt::format(
        "enqueueing takes {:.0f}% of the time that the device has its kernels, which runs nothing for {:.0f}% of it",
        100.0 * enqueue, 100.0 * gaps);
  } else {
    decision.reason = fmt::format(
        "enqueueing takes {:.0f}% of the time that the device has its kernels; without a timeline it is not known for "
        "how much of it that runs nothing",
        100.0 * enqueue);
  }
  return decision;
}

// Inferences follow one another later than any part of one would make them.
std::optional<Decision> by_host(const Profile& profile, const InferenceParts& parts) {
  if (!parts.gpu || !parts.interval) return std::nullopt;
  double longest = parts.inside;
  for (const auto& part : {profile.end_to_end->host_to_device, profile.end_to_end->device_to_host}) {
    if (part) longest = std::max(longest, median_of(*part).value_or(0.0));
  }
  if (longest <= 0.0 || *parts.interval < kIdleBetween * longest) return std::nullopt;
  const double idle = 1.0 - longest / *parts.interval;
  return Decision{
      Bottleneck::host,
      fmt::format("inferences complete every {:.1f} us, but none of their parts takes longer than {:.1f} us",
                  1e6 * *parts.interval, 1e6 * longest),
      {{"interval between completions", *parts.interval, "s", {}},
       {"longest part of an inference", longest, "s", {}},
       {"time in which no part had to wait for another, of the interval", idle, "1", {}}}};
}

std::string_view what_it_is(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::transfers:
      return "copies between host and device";
    case Bottleneck::launches:
      return "gaps between kernels";
    case Bottleneck::host:
      return "the host, outside the layers";
    case Bottleneck::reformats:
      return "changes of layout and precision";
    case Bottleneck::memory:
      return "layers bound by the memory";
    case Bottleneck::compute:
      return "layers bound by arithmetic";
    case Bottleneck::latency:
      return "layers too small to fill the device";
    case Bottleneck::opaque:
      return "blocks of which the engine tells nothing";
    case Bottleneck::unknown:
      break;
  }
  return "what nothing is known of";
}

Decision by_largest(const std::vector<TimeShare>& shares) {
  const TimeShare& first = shares.front();
  const TimeShare& unknown = shares.back();
  const TimeShare& largest = first.seconds >= unknown.seconds ? first : unknown;
  const Bottleneck what = largest.seconds > 0.0 ? largest.what : Bottleneck::unknown;
  return {what,
          fmt::format("{:.0f}% of the inference, its largest part: {}", 100.0 * largest.share, what_it_is(what)),
          {{std::string(what_it_is(what)) + ", of end to end", largest.share, "1", {}}}};
}

Decision decide(const Profile& profile, const InferenceParts& parts, const std::vector<TimeShare>& shares) {
  if (auto decision = by_transfers(shares)) return *std::move(decision);
  if (auto decision = by_launches(parts)) return *std::move(decision);
  if (auto decision = by_host(profile, parts)) return *std::move(decision);
  return by_largest(shares);
}

std::vector<std::size_t> far_from_limit(const Roofline& roofline) {
  std::vector<std::size_t> layers;
  const auto lost = [&](std::size_t layer) { return *roofline.layers[layer].lost_seconds; };
  for (std::size_t i = 0; i < roofline.layers.size(); ++i) {
    const LayerRoofline& roof = roofline.layers[i];
    const bool bound = roof.bound == LayerBound::memory || roof.bound == LayerBound::compute;
    if (bound && *roof.share < kFar && *roof.seconds >= kWorthNaming * roofline.seconds) layers.push_back(i);
  }
  std::ranges::stable_sort(layers, [&](std::size_t a, std::size_t b) { return lost(a) > lost(b); });
  return layers;
}

// The layers that lose most, for whoever reads no more than the verdict.
void name_layers(const Profile& profile, const Roofline& roofline, Verdict& verdict) {
  for (const std::size_t layer : verdict.far_from_limit) {
    if (verdict.evidence.size() >= kNamedLayers + 1) return;
    const LayerRoofline& roof = roofline.layers[layer];
    verdict.evidence.push_back({fmt::format("of the {} limit", to_string(roof.bound)),
                                *roof.share,
                                "1",
                                {profile.layer_run->layers[layer].name}});
  }
}

}  // namespace

Verdict verdict_of(const Profile& profile, const TimeAccount& account, const Roofline* roofline) {
  const InferenceParts parts = parts_of(profile, account);
  Verdict verdict;
  verdict.shares = shares_of(profile, parts, roofline);
  Decision decision = decide(profile, parts, verdict.shares);
  verdict.bottleneck = decision.bottleneck;
  verdict.reason = std::move(decision.reason);
  verdict.evidence = std::move(decision.evidence);
  verdict.pattern = pattern_of(profile, account, roofline);
  verdict.held_back = held_back(profile);
  if (roofline != nullptr && profile.layer_run) {
    verdict.far_from_limit = far_from_limit(*roofline);
    if (verdict.bottleneck == Bottleneck::memory || verdict.bottleneck == Bottleneck::compute) {
      name_layers(profile, *roofline, verdict);
    }
  }
  return verdict;
}

std::string_view to_string(Bottleneck bottleneck) {
  constexpr std::array<std::string_view, 9> names{"transfers", "launches", "host",   "reformats", "memory",
                                                  "compute",   "latency",  "opaque", "unknown"};
  return names[static_cast<std::size_t>(bottleneck)];
}

std::string_view to_string(HeldBackBy by) {
  constexpr std::array<std::string_view, 3> names{"power", "temperature", "clock"};
  return names[static_cast<std::size_t>(by)];
}

}  // namespace trtprof
