#include "trtprof/model/taps.h"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <onnx/checker.h>

#include "model/model_files.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

class Taps : public ModelFiles {
 protected:
  Result<TappedModel> tap(OnnxModel& model, const std::vector<std::string>& tensors) const {
    const auto inferred = infer_shapes(model);
    EXPECT_TRUE(inferred);
    const auto to = folder() / "tapped";
    std::filesystem::create_directories(to);
    return write_with_taps(model, tensors, inferred->values, to);
  }
  OnnxModel load(const onnx::ModelProto& proto) const {
    auto model = OnnxModel::load(write("m.onnx", proto));
    EXPECT_TRUE(model) << model.error().message;
    return std::move(*model);
  }
};

TEST_F(Taps, TheCopyIsAModelWithOneMoreOutputAndTheOriginalIsAsBefore) {
  OnnxModel model = load(small_model());
  const auto tapped = tap(model, {"s", "s", "y"});
  ASSERT_TRUE(tapped) << tapped.error().message;
  EXPECT_EQ(model.proto().SerializeAsString(), small_model().SerializeAsString());

  const auto written = OnnxModel::load(tapped->path);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_NO_THROW(onnx::checker::check_model(written->proto()));
  const auto inferred = infer_shapes(*written);
  ASSERT_TRUE(inferred) << inferred.error().message;
  ASSERT_EQ(written->graph().outputs.size(), 2U);
  EXPECT_THAT(written->graph().outputs.back().name, HasSubstr("trtprof_tap"));
  EXPECT_EQ(written->graph().nodes.size(), tapped->graph.nodes.size());
  const auto slices = std::ranges::count(tapped->graph.nodes, "Slice", &GraphNode::op_type);
  EXPECT_EQ(slices, 3);
}

TEST_F(Taps, EachTypeHasAProductOfItsOwn) {
  onnx::ModelProto proto = small_model();
  auto& cast = add_node(*proto.mutable_graph(), "cast", "Cast", {"s"}, {"h"});
  auto& to = *cast.add_attribute();
  to.set_name("to");
  to.set_type(onnx::AttributeProto::INT);
  to.set_i(onnx::TensorProto::FLOAT16);
  OnnxModel model = load(proto);
  const auto tapped = tap(model, {"s", "h"});
  ASSERT_TRUE(tapped) << tapped.error().message;
  EXPECT_EQ(tapped->graph.outputs.size(), 3U);
  EXPECT_TRUE(infer_shapes(*OnnxModel::load(tapped->path)));
}

TEST_F(Taps, ExternalDataComesAlong) {
  ASSERT_FALSE(write("weights/w.bin", std::string(12, '\0')).empty());
  OnnxModel model = load(external_model("weights/w.bin"));
  const auto tapped = tap(model, {"s"});
  ASSERT_TRUE(tapped) << tapped.error().message;
  EXPECT_TRUE(std::filesystem::exists(tapped->path.parent_path() / "weights/w.bin"));
  EXPECT_TRUE(OnnxModel::load(tapped->path));
}

TEST_F(Taps, WhatCannotBeReadFromIsNamed) {
  OnnxModel model = load(small_model());
  EXPECT_EQ(tap(model, {"x"}).error().message, "no node of the main graph makes 'x'");
  EXPECT_EQ(tap(model, {"nobody"}).error().message, "no node of the main graph makes 'nobody'");
  // [2, 3] has three along its longest dimension.
  EXPECT_TRUE(tap(model, {"s", "s", "s"}));
  EXPECT_EQ(tap(model, {"s", "s", "s", "s"}).error().message, "'s' has no 4 elements to read");
  EXPECT_EQ(model.proto().SerializeAsString(), small_model().SerializeAsString());

  onnx::ModelProto old = small_model();
  old.mutable_opset_import(0)->set_version(9);
  OnnxModel old_model = load(old);
  EXPECT_EQ(tap(old_model, {"s"}).error().message,
            "values are read from models of opset 10 and later, and this one is of 9");

  onnx::ModelProto shapes = small_model();
  add_node(*shapes.mutable_graph(), "shape", "Shape", {"s"}, {"n"});
  OnnxModel with_shape = load(shapes);
  EXPECT_THAT(tap(with_shape, {"n"}).error().message, HasSubstr("'n' cannot be read from"));
}

}  // namespace
}  // namespace trtprof::test
