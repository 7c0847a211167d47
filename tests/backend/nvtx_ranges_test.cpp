// The injection library that a module is, built as a library of its own (libtrtprof_nvtx_ranges.so), and this program
// as one that uses NVTX.
#include "trtprof/backend/tensorrt/nvtx_ranges.h"

#include <cstdlib>
#include <nvtx3/nvToolsExt.h>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof::tensorrt {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

double g_now = 0.0;
double clock_of_test() {
  return g_now += 1.0;
}

nvtxEventAttributes_t attributes_with(const char* text) {
  nvtxEventAttributes_t attributes{};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_ASCII;
  attributes.message.ascii = text;
  return attributes;
}

std::vector<std::string> names(const std::vector<TraceRecords::Range>& ranges) {
  std::vector<std::string> all;
  for (const auto& range : ranges) all.push_back(range.name);
  return all;
}

class NvtxRangesTest : public ::testing::Test {
 protected:
  // NVTX looks for its injection once in a process, at the first call.
  static void SetUpTestSuite() {
    ASSERT_EQ(::unsetenv("NVTX_INJECTION64_PATH"), 0);
    NvtxRanges::listen();
    domain_ = nvtxDomainCreateA("TensorRT");
  }
  void TearDown() override { NvtxRanges::stop(); }

  static nvtxDomainHandle_t domain_;
};
nvtxDomainHandle_t NvtxRangesTest::domain_ = nullptr;

TEST_F(NvtxRangesTest, AreKeptByTheClockThatIsGiven) {
  NvtxRanges::record(clock_of_test);
  g_now = 0.0;
  const nvtxEventAttributes_t layer = attributes_with("conv1 + relu1");
  EXPECT_EQ(nvtxDomainRangePushEx(domain_, &layer), 0);
  EXPECT_EQ(nvtxRangePushA("inner"), 1);
  EXPECT_EQ(nvtxRangePop(), 1);
  EXPECT_EQ(nvtxDomainRangePop(domain_), 0);
  const auto ranges = NvtxRanges::take();
  ASSERT_THAT(names(ranges), ElementsAre("inner", "conv1 + relu1")) << "in the order in which they end";
  EXPECT_EQ(ranges[1].start, 1.0);
  EXPECT_EQ(ranges[0].start, 2.0);
  EXPECT_EQ(ranges[0].end, 3.0);
  EXPECT_EQ(ranges[1].end, 4.0);
  EXPECT_THAT(NvtxRanges::take(), IsEmpty());
}

TEST_F(NvtxRangesTest, KnowRegisteredNames) {
  NvtxRanges::record(clock_of_test);
  nvtxEventAttributes_t attributes = attributes_with(nullptr);
  attributes.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  attributes.message.registered = nvtxDomainRegisterStringA(domain_, "pool");
  nvtxDomainRangePushEx(domain_, &attributes);
  nvtxDomainRangePop(domain_);
  EXPECT_THAT(names(NvtxRanges::take()), ElementsAre("pool"));
}

TEST_F(NvtxRangesTest, AreNotKeptUnlessAskedFor) {
  nvtxRangePushA("before");
  nvtxRangePop();
  nvtxRangePushA("began before");
  NvtxRanges::record(clock_of_test);
  nvtxRangePop();
  nvtxRangePushA("in time");
  nvtxRangePop();
  nvtxRangePushA("ends too late");
  NvtxRanges::stop();
  nvtxRangePop();
  EXPECT_THAT(names(NvtxRanges::take()), ElementsAre("in time"));
  nvtxRangePop();  // of nothing
  EXPECT_THAT(NvtxRanges::take(), IsEmpty());
}

TEST_F(NvtxRangesTest, NestByThread) {
  NvtxRanges::record(clock_of_test);
  nvtxRangePushA("here");
  std::thread([] {
    nvtxRangePushA("there");
    nvtxRangePop();
  }).join();
  nvtxRangePop();
  EXPECT_THAT(names(NvtxRanges::take()), ElementsAre("there", "here"));
}

TEST_F(NvtxRangesTest, LeaveAnotherInjectionInPlace) {
  const std::string own = std::getenv("NVTX_INJECTION64_PATH");
  EXPECT_THAT(own, ::testing::HasSubstr("libtrtprof_nvtx_ranges.so"));
  ASSERT_EQ(::setenv("NVTX_INJECTION64_PATH", "/profiler.so", 1), 0);
  NvtxRanges::listen();
  EXPECT_STREQ(std::getenv("NVTX_INJECTION64_PATH"), "/profiler.so");
  ASSERT_EQ(::setenv("NVTX_INJECTION64_PATH", own.c_str(), 1), 0);
}

}  // namespace
}  // namespace trtprof::tensorrt
