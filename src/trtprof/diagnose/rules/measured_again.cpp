#include "trtprof/diagnose/rules/measured_again.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "trtprof/diagnose/rules/inference_times.h"

namespace trtprof::rules {
namespace {

constexpr std::string_view kProgram = "tensorrt_profiling";
constexpr std::string_view kCommand = "profile";
// What a run wrote where; a new run would write over it.
constexpr std::array<std::string_view, 4> kOutputs{"--json", "--csv", "--trace", "--save-profile"};
// What `analyze` takes and `profile` does not.
constexpr std::array<std::string_view, 6> kOfAnalyze{"--against", "--ceilings", "--fail-on",
                                                     "--explain", "--tree",     "--checklist"};
// Options of earlier versions, for what is the default now.
constexpr std::array<std::string_view, 1> kGone{"--cuda-graph"};
// Options with a value of those that rules take away or replace.
constexpr std::array<std::string_view, 14> kWithValue{
    "--save-profile", "--against", "--ceilings", "--fail-on", "--weak",     "--json", "--csv",
    "--trace",        "--batch",   "--streams",  "--threads", "--duration", "--hint", "--iterations"};
constexpr std::array<std::string_view, 7> kOtherCommands{"build",  "inspect",    "counters", "nsys",
                                                         "sample", "completion", "man"};

std::string_view name_of(std::string_view option) {
  return option.substr(0, option.find_first_of(" ="));
}

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Without the program's name and the command's; empty: it was not this program's `profile`.
std::vector<std::string> arguments_of(const std::vector<std::string>& line) {
  if (line.size() < 2) return {};
  const std::string_view program = std::string_view(line[0]).substr(line[0].rfind('/') + 1);
  if (program != kProgram || contains(kOtherCommands, line[1])) return {};
  return {line.begin() + (line[1] == kCommand || line[1] == "analyze" ? 2 : 1), line.end()};
}

}  // namespace

std::vector<std::string> measured_again(const Profile& profile, std::initializer_list<std::string> with,
                                        std::initializer_list<std::string_view> without) {
  std::vector<std::string> arguments = arguments_of(profile.environment.command_line);
  if (arguments.empty() && !profile.model.path.empty()) arguments.push_back(profile.model.path);
  if (arguments.empty()) return {};
  std::string line = std::string(kProgram) + " " + std::string(kCommand);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = name_of(arguments[i]);
    const bool replaced = std::ranges::any_of(with, [&](const std::string& option) { return name_of(option) == name; });
    if (replaced || contains(without, name) || contains(kOutputs, name) || contains(kOfAnalyze, name) ||
        contains(kGone, name)) {
      if (contains(kWithValue, arguments[i])) ++i;
      continue;
    }
    line += " " + argument(arguments[i]);
  }
  for (const std::string& option : with) line += " " + option;
  return {std::move(line)};
}

}  // namespace trtprof::rules
