// The option table: the one place that knows which options there are. Parsing (command_line.cpp) and help (help.cpp)
// are made from it, and a new option is one row.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"

namespace trtprof::cli {

enum class Completion { none, file, choices };

struct Option {
  std::string_view name = {};   // "--shape"
  char short_name = '\0';       // 'o' for -o
  std::string_view value = {};  // what the help calls its value, "NAME:DIMS"; empty for a flag
  std::string_view section = {};
  std::string_view help = {};          // one sentence or two; the help wraps it
  std::string_view default_text = {};  // shown by the help; empty: nothing worth saying
  bool repeatable = false;
  bool value_optional = false;                  // then it is given as --name=VALUE; without one apply() gets ""
  std::vector<std::string_view> commands = {};  // that take it
  std::vector<std::string_view> choices = {};   // when only these values are good
  Completion completion = Completion::none;
  // Takes the text of the value ("" for a flag). The error need not name the option: the parser does.
  Status (*apply)(Settings& settings, std::string_view value) = nullptr;
};

struct Command {
  std::string_view name;
  std::string_view operands;  // "MODEL"
  std::size_t operand_count;
  std::string_view summary;      // one line
  std::string_view description;  // a paragraph or two
  std::string_view example;      // what to type
  int (*run)(const Settings& settings);
  // When only these operands are good; null: a file, or none.
  std::vector<std::string> (*choices)() = nullptr;
  bool more_operands = false;  // `operand_count` at the least
};

[[nodiscard]] std::span<const Command> commands();
[[nodiscard]] std::span<const Option> options();
// That `argument` ("--shape", "--shape=x", "-q") names; null: none.
[[nodiscard]] const Option* find_option(std::string_view argument);
[[nodiscard]] const Command* find_command(std::string_view name);
// What the operand may be; empty: a file, or none.
[[nodiscard]] std::vector<std::string> operand_choices(const Command& command);
[[nodiscard]] bool takes(const Option& option, std::string_view command);
// Does what follows the option on the command line belong to it?
[[nodiscard]] inline bool takes_next_word(const Option& option) {
  return !option.value.empty() && !option.value_optional;
}

// What `optimize` converts a model by. `build` and `profile` have options of these names, which let an engine choose:
// of a model that is converted they are not meant.
[[nodiscard]] bool is_for_conversion(const Option& option);

// Those of `arguments`, from the `first` on, that `wanted` takes, with their values: what a command passes on to
// another.
[[nodiscard]] std::vector<std::string> passed_options(const std::vector<std::string>& arguments, std::size_t first,
                                                      const std::function<bool(const Option&)>& wanted);

}  // namespace trtprof::cli
