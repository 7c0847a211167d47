// The noise of one launch: how far its median would move if its samples were drawn again. Neighbouring samples depend
// on each other, so whole blocks of them are drawn. Pure functions; same samples, same answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace trtprof {

// Where every random number of a comparison comes from. The integers are made here and not by
// std::uniform_int_distribution, whose results differ from one standard library to the next.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  // Uniform in [0, count), without the bias of a remainder (Lemire, ACM TOMACS 29(1), 2019, without its multiplication:
  // numbers beyond the last whole multiple of `count` are drawn again).
  [[nodiscard]] std::size_t below(std::size_t count);

 private:
  std::mt19937_64 engine_;
};

// How many samples in a row are drawn together: Politis and White's optimum for the circular block bootstrap
// (Econometric Reviews 23(1), 2004; corrected by Patton, Politis and White, 28(4), 2009) where dependence falls off
// geometrically, with the dependence taken from effective_sample_count(). 1 where samples are independent, at most a
// third of them.
[[nodiscard]] std::size_t block_length(std::size_t count, double effective_count);

// Standard deviation of the logarithm of the median, over `draws` circular block bootstraps of the series. For small
// values that is its relative standard error. `samples` are positive and at least two; 0 where all are equal.
[[nodiscard]] double log_median_error(std::span<const double> samples, Draw& draw, int draws = 200);

}  // namespace trtprof
