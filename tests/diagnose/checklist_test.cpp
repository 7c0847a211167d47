#include "trtprof/diagnose/checklist.h"

#include <gmock/gmock.h>

#include "support/analyzed.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<CheckState> states(const Analyzed& analyzed) {
  std::vector<CheckState> all;
  for (const CheckItem& item : analyzed.analysis.checklist.items) all.push_back(item.state);
  return all;
}

const std::string& figure(const Analyzed& analyzed, std::size_t item) {
  return analyzed.analysis.checklist.items.at(item).figure;
}

constexpr auto kDone = CheckState::done;
constexpr auto kFailed = CheckState::failed;
constexpr auto kNone = CheckState::not_applicable;

TEST(Checklist, OfABatchOf64HasAFigureForEachItem) {
  const Analyzed result = analyzed(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  EXPECT_THAT(states(result), ElementsAre(kDone, kDone, kDone, kDone, kDone, kFailed));
  EXPECT_THAT(figure(result, 0), HasSubstr("57 layers, 1.14 ms"));
  EXPECT_THAT(figure(result, 1), HasSubstr("The five take 30.0%"));
  EXPECT_THAT(figure(result, 2), HasSubstr("96.8%: above 80 %"));
  EXPECT_THAT(figure(result, 3), HasSubstr("FP16: at most 0 s"));
  EXPECT_THAT(figure(result, 4), HasSubstr("depthwise"));
  EXPECT_THAT(figure(result, 5), HasSubstr("--against"));
}

TEST(Checklist, OfATransformerSaysThatConvolutionsAreNotWhereToLook) {
  const Analyzed result = analyzed(stored_profile("transformer"), "transformer");
  EXPECT_THAT(figure(result, 2), HasSubstr("below 80 %"));
  EXPECT_EQ(states(result).at(4), kNone) << "no depthwise convolutions";
}

TEST(Checklist, AnImprovementIsVerifiedByAProfileFromBefore) {
  const Profile fp32 = stored_profile("mobilenetv2_b64_fp32");
  const Profile fp16 = stored_profile("mobilenetv2_b64_graph");
  const Analyzed better = analyzed(fp16, {}, 1, &fp32);
  EXPECT_EQ(states(better).at(5), kDone);
  EXPECT_THAT(figure(better, 5), HasSubstr("1.35 ms instead of 2.40 ms: -43.7%"));
  const Analyzed worse = analyzed(fp32, {}, 1, &fp16);
  EXPECT_EQ(states(worse).at(5), kFailed);
  const Analyzed same = analyzed(fp16, {}, 1, &fp16);
  EXPECT_EQ(states(same).at(5), kFailed);
  EXPECT_THAT(figure(same, 5), HasSubstr("intervals do not say that it is less"));
}

TEST(Checklist, OfAnEmptyProfileFailsWhereSomethingIsMissing) {
  const Analyzed result = analyzed(Profile{});
  EXPECT_THAT(states(result), ElementsAre(kFailed, kFailed, kFailed, kFailed, testing::_, kFailed));
  EXPECT_THAT(figure(result, 0), HasSubstr("measures them"));
}

}  // namespace
}  // namespace trtprof::test
