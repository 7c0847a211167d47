#include "trtprof/optimize/precision/convert_precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>

#include "optimize/precision/parsed_model.h"
#include "trtprof/base/file.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/precision/raise_opset.h"

namespace trtprof {
namespace {

using test::blocked;
using test::converted;
using test::lines;
using test::parsed;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr auto kF32 = onnx::TensorProto::FLOAT;
constexpr auto kF16 = onnx::TensorProto::FLOAT16;
constexpr auto kBf16 = onnx::TensorProto::BFLOAT16;

TEST(ConvertPrecision, CastsStandAtTheInterfaceAlone) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[n, 3] x) => (float[n, 3] y) <float[3] w = {1, 2, 3}> { s = Add(x, w)  r = Relu(s)  y = Neg(r) })");
  EXPECT_THAT(lines(result.model), ElementsAre("Cast(x) -> x_f16", "Add(x_f16, w) -> s", "Relu(s) -> r",
                                               "Neg(r) -> y_f16", "Cast(y_f16) -> y"));
  EXPECT_EQ(test::initializer_type(result.model, "w"), kF16);
  EXPECT_EQ(result.model.proto().graph().input(0).type().tensor_type().elem_type(), kF32);
  EXPECT_EQ(result.model.proto().graph().output(0).type().tensor_type().elem_type(), kF32);
  EXPECT_EQ(result.model.proto().graph().input(0).type().tensor_type().shape().dim(0).dim_param(), "n");
  EXPECT_EQ(result.report.converted.size(), 3U);
  EXPECT_EQ(result.report.casts_added, 2);
  EXPECT_EQ(result.report.weight_bytes_before, 12U);
  EXPECT_EQ(result.report.weight_bytes_after, 6U);
}

TEST(ConvertPrecision, TheInterfaceConvertsWhereAsked) {
  PrecisionOptions options;
  options.keep_io_types = false;
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[n, 3] x, int64[1] i) => (float[n, 3] y, int64[1] j) { y = Relu(x)  j = Neg(i) })",
                                options);
  EXPECT_THAT(lines(result.model), ElementsAre("Relu(x) -> y", "Neg(i) -> j"));
  EXPECT_EQ(result.model.proto().graph().input(0).type().tensor_type().elem_type(), kF16);
  EXPECT_EQ(result.model.proto().graph().output(0).type().tensor_type().elem_type(), kF16);
  EXPECT_EQ(result.model.proto().graph().input(1).type().tensor_type().elem_type(), onnx::TensorProto::INT64);
}

TEST(ConvertPrecision, AnOutputThatIsReadInsideTooKeepsItsName) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[3] x) => (float[3] s, float[3] y) { s = Relu(x)  y = Neg(s) })");
  EXPECT_THAT(lines(result.model), ElementsAre("Cast(x) -> x_f16", "Relu(x_f16) -> s_f16", "Cast(s_f16) -> s",
                                               "Neg(s_f16) -> y_f16", "Cast(y_f16) -> y"));
}

TEST(ConvertPrecision, NodesAreBlockedByTypeAndByName) {
  const std::string model = R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[3] x) => (float[3] y) { a = Relu(x)  b = Softmax(a)  c = Exp(b)  y = Neg(c) })";
  PrecisionOptions by_type;
  by_type.blocked_ops = {"Softmax", "Exp"};
  const auto types = converted(model, by_type);
  EXPECT_THAT(lines(types.model),
              ElementsAre("Cast(x) -> x_f16", "Relu(x_f16) -> a", "Cast(a) -> a_f32", "Softmax(a_f32) -> b",
                          "Exp(b) -> c", "Cast(c) -> c_f16", "Neg(c_f16) -> y_f16", "Cast(y_f16) -> y"));
  EXPECT_THAT(blocked(types.report),
              UnorderedElementsAre(Pair("b", "Softmax is blocked by type"), Pair("c", "Exp is blocked by type")));
  PrecisionOptions by_name;
  by_name.blocked_nodes = {"?"};  // nodes without a name go by their output; the last one's too
  EXPECT_EQ(converted(model, by_name).report.blocked.size(), 4U);
}

TEST(ConvertPrecision, AWeightOfBothPrecisionsIsThereTwice) {
  PrecisionOptions options;
  options.blocked_ops = {"Mul"};
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { a = Mul(x, w)  y = Add(a, w) })",
                                options);
  EXPECT_THAT(lines(result.model),
              ElementsAre("Mul(x, w) -> a", "Cast(a) -> a_f16", "Add(a_f16, w_f16) -> y_f16", "Cast(y_f16) -> y"));
  EXPECT_EQ(test::initializer_type(result.model, "w"), kF32);
  EXPECT_EQ(test::initializer_type(result.model, "w_f16"), kF16);
}

TEST(ConvertPrecision, ConstantNodesConvertInEveryForm) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[2] x) => (float[2] y) {
        a = Constant <value = float[2] {1, 2}> ()
        b = Constant <value_float = 0.5> ()
        c = Constant <value_floats = [0.25, 4.0]> ()
        d = Add(x, a)  e = Mul(d, b)  y = Sub(e, c) })");
  EXPECT_EQ(result.report.casts_added, 2);
  for (const auto& node : result.model.proto().graph().node()) {
    if (node.op_type() != "Constant") continue;
    EXPECT_EQ(node.attribute(0).t().data_type(), kF16) << node.DebugString();
  }
}

TEST(ConvertPrecision, ScalesOfResizeAndShapesStayExact) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 13]>
      g (float[1, 2, 4, h] x) => (float[1, 2, 8, k] y) <float[4] scales = {1, 1, 2, 2}, int64[1] three = {3}> {
        a = Relu(x)
        shape = Shape(a)
        width = Gather(shape, three)
        real = Cast <to = 1> (width)
        two = Constant <value_float = 2.0> ()
        half = Div(real, two)
        whole = Floor(half)
        back = Cast <to = 7> (whole)
        b = Resize(a, , scales)
        y = Neg(b) })");
  EXPECT_EQ(test::initializer_type(result.model, "scales"), kF32);
  EXPECT_THAT(blocked(result.report), UnorderedElementsAre(Pair("real", "it computes shapes or positions"),
                                                           Pair("half", "it computes shapes or positions"),
                                                           Pair("whole", "it computes shapes or positions"),
                                                           Pair("back", "it computes shapes or positions")));
  EXPECT_EQ(result.report.casts_added, 2) << "Shape reads any type";
}

TEST(ConvertPrecision, WhatBecomesAShapeStaysExact) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[4] x, float[1] factor) => (float[m] y) <float[1] four = {4}> {
        a = Mul(factor, four)  b = Cast <to = 7> (a)  c = Relu(x)  y = Expand(c, b) })");
  EXPECT_THAT(blocked(result.report), UnorderedElementsAre(Pair("a", "it computes shapes or positions"),
                                                           Pair("b", "it computes shapes or positions")));
}

TEST(ConvertPrecision, PositionsStayExact) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[1, t] x) => (float[1, t] y) <float frequency = {0.001}, int64 one = {1}, float zero = {0}, float step = {1}> {
        shape = Shape(x)  length = Gather(shape, one)  limit = Cast <to = 1> (length)
        place = Range(zero, limit, step)  angle = Mul(place, frequency)  wave = Sin(angle)  y = Add(x, wave) })");
  EXPECT_THAT(blocked(result.report).size(), 4U) << "limit, place, angle, wave";
  EXPECT_THAT(blocked(result.report).at("wave"), "it computes shapes or positions");
  EXPECT_THAT(lines(result.model), testing::Contains("Cast(wave) -> wave_f16"));
}

TEST(ConvertPrecision, MovesBetweenF32Stay) {
  PrecisionOptions options;
  options.blocked_ops = {"Exp", "Log"};
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[2, 3] x) => (float[3, 2] y) {
        a = Relu(x)  b = Exp(a)  c = Transpose(b)  d = Identity(c)  e = Log(d)  y = Neg(e) })",
                                options);
  EXPECT_THAT(
      lines(result.model),
      ElementsAre("Cast(x) -> x_f16", "Relu(x_f16) -> a", "Cast(a) -> a_f32", "Exp(a_f32) -> b", "Transpose(b) -> c",
                  "Identity(c) -> d", "Log(d) -> e", "Cast(e) -> e_f16", "Neg(e_f16) -> y_f16", "Cast(y_f16) -> y"));
  EXPECT_EQ(blocked(result.report).at("c"), "it moves values from f32 to f32");
}

TEST(ConvertPrecision, CastsOfTheModelDoNotPileUp) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (int64[3] i) => (float[3] y) <float16[3] h = {1, 2, 3}> {
        a = Cast <to = 1> (i)  b = Relu(a)  c = Cast <to = 10> (b)  d = Add(c, h)  e = Cast <to = 1> (d)  y = Neg(e) })");
  EXPECT_THAT(lines(result.model),
              ElementsAre("Cast(i) -> a", "Relu(a) -> b", "Add(b, h) -> d", "Neg(d) -> y_f16", "Cast(y_f16) -> y"));
  EXPECT_EQ(result.model.proto().graph().node(0).attribute(0).i(), kF16);
  EXPECT_EQ(result.report.casts_removed, 2);
}

TEST(ConvertPrecision, ModelsWithoutF32StayAsTheyAre) {
  for (const char* text : {R"(<ir_version: 8, opset_import: ["" : 17]>
      g (int64[3] x) => (int64[3] y) <int64[3] w = {1, 2, 3}> { y = Add(x, w) })",
                           R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float16[3] x) => (float16[3] y) <float16[3] w = {1, 2, 3}> { y = Add(x, w) })"}) {
    const OnnxModel model = parsed(text);
    const auto result = converted(model);
    EXPECT_EQ(result.model.proto().SerializeAsString(), model.proto().SerializeAsString());
    EXPECT_EQ(result.report.nodes_without_floats, 1);
  }
}

TEST(ConvertPrecision, IndicesStayIntegersAndTablesConvert) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (int64[n] tokens) => (float[n, 2] y) <float[3, 2] table = {1, 2, 3, 4, 5, 6}> { y = Gather(table, tokens) })");
  EXPECT_EQ(test::initializer_type(result.model, "table"), kF16);
  EXPECT_THAT(lines(result.model), ElementsAre("Gather(table, tokens) -> y_f16", "Cast(y_f16) -> y"));
}

TEST(ConvertPrecision, BranchesOfIfConvert) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (bool c, float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> {
        a = Relu(x)
        b = If (c) <then_branch = then () => (float[3] t) { t = Add(a, w) },
                    else_branch = other () => (float[3] e) { e = Mul(a, w) }>
        y = Neg(b) })");
  EXPECT_EQ(result.report.casts_added, 2);
  EXPECT_EQ(result.report.converted.size(), 5U);
  const auto& branch = result.model.proto().graph().node(2).attribute(0).g();
  EXPECT_EQ(branch.output(0).type().tensor_type().elem_type(), kF16);
}

TEST(ConvertPrecision, ABlockedIfIsCastAroundAndInside) {
  PrecisionOptions options;
  options.blocked_ops = {"If"};
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (bool c, float[3] x) => (float[3] y) {
        a = Relu(x)
        b = If (c) <then_branch = then () => (float[3] t) { t = Exp(a) },
                    else_branch = other () => (float[3] e) { e = Identity(a) }>
        y = Neg(b) })",
                                options);
  EXPECT_EQ(result.report.blocked.size(), 1U);
  const auto& branch = result.model.proto().graph().node(2).attribute(0).g();
  EXPECT_EQ(branch.output(0).type().tensor_type().elem_type(), kF32);
}

constexpr const char* kLoop = R"(<ir_version: 8, opset_import: ["" : 17]>
      g (int64 n, float[3] x) => (float[3] y, float[k, 3] all) <bool keep = {1}, float[3] w = {1, 2, 3}> {
        a = Relu(x)
        y, all = Loop (n, keep, a) <body = step (int64 i, bool c, float[3] s) => (bool d, float[3] t, float[3] u) {
            d = Identity(c)  m = Mul(s, w)  t = Add(m, a)  u = Neg(t) }> })";

TEST(ConvertPrecision, WhatALoopCarriesConverts) {
  const auto result = converted(kLoop);
  EXPECT_EQ(result.report.blocked.size(), 0U);
  EXPECT_EQ(result.report.casts_added, 3);
  const auto& body = result.model.proto().graph().node(2).attribute(0).g();
  EXPECT_EQ(body.input(2).type().tensor_type().elem_type(), kF16);
  EXPECT_EQ(body.output(1).type().tensor_type().elem_type(), kF16);
  EXPECT_EQ(body.input(0).type().tensor_type().elem_type(), onnx::TensorProto::INT64);
}

TEST(ConvertPrecision, ALoopWithoutBf16KeepsItsInterface) {
  PrecisionOptions options;
  options.type = HalfType::bf16;
  OnnxModel model = parsed(kLoop);
  model.mutable_proto().mutable_opset_import(0)->set_version(13);
  const auto result = converted(model, options);
  EXPECT_THAT(blocked(result.report), UnorderedElementsAre(Pair("y", "Loop has bf16 from operator set 16 on")));
}

TEST(ConvertPrecision, OperatorsWithoutTheTypeAreSaid) {
  const std::string text = R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[1, 1, 4, 4] x) => (float[1, 1, 2, 2] y) <float[1, 1, 3, 3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9}> {
        a = Relu(x)  y = Conv(a, w) })";
  PrecisionOptions options;
  options.type = HalfType::bf16;
  const auto result = converted(text, options);
  EXPECT_THAT(blocked(result.report), UnorderedElementsAre(Pair("y", "Conv has bf16 from operator set 22 on")));
  const OnnxModel model = parsed(text);
  EXPECT_EQ(opset_with(model, HalfType::bf16), 22);
  EXPECT_EQ(opset_with(model, HalfType::f16), 17);
  options.raise_opset = 22;
  const auto raised = converted(model, options);
  EXPECT_THAT(raised.report.blocked, IsEmpty());
  EXPECT_EQ(test::initializer_type(raised.model, "w"), kBf16);
  EXPECT_EQ(raised.model.proto().opset_import(0).version(), 22);
}

TEST(ConvertPrecision, QuantizationConvertsWhereItsScalesMay) {
  const auto text = [](int opset) {
    return R"(<ir_version: 9, opset_import: ["" : )" + std::to_string(opset) + R"(]>
      g (float[3] x) => (float[3] y) <float scale = {0.5}, int8 zero = {0}> {
        q = QuantizeLinear(x, scale, zero)  d = DequantizeLinear(q, scale, zero)  y = Relu(d) })";
  };
  const auto old = converted(text(13));
  EXPECT_EQ(blocked(old.report).at("q"), "QuantizeLinear has f16 from operator set 19 on");
  EXPECT_EQ(blocked(old.report).at("d"), "DequantizeLinear has f16 from operator set 19 on");
  const auto now = converted(text(19));
  EXPECT_THAT(lines(now.model),
              ElementsAre("QuantizeLinear(x, scale, zero) -> q", "DequantizeLinear(q, scale_f16, zero) -> d",
                          "Relu(d) -> y_f16", "Cast(y_f16) -> y"));
  EXPECT_EQ(blocked(now.report).at("q"), "it has the type of what is beside it");
  EXPECT_EQ(test::initializer_type(now.model, "scale_f16"), kF16);
  // The type of what is dequantised is that of the scale; only operator set 23 has an attribute for it.
  EXPECT_NO_THROW(onnx::checker::check_model(now.model.proto()));
}

// Engines fuse a DequantizeLinear with its layer only where nothing is between them.
TEST(ConvertPrecision, QuantizationGoesWithTheLayerThatReads) {
  const std::string text = R"(<ir_version: 9, opset_import: ["" : 19]>
      g (float[1, 1, 4, 4] x) => (float[1, 1, 4, 4] y)
      <float[1, 1, 1, 1] v = {1}, int8[1, 1, 1, 1] w = {3}, float scale = {0.5}, float s = {0.25}, int8 zero = {0}> {
        a = Conv(x, v)  q = QuantizeLinear(a, scale, zero)  d = DequantizeLinear(q, scale, zero)
        u = DequantizeLinear(w, s, zero)  [kept] b = Conv(d, u)  r = Relu(b)
        t = QuantizeLinear(r, scale, zero)  e = DequantizeLinear(t, scale, zero)  y = Conv(e, v) })";
  PrecisionOptions options;
  options.blocked_nodes = {"kept"};
  const auto result = converted(text, options);
  EXPECT_THAT(
      lines(result.model),
      UnorderedElementsAre("Cast(x) -> x_f16", "Conv(x_f16, v) -> a", "QuantizeLinear(a, scale_f16, zero) -> q",
                           "DequantizeLinear(q, scale, zero) -> d", "DequantizeLinear(w, s, zero) -> u",
                           "Conv(d, u) -> b", "Relu(b) -> r", "QuantizeLinear(r, scale, zero) -> t",
                           "DequantizeLinear(t, scale_f16, zero) -> e", "Conv(e, v) -> y_f16", "Cast(y_f16) -> y"));
  // Conv has no bf16 in this operator set: INT8 all the same, with nothing between Q/DQ and their layers.
  options.type = HalfType::bf16;
  EXPECT_THAT(lines(converted(text, options).model), Not(Contains(HasSubstr("Cast"))));
}

TEST(ConvertPrecision, AScaleTooSmallForF16KeepsItsNode) {
  const auto result = converted(R"(<ir_version: 9, opset_import: ["" : 19]>
      g (float[3] x) => (float[3] y) <float scale = {0.00001}, int8 zero = {0}> {
        q = QuantizeLinear(x, scale, zero)  d = DequantizeLinear(q, scale, zero)  y = Relu(d) })");
  EXPECT_THAT(blocked(result.report).at("q"),
              "its scale 'scale' is as small as 1e-05, which f16 cannot hold to full precision");
}

TEST(ConvertPrecision, UnknownOperatorsAndWhatTheyMakeStay) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17, "acme" : 1]>
      g (float[3] x) => (float[3] y) { a = Relu(x)  b = acme.Magic(a)  c = Neg(b)  y = Identity(c) })");
  EXPECT_EQ(blocked(result.report).at("b"), "Magic of domain 'acme' is not known to ONNX");
  EXPECT_EQ(blocked(result.report).at("y"), "the type of its input 'c' is not known");
}

TEST(ConvertPrecision, FunctionsAreInlined) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
      g (float[3] x) => (float[3] y) { a = Relu(x)  y = local.twice(a) }
      <domain: "local", opset_import: ["" : 17]> twice (v) => (w) { two = Constant <value_float = 2.0> ()  w = Mul(v, two) })");
  EXPECT_THAT(result.report.notes, ElementsAre("1 function of the model was inlined"));
  EXPECT_EQ(result.report.converted.size(), 2U);
}

TEST(ConvertPrecision, SequencesStay) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[3] x) => (float[k] y) { a = Relu(x)  s = SequenceConstruct(a, a)  b = ConcatFromSequence <axis = 0> (s)  y = Neg(b) })");
  EXPECT_EQ(blocked(result.report).at("s"), "its output 's' is no plain tensor");
  EXPECT_EQ(blocked(result.report).at("b"), "its input 's' is no plain tensor");
}

TEST(ConvertPrecision, TypesThatAttributesSayChangeToo) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (int64[1] n, int64[2, 2] like) => (float[m] y, float[2, 2] z) {
        a = ConstantOfShape <value = float[1] {1.5}> (n)  b = ConstantOfShape(n)  y = Add(a, b)
        e = EyeLike <dtype = 1> (like)  z = Neg(e) })");
  EXPECT_THAT(result.report.blocked, IsEmpty());
  EXPECT_EQ(result.report.casts_added, 2);
}

TEST(ConvertPrecision, DefaultBlocksHaveReasonsAndCanBeTurnedOff) {
  const std::string text = R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[9] x) => (float[9] y) <int64 axis = {0}> { a = Relu(x)  y = CumSum(a, axis) })";
  EXPECT_THAT(blocked(converted(text).report).at("y"), HasSubstr("running sum"));
  PrecisionOptions options;
  options.use_default_blocks = false;
  EXPECT_THAT(converted(text, options).report.blocked, IsEmpty());
}

TEST(ConvertPrecision, NamesNeverCollide) {
  const auto result = converted(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[3] x) => (float[3] y) <float[3] x_f16 = {1, 2, 3}> { y_f16 = Add(x, x_f16)  y = Neg(y_f16) })");
  EXPECT_THAT(lines(result.model), ElementsAre("Cast(x) -> x_f16_2", "Add(x_f16_2, x_f16) -> y_f16",
                                               "Neg(y_f16) -> y_f16_2", "Cast(y_f16_2) -> y"));
}

// Weights of an old format lie in files of their own; what stays in f32 stays there.
TEST(ConvertPrecision, ExternalWeightsAreReadAndOthersStayOutside) {
  const auto folder = TemporaryFolder::create("trtprof-external");
  ASSERT_TRUE(folder);
  OnnxModel model = parsed(R"(<ir_version: 8, opset_import: ["" : 13]>
      g (float[1, 1, 4, 4] x) => (float[1, 1, 2, 2] y) <float[1, 1, 3, 3] w = {0, 0, 0, 0, 0, 0, 0, 0, 0}, float[1] b = {0}> {
        a = Conv(x, w)  y = Mul(a, b) })");
  std::string bytes;
  for (const float value : {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F, 7.0F, 8.0F, 9.0F, 0.5F}) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  ASSERT_TRUE(write_file(folder->path() / "weights.bin", bytes));
  int at = 0;
  for (auto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    const std::size_t count = tensor.name() == "w" ? 9 : 1;
    tensor.clear_float_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : {std::pair<std::string, std::string>("location", "weights.bin"),
                                     {"offset", std::to_string(at)},
                                     {"length", std::to_string(count * sizeof(float))}}) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    at += static_cast<int>(count * sizeof(float));
  }
  ASSERT_TRUE(write_file(folder->path() / "m.onnx", model.proto().SerializeAsString()));
  const auto loaded = OnnxModel::load(folder->path() / "m.onnx");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  for (const bool raise : {false, true}) {
    PrecisionOptions options;
    options.type = raise ? HalfType::bf16 : HalfType::f16;
    options.blocked_ops = {"Mul"};
    if (raise) options.raise_opset = 22;
    const auto result = converted(*loaded, options);
    ASSERT_EQ(result.report.blocked.size(), 1U);
    for (const auto& tensor : result.model.proto().graph().initializer()) {
      const auto values = read_tensor(tensor, result.model.path());
      ASSERT_TRUE(values.has_value()) << values.error().message;
      EXPECT_EQ(tensor.data_location() == onnx::TensorProto::EXTERNAL, tensor.name() == "b");
      EXPECT_EQ(values->data.size(), tensor.name() == "w" ? 18U : 4U);
    }
    EXPECT_TRUE(result.model.save_with_data(folder->path() / (raise ? "raised.onnx" : "same.onnx")).has_value());
  }
}

TEST(ConvertPrecision, TheModelGivenIsNotChanged) {
  const OnnxModel model = parsed(kLoop);
  const std::string before = model.proto().SerializeAsString();
  (void)converted(model);
  EXPECT_EQ(model.proto().SerializeAsString(), before);
}

}  // namespace
}  // namespace trtprof
