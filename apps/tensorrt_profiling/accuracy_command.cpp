#include <iostream>
#include <unistd.h>

#include "accuracy_run.h"
#include "commands.h"
#include "messages.h"
#include "trtprof/base/file.h"
#include "trtprof/report/accuracy_report.h"

namespace trtprof::cli {
namespace {

Status report(const Settings& settings, const AccuracyDocument& document) {
  for (const std::string& warning : document.result.warnings) print_warning(warning);
  if (!settings.report.quiet) {
    write_accuracy_text(std::cout, document, wants_color(STDOUT_FILENO, settings.no_color));
    std::cout.flush();
    if (!std::cout) return fail("the report could not be written to standard output");
  }
  return settings.json ? write_file(*settings.json, accuracy_to_json(document)) : Status{};
}

Result<int> measure_and_report(const Settings& settings) {
  if (settings.json) {
    if (const Status writable = check_writable(*settings.json); !writable) return forward_error(writable);
  }
  const auto run = measure_accuracy_of(settings);
  if (!run) return forward_error(run);
  if (const Status reported = report(settings, run->document()); !reported) return forward_error(reported);
  if (run->result.partial) return static_cast<int>(ErrorCode::interrupted);
  for (const std::string& failure : run->verdict.failures) print_warning(failure);
  return run->verdict.passed ? 0 : static_cast<int>(ErrorCode::gate_failed);
}

}  // namespace

int run_accuracy(const Settings& settings) {
  const Result<int> code = measure_and_report(settings);
  return code ? *code : print_error(code.error());
}

}  // namespace trtprof::cli
