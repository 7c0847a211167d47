// Rows of the option table: which layers a lower precision costs accuracy in, and which to leave out for it.
#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

// "90", "90s", "5m", "1h".
Status set_budget(Settings& settings, std::string_view text) {
  constexpr double minute = 60.0;
  constexpr double hour = 3600.0;
  double unit = 1.0;
  if (text.ends_with('h')) unit = hour;
  if (text.ends_with('m')) unit = minute;
  if (text.ends_with('h') || text.ends_with('m') || text.ends_with('s')) text.remove_suffix(1);
  const Result<double> number = parse_number(text, 0.0);
  if (!number) return usage_error("wants a time as 90s, 5m or 1h");
  settings.sensitivity.budget = *number * unit;
  return {};
}

}  // namespace

std::vector<Option> sensitivity_options() {
  const std::vector<std::string_view> in_optimize = {"optimize"};
  return {
      {.name = "--sensitivity",
       .section = "Sensitivity",
       .help = "With --precision: which layers lose most in it. Each is converted alone and compared with the model in "
               "f32 on --data; then all but the worst are (docs/sensitivity.md).",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.sensitivity.rank = true;
         return {};
       }},
      {.name = "--auto-keep",
       .section = "Sensitivity",
       .help = "With --precision: where --max-drop or --min-agreement does not hold, find few of the worst layers "
               "that have to stay in f32 for it (with int8: out of INT8), and leave them there: none of them can be "
               "taken back alone.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.sensitivity.find_kept = true;
         return {};
       }},
      {.name = "--sensitivity-budget",
       .value = "TIME",
       .section = "Sensitivity",
       .help = "How long to look, as 90s, 5m or 1h. Where it is too short for each layer alone, halves of the model "
               "are told apart, and halves of what is worst.",
       .default_text = "5m",
       .commands = in_optimize,
       .apply = set_budget},
      {.name = "--sensitivity-samples",
       .value = "N",
       .section = "Sensitivity",
       .help = "Samples that each layer is compared on alone. Gates are judged on all.",
       .default_text = "64",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) { return store(s.sensitivity.samples, parse_integer(v, 1)); }},
  };
}

}  // namespace trtprof::cli
