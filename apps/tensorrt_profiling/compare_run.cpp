#include "compare_run.h"

#include <memory>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "compare_launches.h"
#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"

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

void remark(const CompareLaunches& launches, bool budget, Comparison& comparison) {
  if (launches.looks() > 0 && budget) {
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

}  // namespace

Result<CompareRun> run_comparison(const Settings& settings) {
  auto sides = open_sides(settings);
  if (!sides) return forward_error(sides);
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  CompareLaunches launches(settings, *sides, *progress, interrupt.flag());
  const Status launched = launches.run();
  progress->finish();
  if (!launched) return forward_error(launched);
  CompareOptions judging = settings.compare.judging;
  judging.level = launches.level();
  auto comparison = compare_profiles(sides->a.profiles, sides->b.profiles, judging);
  if (!comparison) return forward_error(comparison);
  remark(launches, settings.compare.budget.has_value(), *comparison);
  return CompareRun{*std::move(comparison), std::move(sides->a.sources), std::move(sides->b.sources),
                    launches.interrupted()};
}

ComparisonTextOptions comparison_text_options(const Settings& settings) {
  ComparisonTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  options.quiet = settings.report.quiet;
  options.top = settings.was_given("--top") ? static_cast<std::size_t>(settings.report.top) : kTop;
  options.columns = columns_of_output();
  return options;
}

}  // namespace trtprof::cli
