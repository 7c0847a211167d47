#include <iostream>

#include <fmt/format.h>

#include "commands.h"
#include "compare_run.h"
#include "messages.h"
#include "profile_run.h"
#include "trtprof/base/file.h"
#include "trtprof/report/comparison_report.h"

namespace trtprof::cli {
namespace {

class Compare {
 public:
  explicit Compare(const Settings& settings) : settings_(settings) {}

  Result<int> run() {
    if (const Status good = check(); !good) return forward_error(good);
    const auto run = run_comparison(settings_);
    if (!run) return forward_error(run);
    if (const Status said = say(*run); !said) return forward_error(said);
    if (run->interrupted) return static_cast<int>(ErrorCode::interrupted);
    return gate(run->comparison.verdict);
  }

 private:
  Status check() const {
    const CompareSettings& compare = settings_.compare;
    if (compare.strict && !compare.fail_if_slower) return usage_error("--strict is for --fail-if-slower");
    if (compare.budget && settings_.was_given("--builds")) {
      return usage_error("--budget and --builds contradict each other", "give one of them");
    }
    if (settings_.device == "all") return usage_error("'compare' runs on one device at a time", "--device cuda:0");
    return settings_.json ? check_writable(*settings_.json) : Status{};
  }

  Status say(const CompareRun& run) const {
    write_comparison_text(std::cout, run.comparison, comparison_text_options(settings_));
    if (settings_.json) {
      const ComparisonDocument document = {run.comparison, run.sources_a, run.sources_b};
      if (Status written = write_file(*settings_.json, comparison_to_json(document)); !written) return written;
    }
    return check_standard_output();
  }

  // SLOWER by the limit or more fails; UNDECIDED where it may be that slow is warned of, and fails when strict.
  [[nodiscard]] int gate(const ChangeVerdict& verdict) const {
    if (!settings_.compare.fail_if_slower) return 0;
    const double limit = *settings_.compare.fail_if_slower;
    if (verdict.outcome == Outcome::slower && verdict.effect >= limit) {
      print_warning(
          fmt::format("--fail-if-slower {:.4g}%: B is slower by {:.1f} %", limit * 100.0, verdict.effect * 100.0));
      return static_cast<int>(ErrorCode::gate_failed);
    }
    if (verdict.outcome != Outcome::undecided || verdict.interval.high < limit) return 0;
    print_warning(fmt::format("--fail-if-slower {:.4g}%: UNDECIDED, B may be slower by up to {:.1f} %{}", limit * 100.0,
                              verdict.interval.high * 100.0,
                              settings_.compare.strict ? "" : "; --strict would fail here"));
    return settings_.compare.strict ? static_cast<int>(ErrorCode::gate_failed) : 0;
  }

  const Settings& settings_;
};

}  // namespace

int run_compare(const Settings& settings) {
  const Result<int> code = Compare(settings).run();
  return code ? *code : print_error(code.error());
}

}  // namespace trtprof::cli
