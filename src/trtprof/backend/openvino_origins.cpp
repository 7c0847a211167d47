#include "trtprof/backend/openvino_origins.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace trtprof {
namespace {

struct TypeOps {
  std::string_view type;
  std::string_view ops;  // separated by spaces
};

// By the ONNX frontend of OpenVINO 2026.4 and the fusions its passes name. Reductions before the arithmetic that
// follows them: the first of a normalisation's nodes begins it.
constexpr auto kTypeOps = std::to_array<TypeOps>({
    {"Convolution", "Conv FusedConv QLinearConv ConvInteger"},
    {"GroupConvolution", "Conv FusedConv QLinearConv ConvInteger"},
    {"Deconvolution", "ConvTranspose"},
    {"ConvolutionBackpropData", "ConvTranspose"},
    {"GroupConvolutionBackpropData", "ConvTranspose"},
    {"MatMul", "MatMul Gemm FusedMatMul QLinearMatMul MatMulInteger Einsum"},
    {"FullyConnected", "MatMul Gemm FusedMatMul QLinearMatMul MatMulInteger MatMulNBits Einsum"},
    {"MVN", "ReduceMean LayerNormalization InstanceNormalization GroupNormalization MeanVarianceNormalization"},
    {"RMS", "Pow RMSNormalization SimplifiedLayerNormalization"},
    {"Split", "Split Slice"},
    {"VariadicSplit", "Split Slice"},
    {"StridedSlice", "Slice Gather Split"},
    {"Slice", "Slice Split"},
    {"Concatenation", "Concat"},
    {"Concat", "Concat"},
    {"Multiply", "Mul Div"},
    {"Divide", "Div"},
    {"Add", "Add Sub Sum"},
    {"Subtract", "Sub"},
    {"Relu", "Relu"},
    {"HSwish", "HardSwish Add HardSigmoid"},
    {"HardSigmoid", "HardSigmoid Add"},
    {"HSigmoid", "HardSigmoid Add"},
    {"Swish", "Swish Sigmoid Mul"},
    {"Gelu", "Gelu Div Mul Erf"},
    {"Mish", "Mish Softplus"},
    {"Clamp", "Clip Relu"},
    {"Power", "Pow"},
    {"Pooling", "MaxPool AveragePool GlobalAveragePool GlobalMaxPool"},
    {"MaxPool", "MaxPool GlobalMaxPool"},
    {"AvgPool", "AveragePool GlobalAveragePool"},
    {"Transpose", "Transpose"},
    {"Interpolate", "Resize Upsample"},
    {"Softmax", "Softmax"},
    {"Gather", "Gather"},
    {"Pad", "Pad"},
});

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    if (end > start) parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

const TypeOps* find_type(std::string_view type) {
  const auto* const found = std::ranges::find_if(kTypeOps, [&](const TypeOps& row) { return row.type == type; });
  return found == kTypeOps.end() ? nullptr : found;
}

// "Multiply" of "Multiply_32921"; empty for names of another form.
std::string_view type_of_made_name(std::string_view name) {
  const std::size_t underscore = name.rfind('_');
  if (underscore == std::string_view::npos || underscore == 0 || underscore + 1 == name.size()) return {};
  const auto digits = name.substr(underscore + 1);
  const bool numbered = std::ranges::all_of(digits, [](unsigned char c) { return std::isdigit(c) != 0; });
  return numbered ? name.substr(0, underscore) : std::string_view{};
}

}  // namespace

std::vector<std::string> onnx_ops_of_openvino_node(std::string_view type, std::string_view name) {
  const TypeOps* row = find_type(type);
  if (row == nullptr) row = find_type(type_of_made_name(name));
  return row == nullptr ? std::vector<std::string>{} : split(row->ops, ' ');
}

std::vector<bool> depends_on_inputs(const std::vector<OpenVinoNode>& nodes) {
  std::vector<bool> depends(nodes.size(), false);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    depends[i] = nodes[i].type == "Input" || nodes[i].type == "MemoryInput" ||
                 std::any_of(nodes[i].producers.begin(), nodes[i].producers.end(),
                             [&](std::size_t producer) { return producer < i && depends[producer]; });
  }
  return depends;
}

std::vector<Origin> origins_of_openvino_nodes(const std::vector<OpenVinoNode>& nodes, const Graph& graph) {
  const std::vector<bool> depends = depends_on_inputs(nodes);
  std::vector<EngineLayer> layers;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const OpenVinoNode& node = nodes[i];
    EngineLayer layer;
    layer.name = node.name;
    layer.producers = node.producers;
    layer.inserted = !depends[i] || node.type == "Reorder" || node.type == "Input" || node.type == "Output";
    if (depends[i] && node.type != "Input" && node.type != "Output") {
      layer.claimed_names = split_claimed_names(graph, node.original_names);
      layer.main_ops = onnx_ops_of_openvino_node(node.type, node.name);
    }
    layers.push_back(std::move(layer));
  }
  return resolve_origins(graph, layers);
}

}  // namespace trtprof
