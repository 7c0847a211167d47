#include "trtprof/optimize/experiments/paired_rounds.h"

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_backend.h"
#include "trtprof/optimize/effect.h"

namespace trtprof::test {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PairedRounds : public ::testing::Test {
 protected:
  TimedRun model(char name, double seconds) {
    return [=, this]() -> Result<double> {
      order_ += name;
      clock_.advance(seconds);
      return seconds;
    };
  }
  Result<Rounds> take(const std::vector<TimedRun>& models, const RoundOptions& options,
                      const std::function<bool(const Rounds&)>& enough = {}) {
    MeasureContext context{progress_, stop_, clock_.clock()};
    return take_rounds(models, options, context, enough);
  }

  FakeClock clock_;
  NoProgress progress_;
  StopFlag stop_;
  std::string order_;
};

TEST_F(PairedRounds, GoForwardsAndThenBackwards) {
  RoundOptions options;
  options.slot_seconds = 0.0;
  options.slot_runs = 1;
  options.max_seconds = 0.0;
  const auto rounds = take({model('a', 1.0), model('b', 2.0), model('c', 3.0)}, options);
  ASSERT_TRUE(rounds) << rounds.error().message;
  // Five to warm up each; then a turn is one inference for the caches and one that counts.
  EXPECT_THAT(order_, StartsWith("aaaaabbbbbccccc"
                                 "aabbccccbbaa"
                                 "aabbccccbbaa"));
  EXPECT_EQ(rounds->count(), 6U);  // what an interval takes, although the time is over
  EXPECT_THAT(rounds->seconds[1], Each(2.0));
}

TEST_F(PairedRounds, EndWhenTheTimeIsOverOrItIsEnough) {
  RoundOptions options;
  options.slot_seconds = 0.5;
  options.slot_runs = 1;
  options.max_seconds = 60.0;
  // A turn is one and four inferences of 0.125 s; a round of two turns of each of two models takes 2.5 s.
  EXPECT_EQ(take({model('a', 0.125), model('b', 0.125)}, options)->count(), 24U);
  options.min_rounds = 8;
  EXPECT_EQ(take({model('a', 0.125), model('b', 0.125)}, options, [](const Rounds&) { return true; })->count(), 8U);
}

TEST_F(PairedRounds, StopWhenTheUserSaysSo) {
  stop_.request();
  const auto rounds = take({model('a', 1.0)}, {});
  ASSERT_TRUE(rounds);
  EXPECT_TRUE(rounds->interrupted);
  EXPECT_EQ(rounds->count(), 0U);
}

TEST_F(PairedRounds, ATimeThatIsNoneIsAnError) {
  for (const double seconds :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto rounds = take({[=]() -> Result<double> { return seconds; }}, {});
    ASSERT_FALSE(rounds);
    EXPECT_THAT(rounds.error().message, HasSubstr("an inference was reported to take"));
  }
  const auto failed = take({[]() -> Result<double> { return fail("the device is gone"); }}, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the device is gone");
}

TEST(PairedEffect, IsTheMedianOfTheDifferences) {
  const std::vector<double> a = {3.0, 3.1, 2.9, 3.0, 3.0, 90.0, 3.0, 3.05};
  const std::vector<double> b = {2.0, 2.1, 1.9, 2.0, 2.0, 2.0, 2.0, 2.05};
  const Effect effect = paired_effect(a, b);
  EXPECT_DOUBLE_EQ(effect.seconds, 1.0);  // one round in which the machine did something else does not matter
  ASSERT_TRUE(effect.interval);
  EXPECT_TRUE(effect.seen());
  EXPECT_EQ(effect.rounds, 8U);
  EXPECT_FALSE(paired_effect(a, a).seen());
  const std::vector<double> few = {1.0, 2.0};
  EXPECT_FALSE(paired_effect(few, few).interval);
  EXPECT_FALSE(paired_effect(few, few).seen());
}

}  // namespace
}  // namespace trtprof::test
