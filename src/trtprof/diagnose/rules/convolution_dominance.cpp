#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/tensor.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/convolution_shape.h"
#include "trtprof/diagnose/rules/layer_seconds.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Of the layers' time. The guide's checklist: a convolutional network is usually above it (its example has 85 %).
constexpr double kDominant = 0.8;
constexpr double kMost = 0.5;

struct KindSum {
  std::string_view name;
  double seconds = 0.0;
  std::vector<std::string> layers;
};

// By ConvolutionKind.
using Kinds = std::array<KindSum, 5>;

struct Convolutions {
  Kinds kinds{{{"depthwise", 0.0, {}},
               {"grouped", 0.0, {}},
               {"pointwise (1x1)", 0.0, {}},
               {"with a larger kernel", 0.0, {}},
               {"of a kernel size that is not told", 0.0, {}}}};
  std::vector<ConvolutionKind> kind_of_layer;  // by index of LayerRun::layers
  std::size_t count = 0;
  double seconds = 0.0;     // as measured
  double with_limit = 0.0;  // of those that a limit which is known binds
  double ideal = 0.0;       // of these, each for itself
  double lost = 0.0;        // of the inference
  double too_small = 0.0;   // of those that neither limit binds
  double wide = 0.0;        // seconds in 32-bit types, TF32 with them
  double half = 0.0;        // seconds in 16-bit types
};

Convolutions convolutions_of(const Subject& subject, const LayerSeconds& times) {
  Convolutions found;
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  found.kind_of_layer.resize(layers.size(), ConvolutionKind::unknown);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!is_convolution(layers[i].layer_class)) continue;
    const ConvolutionKind kind = kind_of(layers[i], convolution_shape(layers[i], subject.model));
    found.kind_of_layer[i] = kind;
    KindSum& sum = found.kinds[static_cast<std::size_t>(kind)];
    const double seconds = times.of(i);
    sum.seconds += seconds;
    sum.layers.push_back(layers[i].name);
    ++found.count;
    found.seconds += seconds;
    const LayerRoofline& roof = subject.roofline->layers[i];
    if (roof.bound == LayerBound::latency) {
      found.too_small += seconds;
    } else if (roof.share) {
      found.with_limit += seconds;
      found.ideal += *roof.ideal_seconds;
      found.lost += times.lost(i);
    }
    const std::string& precision = layers[i].precision;
    if (precision == "f32" || precision == "tf32") found.wide += seconds;
    if (precision == "f16" || precision == "bf16") found.half += seconds;
  }
  return found;
}

double bytes_of(const TensorDesc& tensor) {
  if (tensor.bytes) return static_cast<double>(*tensor.bytes);
  const auto type = element_type_from_string(tensor.element_type);
  if (!type) return 0.0;
  double elements = 1.0;
  for (const std::int64_t extent : tensor.shape) elements *= static_cast<double>(std::max<std::int64_t>(extent, 0));
  return elements * static_cast<double>(bits_of(*type)) / 8.0;
}

struct Pairs {
  std::size_t count = 0;
  double saved = 0.0;  // at the limits
};

// A depthwise convolution and the 1x1 convolution that alone reads its result, as one kernel: the tensor between them
// is neither written nor read. Arithmetic stays, and may go on beside the transfers.
Pairs depthwise_pointwise(const Subject& subject, const Convolutions& found) {
  Pairs pairs;
  const CeilingFigure* bandwidth =
      subject.ceilings != nullptr ? subject.ceilings->find(CeilingKind::memory_bandwidth) : nullptr;
  if (bandwidth == nullptr || !(bandwidth->value > 0.0)) return pairs;
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  std::unordered_map<std::string_view, std::vector<std::size_t>> readers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const TensorDesc& tensor : layers[i].inputs) readers[tensor.name].push_back(i);
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].layer_class != LayerClass::depthwise_convolution || layers[i].outputs.size() != 1) continue;
    const auto reader = readers.find(layers[i].outputs.front().name);
    if (reader == readers.end() || reader->second.size() != 1) continue;
    const std::size_t next = reader->second.front();
    const LayerRoofline& first = subject.roofline->layers[i];
    const LayerRoofline& second = subject.roofline->layers[next];
    if (first.bound == LayerBound::latency && second.bound == LayerBound::latency) continue;
    if (found.kind_of_layer[next] != ConvolutionKind::pointwise || !first.memory_seconds || !second.memory_seconds) {
      continue;
    }
    const double between = 2.0 * bytes_of(layers[i].outputs.front()) / bandwidth->value;
    const double memory = std::max(*first.memory_seconds + *second.memory_seconds - between, 0.0);
    const double compute = std::max(first.compute_seconds.value_or(0.0), second.compute_seconds.value_or(0.0));
    ++pairs.count;
    pairs.saved += std::max(*first.ideal_seconds + *second.ideal_seconds - std::max(memory, compute), 0.0);
  }
  return pairs;
}

std::string kinds_text(const Convolutions& found, const LayerSeconds& times) {
  std::string text;
  for (const KindSum& kind : found.kinds) {
    if (kind.layers.empty()) continue;
    text += fmt::format("{}{} {} {} ({})", text.empty() ? "" : ", ", kind.layers.size(), kind.name,
                        format_percent(times.share(kind.seconds), 0), format_duration(kind.seconds));
  }
  return text;
}

std::string precision_advice(const Convolutions& found) {
  if (found.wide >= kMost * found.seconds) return "Compute in 16 bits: they read and write half the bytes.";
  if (found.half >= kMost * found.seconds)
    return "INT8 halves their bytes once more; measure it, depthwise layers may gain nothing.";
  return {};
}

std::string action_for(const Subject& subject, const Convolutions& found) {
  const KindSum& depthwise = found.kinds[static_cast<std::size_t>(ConvolutionKind::depthwise)];
  std::string action = "See that batch normalisations, activations and additions are fused into their convolutions.";
  if (depthwise.seconds > 0.0 && !on_cpu(subject)) {
    action += fmt::format(
        " For the {} of depthwise layers, a kernel of their own, fused with the 1x1 convolution behind "
        "them.",
        format_duration(depthwise.seconds));
  }
  const std::string precision = precision_advice(found);
  return precision.empty() ? action : action + " " + precision;
}

void explain_limits(const Subject& subject, const Convolutions& found, const LayerSeconds& times, Finding& finding) {
  if (found.too_small > 0.0) {
    finding.evidence.push_back({"convolutions too small for the device", found.too_small, "s", {}});
    finding.explanation += fmt::format(
        " {} of it goes to convolutions too small for the device, which neither memory "
        "nor arithmetic binds.",
        format_duration(found.too_small));
  }
  if (found.with_limit <= 0.0) {
    if (subject.ceilings == nullptr) {
      finding.explanation += " What they could take is not known: the device's limits are not.";
    }
    finding.severity = Severity::note;
    return;
  }
  const Pairs pairs = depthwise_pointwise(subject, found);
  finding.evidence.push_back({"convolutions at the device's limits, each for itself", found.ideal, "s", {}});
  finding.explanation += fmt::format(" At the limits of {} {} need {} of {}.", subject.roofline->device,
                                     found.too_small > 0.0 ? "the others" : "they", format_duration(found.ideal),
                                     format_duration(found.with_limit));
  if (pairs.count > 0) {
    finding.evidence.push_back({"saved at the limits by fusing depthwise and 1x1 convolutions", pairs.saved, "s", {}});
    finding.explanation +=
        fmt::format(" One kernel for each of {} of depthwise and 1x1 convolution would need {} less.",
                    counted(static_cast<std::int64_t>(pairs.count), "pair"), format_duration(pairs.saved));
  }
  finding.gain = times.at_most(found.lost,
                               "what convolutions take beyond their bytes at the memory's bandwidth or "
                               "their arithmetic at the peak, each layer for itself");
  finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
}

}  // namespace

RuleAnswer convolution_dominance(const Subject& subject) {
  if (const auto reason = why_no_layer_times(subject)) return RuleAnswer::not_known(*reason);
  const LayerSeconds times(subject);
  const Convolutions found = convolutions_of(subject, times);
  const double share = times.share(found.seconds);
  if (share < kDominant) {
    return RuleAnswer::no(fmt::format("convolutions take {} of the layers' time, below {}", format_percent(share, 0),
                                      format_percent(kDominant, 0)));
  }
  Finding finding;
  finding.title = fmt::format("convolutions take {} of the layers' time", format_percent(share, 0));
  finding.explanation =
      fmt::format("{} take {} of {} by {}: {}.", counted(static_cast<std::int64_t>(found.count), "convolution"),
                  format_duration(found.seconds), format_duration(times.total()), basis_of_times(subject),
                  kinds_text(found, times));
  finding.evidence.push_back({"convolutions, of the layers' time", share, "1", {}});
  for (const KindSum& kind : found.kinds) {
    if (!kind.layers.empty()) {
      finding.evidence.push_back({fmt::format("convolutions, {}", kind.name), kind.seconds, "s", kind.layers});
    }
  }
  explain_limits(subject, found, times, finding);
  finding.action = action_for(subject, found);
  finding.commands = {command_line("inspect", subject.profile.model.path)};
  if (!on_cpu(subject)) finding.commands.push_back(command_line("counters", subject.profile.model.path));
  return finding;
}

}  // namespace trtprof::rules
