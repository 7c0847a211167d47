#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.h"
#include "diagnosis.h"
#include "messages.h"
#include "profile_run.h"
#include "trtprof/base/text.h"
#include "trtprof/report/analysis_report.h"
#include "trtprof/report/report.h"

namespace trtprof::cli {
namespace {

// How the user gets at the rest of what is concluded.
std::string more(const Settings& settings) {
  return settings.json ? fmt::format("tensorrt_profiling analyze {}", printable(settings.json->string()))
                       : "--json FILE keeps this profile for 'analyze FILE'";
}

}  // namespace

int run_profile(const Settings& settings) {
  ProfileRun run(settings, settings.json, [&](const Profile& profile, const KnownModel* model) {
    TextReportOptions options = settings.report;
    options.color = wants_color(STDOUT_FILENO, settings.no_color);
    write_text_report(std::cout, profile, options);
    if (!options.quiet && !profile.partial) {
      const auto diagnosis = diagnose(settings, profile, {}, model);
      if (!diagnosis) return Status(forward_error(diagnosis));
      write_short_analysis(std::cout, diagnosis->analysis, more(settings), options.color);
    }
    return check_standard_output();
  });
  return run.run();
}

}  // namespace trtprof::cli
