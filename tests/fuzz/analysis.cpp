// What becomes of a profile that anybody may have written: every report of it, and its diagnosis. Whatever is in the
// file, text for a terminal holds no control characters, and JSON is JSON.
#include "trtprof/diagnose/analysis.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.h"
#include "trtprof/base/text.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/analysis_report.h"
#include "trtprof/report/report.h"
#include "trtprof/report/trace_report.h"

namespace {

using namespace trtprof;

void require_printable_lines(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (printable(line) != line) fuzz::require(false, "a terminal gets no control characters: " + printable(line));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = profile_from_json(fuzz::as_text(data, size), "input.json");
  if (!loaded) return 0;
  const Profile& profile = loaded->profile;

  std::ostringstream text;
  write_text_report(text, profile, {});
  require_printable_lines(text.str());
  std::ostringstream csv;
  write_csv_report(csv, profile);
  std::ostringstream trace;
  write_trace_report(trace, profile);
  fuzz::require(nlohmann::json::accept(trace.str()), "a trace is JSON");

  const auto ceilings = find_ceilings(profile.environment.device_name);
  const Analysis analysis = analyze({profile, ceilings ? &*ceilings : nullptr, nullptr, &profile});
  std::ostringstream diagnosis;
  AnalysisTextOptions everything;
  everything.explain = everything.tree = everything.checklist = true;
  write_analysis_text(diagnosis, analysis, profile, everything);
  write_short_analysis(diagnosis, analysis, "analyze input.json", false);
  require_printable_lines(diagnosis.str());
  const std::string document = analysis_to_json({analysis, profile, {"input.json", ""}, std::nullopt, std::nullopt});
  fuzz::require(nlohmann::json::accept(document), "an analysis is JSON");
  return 0;
}
