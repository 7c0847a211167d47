// Rows of the option table: what is concluded of a profile, and what `analyze` takes of `profile`.
#include <algorithm>
#include <array>

#include "option_rows.h"
#include "trtprof/diagnose/rule.h"

namespace trtprof::cli {
namespace {

// Of `profile`, those that a saved profile has a use for as well.
constexpr std::array<std::string_view, 9> kForSavedProfiles = {
    "--top", "--sort", "--csv", "--trace", "--quiet", "--verbose", "--no-color", "--json", "--model"};

std::vector<std::string_view> fail_on_choices() {
  std::vector<std::string_view> choices;
  for (const Severity severity : {Severity::critical, Severity::major, Severity::minor, Severity::note}) {
    choices.push_back(to_string(severity));
  }
  for (const Rule& rule : all_rules()) choices.push_back(rule.id);
  return choices;
}

}  // namespace

std::vector<Option> analyze_options() {
  const std::vector<std::string_view> in_analyze = {"analyze"};
  return {
      {.name = "--against",
       .value = "FILE",
       .section = "Diagnosis",
       .help = "analyze: another saved profile of the model, in another precision or from before a change: what INT8 "
               "gained or lost and by what, and whether the change was an improvement. accuracy: the model or engine "
               "whose answers are taken to be right.",
       .commands = {"analyze", "accuracy"},
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.against = v;
         return {};
       }},
      {.name = "--explain",
       .section = "Diagnosis",
       .help = "Say of every rule that found nothing why it did not.",
       .commands = in_analyze,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.analysis.explain = true;
         return {};
       }},
      {.name = "--tree",
       .section = "Diagnosis",
       .help = "Walk the decision tree: what kind of problem it is and why, and which remedies are worth it.",
       .commands = in_analyze,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.analysis.tree = true;
         return {};
       }},
      {.name = "--checklist",
       .section = "Diagnosis",
       .help = "Go through the checklist: each item done, failed or not applicable, with its figure.",
       .commands = in_analyze,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.analysis.checklist = true;
         return {};
       }},
      {.name = "--fail-on",
       .value = "RULE",
       .section = "Diagnosis",
       .help = "Exit code 3 when this rule has a finding, or any rule has one of this severity or worse. May be "
               "repeated.",
       .repeatable = true,
       .commands = in_analyze,
       .choices = fail_on_choices(),
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.fail_on.emplace_back(v);
         return {};
       }},
      {.name = "--save-profile",
       .value = "FILE",
       .section = "Diagnosis",
       .help = "Write the profile that was measured, or that the files of other tools made, as JSON.",
       .commands = in_analyze,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.save_profile = v;
         return {};
       }},
      {.name = "--format",
       .value = "FORMAT",
       .section = "Output",
       .help = "What to write.",
       .default_text = "as the output's name says: .json, .csv, .trace.json",
       .commands = {"convert"},
       .choices = {"profile", "csv", "trace"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.format = v;
         return {};
       }},
  };
}

void let_analyze_take(std::vector<Option>& table) {
  for (Option& option : table) {
    if (takes(option, "profile")) option.commands.emplace_back("analyze");
  }
}

std::optional<std::string_view> first_for_measuring(const Settings& settings) {
  for (const std::string_view name : settings.given) {
    const auto found = std::ranges::find(options(), name, &Option::name);
    const bool measures = found != options().end() && takes(*found, "profile");
    const bool harmless = std::ranges::find(kForSavedProfiles, name) != kForSavedProfiles.end();
    if (measures && !harmless) return name;
  }
  return std::nullopt;
}

}  // namespace trtprof::cli
