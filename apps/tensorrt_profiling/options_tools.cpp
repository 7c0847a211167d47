// Rows of the option table: tools of others that are run for the user, and what they take of `profile`.
#include <algorithm>
#include <array>

#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

constexpr std::array<std::string_view, 4> kSections = {"Input", "Engine", "Launch (GPU)", "Build (engines)"};
constexpr std::array<std::string_view, 7> kOthers = {"--iterations", "--duration", "--warmup",  "--json",
                                                     "--quiet",      "--verbose",  "--no-color"};

}  // namespace

std::vector<Option> tool_options() {
  return {
      {.name = "--import",
       .value = "FILE",
       .section = "Tool",
       .help = "A report of Nsight Compute (CSV, .ncu-rep) that was made elsewhere: it is joined to the engine or the "
               "saved profile instead of counting.",
       .commands = {"counters"},
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.import_file = v;
         return {};
       }},
      {.name = "--timeout",
       .value = "SECONDS",
       .section = "Tool",
       .help = "How long the tool may take before it is ended.",
       .default_text = "600",
       .commands = {"counters", "nsys"},
       .apply = [](Settings& s, std::string_view v) { return store(s.tool_timeout, parse_number(v, 0.0)); }},
  };
}

void let_tools_take(std::vector<Option>& table) {
  for (Option& option : table) {
    const bool of_profile = std::ranges::find(option.commands, "profile") != option.commands.end();
    const bool wanted = std::ranges::find(kSections, option.section) != kSections.end() ||
                        std::ranges::find(kOthers, option.name) != kOthers.end();
    if (!of_profile || !wanted) continue;
    option.commands.emplace_back("counters");
    option.commands.emplace_back("nsys");
  }
}

}  // namespace trtprof::cli
