#include "options.h"

#include <algorithm>

#include "commands.h"
#include "completion.h"
#include "option_rows.h"

namespace trtprof::cli {
namespace {

std::vector<Option> make_options() {
  std::vector<Option> table;
  for (const auto& rows :
       {engine_options(), measure_options(), build_options(), sample_options(), tool_options(), analyze_options(),
        ceilings_options(), compare_options(), fusion_options(), optimize_options(), calibrate_options(),
        sensitivity_options(), loop_options(), experiment_options(), accuracy_options(), report_options()}) {
    table.insert(table.end(), rows.begin(), rows.end());
  }
  let_tools_take(table);
  let_analyze_take(table);
  let_ceilings_take(table);
  let_compare_take(table);
  let_fusion_take(table);
  let_optimize_take(table);
  let_accuracy_take(table);
  return table;
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
      {"profile", "MODEL", 1, "Measure a model or an engine and report where the time goes.",
       "Runs the model, times it end to end and layer by layer in separate runs, and prints the layer table, the most "
       "time-consuming layers, the time by class and the end-to-end statistics. Where TensorRT runs it, an ONNX model "
       "is "
       "first built into an engine, which is kept for the next time. 'profile' may be left out.",
       "tensorrt_profiling mobilenetv2.onnx --json mobilenetv2.profile.json", &run_profile},
      {"build", "MODEL", 1, "Build a TensorRT engine from an ONNX model.",
       "Writes the engine and, beside it, how it was built, from what, by which version and on which GPU (FILE.json, "
       "docs/engine.schema.json). Strongly typed unless --weak says otherwise. A build that fails or is interrupted "
       "leaves nothing behind.",
       "tensorrt_profiling build mobilenetv2.onnx -o mobilenetv2.engine", &run_build},
      {"inspect", "FILE", 1, "Say what is inside a model, an engine or a saved profile; nothing is run.",
       "Of an ONNX model: operators, parameters, multiply-adds and memory traffic (docs/cost.md), precisions, memory "
       "of "
       "the activations, open dimensions, the largest tensors and what an engine may fuse. What depends on dimensions "
       "left open is known once --shape or --batch gives them. Of an engine: what built it, its layers with the nodes "
       "of "
       "the model inside them, and what was fused. Of a saved profile: what was measured, where and when.",
       "tensorrt_profiling inspect mobilenetv2.onnx --json mobilenetv2.inspection.json", &run_inspect},
      {"analyze", "FILE...", 1, "Say why the time goes there, and what to do about it.",
       "Of a saved profile, of files of other tools (docs/import.md), or of a model or an engine that it measures "
       "first, as "
       "'profile' does: the report, then the "
       "pattern, the bottleneck, an account of the time that closes, how far each layer is from what the device can "
       "do, "
       "and findings with their evidence, what there is to gain, and what to do. docs/diagnosis.md.",
       "tensorrt_profiling analyze mobilenetv2.profile.json --tree --checklist", &run_analyze, nullptr, true},
      {"compare", "A B", 2, "Say whether B is faster than A, the same, or slower, and by how much.",
       "Each of A and B is a saved profile, a folder of them (one a launch), an ONNX model or an engine. Models and "
       "engines are measured here, in launches of their own that take turns. The verdict has an effect and a 95 % "
       "interval from how launches differ; below it, what each part of the model gained or lost, matched through the "
       "model's nodes, and what the engines do differently. docs/compare.md.",
       "tensorrt_profiling compare model.onnx model.onnx --b-options '--precision f32'", &run_compare},
      {"accuracy", "MODEL", 1, "Say how near a model's answers are to those of a reference.",
       "Runs both on the same samples and says of every output how far it is away (cosine, SQNR, largest and mean "
       "error) "
       "and how often the first class is the same; with labels, how often each is right and what is lost, with "
       "intervals. The reference is another model or engine (--against), or the same model in f32. docs/accuracy.md.",
       "tensorrt_profiling accuracy model_f16.onnx --against model.onnx --data heldout.npz --max-drop 0.5",
       &run_accuracy},
      {"convert", "FILE...", 1, "Write files of other tools as a profile, CSV or a trace.",
       "Exports of trtexec, TensorRT's inspector, Nsight Compute, Nsight Systems, ONNX Runtime, benchmark_app and "
       "PyTorch, and profiles of this program, are recognised by what is in them. Several of one engine or model "
       "become "
       "one; files that contradict each other are refused. docs/import.md.",
       "tensorrt_profiling convert profile.json times.json layers.json -o engine.profile.json", &run_convert, nullptr,
       true},
      {"ceilings", "", 0, "Measure what the device can do at most: bandwidths, peaks, costs of launches.",
       "Figures that layers are judged by: bandwidth of the memory and the last cache, arithmetic by precision, and of "
       "a "
       "GPU what launches and copies cost. Measured once and kept, then shown from there; beside them what the "
       "datasheet "
       "of a known device says. Takes the whole device for some seconds: let nothing else run. docs/ceilings.md.",
       "tensorrt_profiling ceilings --json machine.ceilings.json", &run_ceilings},
      {"fusion", "MODEL", 1, "Measure what each fusion of the engine is worth.",
       "Keeps the engine from fusing, one kind of fusion after the other, by reading from the tensor in between, and "
       "times the model against itself: a control takes off what the reading costs. Beside it "
       "what "
       "the layers' own times say, and for what the engine does not fuse the most it could be worth. docs/fusion.md.",
       "tensorrt_profiling fusion mobilenetv2.onnx --json mobilenetv2.fusion.json", &run_fusion},
      {"counters", "FILE", 1, "Count what the hardware did: utilisation, bandwidth, cache hits, occupancy, stalls.",
       "Of a model or an engine on a GPU: runs one inference under Nsight Compute, with few metrics and the clocks "
       "left as "
       "they are, and ties each kernel to its layer. On a CPU: cycles, instructions, branch and cache misses by perf. "
       "Of "
       "a report of Nsight Compute (CSV, .ncu-rep): reads it. docs/counters.md.",
       "tensorrt_profiling counters mobilenetv2.engine --json mobilenetv2.counters.json", &run_counters},
      {"nsys", "FILE", 1, "Show the timeline that Nsight Systems records.",
       "Of a model or an engine on a GPU: runs a few inferences under Nsight Systems and reads its export: kernels by "
       "layer, copies, host calls, gaps. Of an export (.sqlite) or a report (.nsys-rep): reads it. docs/counters.md.",
       "tensorrt_profiling nsys mobilenetv2.engine --json mobilenetv2.nsys.json", &run_nsys},
      {"optimize", "MODEL", 1, "Rewrite a model so that engines have less to do, and check that it stays the same.",
       "Passes fold BatchNormalization and constants, drop nodes that do nothing, and more (docs/optimize.md), until "
       "none finds anything to do. After each the model is run on OpenVINO in f32 with the inputs of before; a step "
       "that "
       "changes the outputs is taken back. --precision converts what is left. Says what was left as it is and why, how "
       "near the answers are and, from launches in turns, which model is faster. Without -o it only reports. With "
       "--budget it closes the loop (docs/loop.md): candidates from the diagnosis, each measured beside the best so "
       "far, accepted only when it is faster and still right.",
       "tensorrt_profiling optimize mobilenetv2.onnx -o mobilenetv2.opt.onnx", &run_optimize},
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

const Option* find_option(std::string_view argument) {
  if (argument.size() < 2 || argument[0] != '-') return nullptr;
  const std::string_view name = argument.substr(0, argument.find('='));
  const auto found = std::ranges::find_if(options(), [&](const Option& option) {
    return option.name == name || (name.size() == 2 && option.short_name == name[1]);
  });
  return found == options().end() ? nullptr : &*found;
}

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found = std::ranges::find_if(all, [&](const Command& c) { return c.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool takes(const Option& option, std::string_view command) {
  return std::ranges::find(option.commands, command) != option.commands.end();
}

bool is_for_conversion(const Option& option) {
  return option.name == "--precision" || option.section.starts_with("Calibration");
}

std::vector<std::string> passed_options(const std::vector<std::string>& arguments, std::size_t first,
                                        const std::function<bool(const Option&)>& wanted) {
  std::vector<std::string> passed;
  for (std::size_t i = first; i < arguments.size(); ++i) {
    const Option* option = find_option(arguments[i]);
    if (option == nullptr) continue;
    const bool value_follows = takes_next_word(*option) && arguments[i].find('=') == std::string::npos;
    if (wanted(*option)) {
      passed.push_back(arguments[i]);
      if (value_follows && i + 1 < arguments.size()) passed.push_back(arguments[i + 1]);
    }
    if (value_follows) ++i;
  }
  return passed;
}

}  // namespace trtprof::cli
