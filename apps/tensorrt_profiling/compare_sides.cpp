#include "compare_sides.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "command_line.h"
#include "given_files.h"
#include "option_rows.h"
#include "options.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kThisProgram = "/proc/self/exe";
// Seconds of measuring in each run of a launch: launches differ by more than a longer one would settle.
constexpr const char* kLaunchDuration = "1";

// The saved profiles of a folder, by name.
Result<std::vector<std::string>> files_of(const std::string& operand) {
  std::error_code error;
  if (!fs::is_directory(operand, error)) return std::vector<std::string>{operand};
  std::vector<std::string> files;
  for (fs::directory_iterator at(operand, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".json") files.push_back(at->path().string());
  }
  if (error) return fail(fmt::format("cannot read the folder {}: {}", printable(operand), error.message()));
  if (files.empty()) return fail(fmt::format("there is no profile (.json) in the folder {}", printable(operand)));
  std::ranges::sort(files);
  return files;
}

Status read_profiles(CompareSide& side, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const auto measured = is_to_be_measured({file});
    if (!measured) return forward_error(measured);
    if (*measured) {
      return usage_error(
          fmt::format("{} is no profile: several files on a side are launches of one thing", printable(file)),
          "give a model or an engine alone");
    }
    auto given = read_given_files({file});
    if (!given) return forward_error(given);
    auto hash = sha256_of_file(file);
    if (!hash) return forward_error(hash);
    side.profiles.push_back(std::move(given->profile));
    side.sources.push_back({file, std::move(*hash)});
  }
  return {};
}

Result<CompareSide> open_side(std::string name, const std::string& operand, const std::vector<std::string>& more,
                              const std::vector<std::string>& options) {
  CompareSide side;
  side.name = std::move(name);
  side.operand = operand;
  side.options = options;
  auto files = files_of(operand);
  if (!files) return forward_error(files);
  files->insert(files->end(), more.begin(), more.end());
  if (files->size() == 1) {
    const auto measured = is_to_be_measured(*files);
    if (!measured) return forward_error(measured);
    side.measured = *measured;
  }
  if (side.measured) {
    const auto kind = detect_file_kind(operand);
    side.is_model = kind && *kind != FileKind::tensorrt_engine && *kind != FileKind::tensorrt_rtx_engine;
    return side;
  }
  if (!options.empty()) {
    const std::string lower = side.name == "A" ? "--a-options" : "--b-options";
    return usage_error(
        fmt::format("{} is for launching {}, and {} was measured already", lower, side.name, printable(operand)));
  }
  if (const Status read = read_profiles(side, *files); !read) return forward_error(read);
  return side;
}

bool is_given(const std::vector<std::string>& arguments, std::string_view name) {
  return std::ranges::any_of(arguments, [&](const std::string& argument) {
    const Option* option = find_option(argument);
    return option != nullptr && option->name == name;
  });
}

// Those of both sides, unless the side has its own of that name; then its own.
template <class Wanted>
std::vector<std::string> options_of(const Settings& settings, const CompareSide& side, Wanted wanted) {
  std::vector<std::string> passed = passed_options(settings.command_line, 2, [&](const Option& option) {
    return wanted(option) && (option.repeatable || !is_given(side.options, option.name));
  });
  const std::vector<std::string> own = passed_options(side.options, 0, wanted);
  passed.insert(passed.end(), own.begin(), own.end());
  return passed;
}

Result<std::string> this_program() {
  std::error_code error;
  const fs::path program = fs::read_symlink(kThisProgram, error);
  if (error) return fail(fmt::format("this program's own file cannot be found: {}", error.message()));
  return program.string();
}

// An option that only a build has a use for: an engine that is there was built already.
bool is_for_builds(const Option& option) {
  return takes(option, "build") && option.section.starts_with("Build");
}

// Says on the command line what the launches would say later, and in its words.
Status check_launch(const Settings& settings, const CompareSide& side) {
  for (const std::string& word : side.options) {
    const Option* option = find_option(word);
    if (option != nullptr && !is_for_launches(*option)) {
      return usage_error(fmt::format("{} is not for one side: it is about the whole comparison", option->name));
    }
  }
  std::vector<std::string> arguments = {"profile", side.operand};
  const std::vector<std::string> common = passed_options(settings.command_line, 2, [&](const Option& option) {
    return is_for_launches(option) && (option.repeatable || !is_given(side.options, option.name));
  });
  arguments.insert(arguments.end(), common.begin(), common.end());
  arguments.insert(arguments.end(), side.options.begin(), side.options.end());  // as given, so that slips are found
  const auto parsed = parse_command_line(arguments);
  if (parsed) return {};
  Error error = parsed.error();
  error.message = fmt::format("{} cannot be launched: {}", side.name, error.message);
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

Result<CompareSides> open_sides(const Settings& settings) {
  const CompareSettings& compare = settings.compare;
  auto a = open_side("A", settings.operands.at(0), compare.more_a, compare.options_a);
  if (!a) return forward_error(a);
  auto b = open_side("B", settings.operands.at(1), compare.more_b, compare.options_b);
  if (!b) return forward_error(b);
  if (!a->measured && !b->measured) {
    for (const std::string_view name : settings.given) {
      const Option* option = find_option(name);
      const bool measures = option != nullptr && (is_for_launches(*option) || option->section == "Launches");
      if (measures) {
        return usage_error(fmt::format("{} is for measuring, and both sides were measured already", name));
      }
    }
  }
  for (const CompareSide* side : {&*a, &*b}) {
    if (!side->measured) continue;
    if (const Status good = check_launch(settings, *side); !good) return forward_error(good);
  }
  return CompareSides{std::move(*a), std::move(*b)};
}

Result<std::vector<std::string>> launch_command(const Settings& settings, const CompareSide& side,
                                                const std::string& file, const fs::path& json) {
  const auto program = this_program();
  if (!program) return forward_error(program);
  std::vector<std::string> command = {*program, "profile", file};
  const bool built = file != side.operand;
  const std::vector<std::string> options = options_of(settings, side, [&](const Option& option) {
    return is_for_launches(option) && !(built && is_for_builds(option));
  });
  command.insert(command.end(), options.begin(), options.end());
  if (!is_given(options, "--iterations") && !is_given(options, "--duration")) {
    command.insert(command.end(), {"--duration", kLaunchDuration});
  }
  command.insert(command.end(), {"--no-timeline", "--quiet", "--json", json.string()});
  return command;
}

Result<std::vector<std::string>> build_launch_command(const Settings& settings, const CompareSide& side,
                                                      const fs::path& engine) {
  const auto program = this_program();
  if (!program) return forward_error(program);
  std::vector<std::string> command = {*program, "build", side.operand};
  const std::vector<std::string> options = options_of(
      settings, side, [](const Option& option) { return is_for_launches(option) && takes(option, "build"); });
  command.insert(command.end(), options.begin(), options.end());
  // Timings that one build leaves for the next would make them the same build.
  command.insert(command.end(), {"--no-timing-cache", "--quiet", "-o", engine.string()});
  return command;
}

}  // namespace trtprof::cli
