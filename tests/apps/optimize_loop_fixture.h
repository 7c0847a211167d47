// `optimize --budget` on a model with two convolutions in a row that no engine merges and a pass does, so that there is
// something to win on any machine.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>

#include "model/model_files.h"
#include "support/run_program.h"
#include "trtprof/base/file.h"

namespace trtprof::test {

inline constexpr std::int64_t kWide = 1024;

inline void add_weights(onnx::GraphProto& graph, const std::string& name, std::int64_t outputs, std::int64_t inputs) {
  auto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : {outputs, inputs, std::int64_t{1}, std::int64_t{1}}) tensor.add_dims(dim);
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < outputs * inputs; ++i) {
    state = state * 1664525U + 1013904223U;
    tensor.add_float_data((static_cast<float>(state >> 8U) / 8388608.0F - 1.0F) / static_cast<float>(inputs));
  }
}

// 64 channels to 1,024 and back to 8, at 64x64 pixels: merged it is a hundredth of the work.
inline onnx::ModelProto bottleneck_in_reverse() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  auto& graph = *model.mutable_graph();
  graph.set_name("bottleneck in reverse");
  graph.add_input()->set_name("x");
  set_shape(*graph.mutable_input(0), {1, 64, 64, 64});
  graph.add_output()->set_name("y");
  set_shape(*graph.mutable_output(0), {1, 8, 64, 64});
  add_weights(graph, "wide", kWide, 64);
  add_weights(graph, "narrow", 8, kWide);
  add_node(graph, "first", "Conv", {"x", "wide"}, {"h"});
  add_node(graph, "second", "Conv", {"h", "narrow"}, {"y"});
  return model;
}

class OptimizeLoop : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_file(path("m.onnx"), bottleneck_in_reverse().SerializeAsString())); }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string hash(const std::string& name) const { return sha256_of_file(path(name)).value_or(""); }

  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"optimize",     path("m.onnx"), "-o",         path("o.onnx"),
                                      "--budget",     "10m",          "--backend",  "openvino",
                                      "--candidates", "passes-3,f16", "--launches", "3",
                                      "--iterations", "20",           "--warmup",   "1",
                                      "--json",       path("o.json")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // Of the journal: how often each event is there, as "made passes-3".
  std::map<std::string, int> events() const {
    std::map<std::string, int> counts;
    std::istringstream lines(read_file(path("o.onnx.work/journal.jsonl")).value_or(""));
    for (std::string line; std::getline(lines, line);) {
      const nlohmann::json event = nlohmann::json::parse(line);
      if (event.contains("event")) ++counts[event["event"].get<std::string>() + " " + event.value("candidate", "")];
    }
    return counts;
  }

  // Leaves of the journal what was until the first look at passes-3, and that undecided.
  void forge_undecided_look() const {
    const std::string journal = path("o.onnx.work/journal.jsonl");
    std::istringstream lines(read_file(journal).value_or(""));
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      nlohmann::json event = nlohmann::json::parse(line);
      const bool is_look = event.value("event", "") == "look" && event.value("candidate", "") == "passes-3";
      if (is_look) {
        nlohmann::json& look = event["what"]["look"];
        look["outcome"] = "UNDECIDED";
        look["effect"] = -0.02;
        look["interval"] = {{"low", -0.3}, {"high", 0.3}};
      }
      kept += event.dump() + "\n";
      if (is_look) break;
    }
    ASSERT_TRUE(write_file(journal, kept).has_value());
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-optimize-loop").value();
};

}  // namespace trtprof::test
