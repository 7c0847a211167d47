#include "trtprof/import/trtexec_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TrtexecLog : public ::testing::Test {
 protected:
  Result<Imported> read(std::string_view text) { return read_trtexec_log(files_.write("log.txt", text)); }
  std::string error_of(std::string_view text) {
    const auto imported = read(text);
    return imported ? "" : imported.error().message;
  }
  static constexpr std::string_view kTimes =
      "min = 1 ms, max = 9 ms, mean = 3 ms, median = 2 ms, percentile(99%) = 8 ms\n";
  ForeignFiles files_;
};

TEST_F(TrtexecLog, ReadsARealOne) {
  const auto imported = read_trtexec_log(real_file("mnv2_b1_fp16_graph.log"));
  ASSERT_TRUE(imported) << imported.error().message;
  const Environment& environment = imported->profile.environment;
  EXPECT_EQ(environment.engine_version, "10.6.0.26");
  EXPECT_EQ(environment.device_name, "NVIDIA H200");
  EXPECT_EQ(environment.streams, 1);
  EXPECT_EQ(environment.properties.at("compute capability"), "9.0");
  EXPECT_EQ(environment.properties.at("multiprocessors"), "132");
  EXPECT_EQ(environment.properties.at("device memory"), "139.80 GiB");
  EXPECT_EQ(environment.properties.at("CUDA graph"), "on");
  EXPECT_EQ(environment.properties.at("waiting"), "spin");
  EXPECT_EQ(environment.properties.at("transfers"), "overlapped, page-locked host memory");
  EXPECT_FALSE(environment.properties.contains("application compute clock"));  // 0 GHz: the driver does not tell
  const ModelInfo& model = imported->profile.model;
  EXPECT_EQ(model.path, "b1.engine");
  EXPECT_EQ(model.batch, 1);
  ASSERT_THAT(model.inputs, SizeIs(1));
  EXPECT_THAT(model.inputs[0].shape, ElementsAre(1, 3, 224, 224));
  EXPECT_THAT(model.outputs[0].shape, ElementsAre(1, 1000));
  ASSERT_TRUE(imported->profile.end_to_end);
  const EndToEnd& run = *imported->profile.end_to_end;
  EXPECT_THAT(run.total.summary->median, DoubleNear(0.175842e-3, 1e-12));
  EXPECT_THAT(run.compute->summary->p95, DoubleNear(0.162842e-3, 1e-12));
  EXPECT_THAT(run.host_to_device->summary->mean, DoubleNear(0.010372e-3, 1e-12));
  EXPECT_THAT(run.device_to_host->summary->min, DoubleNear(0.00268555e-3, 1e-12));
  EXPECT_THAT(run.enqueue->summary->median, DoubleNear(0.00177002e-3, 1e-12));
  EXPECT_TRUE(run.total.samples.empty());
  EXPECT_EQ(run.total.summary->count, 12209U);
  EXPECT_EQ(run.measurement.iterations, 12209);
  EXPECT_EQ(run.measurement.warmup_iterations, 3022);
  EXPECT_THAT(*run.measurement.warmup_seconds, DoubleNear(0.5, 1e-12));
  EXPECT_THAT(*run.measurement.duration_seconds, DoubleNear(2.00049, 1e-12));
  EXPECT_THAT(imported->notes,
              ElementsAre(HasSubstr("The command was: ./trtexec --loadEngine=b1.engine --useCudaGraph"),
                          "trtexec counted 6103 inferences a second."));
  EXPECT_THAT(imported->profile.warnings, IsEmpty());
}

TEST_F(TrtexecLog, TellsARunWithoutTransfers) {
  const auto imported = read_trtexec_log(real_file("mnv2_b64_fp16_stream_notransfer.log"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->profile.environment.properties.at("transfers"), "none");
  EXPECT_EQ(imported->profile.environment.properties.at("CUDA graph"), "off");
  EXPECT_EQ(imported->profile.model.batch, 64);
  EXPECT_FALSE(imported->profile.end_to_end->host_to_device);
  EXPECT_FALSE(imported->profile.end_to_end->device_to_host);
  EXPECT_THAT(imported->notes, Contains(HasSubstr("without data transfers")));
}

// After samples/common/sampleReporting.cpp and sampleInference.cpp of TensorRT 8.0.1.
TEST_F(TrtexecLog, ReadsTheFormOf8) {
  const auto imported = read(
      "&&&& RUNNING TensorRT.trtexec [TensorRT v8001] # trtexec --onnx=net.onnx --dumpProfile --fp16\n"
      "[07/01/2021-10:00:00] [I] === Build Options ===\n"
      "[07/01/2021-10:00:00] [I] Precision: FP32+FP16\n"
      "[07/01/2021-10:00:00] [I] === Inference Options ===\n"
      "[07/01/2021-10:00:00] [I] Batch: Explicit\n"
      "[07/01/2021-10:00:00] [I] Streams: 2\n"
      "[07/01/2021-10:00:00] [I] Data transfers: Enabled\n"
      "[07/01/2021-10:00:00] [I] === Device Information ===\n"
      "[07/01/2021-10:00:00] [I] Selected Device: Tesla T4\n"
      "[07/01/2021-10:00:00] [I] Application Compute Clock Rate: 1.59 GHz\n"
      "[07/01/2021-10:00:01] [I] TensorRT version: 8001\n"
      "[07/01/2021-10:00:02] [I] Created input binding for x with dimensions 1x3x8x8\n"
      "[07/01/2021-10:00:02] [I] Created output binding for y with dimensions 1x10\n"
      "[07/01/2021-10:00:03] [I] Warmup completed 100 queries over 200 ms\n"
      "[07/01/2021-10:00:03] [I] Timing trace has 1000 queries over 3 s\n"
      "[07/01/2021-10:00:03] [I] === Performance summary ===\n"
      "[07/01/2021-10:00:03] [I] Throughput: 333.3 qps\n"
      "[07/01/2021-10:00:03] [I] Latency: " +
      std::string(kTimes) + "[07/01/2021-10:00:03] [I] End-to-End Host Latency: " + std::string(kTimes) +
      "[07/01/2021-10:00:03] [I] GPU Compute Time: " + std::string(kTimes) +
      "[07/01/2021-10:00:03] [W] * GPU compute time is unstable, with coefficient of variance = 3%.\n"
      "[07/01/2021-10:00:04] [I] === Profile (1000 iterations ) ===\n"
      "[07/01/2021-10:00:04] [I]            Layer   Time (ms)   Avg. Time (ms)   Time %\n"
      "[07/01/2021-10:00:04] [I]  conv 1 + relu 1     1500.00           1.5000     75.0\n"
      "[07/01/2021-10:00:04] [I]               fc      500.00           0.5000     25.0\n"
      "[07/01/2021-10:00:04] [I]            Total     2000.00           2.0000    100.0\n"
      "&&&& PASSED TensorRT.trtexec [TensorRT v8001] # trtexec --onnx=net.onnx\n");
  ASSERT_TRUE(imported) << imported.error().message;
  const Profile& profile = imported->profile;
  EXPECT_EQ(profile.environment.engine_version, "8.0.1");
  EXPECT_EQ(profile.environment.device_name, "Tesla T4");
  EXPECT_EQ(profile.environment.streams, 2);
  EXPECT_EQ(profile.environment.properties.at("application compute clock"), "1.59 GHz");
  EXPECT_EQ(profile.environment.properties.at("build precision"), "FP32+FP16");
  EXPECT_EQ(profile.model.path, "net.onnx");
  EXPECT_EQ(profile.model.format, "onnx");
  EXPECT_EQ(profile.model.batch, 1);
  EXPECT_THAT(profile.end_to_end->compute->summary->p99, DoubleNear(8e-3, 1e-12));
  EXPECT_THAT(profile.end_to_end->compute->summary->p90, DoubleNear(8e-3, 1e-12));
  EXPECT_THAT(imported->notes, Contains(HasSubstr("given by the next higher figure")));
  EXPECT_THAT(profile.warnings, ElementsAre(HasSubstr("coefficient of variance = 3%")));
  ASSERT_TRUE(profile.layer_run);
  EXPECT_THAT(imported->layer_names, ElementsAre("conv 1 + relu 1", "fc"));
  EXPECT_EQ(profile.layer_run->measurement.iterations, 1000);
  EXPECT_THAT(*profile.layer_run->layers[0].reported_seconds, DoubleNear(1.5e-3, 1e-12));
}

// After samples/common/sampleReporting.cpp of TensorRT 11.1.
TEST_F(TrtexecLog, ReadsTheTableOfLayers) {
  const auto imported = read(
      "[07/01/2026-10:00:04] [I] === Profile (5204 iterations ) ===\n"
      "[07/01/2026-10:00:04] [I]    Time(ms)     Avg.(ms)   Median(ms)   Time(%)   Layer\n"
      "[07/01/2026-10:00:04] [I]       26.55       0.0051       0.0050      40.0   a \"b\"\n"
      "[07/01/2026-10:00:04] [I]       39.83       0.0077       0.0076      60.0   c\n"
      "[07/01/2026-10:00:04] [I]       66.38       0.0128       0.0126     100.0   Total\n"
      "[07/01/2026-10:00:04] [I] 9 9 9 9 not a row\n");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->layer_names, ElementsAre("a \"b\"", "c"));
  EXPECT_THAT(*imported->profile.layer_run->layers[1].reported_seconds, DoubleNear(7.6e-6, 1e-12));
  EXPECT_FALSE(imported->profile.end_to_end);
}

// An implicit batch counts each of its elements as a query.
TEST_F(TrtexecLog, CountsInferencesOfAnImplicitBatch) {
  const auto imported = read(
      "[I] === Inference Options ===\n[I] Batch: 16\n"
      "[I] Timing trace has 1600 queries over 3 s\n[I] Latency: " +
      std::string(kTimes));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->profile.model.batch, 16);
  EXPECT_EQ(imported->profile.end_to_end->measurement.iterations, 100);
}

TEST_F(TrtexecLog, TakesTheLastOfSeveralRuns) {
  const std::string one = text_of_file(real_file("mnv2_b1_fp16_graph.log"));
  const std::string other = text_of_file(real_file("mnv2_b64_fp16_stream_notransfer.log"));
  const auto imported = read(one + other);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->profile.model.batch, 64);
  EXPECT_THAT(imported->profile.model.inputs, SizeIs(1));
  EXPECT_THAT(imported->notes, Contains("The log holds 2 runs of trtexec: the last one was read."));
}

TEST_F(TrtexecLog, SaysWhenNothingWasTimed) {
  const std::string text = text_of_file(real_file("mnv2_b1_fp16_graph.log"));
  EXPECT_THAT(error_of(text.substr(0, text.find("=== Performance summary"))),
              HasSubstr("is a log of trtexec without times"));
  EXPECT_THAT(error_of("[I] === Profile (1 iterations ) ===\n"), HasSubstr("without times"));
}

TEST_F(TrtexecLog, EndlessLinesAndStrangeNumbersDoNoHarm) {
  const auto imported =
      read("[I] Latency: " + std::string(kTimes) + "[I] Timing trace has 1e300 queries over nan s\n" +
           "[I] Inference Streams: 99999999999999\n[I] Batch: -4\n[I] Throughput: inf qps\n" + "[I] " +
           std::string(std::size_t{10} << 20, 'x') + "\n[I] GPU Compute Time: min = nan ms\n");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_FALSE(imported->profile.end_to_end->measurement.iterations);
  EXPECT_FALSE(imported->profile.environment.streams);
  EXPECT_FALSE(imported->profile.model.batch);
}

}  // namespace
}  // namespace trtprof::test
