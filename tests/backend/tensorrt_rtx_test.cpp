// The module for TensorRT-RTX with NVIDIA's library, whose builder needs no GPU: real engines of real models.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "support/fake_backend.h"
#include "support/shape_input_model.h"
#include "support/tensorrt_module.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;

constexpr EngineVersion kVersion = {1, 7, 1, 116};

ShapeProfile range(const std::string& input, std::vector<std::int64_t> min, std::vector<std::int64_t> opt,
                   std::vector<std::int64_t> max) {
  return {{input, {std::move(min), std::move(opt), std::move(max)}}};
}

ShapeProfile fixed(const std::string& input, const std::vector<std::int64_t>& shape) {
  return range(input, shape, shape, shape);
}

class TensorrtRtx : public TensorrtModule {
 protected:
  TensorrtRtx() : TensorrtModule("tensorrt-rtx", "vtrt", kVersion) {}

  // Full size unless told: 3.5 million weights.
  std::filesystem::path sample(const SampleOptions& options = {}) const {
    const auto model = make_sample("mobilenetv2", options);
    EXPECT_TRUE(model.has_value()) << model.error().message;
    EXPECT_TRUE(model->save(path("sample.onnx")).has_value());
    return path("sample.onnx");
  }
  std::filesystem::path small_sample() const { return sample({.width = 0.35, .resolution = 32}); }

  Result<BuiltEngine> build(const std::filesystem::path& model, const BuildOptions& options = {}) {
    NoProgress progress;
    return backend().build({model, {}}, options, progress, stop_);
  }
  Error refusal(const std::filesystem::path& model, const BuildOptions& options = {}) {
    const auto built = build(model, options);
    EXPECT_FALSE(built.has_value());
    return built ? Error{} : built.error();
  }

  StopFlag stop_;
};

void expect_engine(const Result<BuiltEngine>& built) {
  ASSERT_TRUE(built.has_value()) << built.error().message;
  const auto header = parse_plan_header(built->plan, built->plan.size(), "built");
  ASSERT_TRUE(header.has_value()) << header.error().message;
  EXPECT_EQ(header->flavour, EngineFlavour::tensorrt_rtx);
  EXPECT_EQ(to_string(header->version), built->engine_version);
  EXPECT_EQ(built->engine_version, to_string(kVersion));
  EXPECT_EQ(built->engine_name, "TensorRT-RTX");
  EXPECT_EQ(built->device_name, "");
  EXPECT_GT(built->seconds, 0.0);
}

TEST_F(TensorrtRtx, TheGpuIsMissed) {
  EXPECT_EQ(backend().name(), "tensorrt-rtx");
  const auto probed = backend().probe();
  ASSERT_FALSE(probed.has_value());
  EXPECT_EQ(probed.error().code, ErrorCode::unavailable);
  EXPECT_THAT(probed.error().message, HasSubstr("no usable NVIDIA GPU"));
}

TEST_F(TensorrtRtx, BuildsMobileNetV2) {
  const auto built = build(sample());
  expect_engine(built);
  EXPECT_GT(built->plan.size(), 3'500'000U * 4);  // its weights are in it
  EXPECT_THAT(built->warnings, IsEmpty());
}

TEST_F(TensorrtRtx, BuildsForARangeOfBatches) {
  const auto model = sample({.batch = std::nullopt});
  BuildOptions options;
  options.profiles = {range("input", {1, 3, 224, 224}, {8, 3, 224, 224}, {16, 3, 224, 224})};
  expect_engine(build(model, options));

  const Error open = refusal(model);
  EXPECT_EQ(open.code, ErrorCode::usage);
  EXPECT_THAT(open.message, HasSubstr("'input' ?x3x224x224"));
  EXPECT_THAT(open.hint, HasSubstr("--opt-shape"));

  options.profiles = {range("input", {1, 4, 224, 224}, {1, 4, 224, 224}, {2, 4, 224, 224})};
  EXPECT_THAT(refusal(model, options).message, AllOf(HasSubstr("sample.onnx: "), HasSubstr("input"), HasSubstr("3")));
}

TEST_F(TensorrtRtx, TheSameModelAndOptionsMakeAnEngineOfTheSameKind) {
  const auto model = small_sample();
  const auto one = build(model);
  const auto other = build(model);
  expect_engine(one);
  expect_engine(other);
  EXPECT_EQ(one->plan.size(), other->plan.size());
  EXPECT_EQ(one->plan.substr(0, kPlanHeaderBytes), other->plan.substr(0, kPlanHeaderBytes));
}

struct OcrBuild {
  const char* name;
  const char* file;
  ShapeProfile fixed;
  ShapeProfile range;
};

class TensorrtRtxOcr : public TensorrtRtx, public ::testing::WithParamInterface<OcrBuild> {};

TEST_P(TensorrtRtxOcr, BuildsForAShapeAndForARange) {
  const std::string model = std::string(kOcrModelsDir) + "/" + GetParam().file;
  BuildOptions options;
  options.profiles = {GetParam().fixed};
  expect_engine(build(model, options));
  options.profiles = {GetParam().range};
  expect_engine(build(model, options));
}

INSTANTIATE_TEST_SUITE_P(
    Models, TensorrtRtxOcr,
    ::testing::Values(OcrBuild{"Detection", "ch_PP-OCRv4_det_infer.onnx", fixed("x", {1, 3, 640, 640}),
                               range("x", {1, 3, 320, 320}, {1, 3, 640, 640}, {1, 3, 960, 960})},
                      OcrBuild{"Recognition", "ch_PP-OCRv4_rec_infer.onnx", fixed("x", {1, 3, 48, 320}),
                               range("x", {1, 3, 48, 160}, {1, 3, 48, 320}, {4, 3, 48, 640})},
                      // One name for two of its dimensions: what has one fixed shape loses the name, and so does not
                      // mind; a square is a range that TensorRT takes.
                      OcrBuild{"Classification", "ch_ppocr_mobile_v2.0_cls_infer.onnx", fixed("x", {1, 3, 48, 192}),
                               range("x", {1, 3, 48, 48}, {1, 3, 96, 96}, {1, 3, 192, 192})}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_F(TensorrtRtx, DimensionsOfOneNameHaveOneRange) {
  BuildOptions options;
  options.profiles = {range("x", {1, 3, 48, 192}, {2, 3, 48, 192}, {4, 3, 48, 192})};
  const Error error = refusal(std::string(kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx", options);
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_THAT(error.message,
              HasSubstr("dimension 2 of 'x' and dimension 3 of 'x' have the same name '?' in the model"));
  EXPECT_THAT(error.hint, HasSubstr("--shape"));
}

// ---- options

TEST_F(TensorrtRtx, ComputeCapabilities) {
  const auto model = small_sample();
  BuildOptions options;
  options.compute_capabilities = {"8.9"};
  expect_engine(build(model, options));
  options.compute_capabilities = {"8.9", "12.0"};
  expect_engine(build(model, options));
  options.compute_capabilities = {"9.0"};
  const Error unknown = refusal(model, options);
  EXPECT_EQ(unknown.code, ErrorCode::usage);
  EXPECT_THAT(unknown.message, HasSubstr("'9.0'"));
  EXPECT_THAT(unknown.hint, HasSubstr("8.9"));
}

// It compiles for the GPU that is there whatever else it is told.
TEST_F(TensorrtRtx, EnginesToBeRefittedNeedAGpuToBeBuilt) {
  for (const bool strip : {false, true}) {
    BuildOptions options;
    options.strip_weights = strip;
    options.refit = !strip;
    options.compute_capabilities = {"8.9"};
    const Error error = refusal(small_sample(), options);
    EXPECT_EQ(error.code, ErrorCode::failed);
    EXPECT_THAT(error.message, HasSubstr("could not build an engine of"));
    EXPECT_THAT(error.hint, HasSubstr("No GPU was found"));
  }
}

// ---- inputs that hold a shape

TEST_F(TensorrtRtx, AnInputThatHoldsAShapeIsBuiltForARangeOfValues) {
  BuildOptions options;
  ASSERT_TRUE(write_file(path("reshape.onnx"), with_shape_input("Reshape", {2, 12}, 2)).has_value());
  options.profiles = {{{"shape", {{1, 6}, {2, 12}, {4, 24}, true}}}};
  expect_engine(build(path("reshape.onnx"), options));
  ASSERT_TRUE(write_file(path("resize.onnx"), with_shape_input("Resize", {1, 1, 4, 6}, 4)).has_value());
  options.profiles = {{{"shape", {{1, 1, 4, 6}, {1, 1, 8, 12}, {1, 1, 16, 24}, true}}}};
  expect_engine(build(path("resize.onnx"), options));
}

TEST_F(TensorrtRtx, TheRangeOfValuesIsAskedForAndChecked) {
  ASSERT_TRUE(write_file(path("reshape.onnx"), with_shape_input("Reshape", {2, 12}, 2)).has_value());
  const Error missing = refusal(path("reshape.onnx"));
  EXPECT_EQ(missing.code, ErrorCode::usage);
  EXPECT_THAT(missing.message, HasSubstr("input 'shape' of the model holds a shape"));
  EXPECT_THAT(missing.hint, HasSubstr("--min-shape shape:"));
  BuildOptions options;
  options.profiles = {{{"shape", {{1, 6, 1}, {2, 12, 1}, {4, 24, 1}, true}}}};
  EXPECT_THAT(refusal(path("reshape.onnx"), options).message, HasSubstr("holds a shape of 2 values, not 2x12x1"));
  options.profiles = {{{"x", {{2, 12}, {2, 12}, {2, 12}, true}}, {"shape", {{2, 12}, {2, 12}, {2, 12}, true}}}};
  EXPECT_THAT(refusal(path("reshape.onnx"), options).message, HasSubstr("input 'x' of the model holds no shape"));
}

TEST_F(TensorrtRtx, WhatItHasNotIsAUsageError) {
  const auto model = small_sample();
  const auto expect_refused = [&](const BuildOptions& options, const char* part) {
    const Error error = refusal(model, options);
    EXPECT_EQ(error.code, ErrorCode::usage) << part;
    EXPECT_THAT(error.message, HasSubstr(part));
    EXPECT_NE(error.hint, "") << part;
  };
  BuildOptions weak;
  weak.weak.fp16 = true;
  expect_refused(weak, "no weak typing");
  BuildOptions cache;
  cache.timing_cache = path("t.cache");
  expect_refused(cache, "no timing cache");
  EXPECT_FALSE(std::filesystem::exists(path("t.cache")));
  BuildOptions compatible;
  compatible.hardware_compatibility = HardwareCompatibility::ampere_plus;
  expect_refused(compatible, "no --hardware-compatibility");
}

TEST_F(TensorrtRtx, ANamedGpuIsNotPassedOver) {
  BuildOptions options;
  options.device = "cuda:0";
  const Error error = refusal(small_sample(), options);
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, HasSubstr("no usable NVIDIA GPU"));
}

// Not even loaded: its parser would end the process.
TEST_F(TensorrtRtx, ItTakesNoPlugins) {
  BuildOptions options;
  options.plugins = {path("libnone.so")};
  const Error error = refusal(small_sample(), options);
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_THAT(error.message, AllOf(HasSubstr("TensorRT-RTX takes no plugins"), HasSubstr("libnone.so")));
  EXPECT_THAT(error.hint, HasSubstr("--backend tensorrt"));
}

// ---- progress and interruption

TEST_F(TensorrtRtx, ProgressOfABuild) {
  RecordingProgress progress{FakeClock()};
  expect_engine(backend().build({small_sample(), {}}, {}, progress, stop_));
  EXPECT_THAT(progress.phases, ElementsAre("loading the builder", "reading the model", "building the engine"));
  ASSERT_THAT(progress.updates, SizeIs(Ge(3U)));
  EXPECT_THAT(progress.updates, Each(AllOf(Field(&RecordingProgress::Update::fraction, AllOf(Ge(0.0), Le(1.0))),
                                           Field(&RecordingProgress::Update::detail, Not(IsEmpty())),
                                           Field(&RecordingProgress::Update::phase, "building the engine"))));
  EXPECT_LT(progress.updates.front().fraction, progress.updates.back().fraction);
}

// Asks for a stop as soon as the builder tells of its first step.
class ImpatientProgress final : public Progress {
 public:
  explicit ImpatientProgress(StopFlag& stop) : stop_(stop) {}
  void phase(std::string_view /*name*/) override {}
  void update(double /*fraction*/, std::string_view /*detail*/) override {
    ++updates;
    stop_.request();
  }
  void finish() override {}
  int updates = 0;

 private:
  StopFlag& stop_;
};

TEST_F(TensorrtRtx, AStopEndsTheBuildAtItsNextStep) {
  const auto model = small_sample();
  RecordingProgress whole{FakeClock()};
  expect_engine(backend().build({model, {}}, {}, whole, stop_));

  ImpatientProgress impatient(stop_);
  const auto built = backend().build({model, {}}, {}, impatient, stop_);
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().code, ErrorCode::interrupted);
  EXPECT_THAT(built.error().message, HasSubstr("sample.onnx was interrupted"));
  EXPECT_LT(impatient.updates, static_cast<int>(whole.updates.size()));
}

// ---- models that cannot be built

class OneNode {
 public:
  OneNode(const std::string& op, const std::string& domain, const std::vector<std::vector<std::int64_t>>& inputs) {
    model_.set_ir_version(8);
    for (const auto& [name, version] : {std::pair("", 17), std::pair("my.domain", 1)}) {
      auto& opset = *model_.add_opset_import();
      opset.set_domain(name);
      opset.set_version(version);
    }
    onnx::GraphProto& graph = *model_.mutable_graph();
    graph.set_name("one");
    onnx::NodeProto& node = *graph.add_node();
    node.set_name("the \x1b[31mnode");
    node.set_op_type(op);
    node.set_domain(domain);
    for (const auto& shape : inputs) {
      const std::string name = "in" + std::to_string(graph.input_size());
      node.add_input(name);
      describe(*graph.add_input(), name, shape);
    }
    node.add_output("out");
    graph.add_output()->set_name("out");
    graph.mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  }
  std::string bytes() const { return model_.SerializeAsString(); }

 private:
  static void describe(onnx::ValueInfoProto& value, const std::string& name, const std::vector<std::int64_t>& shape) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const auto d : shape) type.mutable_shape()->add_dim()->set_dim_value(d);
  }
  onnx::ModelProto model_;
};

TEST_F(TensorrtRtx, AnOperatorItDoesNotKnowIsNamedWithItsNode) {
  for (const auto& [op, domain] : {std::pair("Frobnicate", "my.domain"), std::pair("Det", "")}) {
    ASSERT_TRUE(write_file(path("one.onnx"), OneNode(op, domain, {{1, 3, 8, 8}}).bytes()).has_value());
    const Error error = refusal(path("one.onnx"));
    EXPECT_EQ(error.code, ErrorCode::failed);
    EXPECT_THAT(error.message, AllOf(HasSubstr("one.onnx, node 'the "), HasSubstr(std::string("(") + op + "): ")));
    EXPECT_THAT(error.message, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("&&")), Not(HasSubstr(": false"))));
    EXPECT_THAT(error.hint, HasSubstr("needs a plugin"));
  }
}

TEST_F(TensorrtRtx, ANodeThatContradictsItselfIsNamed) {
  const std::string model = OneNode("Conv", "", {{1, 3, 8, 8}, {4, 5, 3, 3}}).bytes();
  ASSERT_TRUE(write_file(path("one.onnx"), model).has_value());
  const Error error = refusal(path("one.onnx"));
  EXPECT_THAT(error.message, AllOf(HasSubstr("(Conv): "), Not(HasSubstr("Assertion failed"))));
}

TEST_F(TensorrtRtx, NoModelAtAll) {
  ASSERT_TRUE(write_file(path("text.onnx"), "not a model").has_value());
  EXPECT_THAT(refusal(path("text.onnx")).message, HasSubstr("could not read"));
  EXPECT_THAT(refusal(path("missing.onnx")).message, HasSubstr("missing.onnx"));
}

// ---- engines that cannot be loaded

class HostileEngine : public TensorrtRtx {
 protected:
  void SetUp() override {
    TensorrtRtx::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto built = build(small_sample());
    ASSERT_TRUE(built.has_value()) << built.error().message;
    plan_ = std::move(built->plan);
  }
  std::string with_length(std::uint64_t length) const {
    std::string plan = plan_;
    for (std::size_t i = 0; i < 8; ++i) plan[16 + i] = static_cast<char>(length >> (8 * i) & 0xffU);
    return plan;
  }
  std::string plan_;
};

TEST_F(HostileEngine, AsItWasBuiltItFailsForTheGpuAlone) {
  EXPECT_THAT(refusal_of(plan_).message, HasSubstr("no usable NVIDIA GPU"));
}

TEST_F(HostileEngine, AnotherVersion) {
  for (const int byte : {24, 25, 26}) {
    std::string plan = plan_;
    ++plan[static_cast<std::size_t>(byte)];
    const Error newer = refusal_of(plan);
    EXPECT_EQ(newer.code, ErrorCode::unavailable);
    EXPECT_THAT(newer.message,
                HasSubstr("here is TensorRT-RTX 1.7.1.116: an engine runs on the version that built it"));
    EXPECT_THAT(newer.hint, HasSubstr("build it again"));
  }
  std::string older = plan_;
  --older[25];
  EXPECT_THAT(refusal_of(older).message, HasSubstr("was built by TensorRT-RTX 1.6.1.116"));
  std::string none = plan_;
  none[24] = '\0';
  EXPECT_THAT(refusal_of(none).message, HasSubstr("names no version"));
}

TEST_F(HostileEngine, CutShort) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{27}, std::size_t{28},
                                  std::size_t{64}, plan_.size() / 2, plan_.size() - 1}) {
    const Error error = refusal_of(plan_.substr(0, bytes));
    EXPECT_EQ(error.code, ErrorCode::failed) << bytes;
    EXPECT_THAT(error.message, Not(HasSubstr("GPU"))) << bytes;
  }
}

TEST_F(HostileEngine, SizesThatCannotBe) {
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{27}, std::uint64_t{plan_.size() - 1},
                                     std::uint64_t{plan_.size() + 1}, std::uint64_t{1} << 62U, ~std::uint64_t{0}}) {
    const Error error = refusal_of(with_length(length));
    EXPECT_EQ(error.code, ErrorCode::failed) << length;
    EXPECT_THAT(error.message, HasSubstr(std::to_string(length) + " bytes")) << length;
  }
}

// Whatever stands in a header, the file is refused with a sentence, and nothing ends the process.
TEST_F(HostileEngine, RandomHeaders) {
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
  plan_.resize(512);
  const std::string whole = with_length(plan_.size());
  int passed_the_header = 0;
  for (int round = 0; round < 150; ++round) {
    std::string plan = whole;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      plan[random() % 40] = static_cast<char>(random());
    }
    const Error error = refusal_of(plan);
    EXPECT_NE(error.code, ErrorCode::usage);
    EXPECT_THAT(error.message, AllOf(Not(IsEmpty()), Not(HasSubstr("\x1b"))));
    passed_the_header += error.message.find("refused.engine") == std::string::npos ? 1 : 0;
  }
  EXPECT_GT(passed_the_header, 0);
  EXPECT_LT(passed_the_header, 150);
}

}  // namespace
}  // namespace trtprof::test
