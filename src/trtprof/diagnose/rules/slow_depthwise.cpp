#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/convolution_shape.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/layer_seconds.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/profile/layer_name.h"

namespace trtprof::rules {
namespace {

// Of the limit. The best published network of depthwise layers (MLPerf Inference 0.5, MobileNet in INT8 on four Titan
// RTX) moves its compulsory bytes at 85 % of the memory's bandwidth; below this there is something to be had.
constexpr double kSlow = 0.7;
// Where limits are not known: twice the time a byte of the model's other layers, which move bytes and compute besides.
constexpr double kSlowAgainstOthers = 2.0;
constexpr std::size_t kNamed = 3;

struct SlowLayer {
  std::size_t layer = 0;
  ConvolutionShape shape;
  double lost = 0.0;  // as measured: beyond the limit, or beyond the other layers' time a byte
};

struct Candidates {
  std::vector<SlowLayer> all;  // depthwise and grouped, with a time
  double seconds = 0.0;
};

Candidates candidates_of(const Subject& subject) {
  Candidates found;
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!is_convolution(layers[i].layer_class) || !subject.roofline->layers[i].seconds) continue;
    ConvolutionShape shape = convolution_shape(layers[i], subject.model);
    const ConvolutionKind kind = kind_of(layers[i], shape);
    if (kind != ConvolutionKind::depthwise && kind != ConvolutionKind::grouped) continue;
    found.seconds += *subject.roofline->layers[i].seconds;
    found.all.push_back({i, std::move(shape), 0.0});
  }
  return found;
}

void largest_first(std::vector<SlowLayer>& layers) {
  std::ranges::stable_sort(layers, std::ranges::greater{}, &SlowLayer::lost);
}

// Those that are too small for the device are not slow: it is the device that is too large.
bool is_slow(const LayerRoofline& roof) {
  return roof.share && *roof.share < kSlow && roof.bound != LayerBound::latency;
}

// The first kernel of each layer, by the layer's name.
using KernelNames = std::unordered_map<std::string_view, std::string_view>;

KernelNames kernel_names(const Profile& profile) {
  KernelNames names;
  if (!profile.timeline) return names;
  for (const TimelineKernel& kernel : profile.timeline->kernels) names.emplace(kernel.layer, kernel.launch.name);
  return names;
}

std::string kernel_of(const Layer& layer, const KernelNames& kernels) {
  if (!layer.implementation.empty()) return ", by " + layer.implementation;
  const auto found = kernels.find(layer.name);
  return found == kernels.end() ? std::string() : fmt::format(", by {}", found->second);
}

void add_evidence(const Subject& subject, const std::vector<SlowLayer>& layers, Finding& finding) {
  const KernelNames kernels = kernel_names(subject.profile);
  for (const SlowLayer& slow : layers) {
    const Layer& layer = subject.profile.layer_run->layers[slow.layer];
    const LayerRoofline& roof = subject.roofline->layers[slow.layer];
    const std::vector<std::string> name{layer.name};
    finding.evidence.push_back(
        {"time of " + to_text(slow.shape) + kernel_of(layer, kernels), *roof.seconds, "s", name});
    if (roof.share) {
      finding.evidence.push_back({"least possible time", *roof.ideal_seconds, "s", name});
      finding.evidence.push_back({"of the limit", *roof.share, "1", name});
    }
    finding.evidence.push_back({roof.share ? "lost" : "beyond the other layers' time a byte", slow.lost, "s", name});
  }
}

std::string worst_text(const Subject& subject, const std::vector<SlowLayer>& slow) {
  std::string text;
  for (std::size_t i = 0; i < std::min(slow.size(), kNamed); ++i) {
    const Layer& layer = subject.profile.layer_run->layers[slow[i].layer];
    const LayerRoofline& roof = subject.roofline->layers[slow[i].layer];
    text += fmt::format("{}{} ({}) takes {}", text.empty() ? "" : "; ", readable_name(layer), to_text(slow[i].shape),
                        format_duration(*roof.seconds));
    if (roof.ideal_seconds) text += fmt::format(", {} at the limit", format_duration(*roof.ideal_seconds));
  }
  return text;
}

void advise(const Subject& subject, Finding& finding) {
  const std::string& path = subject.profile.model.path;
  finding.action =
      "Give these layers a depthwise kernel of their own (a plugin), which reads every value once and is "
      "fused with the 1x1 convolution behind it; or replace them by layers of another shape.";
  finding.commands = {command_line("inspect", path)};
  if (on_cpu(subject)) {
    finding.action = "Try another precision or layout for these layers, or replace them by layers of another shape.";
  } else {
    finding.commands.push_back(command_line("counters", path));
  }
}

RuleAnswer by_limits(const Subject& subject, const Candidates& found) {
  const LayerSeconds times(subject);
  std::vector<SlowLayer> slow;
  std::size_t small = 0;
  std::size_t judged = 0;
  double lost = 0.0;
  double seconds = 0.0;
  double ideal = 0.0;
  for (const SlowLayer& each : found.all) {
    const LayerRoofline& roof = subject.roofline->layers[each.layer];
    if (roof.share) ++judged;
    if (roof.bound == LayerBound::latency) ++small;
    if (!is_slow(roof)) continue;
    slow.push_back({each.layer, each.shape, *roof.lost_seconds});
    lost += times.lost(each.layer);
    seconds += *roof.seconds;
    ideal += *roof.ideal_seconds;
  }
  if (lost < kWorthSaying * subject.inference_seconds()) {
    return RuleAnswer::no(
        fmt::format("of {} with a limit, {} too small for the device; those that are not and run below {} of it are {} "
                    "and lose {} of "
                    "{}",
                    counted(static_cast<std::int64_t>(judged), "depthwise or grouped convolution"),
                    small == 1 ? "1 is" : fmt::format("{} are", small), format_percent(kSlow, 0), slow.size(),
                    format_duration(lost), format_duration(subject.inference_seconds())));
  }
  largest_first(slow);
  Finding finding;
  finding.title =
      fmt::format("{} take {:.1f} times the least possible",
                  counted(static_cast<std::int64_t>(slow.size()), "depthwise or grouped convolution"), seconds / ideal);
  finding.explanation = fmt::format(
      "They take {} where their bytes and arithmetic need {} at the limits of {}. Most lose: {}.",
      format_duration(seconds), format_duration(ideal), subject.roofline->device, worst_text(subject, slow));
  finding.evidence = {{"slow depthwise and grouped convolutions", seconds, "s", {}},
                      {"the same at the limit", ideal, "s", {}}};
  add_evidence(subject, slow, finding);
  finding.gain = times.at_most(lost, "the distance of these layers from the limit that binds them");
  finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
  advise(subject, finding);
  return finding;
}

// Seconds a byte of all that is no depthwise or grouped convolution; 0: not known.
double others_seconds_a_byte(const Subject& subject, const Candidates& found) {
  double seconds = 0.0;
  double bytes = 0.0;
  std::vector<bool> candidate(subject.roofline->layers.size(), false);
  for (const SlowLayer& each : found.all) candidate[each.layer] = true;
  for (const LayerRoofline& roof : subject.roofline->layers) {
    if (candidate[roof.layer] || !roof.seconds || !roof.bytes || *roof.bytes <= 0.0) continue;
    seconds += *roof.seconds;
    bytes += *roof.bytes;
  }
  return bytes > 0.0 ? seconds / bytes : 0.0;
}

RuleAnswer against_others(const Subject& subject, const Candidates& found) {
  const double others = others_seconds_a_byte(subject, found);
  if (!(others > 0.0))
    return RuleAnswer::not_known("neither the device's limits nor what other layers take a byte is known");
  const LayerSeconds times(subject);
  std::vector<SlowLayer> slow;
  double most = 0.0;
  double seconds = 0.0;
  double lost = 0.0;
  for (const SlowLayer& each : found.all) {
    const LayerRoofline& roof = subject.roofline->layers[each.layer];
    if (!roof.bytes || *roof.bytes <= 0.0) continue;
    const double ratio = *roof.seconds / *roof.bytes / others;
    most = std::max(most, ratio);
    if (ratio < kSlowAgainstOthers) continue;
    slow.push_back({each.layer, each.shape, *roof.seconds - others * *roof.bytes});
    seconds += *roof.seconds;
    lost += slow.back().lost;
  }
  if (times.in_inference(lost) < kWorthSaying * subject.inference_seconds()) {
    return RuleAnswer::no(
        fmt::format("the device's limits are not known; against the model's other layers, {} take at most {:.1f} times "
                    "the time a byte, and those above {:.0f} times lose {} of {}",
                    counted(static_cast<std::int64_t>(found.all.size()), "depthwise or grouped convolution"), most,
                    kSlowAgainstOthers, format_duration(lost), format_duration(subject.inference_seconds())));
  }
  largest_first(slow);
  Finding finding;
  finding.title =
      fmt::format("{} take up to {:.1f} times the time a byte of the other layers",
                  counted(static_cast<std::int64_t>(slow.size()), "depthwise or grouped convolution"), most);
  finding.explanation = fmt::format(
      "The device's limits are not known, so they are held against the model's other layers alone, which take {} a "
      "megabyte. They take {}, {} more than at that rate. Most lose: {}.",
      format_duration(1e6 * others), format_duration(seconds), format_duration(lost), worst_text(subject, slow));
  finding.evidence = {{"other layers, a byte", others, "s", {}}};
  add_evidence(subject, slow, finding);
  finding.severity = Severity::note;  // what there is to gain is not known without limits
  advise(subject, finding);
  return finding;
}

}  // namespace

RuleAnswer slow_depthwise(const Subject& subject) {
  if (const auto reason = why_no_layer_times(subject)) return RuleAnswer::not_known(*reason);
  const Candidates found = candidates_of(subject);
  if (found.all.empty()) return RuleAnswer::no("no layer with a time is a depthwise or grouped convolution");
  const bool limits = std::ranges::any_of(
      found.all, [&](const SlowLayer& each) { return subject.roofline->layers[each.layer].share.has_value(); });
  return limits ? by_limits(subject, found) : against_others(subject, found);
}

}  // namespace trtprof::rules
