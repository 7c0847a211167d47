// Rows of the option table: how a model is changed, and what `optimize` takes of `profile`.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "option_rows.h"
#include "option_values.h"
#include "trtprof/optimize/pass_table.h"

namespace trtprof::cli {
namespace {

constexpr auto kOthers = std::to_array<std::string_view>(
    {"--backend", "--device", "--precision", "--shape",   "--batch",    "--seed",    "--iterations", "--duration",
     "--warmup",  "--hint",   "--threads",   "--streams", "--launches", "--builds",  "--threshold",  "--budget",
     "--top",     "--json",   "--output",    "--quiet",   "--verbose",  "--no-color"});

std::vector<std::string_view> pass_names() {
  std::vector<std::string_view> names;
  for (const Pass* pass : all_passes()) names.push_back(pass->name());
  return names;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Status set_passes(Settings& settings, std::string_view text) {
  constexpr auto highest = static_cast<std::int64_t>(PassLevel::structure);
  PassOptions& passes = settings.passes;
  passes.only.clear();
  if (text == "default" || text == "none") {
    passes.level = text == "none" ? 0 : kDefaultPassLevel;
    return {};
  }
  if (const auto level = parse_integer(text, 0, highest)) {
    passes.level = static_cast<int>(*level);
    return {};
  }
  passes.only = split_at_commas(text);
  if (const auto chosen = chosen_passes(passes); !chosen) {
    return usage_error(chosen.error().message, "default, none, a level from 0 to 3, or names: " + chosen.error().hint);
  }
  return {};
}

}  // namespace

std::vector<Option> optimize_options() {
  const std::vector<std::string_view> in_optimize = {"optimize"};
  return {
      {.name = "--passes",
       .value = "WHICH",
       .section = "Passes",
       .help = "default; none; a level: 1 rewrites that are exact, 2 also folds into weights, 3 also changes the "
               "structure; or names, separated by commas. docs/optimize.md lists them.",
       .default_text = "level 2",
       .commands = in_optimize,
       .apply = set_passes},
      {.name = "--disable-pass",
       .value = "NAME",
       .section = "Passes",
       .help = "Leave this pass out. May be repeated.",
       .repeatable = true,
       .commands = in_optimize,
       .choices = pass_names(),
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.passes.disabled.emplace_back(v);
         return {};
       }},
      {.name = "--pass-steps",
       .value = "N",
       .section = "Passes",
       .help = "Do the first N rewrites alone: halving N finds the one that does harm.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) { return store(s.passes.rewrites, parse_integer(v, 0)); }},
      {.name = "--dump-steps",
       .value = "DIR",
       .section = "Passes",
       .help = "Write the model after each step into this folder, as 001-fold-batch-normalization.onnx.",
       .commands = in_optimize,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.passes.dump_folder = v;
         return {};
       }},
      {.name = "--max-growth",
       .value = "SIZE",
       .section = "Passes",
       .help = "How much larger a folded constant may be than what it replaces, as 4MiB.",
       .default_text = "1MiB",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) { return store(s.passes.limits.folding_growth, parse_bytes(v)); }},
      {.name = "--no-check",
       .section = "Passes",
       .help = "Do not run the model before and after each step to compare its outputs.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.passes.check = false;
         return {};
       }},
      {.name = "--convert-io",
       .section = "Precision",
       .help = "With --precision: inputs and outputs change their type, too. Without it a Cast keeps them in f32.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.conversion.keep_io_types = false;
         return {};
       }},
      {.name = "--no-quantize-depthwise",
       .section = "Precision",
       .help = "With --precision int8: convolutions of one channel a group stay in floating point.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.quantize.options.depthwise = false;
         return {};
       }},
      {.name = "--unsigned-activations",
       .section = "Precision",
       .help =
           "With --precision int8: values that are never negative as UINT8, twice as fine. OpenVINO and ONNX Runtime "
           "take it, TensorRT does not.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.quantize.options.unsigned_activations = true;
         return {};
       }},
      {.name = "--no-equalization",
       .section = "Precision",
       .help = "With --precision int8: do not bring the channels of activations to like ranges first.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.quantize.equalize = false;
         return {};
       }},
      {.name = "--no-bias-correction",
       .section = "Precision",
       .help = "With --precision int8: leave what quantisation adds to the mean of each channel.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.quantize.correct_biases = false;
         return {};
       }},
      {.name = "--keep-op",
       .value = "TYPE",
       .section = "Precision",
       .help = "Do not convert operators of this type, as Softmax; or a list: Softmax,Pow. With int8+f16 they become "
               "f16. May be "
               "repeated.",
       .repeatable = true,
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) -> Status {
         for (std::string& part : split_at_commas(v)) s.conversion.blocked_ops.push_back(std::move(part));
         return {};
       }},
      {.name = "--keep-node",
       .value = "NAME",
       .section = "Precision",
       .help =
           "Do not convert these nodes, by name; '*' stands for any text and '?' for a character. With int8+f16 they "
           "become f16. May be repeated.",
       .repeatable = true,
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.conversion.blocked_nodes.emplace_back(v);
         return {};
       }},
      {.name = "--range-inferences",
       .value = "N",
       .section = "Precision",
       .help =
           "How many inferences the ranges of activations are measured in, which tell what would overflow in f16; 0: "
           "they are not measured.",
       .default_text = "4",
       .commands = in_optimize,
       .apply = [](Settings& s,
                   std::string_view v) { return store(s.range_inferences, parse_integer(v, 0, 1'000'000)); }},
      {.name = "--raise-opset",
       .value = "N",
       .section = "Precision",
       .help = "Bring the model to this operator set first, where more operators take bf16.",
       .default_text = "the model's",
       .commands = in_optimize,
       .apply = [](Settings& s,
                   std::string_view v) { return store(s.conversion.raise_opset, parse_integer(v, 1, 100)); }},
      {.name = "--no-compare",
       .section = "Launches",
       .help = "Do not launch the model that was given and the one that was written, to tell which is faster.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.compare_result = false;
         return {};
       }},
      {.name = "--explain-passes",
       .section = "Report",
       .help = "Name each rewrite, and each node that was left as it is with the reason.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.explain_passes = true;
         return {};
       }},
  };
}

void let_optimize_take(std::vector<Option>& table) {
  for (Option& option : table) {
    if (std::ranges::find(kOthers, option.name) != kOthers.end()) option.commands.emplace_back("optimize");
  }
}

}  // namespace trtprof::cli
