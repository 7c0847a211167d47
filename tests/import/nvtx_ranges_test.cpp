#include "trtprof/import/nvtx_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kRest = ":none:none:none:none:none:none\"";

TEST(NvtxRanges, AreReadFromTheOutermostIn) {
  const auto ranges =
      parse_nvtx_cell("7  \"tensorrt_profiling:inference" + kRest + "  \"TensorRT:ExecutionContext::enqueue" + kRest +
                      "  \"TensorRT:/features/0/Conv + /features/0/Clip" + kRest + " ");
  EXPECT_THAT(ranges, ElementsAre(NvtxRange{"tensorrt_profiling", "inference"},
                                  NvtxRange{"TensorRT", "ExecutionContext::enqueue"},
                                  NvtxRange{"TensorRT", "/features/0/Conv + /features/0/Clip"}));
  EXPECT_EQ(layer_of_ranges(ranges), "/features/0/Conv + /features/0/Clip");
  EXPECT_TRUE(is_inference_range(ranges[0]));
  EXPECT_FALSE(is_inference_range(ranges[1]));
}

TEST(NvtxRanges, KeepColonsInNamesBesidePayloadsAndColours) {
  EXPECT_THAT(parse_nvtx_cell(R"(1  "TensorRT:a::b:uint64:7:ARGB:ff00ff00:none:none")"),
              ElementsAre(NvtxRange{"TensorRT", "a::b"}));
  EXPECT_THAT(parse_nvtx_cell(R"(1  "TensorRT:a:none:none:none:none:ascii:a:b:c")"),
              ElementsAre(NvtxRange{"TensorRT", "a"}));
}

TEST(NvtxRanges, AnotherFormIsReadAsFarAsItGoes) {
  EXPECT_THAT(parse_nvtx_cell(""), IsEmpty());
  EXPECT_THAT(parse_nvtx_cell("7"), IsEmpty());
  EXPECT_THAT(parse_nvtx_cell("\"open"), IsEmpty());
  EXPECT_THAT(parse_nvtx_cell("\"alone\""), ElementsAre(NvtxRange{"", "alone"}));
  EXPECT_THAT(parse_nvtx_cell("\"domain:name\""), ElementsAre(NvtxRange{"domain", "name"}));
}

TEST(NvtxRanges, OfOtherDomainsOrAroundAnEnqueueAreNoLayers) {
  EXPECT_EQ(layer_of_ranges({{"TensorRT", "ExecutionContext::enqueue"}, {"<default domain>", "mine"}}), "");
  EXPECT_EQ(layer_of_ranges({}), "");
}

}  // namespace
}  // namespace trtprof
