#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/layer_seconds.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// Of the inference. What is said of the rest is of little use where half of it is not told.
constexpr double kHalf = 0.5;
constexpr double kMuch = 0.05;
constexpr std::size_t kNamedKernels = 5;  // of a block

struct Block {
  std::size_t layer = 0;
  double seconds = 0.0;  // as measured
};

// The engine tells neither operators nor nodes: Myelin's blocks, and kernels it wrote without saying of what.
bool is_opaque(const Layer& layer) {
  return layer.layer_class == LayerClass::opaque ||
         (layer.layer_class == LayerClass::fused && layer.origin_nodes.empty());
}

std::vector<Block> blocks_of(const Subject& subject) {
  std::vector<Block> blocks;
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const double seconds = subject.roofline->layers[i].seconds.value_or(0.0);
    if (is_opaque(layers[i]) && seconds > 0.0) blocks.push_back({i, seconds});
  }
  std::ranges::stable_sort(blocks, std::ranges::greater{}, &Block::seconds);
  return blocks;
}

std::string tensors_text(const std::vector<TensorDesc>& tensors) {
  std::vector<std::string> parts;
  parts.reserve(tensors.size());
  for (const TensorDesc& tensor : tensors) parts.push_back(format_shape(tensor.shape) + " " + tensor.element_type);
  return parts.empty() ? "tensors that are not told" : listed(parts, 2);
}

// What the engine does report of it.
std::string description(const Layer& layer) {
  const std::string type = layer.engine_type.empty() ? "block" : layer.engine_type;
  return fmt::format("{} from {} to {}", type, tensors_text(layer.inputs), tensors_text(layer.outputs));
}

struct NamedKernel {
  std::string name;
  double seconds = 0.0;
};

std::vector<NamedKernel> longest(const Timeline& timeline, const std::vector<std::size_t>& indices) {
  std::vector<NamedKernel> kernels;
  kernels.reserve(indices.size());
  for (const std::size_t k : indices) {
    kernels.push_back({timeline.kernels[k].launch.name, median_of(timeline.kernels[k].time).value_or(0.0)});
  }
  std::ranges::stable_sort(kernels, std::ranges::greater{}, &NamedKernel::seconds);
  if (kernels.size() > kNamedKernels) kernels.resize(kNamedKernels);
  return kernels;
}

std::vector<std::size_t> kernels_of_no_layer(const Timeline& timeline, const std::vector<LayerKernels>& layers) {
  std::vector<bool> owned(timeline.kernels.size(), false);
  for (const LayerKernels& layer : layers) {
    for (const std::size_t k : layer.kernels) owned[k] = true;
  }
  std::vector<std::size_t> indices;
  for (std::size_t k = 0; k < owned.size(); ++k) {
    if (!owned[k]) indices.push_back(k);
  }
  return indices;
}

// How many kernels the blocks have.
std::size_t add_evidence(const Subject& subject, const std::vector<Block>& blocks, Finding& finding) {
  const LayerRun& run = *subject.profile.layer_run;
  std::vector<LayerKernels> kernels;
  if (subject.profile.timeline) kernels = kernels_by_layer(run, *subject.profile.timeline);
  std::size_t count = 0;
  for (const Block& block : blocks) {
    const Layer& layer = run.layers[block.layer];
    finding.evidence.push_back({description(layer), block.seconds, "s", {layer.name}});
    if (kernels.empty()) continue;
    count += kernels[block.layer].kernels.size();
    for (const NamedKernel& kernel : longest(*subject.profile.timeline, kernels[block.layer].kernels)) {
      finding.evidence.push_back({"kernel " + kernel.name, kernel.seconds, "s", {layer.name}});
    }
  }
  if (kernels.empty() || !(subject.roofline->seconds_of_no_layer > 0.0)) return count;
  const auto loose = kernels_of_no_layer(*subject.profile.timeline, kernels);
  finding.evidence.push_back({"kernels that belong to no layer", subject.roofline->seconds_of_no_layer, "s", {}});
  for (const NamedKernel& kernel : longest(*subject.profile.timeline, loose)) {
    finding.evidence.push_back({"kernel " + kernel.name + ", of no layer", kernel.seconds, "s", {}});
  }
  return count + loose.size();
}

void advise(const Subject& subject, Finding& finding) {
  const std::string& path = subject.profile.model.path;
  if (on_cpu(subject)) {
    finding.action = "Give the ONNX model with --model, so that layers are traced to its nodes.";
    finding.commands = {command_line("inspect", path)};
    return;
  }
  if (subject.model == nullptr)
    finding.action = "Profile with --model MODEL.onnx, so that blocks are traced to nodes. ";
  const bool traced = subject.profile.timeline.has_value();
  finding.action += traced
                        ? "Build with --profiling-verbosity detailed, where it was not: then the engine reports what "
                          "its compiler made of a block."
                        : "Take a timeline: it names the kernels inside. Build with --profiling-verbosity detailed, "
                          "where it was not.";
  finding.commands = {command_line("inspect", path)};
  if (!traced) finding.commands.push_back(command_line("profile", path));
  finding.commands.push_back(command_line("nsys", path));
}

Finding finding_of(const Subject& subject, const std::vector<Block>& blocks, double share, double seconds) {
  const LayerRun& run = *subject.profile.layer_run;
  Finding finding;
  finding.title =
      fmt::format("{} of the inference goes to {} that the engine tells nothing about", format_percent(share, 1),
                  blocks.empty() ? "kernels" : counted(static_cast<std::int64_t>(blocks.size()), "block"));
  finding.evidence.push_back({"opaque blocks, of the inference", share, "1", {}});
  const std::size_t kernels = add_evidence(subject, blocks, finding);
  finding.explanation = fmt::format("They take {} by {}", format_duration(seconds), basis_of_times(subject));
  if (!blocks.empty()) {
    finding.explanation += fmt::format("; the longest is {}, {}", run.layers[blocks.front().layer].name,
                                       description(run.layers[blocks.front().layer]));
  }
  finding.explanation += subject.profile.timeline ? fmt::format(". The timeline names {} inside.",
                                                                counted(static_cast<std::int64_t>(kernels), "kernel"))
                                                  : ". Without a timeline not even their kernels are known.";
  finding.severity = share >= kHalf ? Severity::major : share >= kMuch ? Severity::minor : Severity::note;
  advise(subject, finding);
  return finding;
}

}  // namespace

RuleAnswer opaque_blocks(const Subject& subject) {
  if (const auto reason = why_no_layer_times(subject)) return RuleAnswer::not_known(*reason);
  const LayerSeconds times(subject);
  const std::vector<Block> blocks = blocks_of(subject);
  double seconds = subject.roofline->seconds_of_no_layer;
  for (const Block& block : blocks) seconds += block.seconds;
  const double share = times.in_inference(seconds) / subject.inference_seconds();
  if (share < kWorthSaying) {
    return RuleAnswer::no(
        fmt::format("blocks and kernels that the engine tells nothing about take {} of the inference: "
                    "{} of {}",
                    format_percent(share, 1), counted(static_cast<std::int64_t>(blocks.size()), "layer"),
                    subject.profile.layer_run->layers.size()));
  }
  return finding_of(subject, blocks, share, seconds);
}

}  // namespace trtprof::rules
