// Short ways to write graphs in tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"

namespace trtprof::test {

inline ValueInfo value(std::string name, const std::vector<std::int64_t>& shape, ElementType type = ElementType::f32) {
  ValueInfo info{std::move(name), type, std::vector<Dimension>{}};
  for (const std::int64_t dim : shape) {
    info.shape->push_back(dim < 0 ? Dimension{} : Dimension{dim, ""});
  }
  return info;
}

// Nodes in order; each is named for its first output.
class GraphWriter {
 public:
  GraphWriter& input(const std::string& name, const std::vector<std::int64_t>& shape) {
    graph.inputs.push_back(value(name, shape));
    return *this;
  }
  GraphWriter& output(const std::string& name, const std::vector<std::int64_t>& shape) {
    graph.outputs.push_back(value(name, shape));
    return *this;
  }
  GraphWriter& weight(const std::string& name, const std::vector<std::int64_t>& shape,
                      ElementType type = ElementType::f32) {
    graph.initializers.push_back(value(name, shape, type));
    return *this;
  }
  GraphWriter& node(const std::string& op_type, std::vector<std::string> inputs, const std::string& output,
                    Attributes attributes = {}, const std::string& subgraph = "") {
    graph.nodes.push_back({output, op_type, "", std::move(inputs), {output}, subgraph, std::move(attributes)});
    return *this;
  }
  // Conv of a weight `output`_w [out, in / groups, k, k].
  GraphWriter& conv(const std::string& input, const std::string& output, std::int64_t in, std::int64_t out,
                    std::int64_t kernel = 1, std::int64_t groups = 1) {
    weight(output + "_w", {out, in / groups, kernel, kernel});
    return node("Conv", {input, output + "_w"}, output, {{"group", groups}});
  }
  GraphWriter& batch_norm(const std::string& input, const std::string& output, std::int64_t channels) {
    for (const char* part : {"_scale", "_shift", "_mean", "_var"}) {
      weight(output + part, {channels});
    }
    return node("BatchNormalization", {input, output + "_scale", output + "_shift", output + "_mean", output + "_var"},
                output);
  }

  Graph graph;
};

}  // namespace trtprof::test
