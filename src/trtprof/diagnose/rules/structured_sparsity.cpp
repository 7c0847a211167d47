// 2:4 structured sparsity: weights that have it and an engine that does not use it, and what it could save otherwise.
// Sparse tensor cores halve the arithmetic and little of the traffic: layers that wait for memory gain next to nothing.
#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/device_properties.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/compute_units.h"
#include "trtprof/diagnose/rules/convolution_shape.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/model/sparsity.h"

namespace trtprof::rules {
namespace {

constexpr double kAmpere = 8.0;            // the first with sparse tensor cores ("NVIDIA Ampere Architecture" paper)
constexpr std::int64_t kReduction = 4;     // 2:4 needs groups of four
constexpr double kSparseArithmetic = 0.5;  // of dense: the same paper
constexpr double kIndexBits = 2.0;         // stored for each value that is kept

struct Candidate {
  std::size_t layer = 0;
  bool compute_bound = false;
  double high = 0.0;  // seconds of the inference
};

bool runs_sparse(const UnitsOfLayers& units, std::size_t layer) {
  return std::ranges::any_of(units.names(layer), [](const std::string& name) {
    return name.find("sparse") != std::string::npos || name.find("spgemm") != std::string::npos;
  });
}

double bits_of_precision(const std::string& precision) {
  return precision == "i8" ? 8.0 : 16.0;
}

// TensorRT has sparse kernels for these.
bool can_be_sparse(const Layer& layer) {
  return layer.precision == "f16" || layer.precision == "bf16" || layer.precision == "i8";
}

// As far from its limit with sparse weights as it is now, at the best; layers that arithmetic does not bind gain
// nothing.
Candidate weigh(const Subject& subject, const InferenceTimes& times, std::size_t index) {
  Candidate candidate{index, false, 0.0};
  const LayerRoofline& roof = subject.roofline->layers[index];
  candidate.compute_bound = roof.bound == LayerBound::compute;
  if (!candidate.compute_bound || !roof.memory_seconds || !roof.compute_seconds || !roof.bytes || !roof.ideal_seconds ||
      *roof.ideal_seconds <= 0.0 || *roof.bytes <= 0.0) {
    return candidate;
  }
  const double bits = bits_of_precision(subject.profile.layer_run->layers[index].precision);
  const double kept = 0.5 + 0.5 * kIndexBits / bits;  // of the weights' bytes
  const double weights = std::min(subject.costs[index].cost.weight_bytes.value_or(0.0), *roof.bytes);
  const double memory = *roof.memory_seconds * (1.0 - (1.0 - kept) * weights / *roof.bytes);
  const double ideal = std::max(memory, kSparseArithmetic * *roof.compute_seconds);
  candidate.high = times.of(index) * std::max(1.0 - ideal / *roof.ideal_seconds, 0.0);
  return candidate;
}

struct Found {
  std::vector<Candidate> dense;     // layers whose weights could be, or are, 2:4 and whose kernels are dense
  std::vector<std::size_t> sparse;  // layers with sparse kernels
  double high = 0.0;
  std::int64_t compute_bound = 0;
  double compute_seconds = 0.0;  // their time

  [[nodiscard]] std::vector<std::size_t> dense_layers() const {
    std::vector<std::size_t> layers;
    layers.reserve(dense.size());
    for (const Candidate& each : dense) layers.push_back(each.layer);
    return layers;
  }
};

template <class IsCandidate>
Found search(const Subject& subject, const InferenceTimes& times, IsCandidate&& is_candidate) {
  Found found;
  const UnitsOfLayers units(subject.profile);
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!is_matrix_work(layers[i].layer_class) || times.of(i) <= 0.0) continue;
    if (runs_sparse(units, i)) {
      found.sparse.push_back(i);
    } else if (can_be_sparse(layers[i]) && is_candidate(layers[i])) {
      found.dense.push_back(weigh(subject, times, i));
      found.high += found.dense.back().high;
      found.compute_bound += found.dense.back().compute_bound ? 1 : 0;
      found.compute_seconds += found.dense.back().compute_bound ? times.of(i) : 0.0;
    }
  }
  return found;
}

std::string bound_text(const Found& found, const InferenceTimes& times) {
  const auto others = static_cast<std::int64_t>(found.dense.size()) - found.compute_bound;
  return fmt::format(
      "arithmetic binds {}, with {} of the inference; of the other {} memory or their size is the limit, and they gain "
      "nothing",
      found.compute_bound, format_percent(times.share(found.compute_seconds), 1), others);
}

constexpr const char* kHow =
    "Sparse tensor cores do half of the arithmetic, and of the weights 1/2 and an index are read; each layer as far "
    "from "
    "its limit as now";

Finding stored_sparse(const Subject& subject, const InferenceTimes& times, const Found& found, std::size_t structured,
                      std::size_t weights) {
  const std::vector<std::string> layers = names_of(subject.profile, found.dense_layers());
  const double seconds = times.of(found.dense_layers());
  Finding finding;
  finding.severity = severity_of(found.high, subject.inference_seconds());
  finding.title =
      fmt::format("{} of {} weights are 2:4 sparse, and no layer uses sparse tensor cores", structured, weights);
  finding.explanation = fmt::format(
      "{} with {} of the inference have such weights and run dense kernels. Of these {}. At most {} can be gained, {} "
      "of "
      "the inference.",
      counted(static_cast<std::int64_t>(layers.size()), "layer"), format_percent(times.share(seconds), 1),
      bound_text(found, times), format_duration(found.high), format_percent(times.share(found.high), 1));
  finding.evidence = {{"time of layers with 2:4 weights in dense kernels", seconds, "s", layers},
                      {"weights that are 2:4", static_cast<double>(structured), "1", {}},
                      {"time of those that arithmetic binds", found.compute_seconds, "s", {}}};
  if (subject.ceilings != nullptr) finding.gain = Gain{0.0, found.high, GainBasis::bound, std::string(kHow) + "."};
  finding.action = "Build with --sparsity and compare: the builder takes a sparse kernel only where it is faster.";
  // Of an engine, the model it was built from is not in the profile.
  const bool onnx = subject.profile.model.format == "onnx";
  finding.commands = {
      fmt::format("tensorrt_profiling build {} --sparsity -o sparse.engine",
                  onnx ? argument(subject.profile.model.path)
                       : argument(subject.model->onnx().path().empty() ? std::string("model.onnx")
                                                                       : subject.model->onnx().path().string())),
      "tensorrt_profiling sparse.engine"};
  return finding;
}

Finding opportunity(const Subject& subject, const InferenceTimes& times, const Found& found) {
  const std::vector<std::string> layers = names_of(subject.profile, found.dense_layers());
  Finding finding;
  finding.severity = severity_of(found.high, subject.inference_seconds());
  finding.title = fmt::format("2:4 sparse weights would save at most {} of an inference",
                              format_percent(times.share(found.high), 1));
  finding.explanation =
      fmt::format("{} of convolutions and matrix products could take 2:4 sparse weights. Of these {}.",
                  counted(static_cast<std::int64_t>(layers.size()), "layer"), bound_text(found, times));
  finding.evidence = {{"time of layers that could be sparse", times.of(found.dense_layers()), "s", layers},
                      {"time of those that arithmetic binds", found.compute_seconds, "s", {}}};
  finding.gain = Gain{0.0, found.high, GainBasis::bound, std::string(kHow) + "."};
  finding.action =
      "Prune the weights to 2:4 and train on, since accuracy suffers; then build with --sparsity. Worth it only where "
      "the gain is.";
  finding.commands = {"tensorrt_profiling build pruned.onnx --sparsity -o sparse.engine"};
  return finding;
}

RuleAnswer with_stored(const Subject& subject, const InferenceTimes& times, const std::vector<WeightSparsity>& weights,
                       std::size_t structured) {
  std::unordered_set<std::string> nodes;
  for (const WeightSparsity& weight : weights) {
    if (weight.structured) nodes.insert(weight.node);
  }
  const Found found = search(subject, times, [&](const Layer& layer) {
    return std::ranges::any_of(layer.origin_nodes, [&](const OriginNode& node) { return nodes.contains(node.name); });
  });
  const std::string stored = fmt::format("{} of {} weights are 2:4 sparse", structured, weights.size());
  if (!found.sparse.empty()) {
    return RuleAnswer::no(
        fmt::format("{}, and {} run sparse kernels; for the other {} the builder found dense ones faster", stored,
                    counted(static_cast<std::int64_t>(found.sparse.size()), "layer"), found.dense.size()));
  }
  if (found.dense.empty()) {
    return RuleAnswer::not_known(
        stored + ", but no layer tells that it runs them in FP16, BF16 or INT8, which sparse kernels need");
  }
  return stored_sparse(subject, times, found, structured, weights.size());
}

// Without stored sparsity, or without the model.
RuleAnswer without_stored(const Subject& subject, const InferenceTimes& times, const std::string& known) {
  const Found found = search(subject, times, [&](const Layer& layer) {
    if (!is_convolution(layer.layer_class)) return true;
    const ConvolutionShape shape = convolution_shape(layer, subject.model);
    return shape.in_channels == 0 || shape.in_channels / std::max<std::int64_t>(shape.groups, 1) >= kReduction;
  });
  if (!found.sparse.empty()) {
    return RuleAnswer::no(
        fmt::format("{} run sparse kernels", counted(static_cast<std::int64_t>(found.sparse.size()), "layer")));
  }
  if (found.dense.empty()) {
    return RuleAnswer::no(
        fmt::format("{}no convolution or matrix product runs in FP16, BF16 or INT8, which sparse kernels need", known));
  }
  if (subject.ceilings == nullptr) {
    return RuleAnswer::not_known(fmt::format(
        "{}whether arithmetic binds any layer is not known: the device's limits are not, and others gain nothing",
        known));
  }
  if (!times.worth_saying(found.high)) {
    return RuleAnswer::no(fmt::format("{}of {} that could take 2:4 weights {}: {} of the inference at most", known,
                                      counted(static_cast<std::int64_t>(found.dense.size()), "layer"),
                                      bound_text(found, times), format_percent(times.share(found.high))));
  }
  return opportunity(subject, times, found);
}

}  // namespace

RuleAnswer structured_sparsity(const Subject& subject) {
  const Environment& environment = subject.profile.environment;
  if (environment.device_kind != DeviceKind::gpu) {
    return RuleAnswer::no("the device is a CPU: sparse tensor cores are a GPU's");
  }
  const auto capability = compute_capability(environment);
  if (!capability || *capability < kAmpere) {
    return RuleAnswer::no(capability ? fmt::format("a device of compute capability {:.1f} has no sparse tensor cores: "
                                                   "those came with 8.0",
                                                   *capability)
                                     : std::string("the profile does not tell the device's compute capability"));
  }
  if (!subject.profile.layer_run || subject.roofline == nullptr) {
    return RuleAnswer::not_known("the profile has no layer run");
  }
  const InferenceTimes times(subject);
  if (subject.model == nullptr) {
    return without_stored(subject, times, "the ONNX model, which would tell whether weights are 2:4, is not at hand; ");
  }
  const auto weights = find_structured_sparsity(subject.model->onnx());
  if (!weights) {
    return without_stored(subject, times,
                          fmt::format("the model's weights cannot be read ({}); ", weights.error().message));
  }
  const std::size_t structured = count_structured(*weights);
  if (structured > 0) return with_stored(subject, times, *weights, structured);
  return without_stored(subject, times, fmt::format("none of {} weights is 2:4 sparse; ", weights->size()));
}

}  // namespace trtprof::rules
