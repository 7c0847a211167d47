// OpenVINO's module for tests, and models for it: real ones, and small ones made here.
#pragma once

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "backend/recordings.h"
#include "test_paths.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/file.h"

namespace trtprof::test {

// One backend for all tests, as in a process of the program. The variable is OpenVINO's way to name a collector; a test
// run under VTune would have it set.
inline Backend& openvino() {
  static LoadedBackend backend = [] {
    ::setenv("TRTPROF_BACKEND_PATH", kBuildDir, 1);
    auto loaded = load_backend("openvino");
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message;
      std::abort();
    }
    return std::move(*loaded);
  }();
  return *backend;
}

struct OcrModel {
  const char* file;
  std::vector<std::int64_t> shape;
  std::size_t bf16_or_f32_layers;  // fewest executed layers in either precision
};

inline const OcrModel kDet{"ch_PP-OCRv4_det_infer.onnx", {1, 3, 320, 320}, 90};
inline const OcrModel kRec{"ch_PP-OCRv4_rec_infer.onnx", {1, 3, 48, 320}, 75};
inline const OcrModel kCls{"ch_ppocr_mobile_v2.0_cls_infer.onnx", {1, 3, 48, 192}, 75};

inline std::ostream& operator<<(std::ostream& out, const OcrModel& model) {
  return out << model.file;
}

inline ModelSource source_of(const OcrModel& model) {
  const std::string path = std::string(kOcrModelsDir) + "/" + model.file;
  return {path, load_graph(path)};
}

inline CompileOptions options_of(const OcrModel& model, bool layer_timing = false) {
  CompileOptions options;
  options.shapes["x"] = model.shape;
  options.layer_timing = layer_timing;
  return options;
}

inline std::unique_ptr<CompiledModel> compiled(const ModelSource& source, const CompileOptions& options) {
  auto model = openvino().compile(source, options);
  if (!model) {
    ADD_FAILURE() << model.error().message;
    std::abort();
  }
  return std::move(*model);
}

inline Tensor f32_tensor(const std::vector<std::int64_t>& shape, const std::function<float(std::size_t)>& value) {
  Tensor tensor{ElementType::f32, shape, {}};
  const std::size_t count = static_cast<std::size_t>(element_count(shape).value());
  tensor.data.resize(count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    const float v = value(i);
    std::memcpy(tensor.data.data() + i * sizeof(float), &v, sizeof v);
  }
  return tensor;
}

inline std::vector<float> floats(const Tensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

// Small models, written to a folder of the test's own.
class SmallModel {
 public:
  SmallModel() : folder_(std::move(*TemporaryFolder::create("trtprof-openvino-test"))) {
    model_.set_ir_version(8);
    auto* opset = model_.add_opset_import();
    opset->set_domain("");
    opset->set_version(13);
    model_.mutable_graph()->set_name("small");
  }
  onnx::NodeProto& node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& domain = "") {
    onnx::NodeProto& added = *model_.mutable_graph()->add_node();
    added.set_name(name);
    added.set_op_type(op);
    added.set_domain(domain);
    for (const auto& input : inputs) added.add_input(input);
    for (const auto& output : outputs) added.add_output(output);
    return added;
  }
  void input(const std::string& name, const std::vector<std::int64_t>& shape) {
    describe(*model_.mutable_graph()->add_input(), name, shape);
  }
  void output(const std::string& name, const std::vector<std::int64_t>& shape) {
    describe(*model_.mutable_graph()->add_output(), name, shape);
  }
  void weights(const std::string& name, const std::vector<std::int64_t>& shape) {
    auto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const auto d : shape) tensor.add_dims(d);
    for (std::uint64_t i = 0; i < element_count(shape).value(); ++i) tensor.add_float_data(0.5F);
  }
  void import_domain(const std::string& domain) {
    auto* opset = model_.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(1);
  }
  // The graph is filled in by hand: a model with an operator that no checker knows must get as far as the engine.
  ModelSource source() {
    const auto path = folder_.path() / "small.onnx";
    std::ofstream out(path, std::ios::binary);
    model_.SerializeToOstream(&out);
    Graph graph;
    for (const auto& value : model_.graph().input()) graph.inputs.push_back({value.name(), ElementType::f32, {}});
    for (const auto& value : model_.graph().output()) graph.outputs.push_back({value.name(), ElementType::f32, {}});
    for (const auto& from : model_.graph().node()) {
      GraphNode to;
      to.name = from.name();
      to.op_type = from.op_type();
      to.domain = from.domain();
      to.inputs.assign(from.input().begin(), from.input().end());
      to.outputs.assign(from.output().begin(), from.output().end());
      graph.nodes.push_back(std::move(to));
    }
    return {path, graph};
  }

 private:
  // -1: a dimension left open.
  static void describe(onnx::ValueInfoProto& value, const std::string& name, const std::vector<std::int64_t>& shape) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const auto d : shape) {
      auto& dimension = *type.mutable_shape()->add_dim();
      if (d >= 0) {
        dimension.set_dim_value(d);
      } else {
        dimension.set_dim_param("n" + std::to_string(type.shape().dim_size()));
      }
    }
  }

  TemporaryFolder folder_;
  onnx::ModelProto model_;
};

}  // namespace trtprof::test
