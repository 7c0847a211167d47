#include "trtprof/backend/tensorrt_trace.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

KernelLaunch launch_of(const std::string& name) {
  KernelLaunch launch;
  launch.name = name;
  launch.grid = {8, 1, 1};
  launch.block = {128, 1, 1};
  launch.registers_per_thread = 32;
  return launch;
}

// Records of one inference, a microsecond a step.
class Recording {
 public:
  // A layer's range, and the launches in it.
  Recording& layer(const std::string& name, const std::vector<std::string>& kernels) {
    const double begin = next();
    for (const std::string& kernel : kernels) launch(kernel);
    records_.ranges.push_back({name, begin, next()});
    return *this;
  }

  Recording& launch(const std::string& kernel) {
    const double begin = next();
    ++correlation_;
    // The driver's call inside the runtime's, with one correlation.
    records_.calls.push_back({"cuLaunchKernel", begin + 1e-7, begin + 4e-7, 1, correlation_});
    records_.calls.push_back({"cudaLaunchKernel", begin, begin + 5e-7, 1, correlation_});
    device(kernel, 0);
    return *this;
  }

  Recording& in_graph(const std::string& kernel, std::uint64_t node) {
    device(kernel, node);
    return *this;
  }

  Recording& copy(const std::string& what, const std::string& memory, std::uint64_t bytes) {
    TraceRecords::Device copy;
    copy.kind = ActivityKind::copy;
    copy.what = what;
    copy.memory = memory;
    copy.bytes = bytes;
    copy.start = device_time_;
    copy.end = device_time_ += 3e-6;
    copy.stream = 13;
    records_.device.push_back(copy);
    return *this;
  }

  Recording& node(const std::string& layer, std::uint64_t id, std::uint64_t copy) {
    const double begin = next();
    records_.nodes.push_back({id, begin + 5e-7});
    if (!layer.empty()) records_.ranges.push_back({layer, begin, next()});
    records_.node_copies.emplace_back(copy, id);
    return *this;
  }

  Recording& wait(std::uint32_t stream) {
    ++correlation_;
    const double begin = next();
    records_.calls.push_back({"cudaStreamSynchronize", begin, begin + 5e-7, 1, correlation_});
    records_.waits.push_back({begin + 1e-7, begin + 4e-7, stream, correlation_});
    return *this;
  }

  [[nodiscard]] TraceRecords get() {
    records_.calls_end = next();
    records_.end = std::max(records_.calls_end, device_time_);
    return records_;
  }

 private:
  double next() { return time_ += 1e-6; }

  void device(const std::string& kernel, std::uint64_t node) {
    TraceRecords::Device record;
    record.launch = launch_of(kernel);
    device_time_ = std::max(device_time_, time_ + 2e-6);
    record.start = device_time_;
    record.end = device_time_ += 2e-6;
    record.stream = 7;
    record.correlation = node == 0 ? correlation_ : 99;
    record.graph_node = node;
    records_.device.push_back(record);
  }

  TraceRecords records_;
  double time_ = 0.0;
  double device_time_ = 0.0;
  std::uint32_t correlation_ = 0;
};

std::vector<std::string> layers_of_kernels(const TracedRun& run) {
  std::vector<std::string> layers;
  for (const Activity& activity : run.activities) {
    if (activity.kind == ActivityKind::kernel) layers.push_back(activity.layer);
  }
  return layers;
}

std::vector<Activity> of_kind(const TracedRun& run, ActivityKind kind) {
  std::vector<Activity> some;
  for (const Activity& activity : run.activities) {
    if (activity.kind == kind) some.push_back(activity);
  }
  return some;
}

const std::vector<std::string> kLayers = {"conv1 + relu1", "conv2", "{ForeignNode[a...b]}", "conv2 #2"};

Recording stream_run() {
  Recording recording;
  recording.layer("conv1 + relu1", {"winograd", "gemm"})
      .layer("conv2", {"gemm"})
      .layer("{ForeignNode[a...b]}", {"fused"})
      .layer("conv2", {"gemm"});
  return recording;
}

TEST(TensorrtTrace, TiesKernelsToTheRangeTheyWereLaunchedIn) {
  TensorrtTrace trace(kLayers);
  RunTimes times;
  times.compute = 0.5;
  const TracedRun run = trace.run(stream_run().get(), times, false);
  EXPECT_THAT(layers_of_kernels(run),
              ElementsAre("conv1 + relu1", "conv1 + relu1", "conv2", "{ForeignNode[a...b]}", "conv2 #2"));
  const TraceFacts facts = trace.facts();
  EXPECT_EQ(facts.join, KernelJoin::markers);
  EXPECT_EQ(facts.join_reason, "");
  EXPECT_FALSE(facts.graph);
  EXPECT_THAT(facts.launches, ElementsAre(launch_of("winograd"), launch_of("gemm"), launch_of("fused")))
      << "each once, though gemm is launched three times";
  EXPECT_EQ(run.times.compute, 0.5);
  EXPECT_EQ(run.launch_delays.size(), 5U);
}

TEST(TensorrtTrace, TellsWhichCallLaunchedAKernel) {
  TensorrtTrace trace(kLayers);
  const TracedRun run = trace.run(stream_run().get(), {}, false);
  const auto kernels = of_kind(run, ActivityKind::kernel);
  const auto calls = of_kind(run, ActivityKind::host_call);
  ASSERT_EQ(calls.size(), kernels.size());
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    ASSERT_TRUE(kernels[i].correlation);
    EXPECT_EQ(kernels[i].correlation, calls[i].correlation);
    EXPECT_NEAR(kernels[i].start - calls[i].start, run.launch_delays[i], 1e-12);
  }
}

// As TensorRT 10.6 has it: the inspector lists the layers of the block, and the block has a range of its own.
TEST(TensorrtTrace, KnowsTheLayersInsideABlockOfMyelin) {
  TensorrtTrace trace({"pool", "dummy_shape_call__mye539_0_myl55_0", "classifier_myl55_1", "classifier_myl55_2"});
  TraceRecords records = Recording().launch("gemm").launch("gemm").launch("gemv").get();
  const auto around = [&](std::size_t call, double margin) {
    const double start = records.calls[call].start;
    return std::pair(start - margin, start + margin);
  };
  const auto [first, first_end] = around(1, 1e-7);
  const auto [second, second_end] = around(3, 1e-7);
  records.ranges = {{"{ForeignNode[flatten...x]}", first - 1e-6, records.end},
                    {"myelinGraphExecute ", first - 5e-7, records.end},
                    {"classifier", first, first_end},
                    {"classifier", second, second_end}};
  EXPECT_THAT(layers_of_kernels(trace.run(records, {}, false)),
              ElementsAre("classifier_myl55_1", "classifier_myl55_2", "{ForeignNode[flatten...x]}"));
}

TEST(TensorrtTrace, NeverGuessesALayer) {
  TensorrtTrace trace({"conv"});
  Recording recording;
  recording.launch("before").layer("ExecutionContext::enqueue", {"between"}).layer("conv", {"inside"}).launch("after");
  EXPECT_THAT(layers_of_kernels(trace.run(recording.get(), {}, false)), ElementsAre("", "", "conv", ""));
  EXPECT_EQ(trace.facts().join, KernelJoin::markers);
  EXPECT_EQ(trace.facts().join_reason, "3 of 4 kernels were launched outside the range of any layer");

  TensorrtTrace silent({"conv"});
  EXPECT_THAT(layers_of_kernels(silent.run(Recording().launch("k").get(), {}, false)), ElementsAre(""));
  EXPECT_EQ(silent.facts().join, KernelJoin::none);
}

TEST(TensorrtTrace, TakesTheInnermostLayer) {
  TensorrtTrace trace({"outer", "inner"});
  TraceRecords records = Recording().launch("k").get();
  const double moment = records.calls.back().start;  // of the outer call
  records.ranges = {{"inner", moment - 1e-7, moment + 1e-7}, {"outer", moment - 1e-6, moment + 1e-6}};
  EXPECT_THAT(layers_of_kernels(trace.run(records, {}, false)), ElementsAre("inner"));
}

TEST(TensorrtTrace, KnowsNodesOfAGraphFromItsCapture) {
  TensorrtTrace trace(kLayers);
  Recording capture;
  capture.node("conv1 + relu1", 1, 101).node("conv1 + relu1", 2, 102);
  // The range of one layer, twice: a layer of two nodes has one range around both, so build it by hand.
  TraceRecords captured = capture.get();
  captured.ranges = {{"conv1 + relu1", 0.0, captured.nodes.back().made + 1e-6}};
  trace.learn_capture(captured);
  const TracedRun run = trace.run(Recording().in_graph("winograd", 101).in_graph("gemm", 102).get(), {}, true);
  EXPECT_THAT(layers_of_kernels(run), ElementsAre("conv1 + relu1", "conv1 + relu1"));
  EXPECT_EQ(trace.facts().join, KernelJoin::graph_nodes);
  EXPECT_TRUE(trace.facts().graph);
  EXPECT_THAT(run.launch_delays, IsEmpty()) << "a graph is one launch";
}

TEST(TensorrtTrace, TakesTheOrderOfAStreamRunWhereNodesAreNotKnown) {
  TensorrtTrace trace(kLayers);
  trace.learn_stream_run(stream_run().get());
  const auto graph = [&](const std::vector<std::string>& kernels) {
    Recording recording;
    for (const std::string& kernel : kernels) recording.in_graph(kernel, 7);
    return layers_of_kernels(trace.run(recording.get(), {}, true));
  };
  EXPECT_THAT(graph({"winograd", "gemm", "gemm", "fused", "gemm"}),
              ElementsAre("conv1 + relu1", "conv1 + relu1", "conv2", "{ForeignNode[a...b]}", "conv2 #2"));
  EXPECT_EQ(trace.facts().join, KernelJoin::launch_order);
  EXPECT_THAT(trace.facts().join_reason, HasSubstr("those of a run without a graph, in order"));
  // Another sequence is no ground for any layer.
  EXPECT_THAT(graph({"winograd", "gemm", "fused", "gemm", "gemm"}), ::testing::Each(""));
  EXPECT_THAT(graph({"winograd", "gemm", "gemm", "fused"}), ::testing::Each(""));
  EXPECT_EQ(trace.facts().join, KernelJoin::none);
}

TEST(TensorrtTrace, KeepsCopiesCallsAndWaits) {
  TensorrtTrace trace({"conv"});
  Recording recording;
  recording.copy("host to device", "pinned", 4096).layer("conv", {"gemm"}).wait(7);
  const TracedRun run = trace.run(recording.get(), {}, false);
  const auto copies = of_kind(run, ActivityKind::copy);
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies[0].name, "host to device");
  EXPECT_EQ(copies[0].memory, "pinned");
  EXPECT_EQ(copies[0].bytes, 4096U);
  EXPECT_EQ(copies[0].stream, 13);
  const auto calls = of_kind(run, ActivityKind::host_call);
  ASSERT_EQ(calls.size(), 1U) << "the driver's call inside the runtime's is not another";
  EXPECT_EQ(calls[0].name, "cudaLaunchKernel");
  EXPECT_EQ(calls[0].thread, 1);
  const auto waits = of_kind(run, ActivityKind::synchronization);
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_EQ(waits[0].name, "cudaStreamSynchronize");
  EXPECT_EQ(waits[0].stream, 7);
  EXPECT_EQ(of_kind(run, ActivityKind::inference).size(), 1U);
  EXPECT_TRUE(std::ranges::is_sorted(run.activities, {}, &Activity::start));
}

TEST(TensorrtTrace, LeavesOutWhatAnotherInferenceAskedFor) {
  TensorrtTrace trace({"conv"});
  Recording recording;
  recording.layer("conv", {"first"}).wait(7).layer("conv", {"second"}).wait(7).layer("conv", {"third"});
  TraceRecords records = recording.get();
  const auto starts_at = [&](std::size_t launch) { return records.calls.at(launch).start - 2e-7; };
  records.begin = starts_at(3);      // behind the first kernel's two calls and the wait
  records.calls_end = starts_at(6);  // before the third's
  const TracedRun run = trace.run(records, {}, false);
  const auto kernels = of_kind(run, ActivityKind::kernel);
  ASSERT_EQ(kernels.size(), 1U);
  EXPECT_EQ(kernels[0].name, "second");
  EXPECT_EQ(of_kind(run, ActivityKind::host_call).size(), 1U);
  EXPECT_EQ(of_kind(run, ActivityKind::synchronization).size(), 1U);
  EXPECT_EQ(run.launch_delays.size(), 1U);
}

TEST(TensorrtTrace, CountsLostRecords) {
  TensorrtTrace trace({});
  TraceRecords records;
  records.lost = 3;
  static_cast<void>(trace.run(records, {}, false));
  static_cast<void>(trace.run(records, {}, false));
  EXPECT_EQ(trace.facts().lost_records, 6);
}

}  // namespace
}  // namespace trtprof
