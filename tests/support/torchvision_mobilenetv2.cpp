#include "support/torchvision_mobilenetv2.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace trtprof::test {
namespace {

ValueInfo value(std::string name, const std::vector<std::int64_t>& shape) {
  ValueInfo info{std::move(name), ElementType::f32, std::vector<Dimension>{}};
  for (const std::int64_t dim : shape) info.shape->push_back({dim, ""});
  return info;
}

class Writer {
 public:
  Writer(std::int64_t batch, bool batch_normalization) : batch_normalization_(batch_normalization) {
    graph.name = "main_graph";
    graph.inputs = {value("input", {batch, 3, 224, 224})};
    graph.outputs = {value("logits", {batch, 1000})};
    graph.initializers = {value("zero", {}), value("six", {})};
  }

  std::string node(const std::string& op_type, const std::string& name, std::vector<std::string> inputs,
                   Attributes attributes = {}) {
    const std::string output = name + "_output_0";
    graph.nodes.push_back({name, op_type, "", std::move(inputs), {output}, "", std::move(attributes)});
    return output;
  }

  // `prefix` is the convolution's module; its normalisation is the next one, "conv.0.0" and "conv.0.1".
  std::string convolution(const std::string& prefix, const std::string& normalization, const std::string& input,
                          std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t groups) {
    graph.initializers.push_back(value(prefix + ".weight", {out, in / groups, kernel, kernel}));
    graph.initializers.push_back(value(prefix + ".bias", {out}));
    std::string result =
        node("Conv", prefix + "/Conv", {input, prefix + ".weight", prefix + ".bias"}, {{"group", groups}});
    if (batch_normalization_) {
      std::vector<std::string> inputs{result};
      for (const char* part : {"weight", "bias", "running_mean", "running_var"}) {
        inputs.push_back(normalization + "." + part);
        graph.initializers.push_back(value(inputs.back(), {out}));
      }
      result = node("BatchNormalization", normalization + "/BatchNormalization", std::move(inputs));
    }
    return result;
  }

  std::string activated(const std::string& block, const std::string& input, std::int64_t in, std::int64_t out,
                        std::int64_t kernel, std::int64_t groups) {
    const std::string tensor = convolution(block + ".0", block + ".1", input, in, out, kernel, groups);
    return node("Clip", block + ".2/Clip", {tensor, "zero", "six"});
  }

  Graph graph;

 private:
  bool batch_normalization_;
};

struct Stage {
  std::int64_t expansion;
  std::int64_t channels;
  int repeats;
  int stride;
};

}  // namespace

Graph torchvision_mobilenet_v2(std::int64_t batch, bool batch_normalization) {
  constexpr std::array<Stage, 7> stages{
      {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};
  Writer writer(batch, batch_normalization);
  std::string tensor = writer.activated("/features/features.0/features.0", "input", 3, 32, 3, 1);
  std::int64_t channels = 32;
  int number = 1;
  for (const Stage& stage : stages) {
    for (int repeat = 0; repeat < stage.repeats; ++repeat, ++number) {
      const std::string block = fmt::format("/features/features.{}", number);
      const std::int64_t wide = channels * stage.expansion;
      const std::string before = tensor;
      int part = 0;
      const auto inner = [&] { return fmt::format("{0}/conv/conv.{1}/conv.{1}", block, part++); };
      if (stage.expansion > 1) tensor = writer.activated(inner(), tensor, channels, wide, 1, 1);
      tensor = writer.activated(inner(), tensor, wide, wide, 3, wide);
      tensor = writer.convolution(fmt::format("{}/conv/conv.{}", block, part),
                                  fmt::format("{}/conv/conv.{}", block, part + 1), tensor, wide, stage.channels, 1, 1);
      if (repeat > 0) tensor = writer.node("Add", block + "/Add", {before, tensor});
      channels = stage.channels;
    }
  }
  tensor = writer.activated("/features/features.18/features.18", tensor, channels, 1280, 1, 1);
  tensor = writer.node("GlobalAveragePool", "/GlobalAveragePool", {tensor});
  tensor = writer.node("Flatten", "/Flatten", {tensor});
  writer.graph.initializers.push_back(value("classifier.1.weight", {1000, 1280}));
  writer.graph.initializers.push_back(value("classifier.1.bias", {1000}));
  writer.node("Gemm", "/classifier/classifier.1/Gemm", {tensor, "classifier.1.weight", "classifier.1.bias"});
  writer.graph.nodes.back().outputs = {"logits"};
  return std::move(writer.graph);
}

}  // namespace trtprof::test
