#include "experiments_run.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compare_run.h"
#include "diagnosis.h"
#include "messages.h"
#include "model_rewrite.h"
#include "profile_run.h"
#include "trtprof/base/file.h"
#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

// Of each side, where --launches does not say: a change of a few per cent is what they have to show.
constexpr int kLaunches = 5;

using Options = std::vector<std::string>;

// The ways a model is launched that are diagnosed. The first is this program's own.
const std::vector<Options>& ways_to_launch() {
  static const std::vector<Options> ways = {{}, {"--pageable", "--sync-transfers"}, {"--no-graph"}};
  return ways;
}

class Experiments {
 public:
  Experiments(const Settings& settings, std::string model) : settings_(settings), model_(std::move(model)) {
    report_.launches =
        static_cast<std::size_t>(settings.was_given("--launches") ? settings.compare.launches : kLaunches);
  }

  Result<ExperimentsReport> run() {
    for (const Options& way : ways_to_launch()) {
      if (const Status planned = plan(way); !planned) return forward_error(planned);
      if (on_cpu_) break;
    }
    for (const Experiment& experiment : planned_) {
      if (const Status tried = try_out(experiment); !tried) return forward_error(tried);
    }
    if (warnings_ > 0) {
      report_.notes.push_back(
          fmt::format("the launches have {}, which --verbose shows: the intervals count in what they "
                      "make the times differ by",
                      counted(static_cast<std::int64_t>(warnings_), "warning")));
    }
    return std::move(report_);
  }

 private:
  struct Launches {
    Options a;
    Options b;
    std::vector<Profile> of_a;
    std::vector<Profile> of_b;
  };

  // Of the other ways only what leads back to this program's own is of interest: the rest is said of that already.
  Status plan(const Options& way) {
    print_verbose(
        fmt::format("diagnosing {}", way.empty() ? "the model as it is" : fmt::format("{}", fmt::join(way, " "))));
    Options arguments = {"profile", model_};
    arguments.insert(arguments.end(), way.begin(), way.end());
    const auto settings = settings_of_command(settings_, std::move(arguments));
    if (!settings) return forward_error(settings);
    Settings quiet = *settings;
    quiet.report.quiet = true;
    Status diagnosed = fail(fmt::format("{} could not be profiled", printable(model_)));
    const int code = ProfileRun(quiet, std::nullopt, [&](const Profile& profile, const KnownModel* model) {
                       const auto diagnosis = diagnose(quiet, profile, {}, model);
                       diagnosed = diagnosis ? Status{} : forward_error(diagnosis);
                       if (diagnosis) add(plan_experiments(profile, diagnosis->analysis), way.empty());
                       on_cpu_ = profile.environment.device_kind == DeviceKind::cpu;
                       return Status{};
                     }).run();
    if (code == static_cast<int>(ErrorCode::interrupted)) {
      return tl::unexpected<Error>(Error{ErrorCode::interrupted, "stopped before the experiments", ""});
    }
    return diagnosed;
  }

  void add(ExperimentPlan plan, bool own_way) {
    for (Experiment& experiment : plan.experiments) {
      const bool towards_own = std::ranges::all_of(experiment.options_b, [&](const std::string& word) {
        return std::ranges::find(experiment.options_a, word) != experiment.options_a.end();
      });
      if (own_way || towards_own) planned_.push_back(std::move(experiment));
    }
    if (own_way) report_.none = std::move(plan.none);
  }

  Status try_out(const Experiment& experiment) {
    const auto launches = launched(experiment);
    if (!launches) return forward_error(launches);
    auto result = judge_experiment(experiment, (*launches)->of_a, (*launches)->of_b);
    if (!result) return forward_error(result);
    report_.results.push_back(*std::move(result));
    return {};
  }

  // Several findings may name the same launches.
  Result<const Launches*> launched(const Experiment& experiment) {
    const auto same = std::ranges::find_if(launches_, [&](const Launches& known) {
      return known.a == experiment.options_a && known.b == experiment.options_b;
    });
    if (same != launches_.end()) return &*same;
    const auto folder = TemporaryFolder::create("trtprof-experiment");
    if (!folder) return forward_error(folder);
    Options arguments = {"compare", model_, model_, "--save-profiles", folder->path().string()};
    if (!settings_.was_given("--launches"))
      arguments.insert(arguments.end(), {"--launches", std::to_string(kLaunches)});
    for (const auto& [name, options] :
         {std::pair("--a-options", &experiment.options_a), std::pair("--b-options", &experiment.options_b)}) {
      if (!options->empty()) arguments.insert(arguments.end(), {name, fmt::format("{}", fmt::join(*options, " "))});
    }
    const auto settings = settings_of_command(settings_, std::move(arguments));
    if (!settings) return forward_error(settings);
    const auto run = run_comparison(*settings);
    if (!run) return forward_error(run);
    if (run->interrupted) {
      return tl::unexpected<Error>(Error{ErrorCode::interrupted, "stopped before the experiments were done", ""});
    }
    for (const std::string& warning : run->comparison.warnings) print_verbose(warning);
    warnings_ += run->comparison.warnings.size();
    Launches read{experiment.options_a, experiment.options_b, {}, {}};
    for (const auto& [name, profiles] : {std::pair("a", &read.of_a), std::pair("b", &read.of_b)}) {
      if (const Status loaded = load(folder->path() / name, *profiles); !loaded) return forward_error(loaded);
    }
    launches_.push_back(std::move(read));
    return &launches_.back();
  }

  static Status load(const fs::path& folder, std::vector<Profile>& profiles) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      files.push_back(at->path());
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

  const Settings& settings_;
  std::string model_;
  std::vector<Experiment> planned_;
  std::vector<Launches> launches_;
  ExperimentsReport report_;
  std::size_t warnings_ = 0;
  bool on_cpu_ = false;
};

}  // namespace

Result<ExperimentsReport> run_experiments(const Settings& settings, const std::string& model) {
  return Experiments(settings, model).run();
}

}  // namespace trtprof::cli
