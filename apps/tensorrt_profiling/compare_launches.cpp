#include "compare_launches.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include <fmt/format.h>

#include "backend_choice.h"
#include "messages.h"
#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/compare/comparison.h"
#include "trtprof/external/process.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kErrorAllowed = 0.05;

std::string folder_name(const CompareSide& side) {
  return side.name == "A" ? "a" : "b";
}

}  // namespace

Error launch_failure(const std::string& said, int exit_code, const std::string& what) {
  const auto last = [&](std::string_view label) -> std::string {
    const std::size_t at = said.rfind(label);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + label.size();
    return said.substr(begin, said.find('\n', begin) - begin);
  };
  const std::string message = last("error: ");
  const bool known = exit_code == 2 || exit_code == 3 || exit_code == 4 || exit_code == 130;
  return Error{known ? static_cast<ErrorCode>(exit_code) : ErrorCode::failed,
               message.empty() ? fmt::format("{} ended with exit code {}", what, exit_code)
                               : fmt::format("{}: {}", what, message),
               last("hint: ")};
}

double level_of_look(int look, bool budget) {
  if (!budget) return 1.0 - kErrorAllowed;
  double share = kErrorAllowed / 2.0;
  for (int i = 0; i < look; ++i) share /= 2.0;
  return 1.0 - share;
}

Status CompareLaunches::run() {
  if (measured().empty()) return {};
  auto folder = TemporaryFolder::create("trtprof-compare");
  if (!folder) return forward_error(folder);
  folder_ = std::move(*folder);
  if (Status ready = prepare_folders(); !ready) return ready;
  Status done = settings_.compare.builds > 1 ? run_builds() : run_until_decided();
  if (!done) return done;
  if (interrupted_ && (sides_.a.profiles.empty() || sides_.b.profiles.empty())) {
    return tl::unexpected<Error>(Error{ErrorCode::interrupted, "stopped before both sides had been launched", ""});
  }
  return {};
}

Status CompareLaunches::prepare_folders() {
  const fs::path root = settings_.compare.save_profiles.value_or(folder_->path());
  for (const Launched& launched : measured()) {
    const fs::path folder = root / folder_name(*launched.side);
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
      return usage_error(fmt::format("--save-profiles: {} has files in it", printable(folder.string())),
                         "what is in a folder is taken for launches of one thing");
    }
    fs::create_directories(folder, error);
    if (error) return fail(fmt::format("cannot make the folder {}: {}", printable(folder.string()), error.message()));
  }
  return {};
}

std::vector<CompareLaunches::Launched> CompareLaunches::measured() const {
  std::vector<Launched> sides;
  for (CompareSide* side : {&sides_.a, &sides_.b}) {
    if (side->measured) sides.push_back({side, side->operand});
  }
  return sides;
}

Status CompareLaunches::run_builds() {
  for (const Launched& launched : measured()) {
    if (!launched.side->is_model) {
      return usage_error(fmt::format("--builds is for models, and {} is an engine", printable(launched.side->operand)));
    }
  }
  const auto backend = open_backend(settings_.backend);
  if (!backend) return forward_error(backend);
  if (!(*backend)->builds_engines()) {
    return usage_error(fmt::format("--builds is for backends that build engines, and {} compiles the model anew in "
                                   "every launch",
                                   (*backend)->name()),
                       "--launches says how many");
  }
  const int sides = static_cast<int>(measured().size());
  planned_ = sides * settings_.compare.builds * settings_.compare.launches;
  for (int number = 0; number < settings_.compare.builds && !interrupted_; ++number) {
    std::vector<Launched> both = measured();
    if (number % 2 == 1) std::ranges::reverse(both);
    for (Launched& launched : both) {
      launched.file = folder_->path() / fmt::format("{}-{}.engine", folder_name(*launched.side), number + 1);
      say(fmt::format("building {}, {} of {}", launched.side->name, number + 1, settings_.compare.builds));
      if (Status built = build(*launched.side, launched.file); !built) return built;
      if (interrupted_) return {};
    }
    if (number % 2 == 1) std::ranges::reverse(both);
    for (int turn = 0; turn < settings_.compare.launches && !interrupted_; ++turn) {
      if (Status done = run_turn(both); !done) return done;
    }
  }
  return {};
}

Status CompareLaunches::run_until_decided() {
  const std::vector<Launched> both = measured();
  const bool budget = settings_.compare.budget.has_value();
  int next_look = settings_.compare.launches;
  planned_ = static_cast<int>(both.size()) * next_look;
  level_ = level_of_look(0, budget);
  double longest_turn = 0.0;
  while (true) {
    const double before = seconds();
    if (Status done = run_turn(both); !done) return done;
    longest_turn = std::max(longest_turn, seconds() - before);
    if (interrupted_) return {};
    // Never before there are two launches a side: one tells nothing of how they differ.
    const bool out_of_time = budget && turns_ >= 2 && seconds() + longest_turn > *settings_.compare.budget;
    if (turns_ < next_look && !out_of_time) continue;
    level_ = level_of_look(looks_, budget);
    ++looks_;
    if (!budget || out_of_time || decided()) return {};
    next_look *= 2;
    planned_ = static_cast<int>(both.size()) * next_look;
  }
}

// A, B and then B, A: what drifts evenly takes from both alike.
Status CompareLaunches::run_turn(const std::vector<Launched>& both) {
  std::vector<Launched> order = both;
  if (turns_ % 2 == 1) std::ranges::reverse(order);
  ++turns_;
  std::vector<std::size_t> before;
  before.reserve(order.size());
  for (const Launched& launched : order) before.push_back(launched.side->profiles.size());
  for (const Launched& launched : order) {
    if (Status done = launch(launched); !done) return done;
    if (!interrupted_) continue;
    // Half a turn would leave the sides unequal; what there was before stays.
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (before[i] == 0) continue;
      order[i].side->profiles.resize(before[i]);
      order[i].side->sources.resize(before[i]);
    }
    return {};
  }
  return {};
}

Status CompareLaunches::build(CompareSide& side, const fs::path& engine) {
  const auto command = build_launch_command(settings_, side, engine);
  if (!command) return forward_error(command);
  print_verbose(shown_command(*command));
  std::string said;
  ProcessOptions options;
  options.stop = &stop_;
  options.on_err = [&](std::string_view text) { said += text; };
  const auto end = run_process(*command, options);
  if (!end) return forward_error(end);
  interrupted_ = end->interrupted || end->exit_code == static_cast<int>(ErrorCode::interrupted);
  if (interrupted_ || end->exit_code == 0) return {};
  return tl::unexpected<Error>(launch_failure(said, end->exit_code, fmt::format("building {}", side.name)));
}

fs::path CompareLaunches::profile_path(const CompareSide& side) const {
  const fs::path root = settings_.compare.save_profiles.value_or(folder_->path());
  return root / folder_name(side) / fmt::format("{:03}.json", side.profiles.size() + 1);
}

Status CompareLaunches::launch(const Launched& launched) {
  CompareSide& side = *launched.side;
  say(fmt::format("launch {} of {}", done_ + 1, planned_));
  const fs::path json = profile_path(side);
  const auto command = launch_command(settings_, side, launched.file.string(), json);
  if (!command) return forward_error(command);
  print_verbose(shown_command(*command));
  std::string said;
  ProcessOptions options;
  options.stop = &stop_;
  options.on_err = [&](std::string_view text) { said += text; };
  const auto end = run_process(*command, options);
  if (!end) return forward_error(end);
  if (end->interrupted || end->exit_code == static_cast<int>(ErrorCode::interrupted)) {
    interrupted_ = true;
    std::error_code error;
    fs::remove(json, error);  // of a launch cut short
    return {};
  }
  const std::string what = fmt::format("launch {} of {}", side.profiles.size() + 1, side.name);
  if (end->exit_code != 0) return tl::unexpected<Error>(launch_failure(said, end->exit_code, what));
  auto loaded = load_profile(json);
  if (!loaded) return forward_error(loaded);
  auto hash = sha256_of_file(json);
  if (!hash) return forward_error(hash);
  side.profiles.push_back(std::move(loaded->profile));
  side.sources.push_back({settings_.compare.save_profiles ? json.string() : "", std::move(*hash)});
  ++done_;
  return {};
}

bool CompareLaunches::decided() {
  CompareOptions judging = settings_.compare.judging;
  judging.level = level_;
  const auto comparison = compare_profiles(sides_.a.profiles, sides_.b.profiles, judging);
  // What cannot be compared now cannot later: the caller says why.
  return !comparison || comparison->verdict.outcome != Outcome::undecided;
}

double CompareLaunches::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void CompareLaunches::say(const std::string& phase) {
  progress_.phase(phase);
  std::string detail;
  if (done_ > 0) {
    const double left = seconds() / done_ * (planned_ - done_);
    detail = fmt::format("about {} left", format_duration(left));
  }
  progress_.update(planned_ > 0 ? static_cast<double>(done_) / planned_ : 0.0, detail);
}

}  // namespace trtprof::cli
