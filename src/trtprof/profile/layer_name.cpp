#include "trtprof/profile/layer_name.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

// What the layer table has room for: of a longer list of nodes only the ends would be left.
constexpr std::size_t kReadableColumns = 39;

// A class that ONNX's operator type alone cannot tell: both are a Conv, or a MatMul.
LayerClass as_onnx_says(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::depthwise_convolution:
      return LayerClass::convolution;
    case LayerClass::fully_connected:
      return LayerClass::matmul;
    default:
      return layer_class;
  }
}

// A node called "a" is not in "VariadicSplit_7", nor "conv" in "stem/conv".
bool belongs_to_a_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/' || c == '.';
}

bool holds_as_a_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !belongs_to_a_name(text[at - 1])) && (end == text.size() || !belongs_to_a_name(text[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

const OriginNode* main_origin(const Layer& layer) {
  const auto& origins = layer.origin_nodes;
  if (origins.empty()) return nullptr;
  const auto same_class = [&](const OriginNode& node) {
    return as_onnx_says(class_of_onnx_op(node.op_type)) == as_onnx_says(layer.layer_class);
  };
  const auto found = std::ranges::find_if(origins, same_class);
  return found == origins.end() ? origins.data() : &*found;
}

std::string readable_name(const Layer& layer) {
  const OriginNode* origin = main_origin(layer);
  if (origin == nullptr) return layer.name;
  const std::size_t others = layer.origin_nodes.size() - 1;
  const bool says_enough = others == 0 || display_width(layer.name) <= kReadableColumns;
  if (says_enough && holds_as_a_word(layer.name, origin->name)) return layer.name;
  return others == 0 ? origin->name : fmt::format("{} (+{})", origin->name, others);
}

}  // namespace trtprof
