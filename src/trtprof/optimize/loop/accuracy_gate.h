// Is a candidate near enough? By the user's gates, or by those that stand in where there are none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/accuracy/accuracy.h"

namespace trtprof {

// Where the user gave no gate: with labels, points of percent that top-1 may drop; without, the share of rows with the
// reference's first class.
inline constexpr double kLoopMaxDropPoints = 1.0;
inline constexpr double kLoopMinAgreement = 0.99;
// Without data, or without classes: SQNR of every output. 30 dB is an error of 3.2 % of the signal (root mean square).
// f16 leaves 60 dB and bf16 about 40 dB of the test models on random inputs; INT8 is not tried on those.
inline constexpr double kLoopMinSqnr = 30.0;

// What is kept of a measurement, and what the gates say of it.
struct AccuracyFacts {
  std::uint64_t samples = 0;
  bool random_data = false;
  bool identical = false;      // every output bit for bit
  std::optional<double> top1;  // share of the samples that are right
  std::optional<double> reference_top1;
  std::optional<double> agreement;  // least of all outputs with classes, 0 to 1
  std::optional<double> sqnr_db;    // least of all outputs that differ
  std::string gate;                 // "top-1 drops by at most 1 point"
  bool passed = true;
  std::vector<std::string> failures;  // a sentence each
  std::vector<std::string> doubts;
  bool operator==(const AccuracyFacts&) const = default;
};

// Fails for a gate of the user that cannot be judged (ErrorCode::usage).
[[nodiscard]] Result<AccuracyFacts> judge_accuracy(const AccuracyResult& result, const AccuracyGates& gates);

// "top-1 99.0 % (reference 99.1 %)", "agreement 99.8 %", "SQNR 41.2 dB", "identical".
[[nodiscard]] std::string accuracy_text(const AccuracyFacts& facts);

}  // namespace trtprof
