#include "options.h"

#include <algorithm>
#include <limits>

#include "commands.h"
#include "completion.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

// Store a parsed value, or pass the error on.
template <class Target, class Value>
Status store(Target& target, const Result<Value>& value) {
  if (!value) return forward_error(value);
  target = static_cast<Target>(*value);
  return {};
}

template <class Target, class Value>
Status store(std::optional<Target>& target, const Result<Value>& value) {
  if (!value) return forward_error(value);
  target = static_cast<Target>(*value);
  return {};
}

Status add_shape(Settings& settings, std::string_view text) {
  auto parsed = parse_shape_option(text);
  if (!parsed) return forward_error(parsed);
  if (!settings.shapes.by_input.emplace(*parsed).second) return usage_error("names one input twice");
  return {};
}

Status set_order(Settings& settings, std::string_view text) {
  settings.report.order = text == "time"   ? LayerOrder::time
                          : text == "name" ? LayerOrder::name
                          : text == "type" ? LayerOrder::type
                                           : LayerOrder::execution;
  return {};
}

Status set_sample_batch(Settings& settings, std::string_view text) {
  if (text == "dynamic") {
    settings.sample.batch.reset();
    return {};
  }
  return store(settings.sample.batch, parse_integer(text, 1));
}

std::vector<Option> make_options() {
  const std::vector<std::string_view> in_profile = {"profile"};
  const std::vector<std::string_view> in_sample = {"sample"};
  const std::vector<std::string_view> in_inspect = {"inspect"};
  const std::vector<std::string_view> on_models = {"profile", "inspect"};
  const std::vector<std::string_view> in_both = {"profile", "sample"};
  const std::vector<std::string_view> in_all = {"profile", "inspect", "sample"};
  return {
      // Engine
      {.name = "--backend",
       .value = "NAME",
       .section = "Engine",
       .help = "What runs the model. auto takes a GPU when its module and libraries load, else OpenVINO on the CPU.",
       .default_text = "auto",
       .commands = in_profile,
       .choices = {"auto", "openvino", "tensorrt", "tensorrt-rtx"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.backend = v;
         return {};
       }},
      {.name = "--device",
       .value = "ID",
       .section = "Engine",
       .help = "The device, as the backend names it.",
       .default_text = "the backend's first",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.device = v;
         return {};
       }},
      {.name = "--precision",
       .value = "TYPE",
       .section = "Engine",
       .help = "What the engine may compute in. The report says what it did compute in, layer by layer.",
       .default_text = "the engine's own choice",
       .commands = in_profile,
       .choices = {"f32", "f16", "bf16"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.precision = v;
         return {};
       }},
      {.name = "--hint",
       .value = "GOAL",
       .section = "Engine",
       .help = "latency: one inference at a time; throughput: as many as the engine likes to have in flight.",
       .default_text = "latency",
       .commands = in_profile,
       .choices = {"latency", "throughput"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.hint = v == "throughput" ? PerformanceHint::throughput : PerformanceHint::latency;
         return {};
       }},
      {.name = "--threads",
       .value = "N",
       .section = "Engine",
       .help = "CPU threads of the engine.",
       .default_text = "the engine's own choice",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) { return store(s.threads, parse_integer(v, 1, kMaxInt)); }},
      {.name = "--streams",
       .value = "N",
       .section = "Engine",
       .help = "Inferences that run side by side.",
       .default_text = "the engine's own choice",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) { return store(s.streams, parse_integer(v, 1, kMaxInt)); }},
      // Input
      {.name = "--shape",
       .value = "NAME:DIMS",
       .section = "Input",
       .help = "Shape of an input, as x:1x3x224x224; the name may be left out when there is one input. Once for each "
               "input with open dimensions.",
       .repeatable = true,
       .commands = on_models,
       .apply = add_shape},
      {.name = "--batch",
       .value = "N",
       .section = "Input",
       .help = "Leading dimension of every input. For a sample: its batch size, or 'dynamic'.",
       .default_text = "the model's; 1 for a sample",
       .commands = in_all,
       .apply = [](Settings& s, std::string_view v) -> Status {
         return s.command == "sample" ? set_sample_batch(s, v) : store(s.shapes.batch, parse_integer(v, 1));
       }},
      {.name = "--input",
       .value = "[NAME:]FILE",
       .section = "Input",
       .help = "Feed this .npy (one input) or .npz (arrays by input name) instead of random values. May be repeated.",
       .repeatable = true,
       .commands = in_profile,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.inputs.push_back(parse_input_option(std::string{v}));
         return {};
       }},
      {.name = "--seed",
       .value = "N",
       .section = "Input",
       .help = "Seed of random inputs, or of a sample's weights.",
       .default_text = "1",
       .commands = in_both,
       .apply = [](Settings& s, std::string_view v) -> Status {
         const Status status = store(s.seed, parse_integer(v, 0));
         s.sample.seed = s.seed;
         return status;
       }},
      // Measurement
      {.name = "--iterations",
       .value = "N",
       .section = "Measurement",
       .help = "Measure exactly N inferences in each run, instead of until the median is known to 1 % (15 s at most).",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) { return store(s.iterations, parse_integer(v, 1)); }},
      {.name = "--duration",
       .value = "SECONDS",
       .section = "Measurement",
       .help = "Measure each run for this long, instead of until the median is known to 1 % (15 s at most).",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) { return store(s.duration, parse_number(v, 0.0)); }},
      {.name = "--warmup",
       .value = "N",
       .section = "Measurement",
       .help = "Exactly N inferences before measuring (0: none), instead of until times are steady.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) { return store(s.warmup, parse_integer(v, 0)); }},
      // Report
      {.name = "--top",
       .value = "N",
       .section = "Report",
       .help = "How many layers the list of the most time-consuming ones names.",
       .default_text = "5",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view v) { return store(s.report.top, parse_integer(v, 1, kMaxInt)); }},
      {.name = "--sort",
       .value = "KEY",
       .section = "Report",
       .help = "Order of the rows of the table.",
       .default_text = "execution",
       .commands = in_profile,
       .choices = {"execution", "time", "name", "type"},
       .completion = Completion::choices,
       .apply = set_order},
      {.name = "--largest",
       .value = "N",
       .section = "Report",
       .help = "How many tensors the list of the largest ones names.",
       .default_text = "10",
       .commands = in_inspect,
       .apply = [](Settings& s, std::string_view v) { return store(s.largest, parse_integer(v, 0, kMaxInt)); }},
      {.name = "--json",
       .value = "FILE",
       .section = "Report",
       .help = "Write everything as JSON: the profile with its raw samples (docs/profile.schema.json), or what was "
               "inspected (docs/inspection.schema.json).",
       .commands = on_models,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.json = v;
         return {};
       }},
      {.name = "--csv",
       .value = "FILE",
       .section = "Report",
       .help = "Write one row a layer as CSV (docs/csv.md).",
       .commands = in_profile,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.csv = v;
         return {};
       }},
      {.name = "--quiet",
       .short_name = 'q',
       .section = "Report",
       .help = "The layer table and the list of the most time-consuming layers alone; no progress.",
       .commands = in_both,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.report.quiet = true;
         return {};
       }},
      {.name = "--verbose",
       .short_name = 'v',
       .section = "Report",
       .help = "Say on standard error what is being done.",
       .commands = in_all,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.verbose = true;
         return {};
       }},
      {.name = "--no-color",
       .section = "Report",
       .help = "No colours. NO_COLOR in the environment and output that is not a terminal do the same.",
       .commands = in_all,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.no_color = true;
         return {};
       }},
      // Sample
      {.name = "--output",
       .short_name = 'o',
       .value = "FILE",
       .section = "Sample",
       .help = "Where to write the model.",
       .commands = in_sample,
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

std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const SampleKind& kind : sample_kinds()) names.push_back(kind.name);
  return names;
}

}  // namespace

std::vector<std::string> operand_choices(const Command& command) {
  return command.choices == nullptr ? std::vector<std::string>{} : command.choices();
}

std::span<const Option> options() {
  static const std::vector<Option> table = make_options();
  return table;
}

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      {"profile", "MODEL", 1, "Measure a model and report where the time goes.",
       "Runs the model, times it end to end and layer by layer in separate runs, and prints the layer table, the most "
       "time-consuming layers, the time by class and the end-to-end statistics. 'profile' may be left out.",
       "tensorrt_profiling mobilenetv2.onnx --json mobilenetv2.profile.json", &run_profile},
      {"inspect", "FILE", 1, "Say what is inside a model or a saved profile; nothing is run.",
       "Of an ONNX model: operators, parameters, multiply-adds and memory traffic (docs/cost.md), precisions, memory "
       "of "
       "the activations, open dimensions, the largest tensors and what an engine may fuse. What depends on dimensions "
       "left open is known once --shape or --batch gives them. Of a saved profile: what was measured, where and when.",
       "tensorrt_profiling inspect mobilenetv2.onnx --json mobilenetv2.inspection.json", &run_inspect},
      {"sample", "KIND", 1, "Write a sample ONNX model.",
       "Makes a model with random but well-scaled weights, without any download. Same options, same bytes.",
       "tensorrt_profiling sample mobilenetv2 -o mobilenetv2.onnx", &run_sample, &sample_names},
      {"completion", "SHELL", 1, "Print the completion script of a shell.",
       "For bash: source it, or write it to a file in the shell's completion folder. For zsh: a file "
       "_tensorrt_profiling "
       "in a folder of fpath.",
       "source <(tensorrt_profiling completion bash)", &run_completion, &completion_shells},
      {"man", "", 0, "Print the manual page.", "For man -l, or for a folder man1 of MANPATH.",
       "tensorrt_profiling man | man -l -", &run_man},
  };
  return table;
}

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found = std::ranges::find_if(all, [&](const Command& c) { return c.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool takes(const Option& option, std::string_view command) {
  return std::ranges::find(option.commands, command) != option.commands.end();
}

}  // namespace trtprof::cli
