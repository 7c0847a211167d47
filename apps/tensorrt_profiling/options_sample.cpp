// Rows of the option table: what is written, and the samples.
#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {

std::vector<Option> sample_options() {
  const std::vector<std::string_view> in_sample = {"sample"};
  const std::vector<std::string_view> writers = {"sample", "build", "convert"};
  return {
      // Sample
      {.name = "--output",
       .short_name = 'o',
       .value = "FILE",
       .section = "Output",
       .help = "Where to write the model, the engine (its record is written beside it as FILE.json) or the conversion.",
       .commands = writers,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.output = v;
         return {};
       }},
      {.name = "--width",
       .value = "FACTOR",
       .section = "Sample",
       .help = "Channel multiplier.",
       .default_text = "1.0",
       .commands = in_sample,
       .apply = [](Settings& s, std::string_view v) { return store(s.sample.width, parse_number(v, 0.0)); }},
      {.name = "--resolution",
       .value = "PIXELS",
       .section = "Sample",
       .help = "Height and width of the input.",
       .default_text = "224; 2048 for transfer",
       .commands = in_sample,
       .apply = [](Settings& s, std::string_view v) { return store(s.sample.resolution, parse_integer(v, 1)); }},
      {.name = "--classes",
       .value = "N",
       .section = "Sample",
       .help = "Outputs of the classifier.",
       .default_text = "1000",
       .commands = in_sample,
       .apply = [](Settings& s, std::string_view v) { return store(s.sample.classes, parse_integer(v, 1)); }},
      {.name = "--fold-bn",
       .section = "Sample",
       .help = "Fold batch normalisation into the convolutions instead of leaving it as nodes of its own.",
       .commands = in_sample,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.sample.fold_batch_norm = true;
         return {};
       }},
  };
}

}  // namespace trtprof::cli
