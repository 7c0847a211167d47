// Rows of the option table: the loop of `optimize`, which --budget asks for.
#include <algorithm>
#include <string>
#include <vector>

#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

Status add_names(std::vector<std::string>& names, std::string_view text) {
  const std::size_t before = names.size();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) names.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names.size() > before ? Status{} : Status(usage_error("names no candidate"));
}

}  // namespace

std::vector<Option> loop_options() {
  const std::vector<std::string_view> in_optimize = {"optimize"};
  return {
      {.name = "--prune-2-4",
       .section = "Precision",
       .help = "Make weights 2:4 structured sparse: the two smallest of every four become zero. Costs accuracy. In the "
               "loop: it may be tried, where the engine can use it.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.prune_2_4 = true;
         return {};
       }},
      {.name = "--work",
       .value = "FOLDER",
       .section = "Loop (--budget)",
       .help = "Where the loop keeps its journal, models and profiles. The same command with the same folder goes on "
               "where a run that was killed ended.",
       .default_text = "that of -o with .work behind it",
       .commands = in_optimize,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.loop.work = v;
         return {};
       }},
      {.name = "--objective",
       .value = "GOAL",
       .section = "Loop (--budget)",
       .help = "What is to become better: the latency of an inference, or the items a second. Larger batches compete "
               "for throughput alone.",
       .default_text = "latency",
       .commands = in_optimize,
       .choices = {"latency", "throughput"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.loop.throughput = v == "throughput";
         return {};
       }},
      {.name = "--candidates",
       .value = "NAMES",
       .section = "Loop (--budget)",
       .help = "Try these alone, as 'passes-2,f16' or 'int8*'. May be repeated.",
       .default_text = "all that the diagnosis and the engine give",
       .repeatable = true,
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) -> Status { return add_names(s.loop.candidates, v); }},
      {.name = "--skip",
       .value = "NAMES",
       .section = "Loop (--budget)",
       .help = "Leave these out, as 'bf16' or 'int8*'. May be repeated.",
       .repeatable = true,
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) -> Status { return add_names(s.loop.skip, v); }},
  };
}

}  // namespace trtprof::cli
