#include "trtprof/compare/resample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "trtprof/base/statistics.h"

namespace trtprof {
namespace {

// Shifted by the first value, so that equal values have none.
double standard_deviation(std::span<const double> values) {
  double mean = 0.0;
  for (const double value : values) mean += value - values.front();
  mean = values.front() + mean / static_cast<double>(values.size());
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

// As many samples as there are, in blocks from anywhere; behind the last comes the first again.
void draw_blocks(std::span<const double> samples, std::size_t length, Draw& draw, std::vector<double>& drawn) {
  drawn.clear();
  while (drawn.size() < samples.size()) {
    std::size_t at = draw.below(samples.size());
    for (std::size_t i = 0; i < length && drawn.size() < samples.size(); ++i) {
      drawn.push_back(samples[at]);
      at = at + 1 == samples.size() ? 0 : at + 1;
    }
  }
}

// As median() has it, without its copy.
double median_in_place(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return std::lerp(*std::ranges::max_element(values.begin(), middle), *middle, 0.5);
}

}  // namespace

std::size_t Draw::below(std::size_t count) {
  assert(count > 0);
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t whole = most - most % count;
  std::uint64_t number = engine_();
  while (number >= whole) number = engine_();
  return number % count;
}

std::size_t block_length(std::size_t count, double effective_count) {
  if (count < 3) return 1;
  // Of a geometric fall with autocorrelation time t = (1 + p) / (1 - p): the sum of |k| p^|k| over the sum of p^|k| is
  // (t - 1 / t) / 2, and b = (2 G^2 / (4/3 g^2))^(1/3) n^(1/3).
  const double time = std::max(1.0, static_cast<double>(count) / std::max(effective_count, 1.0));
  const double reach = (time - 1.0 / time) / 2.0;
  const double length = std::cbrt(1.5 * reach * reach * static_cast<double>(count));
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(length)), 1, count / 3);
}

double log_median_error(std::span<const double> samples, Draw& draw, int draws) {
  assert(samples.size() >= 2 && draws >= 2);
  const std::size_t length = block_length(samples.size(), effective_sample_count(samples));
  std::vector<double> logs;
  logs.reserve(static_cast<std::size_t>(draws));
  std::vector<double> drawn;
  drawn.reserve(samples.size());
  for (int i = 0; i < draws; ++i) {
    draw_blocks(samples, length, draw, drawn);
    logs.push_back(std::log(median_in_place(drawn)));
  }
  return standard_deviation(logs);
}

}  // namespace trtprof
