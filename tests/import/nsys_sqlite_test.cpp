// On an export written by hand after the documented schema: support for Nsight Systems is not verified with the tool.
#include "trtprof/import/nsys_sqlite.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/nsys_export.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kTiny = 1e-12;

class NsysExport : public ::testing::Test {
 protected:
  Result<NsysTrace> read(const std::string& changes = "") {
    const auto path = folder_->path() / ("export" + std::to_string(++files_) + ".sqlite");
    write_nsys_export(path, changes);
    return read_nsys_export(path);
  }
  static std::vector<const Activity*> of_kind(const NsysInference& inference, ActivityKind kind) {
    std::vector<const Activity*> found;
    for (const Activity& activity : inference.activities) {
      if (activity.kind == kind) found.push_back(&activity);
    }
    return found;
  }
  static std::vector<std::string> layers(const NsysInference& inference) {
    std::vector<std::string> names;
    for (const Activity* kernel : of_kind(inference, ActivityKind::kernel)) names.push_back(kernel->layer);
    return names;
  }
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-nsys-sqlite");
  int files_ = 0;
};

TEST_F(NsysExport, HasTheKernelsOfEachInferenceWithTheirLayers) {
  const auto trace = read();
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->device_name, "NVIDIA Synthetic");
  EXPECT_EQ(trace->join, KernelJoin::markers);
  EXPECT_FALSE(trace->graph);
  ASSERT_THAT(trace->inferences, SizeIs(2));
  for (const NsysInference& inference : trace->inferences) {
    EXPECT_THAT(layers(inference), ElementsAre("conv1 + relu1", "conv1 + relu1", "fc"));
  }
  const Activity& last = *of_kind(trace->inferences[1], ActivityKind::kernel)[2];
  EXPECT_NEAR(last.start, 220e-6, kTiny);
  EXPECT_NEAR(last.end, 228e-6, kTiny);
  EXPECT_EQ(last.stream, 7);
  const KernelLaunch& launch = trace->launches.at(static_cast<std::size_t>(*last.kernel));
  EXPECT_EQ(launch.name, "gemm_kernel_trt");
  EXPECT_THAT(launch.grid, ElementsAre(2, 1, 1));
  EXPECT_THAT(launch.block, ElementsAre(256, 1, 1));
  EXPECT_EQ(launch.registers_per_thread, 96);
  EXPECT_EQ(launch.dynamic_shared_bytes, 65536U);
  EXPECT_THAT(trace->launches, SizeIs(3));  // the one before the inferences too
  EXPECT_THAT(trace->notes, Contains("1 activities of the device lie outside of the inferences."));
}

TEST_F(NsysExport, HasCopiesFillsCallsAndWaits) {
  const auto trace = read();
  ASSERT_TRUE(trace);
  const NsysInference& first = trace->inferences.at(0);
  const auto copies = of_kind(first, ActivityKind::copy);
  ASSERT_THAT(copies, SizeIs(2));
  EXPECT_EQ(copies[0]->name, "host to device");
  EXPECT_EQ(copies[0]->memory, "pinned");
  EXPECT_EQ(copies[0]->bytes, 1000U);
  EXPECT_EQ(copies[1]->name, "device to host");
  EXPECT_EQ(copies[1]->memory, "pageable");
  EXPECT_THAT(of_kind(first, ActivityKind::fill), SizeIs(1));
  const auto waits = of_kind(first, ActivityKind::synchronization);
  ASSERT_THAT(waits, SizeIs(1));
  EXPECT_EQ(waits[0]->name, "cudaStreamSynchronize");
  EXPECT_EQ(waits[0]->thread, 77);
  EXPECT_THAT(of_kind(first, ActivityKind::host_call), SizeIs(6));
}

TEST_F(NsysExport, TellsHowLongEachKernelWaitedForItsStart) {
  const auto trace = read();
  ASSERT_TRUE(trace);
  EXPECT_THAT(trace->inferences[0].launch_delays,
              ElementsAre(DoubleNear(5.5e-6, kTiny), DoubleNear(7.5e-6, kTiny), DoubleNear(6.5e-6, kTiny)));
}

TEST_F(NsysExport, KernelsOfAGraphShareTheirCall) {
  const auto trace = read(
      "UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET correlationId = 11, graphNodeId = 3 WHERE start < 130000 "
      "AND start > 100000");
  ASSERT_TRUE(trace);
  EXPECT_TRUE(trace->graph);
  EXPECT_THAT(trace->inferences[0].launch_delays, IsEmpty());
  EXPECT_THAT(trace->inferences[1].launch_delays, SizeIs(3));
}

TEST_F(NsysExport, WithoutOurRangesTensorRtsOwnTellInferencesApart) {
  const auto trace = read("DELETE FROM NVTX_EVENTS WHERE text = 'inference'");
  ASSERT_TRUE(trace);
  ASSERT_THAT(trace->inferences, SizeIs(2));
  EXPECT_THAT(of_kind(trace->inferences[0], ActivityKind::kernel), SizeIs(3));
  EXPECT_THAT(of_kind(trace->inferences[0], ActivityKind::copy), IsEmpty());  // outside of the enqueue
}

TEST_F(NsysExport, WithoutRangesAllIsOneInferenceWithoutLayers) {
  const auto trace = read("DROP TABLE NVTX_EVENTS");
  ASSERT_TRUE(trace);
  ASSERT_THAT(trace->inferences, SizeIs(1));
  EXPECT_THAT(of_kind(trace->inferences[0], ActivityKind::kernel), SizeIs(7));
  EXPECT_EQ(trace->join, KernelJoin::none);
  EXPECT_EQ(trace->join_reason, "the export has no NVTX ranges of TensorRT layers");
  EXPECT_THAT(trace->notes, Contains(HasSubstr("all that was recorded is taken for one")));
}

TEST_F(NsysExport, OlderVersionsHaveFewerColumnsAndTables) {
  const auto trace = read(
      "DROP TABLE TARGET_INFO_GPU; DROP TABLE CUPTI_ACTIVITY_KIND_MEMSET;"
      "ALTER TABLE CUPTI_ACTIVITY_KIND_KERNEL DROP COLUMN graphNodeId;"
      "ALTER TABLE CUPTI_ACTIVITY_KIND_KERNEL DROP COLUMN demangledName;"
      "ALTER TABLE CUPTI_ACTIVITY_KIND_MEMCPY DROP COLUMN srcKind;");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->device_name, "");
  EXPECT_EQ(of_kind(trace->inferences[0], ActivityKind::kernel)[0]->name, "conv_kernel");
  EXPECT_EQ(of_kind(trace->inferences[0], ActivityKind::copy)[0]->memory, "");
}

TEST_F(NsysExport, WithoutCallsWorkBelongsWhereItBegan) {
  const auto trace = read("DROP TABLE CUPTI_ACTIVITY_KIND_RUNTIME");
  ASSERT_TRUE(trace);
  ASSERT_THAT(trace->inferences, SizeIs(2));
  EXPECT_THAT(layers(trace->inferences[0]), ElementsAre("", "", ""));
  EXPECT_EQ(trace->join_reason, "no kernel was launched within an NVTX range of a TensorRT layer");
  EXPECT_THAT(trace->inferences[0].launch_delays, IsEmpty());
}

TEST_F(NsysExport, WhatIsNoneIsRefused) {
  const auto empty = read("DELETE FROM CUPTI_ACTIVITY_KIND_KERNEL");
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("holds no kernels"));
  const auto other = read("DROP TABLE StringIds; DROP TABLE CUPTI_ACTIVITY_KIND_KERNEL");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("is a database, but no export of Nsight Systems"));
}

}  // namespace
}  // namespace trtprof::test
