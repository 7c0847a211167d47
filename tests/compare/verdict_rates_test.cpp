// How often the verdict is right on launches that were recorded (tests/data/compare): A/A pairs, and B made 5 % slower.
//
// A trial takes neighbouring launches as pairs, as `compare` takes them, draws so many of the pairs (none twice) and
// says of each by a coin which of the two was A. Trials share launches, so the binomial intervals are too narrow by as
// much; the number of trials that share none is printed with them.
#include <algorithm>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compare/synthetic.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/compare/verdict.h"

namespace trtprof::test {
namespace {

constexpr double kSlowdown = 1.05;
constexpr int kTrials = 2000;
constexpr std::size_t kDefaultLaunches = 10;  // of --launches

struct Recording {
  std::vector<LaunchFigure> launches;
  double seconds = 0.0;  // of one launch, in the mean
};

Recording recording(const std::string& name) {
  const auto text = read_file(std::filesystem::path(kDataDir) / "compare" / (name + ".json"));
  if (!text) {
    ADD_FAILURE() << text.error().message;
    return {};
  }
  const nlohmann::json document = nlohmann::json::parse(*text);
  EXPECT_EQ(document["format"], "trtprof-launches");
  Recording result;
  Draw draw(1);
  for (const auto& launch : document["launches"]) {
    std::vector<double> samples;
    for (const double nanoseconds : launch["samples_ns"]) samples.push_back(nanoseconds * 1e-9);
    result.launches.push_back({launch["median_ns"].get<double>() * 1e-9, log_median_error(samples, draw),
                               launch["count"].get<std::size_t>()});
    result.seconds += launch["seconds"].get<double>() / static_cast<double>(document["launches"].size());
  }
  return result;
}

struct Rates {
  int changed = 0;  // of A/A: FASTER or SLOWER
  int same = 0;     // of A/A
  int slower = 0;   // of A against 1.05 A
  int undecided = 0;
  int faster = 0;
};

Rates rates_of(const Recording& recorded, std::size_t launches) {
  std::mt19937_64 random(17);
  Draw draw(17);
  std::vector<std::size_t> pairs(recorded.launches.size() / 2);
  std::iota(pairs.begin(), pairs.end(), std::size_t{0});
  Rates rates;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<std::size_t> drawn = pairs;
    for (std::size_t i = 0; i < launches; ++i) std::swap(drawn[i], drawn[i + draw.below(drawn.size() - i)]);
    drawn.resize(launches);
    std::ranges::sort(drawn);
    std::vector<LaunchFigure> a;
    std::vector<LaunchFigure> b;
    for (const std::size_t pair : drawn) {
      const std::size_t swapped = draw.below(2);
      a.push_back(recorded.launches[2 * pair + swapped]);
      b.push_back(recorded.launches[2 * pair + 1 - swapped]);
    }
    const Outcome alike = judge(a, b, {.paired = true}).outcome;
    for (LaunchFigure& launch : b) launch.value *= kSlowdown;
    const Outcome slowed = judge(a, b, {.paired = true}).outcome;
    rates.changed += alike == Outcome::faster || alike == Outcome::slower ? 1 : 0;
    rates.same += alike == Outcome::same ? 1 : 0;
    rates.slower += slowed == Outcome::slower ? 1 : 0;
    rates.undecided += slowed == Outcome::undecided ? 1 : 0;
    rates.faster += slowed == Outcome::faster ? 1 : 0;
  }
  return rates;
}

std::string shown(int count) {
  const Share share = share_of(count, kTrials);
  return fmt::format("{:5.1f} % [{:.1f}, {:.1f}]", share.share * 100.0, share.low * 100.0, share.high * 100.0);
}

void print(const std::string& name, const Recording& recorded, std::size_t launches, const Rates& rates) {
  fmt::print(
      "{}, {} launches a side ({:.0f} s; {} trials share none): A/A changed {}, same {}; 5 % slower: SLOWER {}, "
      "UNDECIDED {}\n",
      name, launches, 2.0 * static_cast<double>(launches) * recorded.seconds, recorded.launches.size() / (2 * launches),
      shown(rates.changed), shown(rates.same), shown(rates.slower), shown(rates.undecided));
}

TEST(VerdictRates, AnIdleMachineIsJudgedRightWithTheDefaultLaunches) {
  const Recording recorded = recording("mobilenetv2_cpu");
  ASSERT_GE(recorded.launches.size(), 40U);
  for (const std::size_t launches : {3U, 5U, 7U, 10U, 15U}) {
    const Rates rates = rates_of(recorded, launches);
    print("mobilenetv2_cpu", recorded, launches, rates);
    EXPECT_LT(share_of(rates.changed, kTrials).low, 0.05) << launches;
    EXPECT_EQ(rates.faster, 0) << launches;
    if (launches < kDefaultLaunches) continue;
    EXPECT_LT(share_of(rates.changed, kTrials).high, 0.05);
    EXPECT_GT(share_of(rates.slower, kTrials).low, 0.95);
  }
}

// One engine on a GPU of its own: launches differ by 0.1 %, and few are enough.
TEST(VerdictRates, AGpuIsJudgedRightWithFewLaunches) {
  const Recording recorded = recording("mobilenetv2_h200");
  ASSERT_GE(recorded.launches.size(), 40U);
  for (const std::size_t launches : {3U, 5U, 10U, 20U}) {
    const Rates rates = rates_of(recorded, launches);
    print("mobilenetv2_h200", recorded, launches, rates);
    EXPECT_LT(share_of(rates.changed, kTrials).high, 0.05) << launches;
    EXPECT_GT(share_of(rates.slower, kTrials).low, 0.95) << launches;
    EXPECT_GT(share_of(rates.same, kTrials).low, 0.85) << launches;
  }
}

struct Fp16Builds {
  std::vector<LaunchFigure> weak;    // TensorRT 10's own FP16, from the FP32 model
  std::vector<LaunchFigure> strong;  // the model converted to FP16, strongly typed
};

Fp16Builds fp16_builds(int batch) {
  const auto text =
      read_file(std::filesystem::path(kDataDir) / "compare" / fmt::format("mobilenetv2_h200_fp16_b{}.json", batch));
  if (!text) {
    ADD_FAILURE() << text.error().message;
    return {};
  }
  const nlohmann::json document = nlohmann::json::parse(*text);
  Draw draw(1);
  const auto side = [&](const char* name) {
    std::vector<LaunchFigure> launches;
    for (const auto& launch : document["sides"][name]) {
      std::vector<double> samples;
      for (const double nanoseconds : launch["compute_samples_ns"]) samples.push_back(nanoseconds * 1e-9);
      launches.push_back({launch["compute_median_ns"].get<double>() * 1e-9, log_median_error(samples, draw),
                          launch["count"].get<std::size_t>(), launch["build"].get<std::size_t>()});
    }
    return launches;
  };
  return {side("weak"), side("strong")};
}

// Three builds a side, four launches of each, on an H200 with TensorRT 10.6.
TEST(Fp16Builds, OursIsNotSlowerThanWeakTyping) {
  for (const int batch : {64, 1}) {
    const Fp16Builds builds = fp16_builds(batch);
    ASSERT_EQ(builds.weak.size(), 12U);
    ASSERT_EQ(builds.strong.size(), 12U);
    const ChangeVerdict verdict = judge(builds.weak, builds.strong, {});
    fmt::print("batch {}: {} {:+.2f} % [{:+.2f}, {:+.2f}], builds differ by {:.2f} %\n", batch,
               to_string(verdict.outcome), verdict.effect * 100.0, verdict.interval.low * 100.0,
               verdict.interval.high * 100.0, verdict.spread * 100.0);
    EXPECT_TRUE(verdict.by_builds);
    EXPECT_EQ(verdict.a.builds, 3U);
    EXPECT_NE(verdict.outcome, Outcome::slower);
    EXPECT_LT(verdict.effect, verdict.spread) << "slower by more than builds differ";
    if (batch == 64) {
      EXPECT_EQ(verdict.outcome, Outcome::same);
    }
  }
}

TEST(VerdictRates, ABusyMachineLeavesItUndecidedRatherThanWrong) {
  const Recording recorded = recording("mobilenetv2_cpu_busy");
  ASSERT_GE(recorded.launches.size(), 40U);
  for (const std::size_t launches : {5U, 10U, 20U}) {
    const Rates rates = rates_of(recorded, launches);
    print("mobilenetv2_cpu_busy", recorded, launches, rates);
    EXPECT_LT(share_of(rates.changed, kTrials).high, 0.05) << launches;
    EXPECT_LT(rates.faster, kTrials / 100);
  }
}

}  // namespace
}  // namespace trtprof::test
