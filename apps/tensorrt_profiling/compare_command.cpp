#include <iostream>
#include <memory>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.h"
#include "compare_launches.h"
#include "compare_sides.h"
#include "interrupt.h"
#include "messages.h"
#include "profile_run.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/compare/comparison.h"
#include "trtprof/report/comparison_report.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kColumns = 100;  // where standard output is no terminal
constexpr std::size_t kTop = 10;

std::size_t columns_of_output() {
  winsize size = {};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return kColumns;
  return size.ws_col;
}

class Compare {
 public:
  explicit Compare(const Settings& settings) : settings_(settings) {}

  Result<int> run() {
    if (const Status good = check(); !good) return forward_error(good);
    auto sides = open_sides(settings_);
    if (!sides) return forward_error(sides);
    const InterruptScope interrupt;
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    CompareLaunches launches(settings_, *sides, *progress, interrupt.flag());
    const Status launched = launches.run();
    progress->finish();
    if (!launched) return forward_error(launched);
    CompareOptions judging = settings_.compare.judging;
    judging.level = launches.level();
    auto comparison = compare_profiles(sides->a.profiles, sides->b.profiles, judging);
    if (!comparison) return forward_error(comparison);
    remark(launches, *comparison);
    if (const Status said = say(*comparison, *sides); !said) return forward_error(said);
    if (launches.interrupted()) return static_cast<int>(ErrorCode::interrupted);
    return gate(comparison->verdict);
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

  void remark(const CompareLaunches& launches, Comparison& comparison) const {
    if (launches.looks() > 0 && settings_.compare.budget) {
      comparison.notes.push_back(
          fmt::format("with --budget this was look {}: its interval is one of {:.4g} %, so that all looks together "
                      "are wrong in at most 5 %",
                      launches.looks(), launches.level() * 100.0));
    }
    if (launches.interrupted()) {
      comparison.partial = true;
      comparison.warnings.emplace_back("interrupted: there are fewer launches than were asked for");
    }
  }

  Status say(const Comparison& comparison, const CompareSides& sides) const {
    ComparisonTextOptions options;
    options.color = wants_color(STDOUT_FILENO, settings_.no_color);
    options.quiet = settings_.report.quiet;
    options.top = settings_.was_given("--top") ? static_cast<std::size_t>(settings_.report.top) : kTop;
    options.columns = columns_of_output();
    write_comparison_text(std::cout, comparison, options);
    if (settings_.json) {
      const ComparisonDocument document = {comparison, sides.a.sources, sides.b.sources};
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
