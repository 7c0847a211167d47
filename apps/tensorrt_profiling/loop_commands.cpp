#include "loop_commands.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <variant>

#include <fmt/format.h>

#include "command_line.h"
#include "contradictions.h"
#include "option_values.h"
#include "options.h"
#include "trtprof/base/tensor.h"
#include "trtprof/external/process.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

// Of the loop, of its report, of its gates; and what the loop itself decides.
constexpr auto kOwn = std::to_array<std::string_view>(
    {"--budget", "--work", "--objective", "--candidates", "--skip", "--prune-2-4", "--experiments", "--output",
     "--json", "--quiet", "--verbose", "--no-color", "--top", "--launches", "--builds", "--precision", "--passes"});
// Gates are judged by the loop: `accuracy` would say so with its exit code.
constexpr auto kGates = std::to_array<std::string_view>({"--min-agreement", "--max-drop"});
// That only how it is measured depends on, and not what is made.
constexpr auto kOfLaunches = std::to_array<std::string_view>(
    {"--iterations", "--duration", "--warmup", "--threshold", "--hint", "--threads", "--streams"});

template <class Names>
bool is_one_of(const Option& option, const Names& names) {
  return std::ranges::find(names, option.name) != names.end();
}

bool is_for_builds(const Option& option) {
  return takes(option, "build") && option.section.starts_with("Build");
}

bool names(const std::vector<std::string>& words, std::string_view name) {
  return std::ranges::any_of(words, [&](const std::string& word) {
    const Option* option = find_option(word);
    return option != nullptr && option->name == name;
  });
}

// The user's options of `optimize` that this recipe has a use for: those that hold for every candidate are refused
// where nothing would look at them. What the recipe itself says takes their place.
std::vector<std::string> common_for(const Settings& settings, const std::vector<std::string>& own) {
  const auto precision = std::ranges::find(own, "--precision");
  const bool int8 =
      precision != own.end() && std::next(precision) != own.end() && std::next(precision)->starts_with("int8");
  const bool searches = names(own, "--auto-keep");
  std::vector<std::string> common =
      passed_options(loop_options_for(settings, "optimize"), 0, [&](const Option& option) {
        if (!int8 && is_one_of(option, int8_options())) return false;
        if (!searches && is_one_of(option, search_options())) return false;
        return option.repeatable || !names(own, option.name);
      });
  if (names(common, "--data") || names(common, "--calibration-data")) return common;
  return passed_options(common, 0, [](const Option& option) { return option.name != "--preprocess"; });
}

// Files of options as the shell finds them from anywhere.
std::vector<std::string> with_absolute_files(std::vector<std::string> words) {
  const auto absolute = [](const std::string& file) {
    std::error_code error;
    return fs::exists(file, error) ? fs::absolute(file, error).string() : file;
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Option* option = find_option(words[i]);
    if (option == nullptr || !takes_next_word(*option)) continue;
    const bool is_file = option->completion == Completion::file;
    if (const std::size_t equals = words[i].find('='); equals != std::string::npos) {
      if (is_file) words[i].replace(equals + 1, std::string::npos, absolute(words[i].substr(equals + 1)));
    } else if (++i < words.size() && is_file) {
      words[i] = absolute(words[i]);
    }
  }
  return words;
}

}  // namespace

std::vector<std::string> loop_options_for(const Settings& settings, const std::string& command) {
  return passed_options(settings.command_line, 2, [&](const Option& option) {
    if (!takes(option, command) || is_one_of(option, kOwn)) return false;
    if (option.name == "--class-axis" && command == "optimize" && !settings.accuracy.data) return false;
    if (command == "optimize") return !is_one_of(option, kOfLaunches);
    if (option.name == "--preprocess" && !settings.accuracy.data) return false;  // of what is calibrated with
    return !is_one_of(option, kGates) && !is_for_conversion(option);
  });
}

Result<Settings> parse_as_command(const Settings& settings, std::vector<std::string> arguments) {
  auto parsed = parse_command_line(arguments);
  if (!parsed) return forward_error(parsed);
  auto result = std::get<Settings>(*std::move(parsed));
  arguments.insert(arguments.begin(), settings.command_line.front());
  result.command_line = std::move(arguments);
  result.report.quiet = settings.report.quiet;
  result.verbose = settings.verbose;
  return result;
}

Result<Settings> settings_with_shapes(const Settings& settings, const BoundShapes& shapes) {
  if (shapes.empty()) return settings;
  std::vector<std::string> arguments(settings.command_line.begin() + 1, settings.command_line.end());
  for (const auto& [input, shape] : shapes) {
    if (settings.shapes.by_input.contains(input)) continue;
    arguments.insert(arguments.end(), {"--shape", fmt::format("{}:{}", input, shape_to_string(shape))});
  }
  return parse_as_command(settings, std::move(arguments));
}

std::vector<std::string> make_command(const Settings& settings, const Recipe& recipe, const std::string& output) {
  std::vector<std::string> words = {"optimize", settings.operands.at(0), "-o", output};
  const std::vector<std::string> own = recipe.optimize_options();
  for (const auto& more : {common_for(settings, own), own}) {
    words.insert(words.end(), more.begin(), more.end());
  }
  words.emplace_back("--no-compare");
  return words;
}

Result<std::vector<std::string>> launch_options(const Settings& settings, const Recipe& recipe) {
  std::vector<std::string> words = recipe.run_options();
  auto shapes = settings.shapes.by_input;
  if (shapes.empty()) return words;
  if (const auto said = recipe.run.find("--batch"); said != recipe.run.end()) {
    const auto batch = parse_integer(said->second, 1);
    if (!batch) return forward_error(batch);
    const auto model = OnnxModel::load(settings.operands.at(0));
    if (!model) return forward_error(model);
    for (const ValueInfo& input : model->graph().inputs) {
      const bool open = !input.shape || (!input.shape->empty() && !input.shape->front().value);
      const auto shape = shapes.contains(input.name) ? shapes.find(input.name) : shapes.find("");
      if (open && shape != shapes.end() && !shape->second.empty()) shape->second.front() = *batch;
    }
  }
  for (const auto& [input, shape] : shapes) {
    const std::string dims = shape_to_string(shape);
    words.insert(words.end(), {"--shape", input.empty() ? dims : fmt::format("{}:{}", input, dims)});
  }
  return words;
}

std::vector<std::string> build_part(const std::vector<std::string>& run_options) {
  return passed_options(run_options, 0, [](const Option& option) { return takes(option, "build"); });
}

std::vector<std::string> run_part(const std::vector<std::string>& run_options) {
  return passed_options(run_options, 0, [](const Option& option) { return !is_for_builds(option); });
}

bool accepts(const std::string& command, const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {command, "model.onnx"};
  if (command == "optimize") arguments.insert(arguments.end(), {"-o", "result.onnx"});
  arguments.insert(arguments.end(), options.begin(), options.end());
  return parse_command_line(arguments).has_value();
}

Result<std::string> winner_script(const Settings& settings, const WinnerScript& script) {
  std::error_code error;
  std::string text = "#!/bin/sh\n";
  text += "# Makes the model that `optimize --budget` found, from the model that it was given.\n";
  text += "# usage: FILE.commands.sh [MODEL [OUTPUT]]; TENSORRT_PROFILING names the program.\n";
  text += "set -eu\n";
  text += "program=${TENSORRT_PROFILING:-tensorrt_profiling}\n";
  text += fmt::format("default_model={}\n", shown_command({fs::absolute(script.model, error).string()}));
  text += fmt::format("default_output={}\n", shown_command({fs::absolute(script.output, error).string()}));
  text += "model=${1:-$default_model}\noutput=${2:-$default_output}\n\n";
  if (script.recipe.rewrites()) {
    std::vector<std::string> words = make_command(settings, script.recipe, "");
    words.erase(words.begin(), words.begin() + 4);  // optimize MODEL -o OUTPUT
    text += fmt::format("\"$program\" optimize \"$model\" -o \"$output\" {}\n",
                        shown_command(with_absolute_files(std::move(words))));
  } else if (script.sha256.empty()) {  // external data comes along
    text += "\"$program\" optimize \"$model\" -o \"$output\" --passes none --no-check --no-compare\n";
  } else {
    text += fmt::format("cp \"$model\" \"$output\"  # {}\n", script.recipe.run.empty()
                                                                 ? "no other model is faster and right"
                                                                 : "the given model: what is better is how it is run");
  }
  if (!script.sha256.empty()) {
    text += fmt::format("printf '%s  %s\\n' {} \"$output\" | sha256sum -c -\n", script.sha256);
  }
  const auto run = launch_options(settings, script.recipe);
  if (!run) return forward_error(run);
  const auto options = [&](const std::string& command, const std::vector<std::string>& own) {
    // Its own take the place of those that were given for all.
    std::vector<std::string> words = passed_options(loop_options_for(settings, command), 0, [&](const Option& option) {
      return std::ranges::find(own, option.name) == own.end();
    });
    words.insert(words.end(), own.begin(), own.end());
    return words.empty() ? std::string() : " " + shown_command(with_absolute_files(std::move(words)));
  };
  if (script.builds_engine) {
    text += fmt::format("\"$program\" build \"$output\" -o \"${{output%.onnx}}.engine\"{}\n",
                        options("build", build_part(*run)));
    text += fmt::format("# to run it: \"$program\" profile \"${{output%.onnx}}.engine\"{}\n",
                        options("profile", run_part(*run)));
  } else {
    text += fmt::format("# to run it: \"$program\" profile \"$output\"{}\n", options("profile", *run));
  }
  return text;
}

}  // namespace trtprof::cli
