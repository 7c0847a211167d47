#include "trtprof/diagnose/checklist.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/diagnose/precision_gain.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr std::size_t kTop = 5;
// The guide: convolutions "usually" take more than this.
constexpr double kUsualConvolutions = 0.8;
constexpr std::size_t kNameColumns = 48;

struct TopLayer {
  const Layer* layer;
  double seconds;
};

// As the report lists them: by the layers' own timing.
std::vector<TopLayer> top_layers(const Profile& profile) {
  std::vector<TopLayer> layers;
  if (!profile.layer_run) return layers;
  for (const Layer& layer : profile.layer_run->layers) {
    if (const auto seconds = layer_seconds(layer); seconds && *seconds > 0.0) layers.push_back({&layer, *seconds});
  }
  const std::size_t count = std::min(kTop, layers.size());
  std::ranges::partial_sort(layers, layers.begin() + static_cast<std::ptrdiff_t>(count), std::ranges::greater(),
                            &TopLayer::seconds);
  layers.resize(count);
  return layers;
}

std::string of_inference(const Subject& subject, double seconds) {
  const double whole = subject.inference_seconds();
  return whole > 0.0
             ? fmt::format("{} ({} of an inference)", format_duration(seconds), format_percent(seconds / whole, 1))
             : format_duration(seconds);
}

CheckItem profiled(const Subject& subject, const std::vector<TopLayer>& top) {
  CheckItem item{"Run the profiler and find the five most time-consuming layers", CheckState::failed,
                 "No layer has a time: 'profile MODEL' measures them."};
  if (top.empty()) return item;
  item.state = CheckState::done;
  item.figure = fmt::format("{}, {} added up.",
                            counted(static_cast<std::int64_t>(subject.profile.layer_run->layers.size()), "layer"),
                            format_duration(layer_sum(*subject.profile.layer_run)));
  return item;
}

CheckItem looked_at(const Subject& subject, const std::vector<TopLayer>& top) {
  CheckItem item{"Look at the Top 5", CheckState::failed, "There is none."};
  if (top.empty()) return item;
  const double sum = layer_sum(*subject.profile.layer_run);
  double seconds = 0.0;
  for (const TopLayer& each : top) seconds += each.seconds;
  item.state = CheckState::done;
  item.figure =
      fmt::format("{} take {} of the layers' time; the first, {} ({}), {}.",
                  top.size() == kTop ? "The five" : fmt::format("The {}", top.size()), format_percent(seconds / sum, 1),
                  shorten_middle(printable(top.front().layer->name), kNameColumns),
                  display_name(top.front().layer->layer_class), format_percent(top.front().seconds / sum, 1));
  return item;
}

CheckItem convolutions(const Subject& subject) {
  CheckItem item{"Count the convolutions' share of the time (usually above 80 %)", CheckState::failed,
                 "No layers with times are known."};
  if (subject.verdict == nullptr) return item;
  const auto& evidence = subject.verdict->pattern.evidence;
  const auto share = std::ranges::find(evidence, "convolutions, of the layers' time", &Evidence::quantity);
  if (share == evidence.end()) return item;
  item.state = CheckState::done;
  item.figure = fmt::format("{}: {}.", format_percent(share->value, 1),
                            share->value > kUsualConvolutions ? "above 80 %, so convolutions are where to look"
                                                              : "below 80 %, so other operators want a look too");
  return item;
}

// Both sides measured, or what the limits of the device allow.
CheckItem precisions(const Subject& subject) {
  CheckItem item{"Evaluate what FP16 or INT8 would gain", CheckState::failed,
                 "Neither is known: the layers tell no precision."};
  std::string figure;
  for (const NarrowPrecision to : {NarrowPrecision::f16, NarrowPrecision::i8}) {
    const auto gain = precision_gain(subject, to);
    if (!gain) continue;
    if (!figure.empty()) figure += ' ';
    if (gain->layers == 0 && gain->narrow_already == 0 && gain->seconds_not_known > 0.0) {
      figure += fmt::format("{}: not known, for want of the device's limits.", to_string(to));
      continue;
    }
    item.state = CheckState::done;
    figure += fmt::format("{}: at most {}, {}", to_string(to), of_inference(subject, gain->seconds), gain->how);
  }
  if (!figure.empty()) item.figure = figure;
  return item;
}

CheckItem custom_kernel(const Subject& subject, std::span<const Finding> findings,
                        std::span<const RuleOutcome> outcomes) {
  CheckItem item{"Decide whether a kernel of your own is worth it", CheckState::failed, "It is not known."};
  const auto slow = std::ranges::find(findings, "slow-depthwise", &Finding::rule);
  if (slow != findings.end()) {
    item.state = CheckState::done;
    item.figure = slow->gain ? fmt::format("At most {}: {}.", of_inference(subject, slow->gain->high), slow->title)
                             : slow->title + ".";
    return item;
  }
  const auto outcome = std::ranges::find(outcomes, "slow-depthwise", &RuleOutcome::rule);
  if (outcome == outcomes.end()) return item;
  item.state = outcome->result == RuleResult::clear ? CheckState::not_applicable : CheckState::failed;
  item.figure = outcome->why_not;
  return item;
}

// The intervals of the medians decide; a verdict from interleaved runs needs more than two profiles.
CheckItem verified(const Subject& subject) {
  CheckItem item{"Verify the improvement", CheckState::failed,
                 "There is nothing to hold it against: --against names the profile from before."};
  if (subject.counterpart == nullptr) return item;
  const auto summary_of_total = [](const Profile& profile) {
    return profile.end_to_end ? summary_of(profile.end_to_end->total) : std::nullopt;
  };
  const auto now = summary_of_total(subject.profile);
  const auto before = summary_of_total(*subject.counterpart);
  if (!now || !before || !(before->median > 0.0)) {
    item.figure = "One of the two profiles has no end-to-end time.";
    return item;
  }
  const double change = now->median / before->median - 1.0;
  const bool apart =
      now->median_interval && before->median_interval && now->median_interval->high < before->median_interval->low;
  item.state = change < 0.0 && apart ? CheckState::done : CheckState::failed;
  item.figure = fmt::format("{} instead of {}: {}{} of the time{}.", format_duration(now->median),
                            format_duration(before->median), change > 0.0 ? "+" : "", format_percent(change, 1),
                            apart ? "" : ", and the medians' 95 % intervals do not say that it is less");
  return item;
}

}  // namespace

Checklist go_through_checklist(const Subject& subject, std::span<const Finding> findings,
                               std::span<const RuleOutcome> outcomes) {
  const std::vector<TopLayer> top = top_layers(subject.profile);
  return {{profiled(subject, top), looked_at(subject, top), convolutions(subject), precisions(subject),
           custom_kernel(subject, findings, outcomes), verified(subject)}};
}

std::string_view to_string(CheckState state) {
  constexpr std::array<std::string_view, 3> names{"done", "failed", "not_applicable"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace trtprof
