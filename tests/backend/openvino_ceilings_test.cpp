// What the OpenVINO module measures of this machine. Figures of a shared machine are what they are: what is tested is
// that they hang together.
#include <algorithm>

#include <gmock/gmock.h>

#include "support/openvino_models.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

TEST(OpenVinoCeilings, DescribesWhatItWouldMeasure) {
  const auto environment = openvino().describe_device("");
  ASSERT_TRUE(environment.has_value()) << environment.error().message;
  EXPECT_EQ(environment->engine_name, "OpenVINO");
  EXPECT_EQ(environment->device_kind, DeviceKind::cpu);
  EXPECT_FALSE(environment->device_name.empty());
  EXPECT_GE(environment->threads.value_or(0), 1);
  const auto gpu = openvino().describe_device("cuda:0");
  ASSERT_FALSE(gpu.has_value());
  EXPECT_EQ(gpu.error().code, ErrorCode::unavailable);
}

TEST(OpenVinoCeilings, EveryKindIsMeasuredOrToldWhyNot) {
  NoProgress progress;
  const StopFlag stop;
  CeilingsRequest request;
  request.seconds = 0.01;
  const auto measured = openvino().measure_ceilings(request, progress, stop);
  ASSERT_TRUE(measured.has_value()) << measured.error().message;
  for (const CeilingKind kind : {CeilingKind::memory_bandwidth, CeilingKind::cache_bandwidth, CeilingKind::fp32_peak,
                                 CeilingKind::fp16_peak, CeilingKind::bf16_peak, CeilingKind::int8_peak}) {
    const CeilingFigure* figure = measured->ceilings.find(kind);
    const bool missing = std::ranges::count(measured->missing, kind, &MissingCeiling::kind) == 1;
    ASSERT_NE(figure != nullptr, missing) << to_string(kind);
    if (figure == nullptr) continue;
    ASSERT_TRUE(figure->spread) << to_string(kind);
    EXPECT_LE(figure->spread->low, figure->value);
    EXPECT_GE(figure->spread->high, figure->value);
    EXPECT_GE(figure->spread->samples, 5u);
    EXPECT_THAT(figure->source, HasSubstr(" thread"));
  }
  // Every CPU has it. Between a slow core and a large server.
  const CeilingFigure* fp32 = measured->ceilings.find(CeilingKind::fp32_peak);
  ASSERT_NE(fp32, nullptr);
  EXPECT_GT(fp32->value, 1e9);
  EXPECT_LT(fp32->value, 1e14);
}

TEST(OpenVinoCeilings, StoppedBeforeItBeginsItHasNothing) {
  NoProgress progress;
  StopFlag stop;
  stop.request();
  const auto measured = openvino().measure_ceilings({}, progress, stop);
  ASSERT_FALSE(measured.has_value());
  EXPECT_EQ(measured.error().code, ErrorCode::interrupted);
}

}  // namespace
}  // namespace trtprof::test
