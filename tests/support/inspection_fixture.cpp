#include "support/inspection_fixture.h"

#include "support/profile_fixture.h"

namespace trtprof::test {
namespace {

ValueInfo value(std::string name, std::vector<Dimension> shape) {
  return {std::move(name), ElementType::f32, std::move(shape)};
}

CostTotals totals(double macs, double flops, std::int64_t operators, std::int64_t unknown) {
  return {macs, flops, 1.5e6, 2.5e6, 0.5e6, operators, unknown};
}

}  // namespace

ModelInspection full_model_inspection() {
  ModelInspection inspection;
  inspection.model = full_profile().model;
  inspection.inputs = {value("x", {{1, ""}, {3, ""}, {224, ""}, {224, ""}}), value("m\x1b[31m", {})};
  inspection.outputs = {value("y", {{1, ""}, {std::nullopt, "classes"}, {std::nullopt, ""}}),
                        {"z", ElementType::unknown, std::nullopt}};
  Inspection& contents = inspection.contents;
  contents.operators = {{"Conv", 52, 2189760, totals(299.5e6, 599e6, 52, 0)},
                        {"com.acme.\"Foo\"", 2, 0, {0, 0, 0, 0, 0, 2, 2}},
                        {"Add", 1, 7, totals(0, 216400, 1, 0)}};
  contents.constant_nodes = 1;
  contents.parameters = 2189767;
  contents.weight_bytes = 8759068;
  contents.totals = totals(299.5e6, 599216400, 55, 2);
  contents.nodes_by_precision = {{"f32", 53}, {"i64", 2}};
  contents.weights_by_precision = {{"f32", 8759060}, {"i64", 8}};
  contents.open_dimensions = {"tensor y: classes, dimension 2"};
  contents.largest_tensors = {{"w", value("w", {{512, ""}, {512, ""}, {3, ""}, {3, ""}}), 9437184, true},
                              {"a\nname/that/is/longer/than/the/column/in/which/it/is/to/be/shown",
                               value("a", {{1, ""}, {96, ""}}), 384, false}};
  contents.tensors_of_unknown_size = 0;
  contents.peak_activation_bytes = 9633792;
  contents.peak_node = "block2/expand/bn";
  contents.activation_bytes = 79300000;
  contents.fusion_candidates = {
      {FusionKind::conv_bn, {"c1", "b1"}},
      {FusionKind::conv_bn_activation, {"c2", "b2", "r2"}},
      {FusionKind::conv_bn_activation, {"c3", "b3", "r3"}},
      {FusionKind::conv_bn_activation, {"c4", "b4", "r4"}},
      {FusionKind::conv_bn_activation, {"c5", "b5", "r5"}},
      {FusionKind::inverted_residual, {"c2", "b2", "r2", "c3", "b3", "r3", "c4", "b4", "a4"}}};
  contents.notes = {"The cost of 2 com.acme.\"Foo\" is not known: Foo: an operator of the domain com.acme."};
  inspection.warnings = {"The checker does not know opset 99."};
  return inspection;
}

ModelInspection open_model_inspection() {
  ModelInspection inspection;
  inspection.model.path = "open.onnx";
  inspection.model.format = "onnx";
  inspection.inputs = {value("x", {{std::nullopt, "batch"}, {3, ""}})};
  Inspection& contents = inspection.contents;
  contents.operators = {{"Relu", 1, 0, {0, 0, 0, 0, 0, 1, 1}}};
  contents.totals = {0, 0, 0, 0, 0, 1, 1};
  contents.nodes_by_precision = {{"f32", 1}};
  contents.open_dimensions = {"input x: batch"};
  contents.tensors_of_unknown_size = 2;
  return inspection;
}

ProfileInspection full_profile_inspection() {
  return {"runs/p.json", 123456, full_profile(), {"/model/licence is not known here."}};
}

EngineInspection bare_engine_inspection() {
  EngineInspection inspection;
  inspection.path = "m.engine";
  inspection.file_bytes = 266220;
  inspection.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  inspection.flavour = "TensorRT-RTX";
  inspection.version = "1.7.1.116";
  inspection.unseen = {"Inputs, outputs, layers and what was fused: no GPU is here."};
  return inspection;
}

EngineInspection full_engine_inspection() {
  EngineInspection inspection = bare_engine_inspection();
  EngineHistory& history = inspection.history.emplace();
  history = {"m.engine.json",
             "TensorRT-RTX",
             "1.7.1.116",
             "NVIDIA L4",
             "8.9",
             12.5,
             "2026-01-31T23:59:59Z",
             "/models/m\x1b.onnx",
             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             {{"shape", "x 1x3x8x8"}, {"refit", "yes"}},
             {"a kernel \"was\" missing"}};
  inspection.inputs = {{"x", "f32", {1, 3, -1, 8}, "Row major linear FP32", 768}};
  inspection.outputs = {{"y", "", {}, "", std::nullopt}, {"z", "f16", {1}, "", std::nullopt}};
  FusionReport& fusion = inspection.fusion.emplace();
  fusion.layers = {
      {"c", "CaskConvolution", LayerClass::convolution, "f16", "sm89_xmma", {{"c", "Conv"}}, OriginSource::reported},
      {"reformat", "Reformat", LayerClass::reformat, "", "", {}, OriginSource::none},
      {"r", "PointWise", LayerClass::activation, "f32", "", {{"r", "Relu"}}, OriginSource::reported}};
  ChainFusion& chain = fusion.chains.emplace_back();
  chain.kind = FusionKind::conv_activation;
  chain.status = FusionStatus::not_fused;
  chain.nodes = {{"c", "Conv", {0}, false}, {"r", "Relu", {2}, false}};
  chain.layers = {0, 2};
  chain.breaks = {{"c", "r", 0, 2, BreakCause::reformat, {1}, "f16", "f32"}};
  ChainFusion& hidden = fusion.chains.emplace_back();
  hidden.nodes = {{"h", "Conv", {}, false}};
  hidden.why_not_told = "no layer names it";
  fusion.nowhere = {{"s", "Shape"}};
  inspection.notes = {"Layers are traced to the nodes of m.onnx."};
  inspection.warnings = {"m.onnx has changed."};
  return inspection;
}

}  // namespace trtprof::test
