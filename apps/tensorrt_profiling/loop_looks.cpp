#include "loop_looks.h"

#include <algorithm>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "compare_launches.h"
#include "compare_run.h"
#include "interrupt.h"
#include "loop_commands.h"
#include "messages.h"
#include "options.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/text.h"
#include "trtprof/external/process.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

// Of each side in a look, where the user does not say: one build of an engine may be faster than the next.
constexpr int kBuilds = 3;

std::string name_of(const CandidateRecord* record) {
  return record == nullptr ? "given" : record->candidate.name;
}

Result<std::vector<std::string>> options_of(const Settings& settings, const CandidateRecord* record) {
  return launch_options(settings, record == nullptr || !record->started ? Recipe{} : record->started->recipe);
}

// `compare` of these two, as its settings: with what holds for both sides. The shapes are of each side.
Result<Settings> compare_settings(const Settings& settings, const std::string& a, const std::string& b,
                                  const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"compare", a, b};
  const std::vector<std::string> common = passed_options(loop_options_for(settings, "compare"), 0,
                                                         [](const Option& option) { return option.name != "--shape"; });
  arguments.insert(arguments.end(), common.begin(), common.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  return parse_as_command(settings, std::move(arguments));
}

// With the record of how: a kill may come between the two.
bool is_built(const fs::path& engine) {
  std::error_code error;
  return fs::exists(engine, error) && fs::exists(sidecar_path(engine), error);
}

Status read_profiles(const fs::path& folder, std::vector<Profile>& profiles) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".json") files.push_back(at->path());
  }
  if (error) return fail(fmt::format("cannot read {}: {}", printable(folder.string()), error.message()));
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    auto loaded = load_profile(file);
    if (!loaded) return forward_error(loaded);
    profiles.push_back(std::move(loaded->profile));
  }
  return {};
}

Status run_child(const std::vector<std::string>& command, const StopFlag& stop, const std::string& what) {
  print_verbose(shown_command(command));
  std::string said;
  ProcessOptions options;
  options.stop = &stop;
  options.on_err = [&](std::string_view text) { said += text; };
  const auto end = run_process(command, options);
  if (!end) return forward_error(end);
  if (end->interrupted || end->exit_code == static_cast<int>(ErrorCode::interrupted)) {
    return tl::unexpected(Error{ErrorCode::interrupted, "interrupted", {}});
  }
  return end->exit_code == 0 ? Status{} : Status(tl::unexpected(launch_failure(said, end->exit_code, what)));
}

CompareSide side_of(const std::string& file, std::vector<std::string> options) {
  CompareSide side;
  side.name = "A";
  side.operand = file;
  side.options = std::move(options);
  return side;
}

// Where a single request is in flight an inference follows the other: streams-1 beside more of them.
void complete_intervals(std::vector<Profile>& side) {
  for (Profile& profile : side) {
    if (profile.end_to_end && !profile.end_to_end->interval) profile.end_to_end->interval = profile.end_to_end->total;
  }
}

}  // namespace

fs::path LoopLooks::model_of(const CandidateRecord* record) const {
  if (record == nullptr || !record->made || record->made->path.empty()) return settings_.operands.at(0);
  return work_ / record->made->path;
}

std::vector<fs::path> LoopLooks::engines_of(const CandidateRecord* record) const {
  std::vector<fs::path> engines;
  for (std::size_t number = 1;; ++number) {
    fs::path engine = work_ / "engines" / fmt::format("{}-{}.engine", name_of(record), number);
    if (!is_built(engine)) return engines;
    engines.push_back(std::move(engine));
  }
}

void LoopLooks::remove_engines_of(const std::string& candidate) const {
  for (std::size_t number = 1;; ++number) {
    const fs::path engine = work_ / "engines" / fmt::format("{}-{}.engine", candidate, number);
    std::error_code error;
    if (!fs::remove(engine, error)) return;
    fs::remove(engine.string() + ".json", error);  // how it was built
  }
}

Result<fs::path> LoopLooks::engine_of(const CandidateRecord* record, std::size_t number) const {
  fs::path engine = work_ / "engines" / fmt::format("{}-{}.engine", name_of(record), number);
  std::error_code error;
  if (is_built(engine)) return engine;
  fs::create_directories(engine.parent_path(), error);
  const InterruptScope interrupt;
  const std::string model = model_of(record).string();
  const auto settings = compare_settings(settings_, model, model);
  if (!settings) return forward_error(settings);
  const auto own = options_of(settings_, record);
  if (!own) return forward_error(own);
  const auto command = build_launch_command(*settings, side_of(model, build_part(*own)), engine);
  if (!command) return forward_error(command);
  if (!settings_.report.quiet) print_note(fmt::format("{}: building engine {}", name_of(record), number));
  const Status built =
      run_child(*command, interrupt.flag(), fmt::format("building engine {} of '{}'", number, name_of(record)));
  return built ? Result<fs::path>(engine) : forward_error(built);
}

// One of models; on backends that build engines one of each pair of builds.
Result<std::vector<LoopLooks::Pair>> LoopLooks::pairs_of(const LookRequest& request) const {
  if (!builds_engines_) {
    return std::vector<Pair>{
        {model_of(request.against).string(), model_of(request.candidate).string(), request.launches}};
  }
  const int builds = settings_.was_given("--builds") ? settings_.compare.builds : kBuilds;
  const int first = request.look == 0 ? 0 : static_cast<int>(request.look);
  // A first look has `builds` of each; as many launches of each build, and later looks more builds.
  const int each = std::max(1, (request.launches + builds - 1) / builds);
  const int per_build = request.look == 0 ? each : std::max(1, request.launches / (builds << (first - 1)));
  const int from = request.look == 0 ? 0 : builds << (first - 1);
  const int to = builds << first;
  std::vector<Pair> pairs;
  for (int number = from; number < to; ++number) {
    const auto a = engine_of(request.against, static_cast<std::size_t>(number) + 1);
    if (!a) return forward_error(a);
    const auto b = engine_of(request.candidate, static_cast<std::size_t>(number) + 1);
    if (!b) return forward_error(b);
    pairs.push_back({a->string(), b->string(), per_build});
  }
  return pairs;
}

fs::path LoopLooks::folder_of(const LookRequest& request, std::size_t look) const {
  const fs::path root = work_ / (request.confirmation ? "confirmation" : "looks");
  return root / name_of(request.candidate) / fmt::format("{}", look);
}

Status LoopLooks::compare_pair(const LookRequest& request, const Pair& pair, const fs::path& folder) const {
  std::vector<std::string> more = {"--launches", fmt::format("{}", pair.launches), "--save-profiles", folder.string()};
  for (const auto& [name, record] : {std::pair("--a-options", request.against), {"--b-options", request.candidate}}) {
    auto own = options_of(settings_, record);
    if (!own) return forward_error(own);
    if (builds_engines_) own = run_part(*own);
    if (!own->empty()) more.insert(more.end(), {name, shown_command(*own)});
  }
  const auto settings = compare_settings(settings_, pair.a, pair.b, more);
  if (!settings) return forward_error(settings);
  const auto run = run_comparison(*settings);
  if (!run) return forward_error(run);
  if (run->interrupted) return tl::unexpected(Error{ErrorCode::interrupted, "interrupted", {}});
  return {};
}

Status LoopLooks::read_look(const fs::path& folder, std::vector<Profile>& a, std::vector<Profile>& b) {
  for (std::size_t pair = 0;; ++pair) {
    const fs::path of_pair = folder / fmt::format("{}", pair);
    std::error_code error;
    if (!fs::exists(of_pair, error)) return {};
    if (const Status read = read_profiles(of_pair / "a", a); !read) return read;
    if (const Status read = read_profiles(of_pair / "b", b); !read) return read;
  }
}

Status LoopLooks::check_earlier(const LookRequest& request) const {
  std::vector<Profile> a;
  std::vector<Profile> b;
  for (std::size_t look = 0; look < request.look; ++look) {
    const fs::path folder = folder_of(request, look);
    const std::size_t before = a.size();
    const Status read = read_look(folder, a, b);
    const auto& known = request.candidate->looks;
    const std::size_t wanted = request.confirmation || look >= known.size() ? before + 1 : known[look].launches;
    if (read && a.size() >= wanted && b.size() >= wanted) continue;
    return fail(fmt::format("launches that the journal speaks of are not in {} any more", printable(folder.string())),
                "remove the work folder to begin anew");
  }
  return {};
}

Result<LookFacts> LoopLooks::judge(const LookRequest& request) const {
  std::vector<Profile> a;
  std::vector<Profile> b;
  for (std::size_t look = 0; look <= request.look; ++look) {
    if (const Status read = read_look(folder_of(request, look), a, b); !read) return forward_error(read);
  }
  CompareOptions judging = settings_.compare.judging;
  judging.level = level_of_look(static_cast<int>(request.look), true);
  if (settings_.loop.throughput && settings_.hint == PerformanceHint::throughput) {
    judging.figure = FigureKind::interval;
    complete_intervals(a);
    complete_intervals(b);
  }
  const auto comparison = compare_profiles(a, b, judging);
  if (!comparison) return forward_error(comparison);
  return look_facts(*comparison, a, b);
}

// Launches of a run that was killed may go on for a while: what they still write goes where nobody looks.
Result<LookFacts> LoopLooks::take(const LookRequest& request) const {
  const fs::path running = work_ / fmt::format("running-{}", ::getpid());
  const fs::path folder = folder_of(request, request.look);
  std::error_code error;
  fs::remove_all(running, error);
  fs::remove_all(folder, error);  // of a look whose event was lost
  const auto pairs = pairs_of(request);
  if (!pairs) return forward_error(pairs);
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    const Status done = compare_pair(request, pairs->at(i), running / fmt::format("{}", i));
    if (!done) return forward_error(done);
  }
  fs::create_directories(folder.parent_path(), error);
  fs::rename(running, folder, error);
  if (error) return fail(fmt::format("cannot keep {}: {}", printable(folder.string()), error.message()));
  return judge(request);
}

Result<Profile> LoopLooks::launch(const std::string& file, const fs::path& json, const StopFlag& stop) const {
  const auto settings = compare_settings(settings_, file, file);
  if (!settings) return forward_error(settings);
  const auto own = options_of(settings_, nullptr);
  if (!own) return forward_error(own);
  const auto command = launch_command(*settings, side_of(file, *own), file, json);
  if (!command) return forward_error(command);
  if (const Status done = run_child(*command, stop, "measuring the given model"); !done) return forward_error(done);
  auto loaded = load_profile(json);
  if (!loaded) return forward_error(loaded);
  return std::move(loaded->profile);
}

}  // namespace trtprof::cli
