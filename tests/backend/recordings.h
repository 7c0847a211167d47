// What tests/tools/record_openvino_layers.py wrote, read back, and the models it was recorded from.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "test_paths.h"
#include "trtprof/backend/openvino_origins.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {

struct Recording {
  std::string model;  // file name
  std::vector<OpenVinoNode> nodes;
};

inline Recording read_recording(const std::string& file) {
  std::ifstream in(std::string(kDataDir) + "/openvino/" + file);
  const nlohmann::json json = nlohmann::json::parse(in);
  Recording recording{json.at("model"), {}};
  for (const auto& layer : json.at("layers")) {
    recording.nodes.push_back({layer.at("name"), layer.at("type"), layer.at("original_names"), layer.at("producers")});
  }
  return recording;
}

inline Graph load_graph(const std::string& path) {
  auto model = OnnxModel::load(path);
  if (!model) {
    ADD_FAILURE() << model.error().message;
    return {};
  }
  return model->graph();
}

}  // namespace trtprof::test
