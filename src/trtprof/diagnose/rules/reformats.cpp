#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/layer_seconds.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/profile/layer_name.h"

namespace trtprof::rules {
namespace {

constexpr std::size_t kNamed = 3;

enum class Place { at_input, at_output, inside };

struct Conversion {
  std::size_t layer = 0;
  double seconds = 0.0;  // as measured
  Place place = Place::inside;
  std::string before;  // the model's input, or the layers that wrote what it reads
  std::string after;   // the model's output, or the layers that read what it writes
};

// Which layers write and read a tensor, by its name.
class Tensors {
 public:
  explicit Tensors(const Profile& profile) : layers_(profile.layer_run->layers) {
    for (const TensorDesc& tensor : profile.model.inputs) inputs_.insert(tensor.name);
    for (const TensorDesc& tensor : profile.model.outputs) outputs_.insert(tensor.name);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (const TensorDesc& tensor : layers_[i].inputs) readers_[tensor.name].push_back(i);
      for (const TensorDesc& tensor : layers_[i].outputs) writers_[tensor.name].push_back(i);
    }
  }

  void place(Conversion& conversion) const {
    const Layer& layer = layers_[conversion.layer];
    if (layer.inputs.empty() || layer.outputs.empty()) return;
    const std::string& from = layer.inputs.front().name;
    const std::string& to = layer.outputs.front().name;
    conversion.before = inputs_.contains(from) ? fmt::format("the input '{}'", from) : names(writers_, from);
    conversion.after = outputs_.contains(to) ? fmt::format("the output '{}'", to) : names(readers_, to);
    if (outputs_.contains(to)) conversion.place = Place::at_output;
    if (inputs_.contains(from)) conversion.place = Place::at_input;
  }

 private:
  using Map = std::unordered_map<std::string_view, std::vector<std::size_t>>;

  [[nodiscard]] std::string names(const Map& map, const std::string& tensor) const {
    const auto found = map.find(tensor);
    if (tensor.empty() || found == map.end()) return {};
    std::vector<std::string> names;
    for (const std::size_t layer : found->second) names.push_back(readable_name(layers_[layer]));
    return listed(names);
  }

  const std::vector<Layer>& layers_;
  std::set<std::string_view> inputs_;
  std::set<std::string_view> outputs_;
  Map readers_;
  Map writers_;
};

bool converts(const Layer& layer) {
  return layer.layer_class == LayerClass::reformat || layer.layer_class == LayerClass::cast ||
         layer.layer_class == LayerClass::shuffle;
}

// Largest first; those without a time moved nothing.
std::vector<Conversion> conversions_of(const Subject& subject) {
  std::vector<Conversion> found;
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  const Tensors tensors(subject.profile);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const double seconds = subject.roofline->layers[i].seconds.value_or(0.0);
    if (!converts(layers[i]) || !(seconds > 0.0)) continue;
    found.push_back({i, seconds, Place::inside, {}, {}});
    tensors.place(found.back());
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &Conversion::seconds);
  return found;
}

// "f16 Row major linear FP16 format"
std::string format_text(const TensorDesc& tensor) {
  if (tensor.layout.empty()) return tensor.element_type;
  return tensor.element_type.empty() ? tensor.layout : tensor.element_type + " " + tensor.layout;
}

bool changes_type(const Layer& layer) {
  return !layer.inputs.empty() && !layer.outputs.empty() &&
         layer.inputs.front().element_type != layer.outputs.front().element_type;
}

std::string_view kind_text(const Layer& layer) {
  if (layer.layer_class == LayerClass::shuffle) return "transpose";
  if (layer.layer_class == LayerClass::cast) return "cast";
  return "reformat";
}

std::string description(const Layer& layer, const Conversion& conversion) {
  std::string text(kind_text(layer));
  if (!layer.inputs.empty() && !layer.outputs.empty()) {
    text += fmt::format(" of {} from {} to {}", format_shape(layer.inputs.front().shape),
                        format_text(layer.inputs.front()), format_text(layer.outputs.front()));
  }
  if (!conversion.before.empty()) text += ", from " + conversion.before;
  if (!conversion.after.empty()) text += ", for " + conversion.after;
  return text;
}

std::string io_advice(const Subject& subject, const std::vector<Conversion>& found) {
  for (const Conversion& conversion : found) {
    if (conversion.place == Place::inside) continue;
    const Layer& layer = subject.profile.layer_run->layers[conversion.layer];
    const bool input = conversion.place == Place::at_input;
    const std::string wanted = format_text(input ? layer.outputs.front() : layer.inputs.front());
    const std::string tensor = input ? conversion.before : conversion.after;
    const std::string_view way = subject.profile.environment.backend == "openvino"
                                     ? "PrePostProcessor: layout and element type of the tensor"
                                     : "ITensor::setAllowedFormats and the tensor's type when the engine is built";
    return fmt::format("Let the application {} {} as the engine has it, {} ({}). ", input ? "give" : "take", tensor,
                       wanted, way);
  }
  return {};
}

std::string inside_advice(const Subject& subject, const std::vector<Conversion>& found) {
  bool transposes = false;
  bool types = false;
  bool layouts = false;
  for (const Conversion& conversion : found) {
    const Layer& layer = subject.profile.layer_run->layers[conversion.layer];
    const bool transpose = layer.layer_class == LayerClass::shuffle;
    transposes |= transpose;
    if (conversion.place != Place::inside || transpose) continue;
    (changes_type(layer) ? types : layouts) = true;
  }
  std::string text;
  if (types) text += "Give the layers on both sides of a change of type the same precision. ";
  if (layouts) {
    text +=
        "Layouts change between layers whose kernels have different ones: replace the operator that has no kernel "
        "in the layout of its neighbours. ";
  }
  if (transposes) text += "Export the model in the layout it computes in, without the transposes. ";
  return text;
}

std::string where_text(const std::vector<Conversion>& found) {
  double input = 0.0;
  double output = 0.0;
  double inside = 0.0;
  for (const Conversion& conversion : found) {
    (conversion.place == Place::at_input    ? input
     : conversion.place == Place::at_output ? output
                                            : inside) += conversion.seconds;
  }
  std::string text;
  for (const auto& [seconds, where] :
       {std::pair(input, "at the model's inputs"), {inside, "between layers"}, {output, "at its outputs"}}) {
    if (seconds > 0.0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", format_duration(seconds), where);
  }
  return text;
}

Finding finding_of(const Subject& subject, const LayerSeconds& times, const std::vector<Conversion>& found,
                   double seconds) {
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  const double share = times.in_inference(seconds) / subject.inference_seconds();
  Finding finding;
  finding.title = fmt::format("{} {} {} of the inference",
                              found.size() == 1 ? "1 change of layout or precision"
                                                : fmt::format("{} changes of layout or precision", found.size()),
                              found.size() == 1 ? "takes" : "take", format_percent(share, 1));
  finding.explanation =
      fmt::format("They take {} by {}: {}.", format_duration(seconds), basis_of_times(subject), where_text(found));
  finding.evidence.push_back({"changes of layout or precision, of the inference", share, "1", {}});
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Layer& layer = layers[found[i].layer];
    const std::string text = description(layer, found[i]);
    finding.evidence.push_back({text, found[i].seconds, "s", {layer.name}});
    if (i < kNamed) finding.explanation += fmt::format(" {}: {}.", format_duration(found[i].seconds), text);
  }
  finding.gain = times.at_most(times.in_inference(seconds), "all that these layers take, if none of them was needed");
  finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
  finding.action = io_advice(subject, found) + inside_advice(subject, found);
  if (!finding.action.empty()) finding.action.pop_back();
  finding.commands = {command_line("inspect", subject.profile.model.path)};
  return finding;
}

}  // namespace

RuleAnswer reformats(const Subject& subject) {
  if (const auto reason = why_no_layer_times(subject)) return RuleAnswer::not_known(*reason);
  const LayerSeconds times(subject);
  const std::vector<Conversion> found = conversions_of(subject);
  if (found.empty()) return RuleAnswer::no("no reformat, cast or transpose takes any time");
  double seconds = 0.0;
  for (const Conversion& conversion : found) seconds += conversion.seconds;
  const double share = times.in_inference(seconds) / subject.inference_seconds();
  if (share < kWorthSaying) {
    return RuleAnswer::no(fmt::format("reformats, casts and transposes take {} of the inference, {}",
                                      format_percent(share, 1), format_duration(times.in_inference(seconds))));
  }
  return finding_of(subject, times, found, seconds);
}

}  // namespace trtprof::rules
