#include "trtprof/diagnose/rules/broken_chains.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "trtprof/base/tensor.h"

namespace trtprof::rules {
namespace {

bool is_conversion(const Layer& layer) {
  return layer.layer_class == LayerClass::reformat || layer.layer_class == LayerClass::cast;
}

bool is_activation(const std::string& op_type) {
  return class_of_onnx_op(op_type) == LayerClass::activation;
}

double written_and_read(const Layer& convolution) {
  double bytes = 0.0;
  for (const TensorDesc& output : convolution.outputs) bytes += bytes_of(output);
  return 2.0 * bytes;
}

// What the layer behind the break does of the chain.
Companion companion_of(const ChainFusion& chain, std::size_t layer) {
  bool activation = false;
  for (const ChainNode& node : chain.nodes) {
    if (std::ranges::find(node.layers, layer) == node.layers.end()) continue;
    if (node.op_type == "BatchNormalization") return Companion::normalization;
    activation = activation || is_activation(node.op_type);
  }
  if (activation) return Companion::activation;
  return chain.kind == FusionKind::conv_add ? Companion::addition : Companion::scale;
}

// Some conversions are in name alone.
void add_running(const LayerRun& run, const std::vector<std::size_t>& layers, std::vector<std::size_t>& to) {
  std::ranges::copy_if(layers, std::back_inserter(to),
                       [&](std::size_t i) { return run.layers[i].engine_type != "NoOp"; });
}

bool runs_only(const Layer& layer, const ChainFusion& chain) {
  return std::ranges::all_of(layer.origin_nodes, [&](const OriginNode& origin) {
    return std::ranges::any_of(chain.nodes, [&](const ChainNode& node) { return node.name == origin.name; });
  });
}

std::optional<Companion> companion_by_types(const std::vector<OriginNode>& origins) {
  std::optional<Companion> found;
  for (const OriginNode& origin : origins) {
    if (origin.op_type == "BatchNormalization") return Companion::normalization;
    if (is_activation(origin.op_type)) {
      found = Companion::activation;
    } else if (class_of_onnx_op(origin.op_type) == LayerClass::elementwise) {
      found = found.value_or(Companion::addition);
    } else {
      return std::nullopt;
    }
  }
  // An addition alone; multiplying is no residual.
  const bool adds = std::ranges::any_of(
      origins, [](const OriginNode& origin) { return origin.op_type == "Add" || origin.op_type == "Sum"; });
  return found == Companion::addition && !adds ? std::nullopt : found;
}

// Tensors by name as they are in execution order: a later layer may write one anew.
class TensorFlow {
 public:
  explicit TensorFlow(const LayerRun& run) : run_(run), readers_(run.layers.size(), 0) {
    sources_.reserve(run.layers.size());
    std::unordered_map<std::string, std::size_t> writer;
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
      sources_.emplace_back();
      for (const TensorDesc& input : run.layers[i].inputs) {
        const auto found = writer.find(input.name);
        if (found == writer.end()) continue;
        sources_.back().push_back(found->second);
        ++readers_[found->second];
      }
      for (const TensorDesc& output : run.layers[i].outputs) writer[output.name] = i;
    }
  }

  [[nodiscard]] std::size_t sources(std::size_t layer) const { return sources_[layer].size(); }

  // The convolution whose result the layer alone reads, through conversions, which go into `between`.
  [[nodiscard]] std::optional<std::size_t> convolution_before(std::size_t layer,
                                                              std::vector<std::size_t>& between) const {
    for (std::size_t source : sources_[layer]) {
      between.clear();
      while (is_conversion(run_.layers[source]) && readers_[source] == 1 && sources_[source].size() == 1) {
        between.push_back(source);
        source = sources_[source].front();
      }
      if (is_convolution(run_.layers[source].layer_class) && readers_[source] == 1) return source;
    }
    return std::nullopt;
  }

 private:
  const LayerRun& run_;
  std::vector<int> readers_;
  std::vector<std::vector<std::size_t>> sources_;  // layers whose results a layer reads
};

}  // namespace

std::string_view words_for(Companion what) {
  constexpr std::array<std::string_view, 4> words{"batch normalisation", "activation", "addition", "scale or bias"};
  return words[static_cast<std::size_t>(what)];
}

double bytes_of(const TensorDesc& tensor) {
  if (tensor.bytes) return static_cast<double>(*tensor.bytes);
  const auto type = element_type_from_string(tensor.element_type);
  if (!type || tensor.shape.empty()) return 0.0;
  double elements = 1.0;
  for (const std::int64_t dim : tensor.shape) elements *= dim < 0 ? 0.0 : static_cast<double>(dim);
  return elements * static_cast<double>(bits_of(*type)) / 8.0;
}

std::vector<BrokenChain> broken_chains(const FusionReport& fusion, const LayerRun& run) {
  std::vector<BrokenChain> found;
  std::unordered_set<std::size_t> seen;  // companions: an addition of two convolutions is one layer too many
  for (const ChainFusion& chain : fusion.chains) {
    if (chain.status != FusionStatus::partly_fused && chain.status != FusionStatus::not_fused) continue;
    for (const FusionBreak& broken : chain.breaks) {
      if (!seen.insert(broken.layer_before).second) continue;
      BrokenChain result{companion_of(chain, broken.layer_before),
                         broken.layer_after,
                         broken.layer_before,
                         {},
                         broken.between,
                         broken.cause,
                         written_and_read(run.layers[broken.layer_after])};
      if (runs_only(run.layers[broken.layer_before], chain)) {
        result.extra.push_back(broken.layer_before);
        if (broken.cause == BreakCause::reformat) add_running(run, broken.between, result.extra);
      }
      found.push_back(std::move(result));
    }
  }
  return found;
}

std::vector<BrokenChain> broken_chains(const LayerRun& run) {
  std::vector<BrokenChain> found;
  const TensorFlow flow(run);
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    const Layer& layer = run.layers[i];
    if (layer.origin_nodes.empty() || is_convolution(layer.layer_class)) continue;
    const auto what = companion_by_types(layer.origin_nodes);
    if (!what) continue;
    BrokenChain result;
    const auto convolution = flow.convolution_before(i, result.between);
    if (!convolution) continue;
    result.what = *what;
    result.convolution = *convolution;
    result.companion = i;
    // An activation of several tensors does something else too; an addition has two by its nature.
    if (*what == Companion::addition || flow.sources(i) == 1) {
      result.extra.push_back(i);
      add_running(run, result.between, result.extra);
    }
    result.cause = result.between.empty() ? BreakCause::none_seen : BreakCause::reformat;
    result.bytes = written_and_read(run.layers[*convolution]);
    found.push_back(std::move(result));
  }
  return found;
}

}  // namespace trtprof::rules
