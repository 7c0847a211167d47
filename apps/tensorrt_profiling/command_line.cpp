#include "command_line.h"

#include <algorithm>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "contradictions.h"
#include "help.h"
#include "options.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

struct Given {
  const Option* option;
  std::vector<std::string> values;
  std::size_t flags = 0;
};

// What CLI11 takes for the value of a flag that was given without one.
constexpr std::string_view kNoValue = "true";

std::string spelled(const Option& option) {
  return option.short_name == '\0' ? std::string{option.name} : fmt::format("-{},{}", option.short_name, option.name);
}

std::string nearest_option(std::string_view unknown, std::string_view command) {
  std::string best;
  std::size_t best_distance = 4;  // further away it is no slip of the finger
  for (const Option& option : options()) {
    if (!takes(option, command)) continue;
    const std::size_t distance = edit_distance(unknown.substr(0, unknown.find('=')), option.name);
    if (distance < best_distance) {
      best_distance = distance;
      best = option.name;
    }
  }
  return best;
}

tl::unexpected<Error> unknown_argument(const std::string& argument, const Command& command, bool extra_operand) {
  if (extra_operand)
    return usage_error(fmt::format("'{}' takes {} operand{} ({}), so '{}' is one too many", command.name,
                                   command.operand_count, command.operand_count == 1 ? "" : "s", command.operands,
                                   printable(argument)));
  const std::string nearest = nearest_option(argument, command.name);
  return usage_error(fmt::format("unknown option '{}' of '{}'", printable(argument), command.name),
                     nearest.empty() ? fmt::format("tensorrt_profiling {} --help lists them", command.name)
                                     : fmt::format("did you mean {}?", nearest));
}

Status apply(const Given& given, Settings& settings) {
  const Option& option = *given.option;
  if (option.value.empty()) {
    if (given.flags == 0) return {};
    settings.given.push_back(option.name);
    return option.apply(settings, "");
  }
  if (given.values.size() > 1 && !option.repeatable) return usage_error(fmt::format("{} is given twice", option.name));
  if (!given.values.empty()) settings.given.push_back(option.name);
  for (const std::string& text : given.values) {
    const std::string value = option.value_optional && text == kNoValue ? "" : text;
    const auto& choices = option.choices;
    if (!choices.empty() && std::ranges::find(choices, value) == choices.end())
      return usage_error(
          fmt::format("{} wants one of {}, not '{}'", option.name, fmt::join(choices, ", "), printable(value)));
    if (Status status = option.apply(settings, value); !status) {
      Error error = status.error();
      error.message = fmt::format("{} {}", option.name, error.message);
      return tl::unexpected<Error>(std::move(error));
    }
  }
  return {};
}

}  // namespace

Result<std::variant<Settings, Answer>> parse_command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> rest = arguments;
  if (rest.empty()) return usage_error("no model and no command given", "tensorrt_profiling --help");
  if (rest[0] == "--help" || rest[0] == "-h" || rest[0] == "help") {
    if (rest.size() > 1 && find_command(rest[1]) != nullptr) return Answer{help_text(*find_command(rest[1]))};
    return Answer{help_text()};
  }
  if (rest[0] == "--version") return Answer{version_text()};

  const Command* command = find_command(rest[0]);
  if (command != nullptr) {
    rest.erase(rest.begin());
  } else {
    command = find_command("profile");
  }

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  bool help = false;
  app.add_flag("-h,--help", help);
  std::vector<std::unique_ptr<Given>> table;
  for (const Option& option : options()) {
    if (!takes(option, command->name)) continue;
    table.push_back(std::make_unique<Given>(Given{&option, {}, 0}));
    Given& given = *table.back();
    if (option.value.empty()) {
      app.add_flag(spelled(option), given.flags);
    } else if (option.value_optional) {
      app.add_flag(spelled(option), given.values);
    } else {
      app.add_option(spelled(option), given.values)
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
          ->allow_extra_args(false);
    }
  }
  Settings settings;
  settings.command = command->name;
  std::vector<std::string> reversed(rest.rbegin(), rest.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch& error) {
    // "--top: 1 required TYPE missing": keep the option's name, say it in our words.
    const std::string text = error.what();
    return usage_error(fmt::format("{} needs a value", text.substr(0, text.find(':'))));
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
  if (help) return Answer{help_text(*command)};

  for (const std::string& argument : app.remaining()) {
    const bool looks_like_option = argument.size() > 1 && argument[0] == '-';
    if (!looks_like_option && (settings.operands.size() < command->operand_count || command->more_operands)) {
      settings.operands.push_back(argument);
    } else {
      return unknown_argument(argument, *command, !looks_like_option);
    }
  }
  for (const auto& given : table) {
    if (const Status status = apply(*given, settings); !status) return forward_error(status);
  }
  if (settings.operands.size() < command->operand_count)
    return usage_error(fmt::format("'{}' needs a {}", command->name, command->operands),
                       fmt::format("tensorrt_profiling {} --help", command->name));
  if (const Status status = check_contradictions(settings); !status) return forward_error(status);
  settings.command_line.emplace_back("tensorrt_profiling");
  settings.command_line.insert(settings.command_line.end(), arguments.begin(), arguments.end());
  return settings;
}

}  // namespace trtprof::cli
