// Each method against its definition: NumPy's answers (threshold_reference.py), exact sorts, brute force.
#include "trtprof/optimize/calibrate/threshold.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "optimize/calibrate/distributions.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/statistics.h"

namespace trtprof {
namespace {

using test::distribution;
using test::histogram_of;

constexpr auto kNames = std::to_array<const char*>({"normal", "exponential", "outliers", "relu6"});

const nlohmann::json& numpy() {
  static const nlohmann::json answers = [] {
    const auto run = test::run_program(
        {test::kPython, std::string(test::kSourceDir) + "/tests/optimize/calibrate/threshold_reference.py"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return nlohmann::json::parse(run.out, nullptr, false);
  }();
  return answers;
}

double mean_squared_error(const std::vector<float>& numbers, double threshold, int steps) {
  const double scale = threshold / steps;
  double sum = 0.0;
  for (const float number : numbers) {
    const double magnitude = std::abs(double{number});
    const double rounded = std::clamp(std::nearbyint(magnitude / scale), 0.0, double(steps)) * scale;
    sum += (rounded - magnitude) * (rounded - magnitude);
  }
  return sum / static_cast<double>(numbers.size());
}

// Of the bins, each standing for its middle, by its definition and over all edges.
double brute_force_mse_threshold(const ActivationHistogram& histogram, int steps) {
  const auto bins = histogram.bins();
  std::vector<double> candidates = {histogram.absmax()};
  for (int edge = 1; edge * histogram.bin_width() < histogram.absmax(); ++edge) {
    candidates.push_back(edge * histogram.bin_width());
  }
  double best = 0.0;
  double least = INFINITY;
  for (const double threshold : candidates) {
    const double scale = threshold / steps;
    double sum = 0.0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const double middle = (static_cast<double>(i) + 0.5) * histogram.bin_width();
      const double rounded = std::min(std::floor(middle / scale + 0.5), double(steps)) * scale;
      sum += static_cast<double>(bins[i]) * (rounded - middle) * (rounded - middle);
    }
    if (sum < least) {
      least = sum;
      best = threshold;
    }
  }
  return best;
}

TEST(Threshold, OfNothingAndOfZerosIsZero) {
  for (const auto& numbers : {std::vector<float>{}, std::vector<float>{0, 0, 0}, std::vector<float>{NAN, INFINITY}}) {
    const ActivationHistogram histogram = histogram_of(numbers);
    EXPECT_EQ(min_max_threshold(histogram), 0.0);
    EXPECT_EQ(percentile_threshold(histogram, 99.9), 0.0);
    EXPECT_EQ(entropy_threshold(histogram), 0.0);
    EXPECT_EQ(mse_threshold(histogram), 0.0);
  }
}

TEST(Threshold, OfOneNumberIsThatNumber) {
  for (const float number : {3.0F, -0.001F, 1e30F, 4.0F}) {
    const ActivationHistogram histogram = histogram_of(std::vector<float>{0, number, number});
    const double magnitude = std::abs(double{number});
    EXPECT_EQ(min_max_threshold(histogram), magnitude);
    EXPECT_EQ(entropy_threshold(histogram), magnitude);
    EXPECT_NEAR(percentile_threshold(histogram, 99), magnitude, 1e-3 * magnitude);
    // Some threshold represents the middle of its bin exactly.
    EXPECT_NEAR(mse_threshold(histogram), magnitude, 5e-3 * magnitude);
  }
}

TEST(Threshold, MinMaxAndPercentilesAreNumPys) {
  for (const char* name : kNames) {
    const ActivationHistogram histogram = histogram_of(distribution(name));
    const auto& wanted = numpy().at(name);
    EXPECT_NEAR(min_max_threshold(histogram), wanted.at("min-max").get<double>(), 1e-5) << name;
    for (const double percent : {99.0, 99.9}) {
      const double exact = wanted.at(percent == 99.0 ? "percentile 99" : "percentile 99.9").get<double>();
      EXPECT_NEAR(percentile_threshold(histogram, percent), exact, histogram.bin_width()) << name << percent;
    }
  }
}

TEST(Threshold, PercentilesAreThoseOfASort) {
  auto numbers = distribution("normal");
  const ActivationHistogram histogram = histogram_of(numbers);
  std::vector<double> sorted;
  for (const float number : numbers) sorted.push_back(std::abs(double{number}));
  std::ranges::sort(sorted);
  for (const double percent : {0.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    EXPECT_NEAR(percentile_threshold(histogram, percent), percentile_of_sorted(sorted, percent / 100),
                histogram.bin_width())
        << percent;
  }
}

TEST(Threshold, APercentileThatIsZeroIsTakenOfTheOthers) {
  std::vector<float> numbers(100000, 0.0F);
  for (std::size_t i = 0; i < 5; ++i) numbers[i] = static_cast<float>(i + 1);
  EXPECT_NEAR(percentile_threshold(histogram_of(numbers), 99.9), 4.996, 0.01);
  EXPECT_NEAR(percentile_threshold(histogram_of(numbers), 50), 3.0, 0.01);
}

TEST(Threshold, EntropyIsNumPys) {
  for (const char* name : kNames) {
    const ActivationHistogram histogram = histogram_of(distribution(name));
    EXPECT_NEAR(entropy_threshold(histogram), numpy().at(name).at("entropy").get<double>(), 1e-4) << name;
  }
}

// What the method is for: a few large numbers do not take the steps of the rest.
TEST(Threshold, EntropyClipsOutliersAndKeepsWhatHasNone) {
  const auto numbers = distribution("outliers");
  const ActivationHistogram histogram = histogram_of(numbers);
  const double threshold = entropy_threshold(histogram);
  EXPECT_GT(threshold, 3.0);
  EXPECT_LT(threshold, 6.0);
  EXPECT_GT(histogram.absmax(), 70.0);
  std::vector<float> even;
  for (int i = 1; i <= 40000; ++i) even.push_back(static_cast<float>(i) / 10000.0F);
  EXPECT_NEAR(entropy_threshold(histogram_of(even)), 4.0, 0.05);
}

TEST(Threshold, MseIsTheBruteForceMinimumOfTheBins) {
  for (const char* name : kNames) {
    for (const int steps : {kInt8Steps, kUint8Steps}) {
      const ActivationHistogram histogram = histogram_of(distribution(name));
      EXPECT_NEAR(mse_threshold(histogram, steps), brute_force_mse_threshold(histogram, steps),
                  1e-9 * histogram.absmax())
          << name << ' ' << steps;
    }
  }
}

TEST(Threshold, MseIsTheLeastErrorOfTheNumbersThemselves) {
  for (const char* name : kNames) {
    const auto numbers = distribution(name);
    const double threshold = mse_threshold(histogram_of(numbers));
    const double error = mean_squared_error(numbers, threshold, kInt8Steps);
    const double least = numpy().at(name).at("least mean squared error").get<double>();
    EXPECT_LE(error, least * 1.01) << name << ' ' << threshold << " against " << numpy().at(name).at("mse");
  }
}

// Twice the levels leave room for more of the tail.
TEST(Threshold, MoreStepsClipLess) {
  const ActivationHistogram histogram = histogram_of(distribution("normal"));
  EXPECT_GT(mse_threshold(histogram, kUint8Steps), mse_threshold(histogram, kInt8Steps));
}

TEST(Threshold, NeverAboveTheLargestNumber) {
  for (const char* name : kNames) {
    const ActivationHistogram histogram = histogram_of(distribution(name, 500));
    for (const double threshold : {entropy_threshold(histogram), mse_threshold(histogram),
                                   percentile_threshold(histogram, 100), min_max_threshold(histogram)}) {
      EXPECT_LE(threshold, histogram.absmax()) << name;
      EXPECT_GT(threshold, 0.0) << name;
    }
  }
}

}  // namespace
}  // namespace trtprof
