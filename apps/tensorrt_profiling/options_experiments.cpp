// Rows of the option table: experiments that prove a diagnosis.
#include "option_rows.h"

namespace trtprof::cli {

std::vector<Option> experiment_options() {
  return {
      {.name = "--experiments",
       .section = "Launches",
       .help =
           "Prove what the diagnosis blames on how a model is launched: pageable and blocking copies, launches on a "
           "stream, threads. Each against its opposite, launched in turns, with what the finding promised beside "
           "what came true (docs/experiments.md).",
       .commands = {"optimize"},
       .apply = [](Settings& s, std::string_view) -> Status {
         s.experiments = true;
         return {};
       }},
  };
}

}  // namespace trtprof::cli
