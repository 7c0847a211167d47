// The precision that was asked for against what each layer computes in: what fell back, what that costs, and the
// conversions that mixing brings.
#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/asked_precision.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

struct Audit {
  std::vector<std::size_t> computing;          // layers with arithmetic
  std::map<std::string, double> by_precision;  // their time
  std::vector<std::size_t> wider;              // than asked
  std::vector<std::size_t> narrower;
  std::vector<std::size_t> casts;           // between layers
  std::vector<std::size_t> boundary_casts;  // of the model's inputs and outputs, which have to be
  std::int64_t wider_by_model = 0;          // the model itself says so
  std::int64_t latency_bound = 0;           // of the wider ones
  double high = 0.0;                        // seconds of the inference that the asked precision could save
};

// Bytes shrink with the type, and so does the time of arithmetic; what is too small for the device gains nothing.
double saved(const LayerRoofline& roof, double seconds, int got, int asked) {
  if (roof.bound == LayerBound::latency) return 0.0;
  return seconds * (1.0 - static_cast<double>(asked) / got);
}

// Types that the model's nodes give their results, by node.
std::unordered_map<std::string, std::string> model_types(const KnownModel* model) {
  std::unordered_map<std::string, std::string> types;
  if (model == nullptr) return types;
  for (const GraphNode& node : model->graph().nodes) {
    const auto found = node.outputs.empty() ? model->tensors().end() : model->tensors().find(node.outputs[0]);
    if (found != model->tensors().end()) types[node.display_name()] = std::string(to_string(found->second.type));
  }
  return types;
}

bool changes_type(const Layer& layer) {
  if (layer.layer_class != LayerClass::reformat && layer.layer_class != LayerClass::cast) return false;
  return !layer.inputs.empty() && !layer.outputs.empty() && !layer.inputs[0].element_type.empty() &&
         !layer.outputs[0].element_type.empty() && layer.inputs[0].element_type != layer.outputs[0].element_type;
}

Audit audit_of(const Subject& subject, const InferenceTimes& times, const AskedPrecision& asked) {
  Audit audit;
  std::unordered_set<std::string> outside;
  for (const TensorDesc& tensor : subject.profile.model.inputs) outside.insert(tensor.name);
  for (const TensorDesc& tensor : subject.profile.model.outputs) outside.insert(tensor.name);
  const auto types = model_types(subject.model);
  const bool mixed_model = std::ranges::any_of(types, [&](const auto& each) { return each.second == asked.precision; });
  const int wanted = bits_of_precision(asked.precision);
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const double seconds = times.of(i);
    if (changes_type(layer) && seconds > 0.0) {
      const bool boundary = outside.contains(layer.inputs[0].name) || outside.contains(layer.outputs[0].name);
      (boundary ? audit.boundary_casts : audit.casts).push_back(i);
    }
    if (!has_arithmetic(layer) || seconds <= 0.0) continue;
    audit.computing.push_back(i);
    audit.by_precision[layer.precision] += seconds;
    const int got = bits_of_precision(layer.precision);
    if (got < wanted) audit.narrower.push_back(i);
    if (got <= wanted) continue;
    audit.wider.push_back(i);
    const LayerRoofline& roof = subject.roofline->layers[i];
    audit.high += saved(roof, seconds, got, wanted);
    audit.latency_bound += roof.bound == LayerBound::latency ? 1 : 0;
    const auto type = layer.origin_nodes.empty() ? types.end() : types.find(layer.origin_nodes.front().name);
    audit.wider_by_model += mixed_model && type != types.end() && bits_of_precision(type->second) == got ? 1 : 0;
  }
  return audit;
}

// "f16 58.1%, tf32 23.0%": of the layers with arithmetic.
std::string shares(const Audit& audit) {
  std::vector<std::pair<double, std::string>> sorted;
  double sum = 0.0;
  for (const auto& [precision, seconds] : audit.by_precision) {
    sorted.emplace_back(seconds, precision);
    sum += seconds;
  }
  std::ranges::sort(sorted, std::greater<>());
  std::string text;
  for (const auto& [seconds, precision] : sorted) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", precision, format_percent(sum > 0.0 ? seconds / sum : 0.0, 1));
  }
  return text;
}

std::string layers_text(std::size_t count) {
  return counted(static_cast<std::int64_t>(count), "layer");
}

std::string action_for(const Subject& subject, const std::string& asked) {
  if (subject.profile.environment.device_kind == DeviceKind::cpu) {
    return "Look whether the engine has a kernel of that precision for these operators; the ones beside them then pay "
           "for conversions.";
  }
  if (asked == "i8") {
    return "Give these layers scales (calibration or Q/DQ nodes) if they have none; where the builder timed INT8 and "
           "took the wider type, it was faster or as fast, and nothing is to be done.";
  }
  return "Build from a model that has these layers in the narrower type, strongly typed, and compare: with weak typing "
         "the builder timed both and kept the wider type where it was no slower by itself, conversions counted in.";
}

Finding fallback_finding(const Subject& subject, const InferenceTimes& times, const AskedPrecision& asked,
                         const Audit& audit) {
  const double wider = times.of(audit.wider);
  const double casts = times.of(audit.casts);
  const double high = audit.high + casts;
  const std::size_t computing = audit.computing.size();
  Finding finding;
  finding.severity = severity_of(high, subject.inference_seconds());
  finding.title = fmt::format("{} of {} compute wider than {}: {} of an inference", audit.wider.size(),
                              layers_text(computing), asked.precision, format_percent(times.share(wider), 1));
  finding.explanation = fmt::format(
      "Asked was {} ({}). Of the time of layers with arithmetic: {}. Wider: {}.{}{}{}", asked.precision, asked.basis,
      shares(audit), audit.wider.empty() ? "none" : listed(names_of(subject.profile, audit.wider)),
      audit.latency_bound == 0
          ? std::string()
          : fmt::format(" {} of them are too small for the device: their time would not change.", audit.latency_bound),
      audit.wider_by_model == 0 ? std::string()
                                : fmt::format(" For {} the model itself has the wider type.", audit.wider_by_model),
      audit.casts.empty() ? std::string()
                          : fmt::format(" Conversions between layers of different types ({}) take {}.",
                                        audit.casts.size(), format_duration(casts)));
  finding.evidence = {{"time of layers wider than asked", wider, "s", names_of(subject.profile, audit.wider)},
                      {"time of conversions between layers", casts, "s", names_of(subject.profile, audit.casts)}};
  for (const auto& [precision, seconds] : audit.by_precision) {
    finding.evidence.push_back({fmt::format("time in {}", precision), seconds, "s", {}});
  }
  finding.gain =
      Gain{0.0, high, GainBasis::bound,
           "At most what bytes and arithmetic shrink with the type, and all of the conversions; a wider kernel "
           "may still be the faster one."};
  finding.action = action_for(subject, asked.precision);
  finding.commands = {command_line("inspect", subject.profile.model.path)};
  return finding;
}

// A doubt about accuracy rather than time.
Finding narrower_finding(const Subject& subject, const InferenceTimes& times, const AskedPrecision& asked,
                         const Audit& audit) {
  const double seconds = times.of(audit.narrower);
  Finding finding;
  finding.severity = Severity::major;
  finding.title = fmt::format("{} of {} compute narrower than the {} that was asked for", audit.narrower.size(),
                              layers_text(audit.computing.size()), asked.precision);
  finding.explanation = fmt::format(
      "Asked was {} ({}); of the time of layers with arithmetic: {}. Results are less accurate than {} gives, "
      "and times are not those of {}.",
      asked.precision, asked.basis, shares(audit), asked.precision, asked.precision);
  finding.evidence = {{"time of layers narrower than asked", seconds, "s", names_of(subject.profile, audit.narrower)}};
  finding.action = "Compare the outputs with a run in the precision that was asked for before using either.";
  finding.commands = {command_line("profile", subject.profile.model.path)};
  return finding;
}

std::string why_none(const Subject& subject, const InferenceTimes& times, const AskedPrecision& asked,
                     const Audit& audit) {
  std::string text = fmt::format("{} with arithmetic compute in {}; asked was {} ({})",
                                 layers_text(audit.computing.size()), shares(audit), asked.precision, asked.basis);
  if (!audit.wider.empty()) {
    text += fmt::format("; {} are wider, with {} of the inference", layers_text(audit.wider.size()),
                        format_percent(times.share(times.of(audit.wider))));
  }
  if (!audit.boundary_casts.empty()) {
    text += fmt::format("; conversions of the model's inputs and outputs ({}) take {}", audit.boundary_casts.size(),
                        format_duration(times.of(audit.boundary_casts)));
  }
  const auto types = model_types(subject.model);
  const bool f32_model = std::ranges::any_of(types, [](const auto& each) { return each.second == "f32"; }) &&
                         std::ranges::none_of(types, [](const auto& each) {
                           const int bits = bits_of_precision(each.second);
                           return bits > 0 && bits < 32;
                         });
  if (asked.by == AskedBy::engine && f32_model && bits_of_precision(asked.precision) < 32) {
    text += fmt::format("; the model itself is in f32: the engine or its build chose {}", asked.precision);
  }
  return text;
}

}  // namespace

RuleAnswer precision_audit(const Subject& subject) {
  if (!subject.profile.layer_run || subject.roofline == nullptr) {
    return RuleAnswer::not_known("the profile has no layer run, so that nothing tells what each layer computes in");
  }
  const AskedPrecision asked = asked_precision(subject);
  if (bits_of_precision(asked.precision) == 0) {
    return RuleAnswer::not_known("no layer tells its precision, and nothing tells which was asked for");
  }
  const InferenceTimes times(subject);
  const Audit audit = audit_of(subject, times, asked);
  if (audit.computing.empty()) return RuleAnswer::not_known("no layer with arithmetic and a time tells its precision");
  RuleAnswer answer;
  const bool doubt = asked.by == AskedBy::user && asked.precision == "f32";
  if (doubt && times.worth_saying(times.of(audit.narrower))) {
    answer.findings.push_back(narrower_finding(subject, times, asked, audit));
  }
  if (times.worth_saying(times.of(audit.wider)) || times.worth_saying(times.of(audit.casts))) {
    answer.findings.push_back(fallback_finding(subject, times, asked, audit));
  }
  if (answer.findings.empty()) return RuleAnswer::no(why_none(subject, times, asked, audit));
  return answer;
}

}  // namespace trtprof::rules
