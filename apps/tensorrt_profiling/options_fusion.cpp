// Rows of the option table: what each fusion is worth, and what `fusion` takes of `profile`.
#include <algorithm>
#include <array>

#include "option_rows.h"

namespace trtprof::cli {
namespace {

// One inference at a time, in types that the user may choose: what is in flight beside it would hide what a fusion
// saves.
constexpr std::array<std::string_view, 17> kOthers = {
    "--backend", "--device", "--precision", "--threads", "--plugin",   "--weak", "--no-tf32", "--optimization-level",
    "--shape",   "--batch",  "--input",     "--seed",    "--duration", "--json", "--quiet",   "--verbose",
    "--no-color"};

}  // namespace

std::vector<Option> fusion_options() {
  return {
      {.name = "--per-instance",
       .section = "Measurement",
       .help = "Measure each fusion by itself too, not only all of its kind at once. Takes about twice --duration for "
               "each.",
       .commands = {"fusion"},
       .apply = [](Settings& s, std::string_view) -> Status {
         s.per_instance = true;
         return {};
       }},
  };
}

void let_fusion_take(std::vector<Option>& table) {
  for (Option& option : table) {
    const bool wanted = std::ranges::find(kOthers, option.name) != kOthers.end();
    if ((wanted && takes(option, "profile")) || option.name == "--ceilings") option.commands.emplace_back("fusion");
  }
}

}  // namespace trtprof::cli
