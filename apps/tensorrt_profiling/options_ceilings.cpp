// Rows of the option table: what devices can do at most, and what `ceilings` takes of `profile`.
#include <algorithm>
#include <array>

#include "option_rows.h"

namespace trtprof::cli {
namespace {

constexpr std::array<std::string_view, 6> kOthers = {"--backend", "--device",  "--json",
                                                     "--quiet",   "--verbose", "--no-color"};

}  // namespace

std::vector<Option> ceilings_options() {
  return {
      {.name = "--ceilings",
       .value = "FILE|NAME",
       .section = "Diagnosis",
       .help = "What the device can do: a file that 'ceilings --json' wrote (docs/ceilings.md), or the name of a known "
               "device (\"NVIDIA H200 SXM\").",
       .default_text = "what 'ceilings' measured here, else the known device of that name",
       .commands = {"analyze"},
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         if (v.empty()) return usage_error("an empty name");
         s.ceilings = v;
         return {};
       }},
      {.name = "--measure",
       .section = "Measurement",
       .help = "Measure anew, although figures of this device are kept.",
       .commands = {"ceilings"},
       .apply = [](Settings& s, std::string_view) -> Status {
         s.measure_anew = true;
         return {};
       }},
  };
}

void let_ceilings_take(std::vector<Option>& table) {
  for (Option& option : table) {
    const bool wanted = std::ranges::find(kOthers, option.name) != kOthers.end();
    if (wanted && takes(option, "profile")) option.commands.emplace_back("ceilings");
  }
}

}  // namespace trtprof::cli
