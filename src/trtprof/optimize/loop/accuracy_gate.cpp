#include "trtprof/optimize/loop/accuracy_gate.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

template <class Value>
void take_least(std::optional<Value>& least, const std::optional<Value>& value) {
  if (value) least = std::min(least.value_or(*value), *value);
}

AccuracyFacts facts_of(const AccuracyResult& result) {
  AccuracyFacts facts;
  facts.samples = result.samples;
  facts.random_data = result.random_data;
  facts.identical = std::ranges::all_of(result.outputs, [](const OutputError& output) { return output.identical; });
  for (const OutputError& output : result.outputs) {
    take_least(facts.sqnr_db, output.sqnr_db);
    if (!output.agreement || output.agreement->rows == 0) continue;
    take_least(facts.agreement, std::optional(static_cast<double>(output.agreement->top1) /
                                              static_cast<double>(output.agreement->rows)));
  }
  if (result.labels && result.labels->samples > 0) {
    const auto samples = static_cast<double>(result.labels->samples);
    facts.top1 = static_cast<double>(result.labels->other.top1) / samples;
    facts.reference_top1 = static_cast<double>(result.labels->reference.top1) / samples;
  }
  return facts;
}

AccuracyGates standing_in(const AccuracyFacts& facts) {
  if (facts.random_data) return {};
  if (facts.top1) return {std::nullopt, kLoopMaxDropPoints};
  return facts.agreement ? AccuracyGates{kLoopMinAgreement, std::nullopt} : AccuracyGates{};
}

std::string text_of(const AccuracyGates& gates) {
  std::vector<std::string> parts;
  if (gates.max_drop_points)
    parts.push_back(fmt::format("top-1 drops by at most {:.4g} point{}", *gates.max_drop_points,
                                *gates.max_drop_points == 1.0 ? "" : "s"));
  if (gates.min_agreement) {
    parts.push_back(fmt::format("the first class agrees in {:.4g} % of rows at least", *gates.min_agreement * 100.0));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Numbers that are not finite, where the reference has some, are a failure that no SQNR shows.
void judge_sqnr(const AccuracyResult& result, AccuracyFacts& facts) {
  facts.gate = fmt::format("SQNR of every output is {:.4g} dB at least", kLoopMinSqnr);
  for (const OutputError& output : result.outputs) {
    if (output.identical) continue;
    if (output.not_finite_apart > 0) {
      facts.failures.push_back(fmt::format("output '{}' has {} numbers that are not finite where the reference's are",
                                           printable(output.output), output.not_finite_apart));
    } else if (!output.sqnr_db || *output.sqnr_db < kLoopMinSqnr) {
      facts.failures.push_back(
          fmt::format("output '{}' is {} from the reference, and {:.4g} dB is the limit", printable(output.output),
                      output.sqnr_db ? fmt::format("{:.1f} dB", *output.sqnr_db) : "all apart", kLoopMinSqnr));
    }
  }
  facts.passed = facts.failures.empty();
}

}  // namespace

Result<AccuracyFacts> judge_accuracy(const AccuracyResult& result, const AccuracyGates& given) {
  AccuracyFacts facts = facts_of(result);
  const bool asked = given.min_agreement || given.max_drop_points;
  const AccuracyGates gates = asked ? given : standing_in(facts);
  if (!gates.min_agreement && !gates.max_drop_points) {
    judge_sqnr(result, facts);
    return facts;
  }
  auto verdict = judge(result, gates);
  if (!verdict) return forward_error(verdict);
  facts.gate = text_of(gates);
  facts.passed = verdict->passed;
  facts.failures = std::move(verdict->failures);
  facts.doubts = std::move(verdict->doubts);
  return facts;
}

std::string accuracy_text(const AccuracyFacts& facts) {
  if (facts.identical) return "identical";
  if (facts.top1) {
    return fmt::format("top-1 {:.1f} % (reference {:.1f} %)", *facts.top1 * 100.0,
                       facts.reference_top1.value_or(0.0) * 100.0);
  }
  if (facts.agreement && !facts.random_data) return fmt::format("agreement {:.2f} %", *facts.agreement * 100.0);
  return facts.sqnr_db ? fmt::format("SQNR {:.1f} dB", *facts.sqnr_db) : "not comparable";
}

}  // namespace trtprof
