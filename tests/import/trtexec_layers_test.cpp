#include "trtprof/import/trtexec_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"
#include "support/inspector_forms.h"
#include "trtprof/backend/tensorrt_layers.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TrtexecLayers : public ::testing::Test {
 protected:
  Result<Imported> read(std::string_view text) { return read_trtexec_layers(files_.write("layers.json", text)); }
  std::string error_of(std::string_view text) {
    const auto imported = read(text);
    return imported ? "" : imported.error().message;
  }
  ForeignFiles files_;
};

TEST_F(TrtexecLayers, ReadsRealOnesAsARunOfThisProgramDoes) {
  for (const char* name : {"mnv2_b1_fp16_graph.layers.json", "mnv2_b64_fp16_stream_notransfer.layers.json",
                           "mnv2_b1_fp16.inspector.json", "mnv2_b64_fp32.inspector.json"}) {
    const auto imported = read_trtexec_layers(real_file(name));
    ASSERT_TRUE(imported) << imported.error().message;
    const auto layers = tensorrt_layers(text_of_file(real_file(name)), {}, name);
    ASSERT_TRUE(layers);
    EXPECT_TRUE(imported->profile.layer_run->layers == *layers) << name;
    EXPECT_THAT(imported->layer_names, SizeIs(57));
    EXPECT_THAT(imported->notes, IsEmpty());
  }
}

TEST_F(TrtexecLayers, TellsInputsOutputsAndBatch) {
  const auto imported = read_trtexec_layers(real_file("mnv2_b64_fp16_stream_notransfer.layers.json"));
  ASSERT_TRUE(imported);
  const ModelInfo& model = imported->profile.model;
  ASSERT_THAT(model.inputs, SizeIs(1));
  EXPECT_EQ(model.inputs[0].name, "input");
  EXPECT_EQ(model.inputs[0].element_type, "f16");
  EXPECT_THAT(model.inputs[0].shape, ElementsAre(64, 3, 224, 224));
  ASSERT_THAT(model.outputs, SizeIs(1));
  EXPECT_THAT(model.outputs[0].shape, ElementsAre(64, 1000));
  EXPECT_EQ(model.batch, 64);
  EXPECT_EQ(imported->profile.environment.precision, "f16");
}

TEST_F(TrtexecLayers, ReadsTheFormOfTensorRT11) {
  const auto old_form = read_trtexec_layers(real_file("mnv2_b1_fp16_graph.layers.json"));
  const auto imported = read(in_the_form_of_11(text_of_file(real_file("mnv2_b1_fp16_graph.layers.json"))));
  ASSERT_TRUE(old_form && imported) << imported.error().message;
  EXPECT_EQ(imported->layer_names, old_form->layer_names);
  EXPECT_EQ(imported->profile.model.batch, 1);
  EXPECT_THAT(imported->profile.model.inputs[0].shape, ElementsAre(1, 3, 224, 224));
  EXPECT_EQ(imported->profile.model.outputs[0].name, "logits");
  EXPECT_EQ(imported->profile.environment.precision, "f16");
}

// Without --profilingVerbosity=detailed.
TEST_F(TrtexecLayers, ReadsNamesAlone) {
  const auto imported = read(R"({"Layers": ["conv1 + relu1", "fc"], "Bindings": ["x", "y"]})");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->layer_names, ElementsAre("conv1 + relu1", "fc"));
  EXPECT_THAT(imported->notes, ElementsAre(HasSubstr("2 of 2 layers are told by name alone")));
  EXPECT_THAT(imported->profile.model.inputs, IsEmpty());
  EXPECT_FALSE(imported->profile.model.batch);
}

TEST_F(TrtexecLayers, ReadsNamesThatAreNotEscaped) {
  const auto imported = read(
      "{\"Layers\": [{\"Name\": \"a \"b\" \\c\", \"LayerType\": \"Reformat\", \"Metadata\": "
      "\"[ONNX Layer: p]\x1e[ONNX Layer: q]\"}], \"Bindings\": []}");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->layer_names, ElementsAre("a \"b\" \\c"));
  EXPECT_THAT(imported->profile.layer_run->layers[0].origin_nodes, SizeIs(2));
  EXPECT_THAT(imported->notes, ElementsAre(HasSubstr("is not valid JSON: 2 of its texts")));
}

TEST_F(TrtexecLayers, OpenDimensionsTellNoBatch) {
  const auto imported = read(R"({"Layers": [{"Name": "a", "LayerType": "Reformat",
      "Inputs": [{"Name": "x", "Dimensions": [-1, 3], "Format/Datatype": "Row major linear FP32"}],
      "Outputs": [{"Name": "y", "Dimensions": [-1, 3], "Format/Datatype": "Row major linear FP32"}]}],
      "Bindings": ["x", "y"]})");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->profile.model.inputs[0].shape, ElementsAre(-1, 3));
  EXPECT_FALSE(imported->profile.model.batch);
}

TEST_F(TrtexecLayers, RefusesWhatItCannotTake) {
  EXPECT_THAT(error_of(R"({"Layers": []})"), HasSubstr("it has no layers"));
  EXPECT_THAT(error_of(R"({"Layers": {}})"), HasSubstr("it has no list \"Layers\""));
  EXPECT_THAT(error_of(R"({"Layers": [7]})"), HasSubstr("neither an object nor a name"));
  const std::string name(std::size_t{10} << 20, 'n');
  EXPECT_THAT(error_of("{\"Layers\": [\"" + name + "\"]}"), HasSubstr("a layer's name is 10485760 bytes long"));
  EXPECT_THAT(error_of(R"({"Layers": [{"Name": )" + std::string(1000, '[')), HasSubstr("nests deeper than 512"));
}

}  // namespace
}  // namespace trtprof::test
