// Rows of the option table: what runs the model, and how it is launched.
#include <limits>

#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

}  // namespace

std::vector<Option> engine_options() {
  const std::vector<std::string_view> in_profile = {"profile"};
  const std::vector<std::string_view> on_models = {"profile", "inspect"};
  const std::vector<std::string_view> with_engines = {"profile", "inspect", "build"};
  return {
      // Engine
      {.name = "--backend",
       .value = "NAME",
       .section = "Engine",
       .help =
           "What runs the model. auto takes a GPU when its module and libraries load, else OpenVINO on the CPU; for an "
           "engine, what built it. tensorrt is any version of TensorRT.",
       .default_text = "auto",
       .commands = with_engines,
       .choices = {"auto", "openvino", "tensorrt", "tensorrt-10", "tensorrt-11", "tensorrt-rtx"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.backend = v;
         return {};
       }},
      {.name = "--device",
       .value = "ID",
       .section = "Engine",
       .help = "The device, as the backend names it: cpu, cuda:0. profile takes all: one report each, and a table.",
       .default_text = "the backend's first",
       .commands = with_engines,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.device = v;
         return {};
       }},
      {.name = "--precision",
       .value = "TYPE",
       .section = "Engine",
       .help = "What the engine may compute in; the report says what it did compute in, layer by layer. For optimize: "
               "what the model is converted to, in the graph itself; int8 by Q/DQ, int8+f16 with f16 for what is left.",
       .default_text = "the engine's own choice; optimize converts nothing",
       .commands = in_profile,
       .choices = {"f32", "f16", "bf16", "fp32", "fp16", "int8", "int8+f16", "int8+fp16", "int8+bf16"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.precision = v == "fp32" ? "f32" : v == "fp16" ? "f16" : v == "int8+fp16" ? "int8+f16" : v;
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
      {.name = "--plugin",
       .value = "FILE",
       .section = "Engine",
       .help = "Library with plugins of TensorRT, loaded before the model or the engine. May be repeated.",
       .repeatable = true,
       .commands = with_engines,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.plugins.emplace_back(v);
         return {};
       }},
      {.name = "--model",
       .value = "FILE",
       .section = "Engine",
       .help = "The ONNX model that an engine was built from: layers then tell which of its nodes they came from.",
       .default_text = "the one that the engine's record names, while it is unchanged",
       .commands = on_models,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.model = v;
         return {};
       }},
      {.name = "--refit-from",
       .value = "FILE",
       .section = "Engine",
       .help = "The ONNX model whose weights an engine gets before it runs: one that was built without weights needs "
               "them, those of a refittable one are replaced.",
       .default_text = "for one without weights, the model that its record names, while it is unchanged",
       .commands = on_models,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.refit_from = v;
         return {};
       }},
      {.name = "--allow-engine-code",
       .section = "Engine",
       .help = "Engines that carry code (a lean runtime, plugin libraries) may run it. Only for engines you trust.",
       .commands = on_models,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.allow_engine_code = true;
         return {};
       }},
      // Launch
      {.name = "--no-overlap",
       .section = "Launch (GPU)",
       .help =
           "Queue an inference when the one before is done: the latency of one alone, which has a launch, its copies "
           "and a cold start of its own, rather than that of one in a row.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.overlap = false;
         return {};
       }},
      {.name = "--no-graph",
       .section = "Launch (GPU)",
       .help = "Launch each inference by itself, not as a captured CUDA graph.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.graph = false;
         return {};
       }},
      {.name = "--no-transfers",
       .section = "Launch (GPU)",
       .help = "Leave inputs and outputs on the device: no copies.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.transfers = false;
         return {};
       }},
      {.name = "--sync-transfers",
       .section = "Launch (GPU)",
       .help = "Copy before and after each inference and wait for it, instead of on streams of their own.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.synchronous_transfers = true;
         return {};
       }},
      {.name = "--pageable",
       .section = "Launch (GPU)",
       .help = "Host memory that is not page-locked, as most programs have it.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.pageable = true;
         return {};
       }},
      {.name = "--cold-l2",
       .section = "Launch (GPU)",
       .help = "Empty the L2 cache before each inference.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.cold_l2 = true;
         return {};
       }},
      {.name = "--spin",
       .section = "Launch (GPU)",
       .help = "Wait for the device by spinning: less delay, a busy processor.",
       .commands = in_profile,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.launch.spin = true;
         return {};
       }},
  };
}

}  // namespace trtprof::cli
