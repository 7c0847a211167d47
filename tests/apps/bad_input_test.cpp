// Everything a user can get wrong: one clear sentence on standard error, the documented exit code, nothing on standard
// output and nothing half-written.
#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "support/plans.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace fs = std::filesystem;

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryFolder::create("trtprof-bad-input");
    ASSERT_TRUE(folder);
    folder_ = std::make_unique<TemporaryFolder>(std::move(*folder));
  }

  fs::path path(const std::string& name) const { return folder_->path() / name; }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name).string();
  }

  // A small real model.
  std::string sample(const std::string& name, std::optional<std::int64_t> batch = 1) const {
    SampleOptions options;
    options.width = 0.35;
    options.resolution = 32;
    options.classes = 10;
    options.batch = batch;
    const auto model = make_sample("mobilenetv2", options);
    EXPECT_TRUE(model && model->save(path(name)));
    return path(name).string();
  }

  // Writes a model with one node of the sample's first operator replaced.
  std::string write_model(const std::string& name, const onnx::ModelProto& model) const {
    return write(name, model.SerializeAsString());
  }

  std::unique_ptr<TemporaryFolder> folder_;
};

void expect_refused(const ProgramResult& result, int exit_code, const std::vector<std::string>& words) {
  EXPECT_EQ(result.exit_code, exit_code) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith("error: "));
  for (const std::string& word : words) EXPECT_THAT(result.err, HasSubstr(word));
  // One sentence, and perhaps a hint; never a trace.
  EXPECT_LE(std::count(result.err.begin(), result.err.end(), '\n'), 8) << result.err;
}

// A .npy file of zeros, version 1.0.
std::string npy(const std::string& type, const std::string& shape, std::size_t bytes) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + ")}";
  header.resize(117, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         std::string(bytes, '\0');
}

onnx::ModelProto one_node_model(const std::string& op_type, const std::string& domain) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  auto* opset = model.add_opset_import();
  opset->set_version(17);
  if (!domain.empty()) {
    auto* custom = model.add_opset_import();
    custom->set_domain(domain);
    custom->set_version(1);
  }
  auto* graph = model.mutable_graph();
  graph->set_name("g");
  auto* node = graph->add_node();
  node->set_name("the_node");
  node->set_op_type(op_type);
  node->set_domain(domain);
  node->add_input("x");
  node->add_output("y");
  for (auto* value : {graph->add_input(), graph->add_output()}) {
    auto* type = value->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->add_dim()->set_dim_value(4);
  }
  graph->mutable_input(0)->set_name("x");
  graph->mutable_output(0)->set_name("y");
  return model;
}

TEST_F(BadInput, MissingFile) {
  expect_refused(run_tensorrt_profiling({path("no.onnx").string()}), 1, {"no.onnx", "no such file"});
}

TEST_F(BadInput, Directory) {
  expect_refused(run_tensorrt_profiling({path("").string()}), 1, {"directory"});
}

TEST_F(BadInput, EmptyFile) {
  expect_refused(run_tensorrt_profiling({write("e.onnx", "")}), 1, {"e.onnx", "empty"});
}

TEST_F(BadInput, TruncatedModel) {
  const std::string whole = read_file(sample("whole.onnx")).value();
  expect_refused(run_tensorrt_profiling({write("half.onnx", whole.substr(0, whole.size() / 2))}), 1,
                 {"half.onnx", "truncated"});
}

TEST_F(BadInput, NotOnnx) {
  expect_refused(run_tensorrt_profiling({write("t.onnx", "just some text\nof several lines\n")}), 1, {"t.onnx", "not"});
  expect_refused(run_tensorrt_profiling({write("z.onnx", "PK\x03\x04 and so on, and on, and on")}), 1,
                 {"z.onnx", "ZIP archive"});
}

TEST_F(BadInput, ExternalDataMissingOrEscaping) {
  onnx::ModelProto model = one_node_model("Relu", "");
  auto* weight = model.mutable_graph()->add_initializer();
  weight->set_name("w");
  weight->set_data_type(onnx::TensorProto::FLOAT);
  weight->add_dims(4);
  weight->set_data_location(onnx::TensorProto::EXTERNAL);
  auto* location = weight->add_external_data();
  location->set_key("location");
  location->set_value("weights.bin");
  expect_refused(run_tensorrt_profiling({write_model("missing.onnx", model)}), 1, {"weights.bin", "'w'"});
  location->set_value("../weights.bin");
  expect_refused(run_tensorrt_profiling({write_model("escape.onnx", model)}), 1, {"../weights.bin", "'w'"});
  location->set_value("/etc/passwd");
  expect_refused(run_tensorrt_profiling({write_model("absolute.onnx", model)}), 1, {"/etc/passwd", "'w'"});
}

TEST_F(BadInput, UnsupportedOperatorIsNamedWithItsNode) {
  expect_refused(run_tensorrt_profiling({write_model("custom.onnx", one_node_model("Frobnicate", "com.acme"))}), 1,
                 {"Frobnicate", "the_node"});
}

TEST_F(BadInput, DynamicShapeListsTheInputs) {
  const auto result = run_tensorrt_profiling({sample("dynamic.onnx", std::nullopt)});
  expect_refused(result, 2, {"input", "batch", "--shape"});
}

TEST_F(BadInput, ShapeThatContradictsTheModel) {
  const std::string model = sample("fixed.onnx");
  expect_refused(run_tensorrt_profiling({model, "--shape", "input:1x4x32x32"}), 2, {"input", "4", "3"});
  expect_refused(run_tensorrt_profiling({model, "--shape", "input:1x3x32"}), 2, {"input"});
  expect_refused(run_tensorrt_profiling({model, "--shape", "inptu:1x3x32x32"}), 2, {"inptu", "input"});
  expect_refused(run_tensorrt_profiling({model, "--batch", "2"}), 2, {"--batch"});
}

TEST_F(BadInput, ShapeAndBatchContradictEachOther) {
  expect_refused(run_tensorrt_profiling({sample("d.onnx", std::nullopt), "--shape", "input:2x3x32x32", "--batch", "4"}),
                 2, {"--batch", "--shape"});
}

TEST_F(BadInput, NpyOfTheWrongTypeOrShape) {
  const std::string model = sample("m.onnx");
  expect_refused(run_tensorrt_profiling({model, "--input", write("f8.npy", npy("<f8", "1, 3, 32, 32", 8 * 3072))}), 2,
                 {"f64", "f32"});
  expect_refused(run_tensorrt_profiling({model, "--input", write("f4.npy", npy("<f4", "1, 3, 16, 16", 4 * 768))}), 2,
                 {"1x3x16x16", "1x3x32x32"});
  expect_refused(run_tensorrt_profiling({model, "--input", write("x.npy", "not numpy")}), 1, {"x.npy"});
  expect_refused(run_tensorrt_profiling({model, "--input", path("none.npy").string()}), 1, {"none.npy"});
}

// ---- engines: their header is read before any library of TensorRT is looked for

TEST_F(BadInput, EngineWithoutATensorrtModule) {
  const std::string nine = write("nine.engine", plan_bytes("ftrt", {9, 2, 0, 5}, 100));
  expect_refused(run_tensorrt_profiling({nine}), 4, {"nine.engine", "TensorRT 9.2.0.5", "tensorrt-9"});
}

TEST_F(BadInput, EngineCutShort) {
  const std::string whole = plan_bytes("vtrt", {1, 7, 1, 116}, 1000);
  for (const std::size_t bytes : {4U, 27U, 64U, 1027U}) {
    const std::string file = write("cut.engine", whole.substr(0, bytes));
    expect_refused(run_tensorrt_profiling({file}), 1, {"cut.engine", "cut short"});
    expect_refused(run_tensorrt_profiling({"inspect", file}), 1, {"cut.engine", "cut short"});
  }
}

TEST_F(BadInput, EngineOfAHostileSize) {
  for (const char* tag : {"ftrt", "vtrt"}) {
    std::string plan = plan_bytes(tag, {10, 6, 0, 26}, 100);
    plan.replace(16, 8, 8, '\xff');
    const std::string file = write("huge.engine", plan);
    expect_refused(run_tensorrt_profiling({file}), 1, {"huge.engine", "18446744073709551615"});
    expect_refused(run_tensorrt_profiling({"inspect", file}), 1, {"huge.engine"});
  }
}

TEST_F(BadInput, RandomBytesAsAnEngine) {
  std::mt19937 random(1);
  for (const char* tag : {"", "ftrt", "vtrt"}) {
    std::string bytes = tag;
    while (bytes.size() < 5000) bytes += static_cast<char>(random());
    const std::string file = write("random.engine", bytes);
    expect_refused(run_tensorrt_profiling({file}), 1, {"random.engine"});
    expect_refused(run_tensorrt_profiling({"inspect", file}), 1, {"random.engine"});
  }
}

TEST_F(BadInput, EngineWhereAModelIsWanted) {
  const std::string engine = write("m.engine", plan_bytes("vtrt", {1, 7, 1, 116}, 100));
  expect_refused(run_tensorrt_profiling({"build", engine, "-o", path("n.engine").string()}), 2, {"an engine already"});
  expect_refused(run_tensorrt_profiling({engine, "--weak", "fp16"}), 2, {"--weak", "an engine already"});
  expect_refused(run_tensorrt_profiling({engine, "--precision", "f16"}), 2, {"--precision", "built"});
  expect_refused(run_tensorrt_profiling({engine, "--backend", "openvino"}), 2, {"openvino", "TensorRT-RTX engine"});
  EXPECT_FALSE(fs::exists(path("n.engine")));
}

TEST_F(BadInput, OptionsOfEnginesWhereNoneIs) {
  const std::string model = sample("m.onnx");
  expect_refused(run_tensorrt_profiling({model, "--model", model}), 2, {"--model"});
  expect_refused(run_tensorrt_profiling({"inspect", model, "--device", "cuda:0"}), 2, {"--device", "m.onnx"});
  for (const std::string option : {"--spin", "--no-graph", "--no-overlap", "--no-tf32"}) {
    expect_refused(run_tensorrt_profiling({model, option, "--backend", "openvino"}), 2, {option, "openvino"});
  }
}

TEST_F(BadInput, BuildsThatCannotBe) {
  const std::string model = sample("m.onnx");
  const std::string out = path("m.engine").string();
  expect_refused(run_tensorrt_profiling({"build", path("none.onnx").string(), "-o", out}), 1, {"none.onnx"});
  expect_refused(run_tensorrt_profiling({"build", model}), 2, {"--output"});
  expect_refused(run_tensorrt_profiling({"build", model, "-o", model}), 2, {"the model itself"});
  expect_refused(run_tensorrt_profiling({"build", model, "-o", "/dev/null"}), 2, {"not a regular file"});
  expect_refused(run_tensorrt_profiling({"build", model, "-o", path("no/such/m.engine").string()}), 1, {"m.engine"});
  expect_refused(run_tensorrt_profiling({"build", model, "-o", out, "--sparsity"}), 2,
                 {"--sparsity", "0 of ", "2:4 sparse"});
  expect_refused(run_tensorrt_profiling({"build", model, "-o", out, "--backend", "openvino"}), 4,
                 {"openvino", "does not build engines"});
  EXPECT_FALSE(fs::exists(out));
  EXPECT_FALSE(fs::exists(out + ".json"));
}

TEST_F(BadInput, UnknownBackendOrDevice) {
  const std::string model = sample("m.onnx");
  const ProgramOptions no_gpu = {
      .environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines}, {"TRTPROF_FAKE_DEVICES", "0"}}};
  expect_refused(run_tensorrt_profiling({model, "--backend", "tensorrt-rtx"}, no_gpu), 4, {"no usable NVIDIA GPU"});
  expect_refused(run_tensorrt_profiling({model, "--device", "cuda:7"}), 4, {"cuda:7"});
}

TEST_F(BadInput, UnwritableOutputIsSaidBeforeMeasuring) {
  const std::string model = sample("m.onnx");
  const auto missing_folder = run_tensorrt_profiling({model, "--json", path("no/such/p.json").string()});
  expect_refused(missing_folder, 1, {"p.json"});
  EXPECT_LT(missing_folder.seconds, 1.0);
  expect_refused(run_tensorrt_profiling({model, "--csv", folder_->path().string()}), 1, {"directory"});
  expect_refused(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", "/proc/m.onnx"}), 1, {"/proc/m.onnx"});
}

TEST_F(BadInput, FullDevice) {
  const std::string model = sample("m.onnx");
  const auto json = run_tensorrt_profiling({model, "--iterations", "5", "--json", "/dev/full"});
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_THAT(json.err, AllOf(HasSubstr("/dev/full"), HasSubstr("No space left")));
  const auto report = run_tensorrt_profiling({model, "--iterations", "5"}, {.out_path = "/dev/full"});
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_THAT(report.err, HasSubstr("standard output"));
}

TEST_F(BadInput, ZeroOrNegativeCounts) {
  const std::string model = sample("m.onnx");
  for (const std::string option : {"--iterations", "--duration", "--top", "--threads", "--streams", "--batch"}) {
    expect_refused(run_tensorrt_profiling({model, option, "0"}), 2, {option});
    expect_refused(run_tensorrt_profiling({model, option, "-4"}), 2, {option});
  }
  expect_refused(run_tensorrt_profiling({model, "--warmup", "-4"}), 2, {"--warmup"});
}

TEST_F(BadInput, SampleOptionsOutOfRange) {
  const std::string out = path("s.onnx").string();
  expect_refused(run_tensorrt_profiling({"sample", "nosuchnet", "-o", out}), 2, {"nosuchnet", "mobilenetv2"});
  expect_refused(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", out, "--width", "-1"}), 2, {"--width"});
  expect_refused(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", out, "--resolution", "0"}), 2,
                 {"--resolution"});
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(BadInput, NothingHalfWrittenIsLeft) {
  const std::string model = sample("m.onnx");
  const auto result =
      run_tensorrt_profiling({model, "--iterations", "3", "--json", path("p.json").string(), "--csv", "/dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  for (const auto& entry : fs::directory_iterator(folder_->path()))
    EXPECT_THAT(entry.path().filename().string(), ::testing::AnyOf("m.onnx", "p.json"));
}

}  // namespace
}  // namespace trtprof::test
