// Rows of the option table: what a model is fed, how it is measured and reported.
#include <limits>

#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

Status add_shape(Settings& settings, std::string_view text) {
  return add_shape_option(settings.shapes, text);
}

Status set_order(Settings& settings, std::string_view text) {
  settings.report.order = text == "time"   ? LayerOrder::time
                          : text == "name" ? LayerOrder::name
                          : text == "type" ? LayerOrder::type
                                           : LayerOrder::execution;
  return {};
}

// A shorter period reads the same values again: NVML's change every 10 to 100 ms.
constexpr double kShortestTelemetryPeriod = 0.001;

Status set_telemetry_period(Settings& settings, std::string_view text) {
  const Result<double> period = parse_number(text, 0.0);
  if (period && *period < kShortestTelemetryPeriod) return usage_error("wants at least 0.001 seconds");
  return store(settings.telemetry_period, period);
}

Status set_lock_clocks(Settings& settings, std::string_view text) {
  settings.lock_clocks = true;
  return text.empty() ? Status{} : store(settings.locked_megahertz, parse_integer(text, 1, kMaxInt));
}

Status set_sample_batch(Settings& settings, std::string_view text) {
  if (text == "dynamic") {
    settings.sample.batch.reset();
    return {};
  }
  return store(settings.sample.batch, parse_integer(text, 1));
}

}  // namespace

std::vector<Option> measure_options() {
  const std::vector<std::string_view> in_profile = {"profile"};
  const std::vector<std::string_view> with_shapes = {"profile", "inspect", "build"};
  const std::vector<std::string_view> in_three = {"profile", "sample", "build"};
  const std::vector<std::string_view> in_all = {"profile", "inspect", "sample", "build"};
  return {
      // Input
      {.name = "--shape",
       .value = "NAME:DIMS",
       .section = "Input",
       .help = "Shape of an input, as x:1x3x224x224; the name may be left out when there is one input. Once for each "
               "input with open dimensions. Of an engine's input that holds a shape, its values.",
       .repeatable = true,
       .commands = with_shapes,
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
       .help = "Seed of random inputs, of random calibration batches, or of a sample's weights.",
       .default_text = "1",
       .commands = in_three,
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
      {.name = "--no-timeline",
       .section = "Measurement",
       .help = "Do not trace kernels, copies and host calls on a GPU (docs/timeline.md), which is a run of its own.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.timeline = false;
         return {};
       }},
      {.name = "--no-telemetry",
       .section = "Measurement",
       .help = "Do not read clocks, power, temperature and energy while measuring (docs/telemetry.md).",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.telemetry = false;
         return {};
       }},
      {.name = "--telemetry-period",
       .value = "SECONDS",
       .section = "Measurement",
       .help = "Time between two readings, at least 0.001.",
       .default_text = "0.02 on a GPU, 0.1 on a CPU",
       .commands = in_profile,
       .apply = set_telemetry_period},
      {.name = "--lock-clocks",
       .value = "MHZ",
       .section = "Measurement",
       .help = "Hold the GPU's SM clock while it is measured, at MHZ or at what the GPU sustains within its power, and "
               "put it back afterwards. Needs root.",
       .value_optional = true,
       .commands = in_profile,
       .apply = set_lock_clocks},
  };
}

std::vector<Option> report_options() {
  const std::vector<std::string_view> in_profile = {"profile"};
  const std::vector<std::string_view> in_inspect = {"inspect"};
  const std::vector<std::string_view> on_models = {"profile", "inspect"};
  const std::vector<std::string_view> in_three = {"profile", "sample", "build"};
  const std::vector<std::string_view> in_all = {"profile", "inspect", "sample", "build", "convert"};
  return {
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
       .help = "Write everything as JSON: the profile with its raw samples (docs/profile.schema.json), what was "
               "inspected (docs/inspection.schema.json), concluded (docs/analysis.schema.json), done to a model "
               "(docs/optimize.schema.json), or what fusions are worth (docs/fusion.schema.json).",
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
      {.name = "--trace",
       .value = "FILE",
       .section = "Report",
       .help = "Write the first traced inferences and the telemetry for ui.perfetto.dev (docs/timeline.md); on a CPU, "
               "the layers.",
       .commands = in_profile,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.trace = v;
         return {};
       }},
      {.name = "--quiet",
       .short_name = 'q',
       .section = "Report",
       .help = "The layer table and the list of the most time-consuming layers alone, or for analyze the diagnosis "
               "alone; no progress, no notes.",
       .commands = in_three,
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
  };
}

}  // namespace trtprof::cli
