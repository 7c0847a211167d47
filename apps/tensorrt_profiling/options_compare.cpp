// Rows of the option table: what is compared, how often it is launched, and when a slowdown fails.
#include <algorithm>
#include <array>
#include <limits>

#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

constexpr std::int64_t kMostLaunches = 1000;

// Of `profile`: those of its report that `compare` has no use for. Its launches are never traced.
constexpr std::array<std::string_view, 4> kNotOfCompare = {"--csv", "--trace", "--sort", "--no-timeline"};
// Those that are about compare's own report.
constexpr std::array<std::string_view, 5> kOfItsReport = {"--json", "--quiet", "--verbose", "--no-color", "--top"};

std::vector<std::string_view> figure_choices() {
  std::vector<std::string_view> choices;
  for (const FigureKind kind : all_figures()) choices.push_back(to_string(kind));
  return choices;
}

Status add_words(std::vector<std::string>& words, std::string_view text) {
  auto more = split_words(text);
  if (!more) return forward_error(more);
  words.insert(words.end(), more->begin(), more->end());
  return {};
}

std::vector<Option> side_options() {
  return {
      {.name = "--a",
       .value = "PROFILE",
       .section = "Sides",
       .help = "A further launch of A, as a saved profile. May be repeated.",
       .repeatable = true,
       .commands = {"compare"},
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.compare.more_a.emplace_back(v);
         return {};
       }},
      {.name = "--b",
       .value = "PROFILE",
       .section = "Sides",
       .help = "A further launch of B, as a saved profile. May be repeated.",
       .repeatable = true,
       .commands = {"compare"},
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.compare.more_b.emplace_back(v);
         return {};
       }},
      {.name = "--a-options",
       .value = "OPTIONS",
       .section = "Sides",
       .help = "Options of 'profile' for A alone, as one word of the shell. May be repeated.",
       .repeatable = true,
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view v) { return add_words(s.compare.options_a, v); }},
      {.name = "--b-options",
       .value = "OPTIONS",
       .section = "Sides",
       .help = "Options of 'profile' for B alone: the same model under two settings, as --b-options '--precision f32'.",
       .repeatable = true,
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view v) { return add_words(s.compare.options_b, v); }},
  };
}

std::vector<Option> launch_options() {
  return {
      {.name = "--launches",
       .value = "N",
       .section = "Launches",
       .help = "How often each side is launched, in turns with the other; with --builds, each of its builds.",
       .default_text = "10",
       .commands = {"compare"},
       .apply = [](Settings& s,
                   std::string_view v) { return store(s.compare.launches, parse_integer(v, 1, kMostLaunches)); }},
      {.name = "--builds",
       .value = "N",
       .section = "Launches",
       .help = "How many engines are built of each model, where the backend builds engines: one build may be faster "
               "than the next.",
       .default_text = "1",
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view v) { return store(s.compare.builds, parse_integer(v, 1, 100)); }},
      {.name = "--budget",
       .value = "TIME",
       .section = "Launches",
       .help = "Go on launching until it is decided, or this time is over: seconds, or 90s, 10m, 2h. Looks after "
               "--launches, twice as many, four times as many; each look's interval is widened, so that looking often "
               "makes no false verdicts. For optimize: close the loop, and look for the fastest model in this time.",
       .default_text = "as many as --launches says, no more",
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view v) { return store(s.compare.budget, parse_seconds(v)); }},
      {.name = "--save-profiles",
       .value = "FOLDER",
       .section = "Launches",
       .help = "Keep the profile of each launch, in FOLDER/a and FOLDER/b: 'compare FOLDER/a FOLDER/b' says the same "
               "again.",
       .commands = {"compare"},
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.compare.save_profiles = v;
         return {};
       }},
  };
}

std::vector<Option> verdict_options() {
  return {
      {.name = "--figure",
       .value = "NAME",
       .section = "Verdict",
       .help = "What the verdict is on.",
       .default_text = "latency, or what both sides have",
       .commands = {"compare"},
       .choices = figure_choices(),
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.compare.judging.figure = figure_from_string(v);
         return {};
       }},
      {.name = "--threshold",
       .value = "PERCENT",
       .section = "Verdict",
       .help = "The smallest change that counts as one.",
       .default_text = "1%",
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view v) { return store(s.compare.judging.threshold, parse_percent(v)); }},
      {.name = "--launch-spread",
       .value = "PERCENT",
       .section = "Verdict",
       .help = "How far launches of one program lie apart (standard deviation), for sides of a single launch.",
       .default_text = "5%",
       .commands = {"compare"},
       .apply = [](Settings& s,
                   std::string_view v) { return store(s.compare.judging.launch_spread, parse_percent(v)); }},
      {.name = "--fail-if-slower",
       .value = "PERCENT",
       .section = "Verdict",
       .help = "Exit code 3 when B is SLOWER and by at least this much. UNDECIDED passes with a warning.",
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view v) { return store(s.compare.fail_if_slower, parse_percent(v)); }},
      {.name = "--strict",
       .section = "Verdict",
       .help = "With --fail-if-slower: exit code 3 as well when it is UNDECIDED and B may be slower by that much.",
       .commands = {"compare"},
       .apply = [](Settings& s, std::string_view) -> Status {
         s.compare.strict = true;
         return {};
       }},
  };
}

}  // namespace

std::vector<Option> compare_options() {
  std::vector<Option> table = side_options();
  for (const auto& rows : {launch_options(), verdict_options()}) table.insert(table.end(), rows.begin(), rows.end());
  return table;
}

void let_compare_take(std::vector<Option>& table) {
  for (Option& option : table) {
    const bool wanted = std::ranges::find(kNotOfCompare, option.name) == kNotOfCompare.end();
    if (takes(option, "profile") && wanted) option.commands.emplace_back("compare");
  }
}

bool is_for_launches(const Option& option) {
  return takes(option, "compare") && takes(option, "profile") &&
         std::ranges::find(kOfItsReport, option.name) == kOfItsReport.end();
}

}  // namespace trtprof::cli
