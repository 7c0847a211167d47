#include "trtprof/import/nvtx_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

const std::string kRest = ":none:none:none:none:none:none\"";

TEST(NvtxRanges, AreReadFromTheOutermostIn) {
  const auto cell =
      parse_nvtx_cell("7  \"tensorrt_profiling:inference" + kRest + "  \"TensorRT:ExecutionContext::enqueue" + kRest +
                      "  \"TensorRT:/features/0/Conv + /features/0/Clip" + kRest + " ");
  ASSERT_TRUE(cell);
  const std::vector<NvtxRange>& ranges = *cell;
  EXPECT_THAT(ranges, ElementsAre(NvtxRange{"tensorrt_profiling", "inference"},
                                  NvtxRange{"TensorRT", "ExecutionContext::enqueue"},
                                  NvtxRange{"TensorRT", "/features/0/Conv + /features/0/Clip"}));
  EXPECT_EQ(layer_of_ranges(ranges), "/features/0/Conv + /features/0/Clip");
  EXPECT_TRUE(is_inference_range(ranges[0]));
  EXPECT_FALSE(is_inference_range(ranges[1]));
}

TEST(NvtxRanges, KeepColonsInNamesBesidePayloadsAndColours) {
  EXPECT_THAT(parse_nvtx_cell(R"(1  "TensorRT:a::b:uint64:7:ARGB:ff00ff00:none:none")"),
              Optional(ElementsAre(NvtxRange{"TensorRT", "a::b"})));
  EXPECT_THAT(parse_nvtx_cell(R"(1  "TensorRT:a:none:none:none:none:ascii:a:b:c")"),
              Optional(ElementsAre(NvtxRange{"TensorRT", "a"})));
  EXPECT_THAT(parse_nvtx_cell(
                  R"(1  "TensorRT:ExecutionContext::enqueue:none:none:RGB:0xff:REGISTERED:ExecutionContext::enqueue")"),
              Optional(ElementsAre(NvtxRange{"TensorRT", "ExecutionContext::enqueue"})));
}

TEST(NvtxRanges, PayloadsInJsonAreNoNames) {
  const std::string payload = R"({\n  "Name": "a:none:none:none \"", "x":["}"],\n  "Metadata": ""\n})";
  EXPECT_THAT(
      parse_nvtx_cell("4  \"TensorRT:{ForeignNode[x...(Unnamed Layer* 1) [ElementWise]]}:JsonRegistered:" + payload +
                      ":RGB:0xffffd700:REGISTERED:{ForeignNode[x...(Unnamed Layer* 1) "
                      "[ElementWise]]}\"  \"myelin-exec:fc:Json:{}:RGB:0xff:REGISTERED:fc\" "),
      Optional(ElementsAre(NvtxRange{"TensorRT", "{ForeignNode[x...(Unnamed Layer* 1) [ElementWise]]}"},
                           NvtxRange{"myelin-exec", "fc"})));
}

TEST(NvtxRanges, OfStartAndStopHaveANumberFirst) {
  const std::string cell = R"( "9:myelin-exec:myelinGraphExecute :none:none:none:none:ASCII:myelinGraphExecute " )";
  EXPECT_THAT(parse_nvtx_cell(cell, NvtxCell::start_stop),
              Optional(ElementsAre(NvtxRange{"myelin-exec", "myelinGraphExecute "})));
  EXPECT_THAT(parse_nvtx_cell(R"( "a:b")", NvtxCell::start_stop), Optional(ElementsAre(NvtxRange{"a", "b"})));
}

TEST(NvtxRanges, CellsWithoutRangesAndOfAnotherForm) {
  EXPECT_THAT(parse_nvtx_cell(""), Optional(IsEmpty()));
  EXPECT_THAT(parse_nvtx_cell("7"), Optional(IsEmpty()));
  EXPECT_THAT(parse_nvtx_cell("\"alone\""), Optional(ElementsAre(NvtxRange{"", "alone"})));
  EXPECT_THAT(parse_nvtx_cell("\"domain:name\""), Optional(ElementsAre(NvtxRange{"domain", "name"})));
  for (const char* text : {"\"open", "7 words", "7  \"a:say \"hi\"\"", "\"a:b\"\"c:d\"", "\"a:b:Json:{\"c\"\""}) {
    EXPECT_EQ(parse_nvtx_cell(text), std::nullopt) << text;
  }
}

TEST(NvtxRanges, PayloadsAreTakenOutOfRowsThatAreNoCsvAlone) {
  EXPECT_EQ(without_bare_payloads(R"("7  ""T:a:JsonRegistered:{\n "b": {"c": "}"}}:RGB:1:REGISTERED:a"" ","x")"),
            R"("7  ""T:a:JsonRegistered::RGB:1:REGISTERED:a"" ","x")");
  const std::string valid = R"("7  ""T:a:JsonRegistered:{\n ""b"": 1}:RGB:1:REGISTERED:a"" ","x")";
  EXPECT_EQ(without_bare_payloads(valid), valid);
  EXPECT_EQ(without_bare_payloads(R"("7  ""T:a:JsonRegistered:{\n "b": 1)"), std::nullopt);
  for (const char* none : {"", "a,b", ":Json", ":Json:", "Json:{\"a\"", ":JsonRegistered:7"}) {
    EXPECT_EQ(without_bare_payloads(none), none);
  }
}

TEST(NvtxRanges, OfOtherDomainsOrAroundAnEnqueueAreNoLayers) {
  EXPECT_EQ(layer_of_ranges({{"TensorRT", "ExecutionContext::enqueue"}, {"<default domain>", "mine"}}), "");
  EXPECT_EQ(layer_of_ranges({}), "");
}

}  // namespace
}  // namespace trtprof
