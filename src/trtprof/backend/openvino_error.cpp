#include "trtprof/backend/openvino_error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

// At most this many nodes are named in a sentence; the rest is counted.
constexpr std::size_t kNodesNamed = 3;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    if (end > start) parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string_view after(std::string_view text, std::string_view marker) {
  const std::size_t at = text.find(marker);
  return at == std::string_view::npos ? std::string_view{} : text.substr(at + marker.size());
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && (std::isspace(static_cast<unsigned char>(text.back())) != 0 || text.back() == '.')) {
    text.remove_suffix(1);
  }
  return text;
}

// "Foo" of domain "com.acme" is reported as "com.acme.Foo", an operator of ai.onnx as "MaxUnpool-13".
bool is_operator(const GraphNode& node, std::string_view reported) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return reported == node.domain + "." + node.op_type;
  const std::size_t dash = reported.rfind('-');
  return reported.substr(0, dash) == node.op_type;
}

std::string quoted(std::string_view name) {
  return fmt::format("'{}'", printable(name));
}

// "operator 'com.acme.Foo' of node 'foo_1'"
std::string operator_with_nodes(std::string_view reported, const Graph& graph) {
  std::vector<std::string> nodes;
  std::string type(reported);
  for (const GraphNode& node : graph.nodes) {
    if (!is_operator(node, reported)) continue;
    nodes.push_back(quoted(node.display_name()));
    if (node.domain.empty() || node.domain == "ai.onnx") type = node.op_type;
  }
  std::string text = "operator " + quoted(type);
  if (nodes.empty()) return text;
  const std::size_t named = std::min(nodes.size(), kNodesNamed);
  text += fmt::format(" of node{} {}", nodes.size() == 1 ? "" : "s",
                      fmt::join(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (nodes.size() > named) text += fmt::format(" and {} more", nodes.size() - named);
  return text;
}

std::optional<Error> unsupported_operators(std::string_view what, const Graph& graph, std::string_view engine) {
  const std::string_view list = first_line(after(what, "No conversion rule found for operations: "));
  if (list.empty()) return std::nullopt;
  std::vector<std::string> operators;
  for (const std::string& name : split(list, ',')) operators.push_back(operator_with_nodes(trimmed(name), graph));
  return Error{ErrorCode::failed,
               fmt::format("{} {} not supported by {}", fmt::join(operators, " and "),
                           operators.size() == 1 ? "is" : "are", engine),
               "Replace it in the model, or use a backend that knows it."};
}

// Beginnings of lines that say where, not what.
constexpr auto kNoise =
    std::to_array<std::string_view>({"Exception from ", "Check '", "While validating ", "FrontEnd API failed",
                                     "Summary:", "-- ", "Model wasn't fully", "Shape inference input shapes"});

// The sentence at the end of the stack: the last line that is neither a source line, a check, a context nor a summary.
std::string message_line(std::string_view what) {
  std::string message;
  for (const std::string& line : split(what, '\n')) {
    const std::string_view text = trimmed(line);
    const bool noise =
        text.empty() || std::ranges::any_of(kNoise, [&](std::string_view prefix) { return text.starts_with(prefix); });
    if (!noise) message = text;
  }
  return message;
}

const GraphNode* node_called(std::string_view name, const Graph& graph) {
  for (const GraphNode& node : graph.nodes) {
    if (node.name == name) return &node;
  }
  for (const GraphNode& node : graph.nodes) {
    if (std::ranges::find(node.outputs, name) != node.outputs.end()) return &node;
  }
  // "conv1/WithoutBiases" is OpenVINO's name for a part of conv1.
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? nullptr : node_called(name.substr(0, slash), graph);
}

// Of "opset1::Add y (opset1::Parameter x[0]:f32[2,5], opset1::Constant b[0]:f32[7]) -> (f32[?,7])": "2x5 and 7".
std::string input_shapes(std::string_view validated) {
  const std::string_view inputs = validated.substr(0, validated.find(") -> "));
  std::vector<std::string> shapes;
  for (std::size_t at = inputs.find("]:"); at != std::string_view::npos; at = inputs.find("]:", at + 1)) {
    const std::size_t open = inputs.find('[', at + 1);
    const std::size_t close = open == std::string_view::npos ? open : inputs.find(']', open);
    if (close == std::string_view::npos) break;
    std::string shape(inputs.substr(open + 1, close - open - 1));
    std::ranges::replace(shape, ',', 'x');
    shapes.push_back(shape.empty() ? "scalar" : shape);
  }
  return fmt::format("{}", fmt::join(shapes, " and "));
}

std::optional<Error> refused_node(std::string_view what, const Graph& graph, std::string_view engine) {
  // "... with friendly_name 'conv_7':" or, from the ONNX frontend, "ONNX node '<Node(Softmax): y>':"
  const std::string_view validated = after(what, "While validating node '");
  std::string_view name = after(what, "While validating ONNX node '<Node(");
  name = name.empty() ? name : after(name, "): ");
  name = name.empty() ? after(what, "with friendly_name '") : name;
  name = name.substr(0, std::min(name.find(">'"), name.find('\'')));
  const std::string message = message_line(what);
  if (name.empty() || message.empty()) return std::nullopt;
  const GraphNode* node = node_called(name, graph);
  std::string subject = node == nullptr ? fmt::format("what {} calls {}", engine, quoted(name))
                                        : fmt::format("node {} ({})", quoted(node->display_name()), node->op_type);
  const std::string shapes = input_shapes(first_line(validated));
  const std::string with = shapes.empty() ? std::string{} : fmt::format(" with input shapes {}", shapes);
  return Error{ErrorCode::failed, fmt::format("{}{} is not possible: {}", subject, with, printable(message)),
               "Check the input shapes that were asked for against what the model can take."};
}

}  // namespace

Error openvino_error(std::string_view what, const Graph& graph, std::string_view engine, std::string_view doing) {
  if (auto error = unsupported_operators(what, graph, engine)) return *error;
  if (auto error = refused_node(what, graph, engine)) return *error;
  const std::string message = message_line(what);
  return {ErrorCode::failed,
          fmt::format("{}: {}", doing, message.empty() ? "no reason was given" : printable(message)),
          {}};
}

}  // namespace trtprof
