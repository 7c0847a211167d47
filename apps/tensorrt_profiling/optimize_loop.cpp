#include "optimize_loop.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "accuracy_run.h"
#include "experiments_run.h"
#include "loop_actions.h"
#include "loop_commands.h"
#include "loop_folder.h"
#include "messages.h"
#include "options.h"
#include "profile_run.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/loop/candidate_names.h"
#include "trtprof/optimize/loop/journal.h"
#include "trtprof/report/loop.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kFirstLaunches = 5;

// Gates from which on it is said that they are wide: points of percent, and a share of rows.
constexpr double kWideDrop = 10.0;
constexpr double kWideAgreement = 0.9;
// A sample of fewer is more than the point of percent that the loop's own gate is.
constexpr std::int64_t kFewSamples = 100;

// What the loop tries by itself, or does not do.
constexpr auto kDecidedByTheLoop =
    std::to_array<std::string_view>({"--precision", "--passes", "--pass-steps", "--dump-steps", "--explain-passes",
                                     "--no-compare", "--sensitivity", "--auto-keep"});
// Of the command line, what decisions do not depend on.
constexpr auto kShowsOrLimits = std::to_array<std::string_view>(
    {"--budget", "--work", "--output", "--json", "--quiet", "--verbose", "--no-color", "--top", "--experiments"});

Status check(const Settings& settings) {
  if (settings.accuracy.max_drop && !settings.accuracy.data) return check_gates(settings, std::nullopt);
  if (!settings.output) return usage_error("--budget needs --output FILE (-o FILE): the best so far is kept there");
  for (const std::string_view name : kDecidedByTheLoop) {
    if (!settings.was_given(name)) continue;
    return usage_error(fmt::format("--budget and {} contradict each other", name),
                       "the loop tries these by itself; --candidates names those that it may");
  }
  if (settings.output->extension() == ".engine") {
    return usage_error(fmt::format("-o {} is named as an engine, and the model is written there",
                                   printable(settings.output->string())),
                       "name it FILE.onnx: where engines are built, the fastest comes to lie beside it as FILE.engine");
  }
  if (settings.device == "all") return usage_error("the loop runs on one device", "--device cuda:0");
  for (const auto* names : {&settings.loop.candidates, &settings.loop.skip}) {
    const std::vector<std::string> unknown = unknown_candidates(*names);
    if (unknown.empty()) continue;
    return usage_error(fmt::format("there is no candidate '{}'", printable(unknown.front())),
                       "candidates are " + candidate_names());
  }
  std::error_code error;
  if (fs::equivalent(settings.operands.at(0), *settings.output, error)) {
    return usage_error("-o names the model that is given", "the loop compares with it to the end");
  }
  for (const auto& file : {settings.output, settings.json}) {
    if (!file) continue;
    if (Status writable = check_writable(*file); !writable) return writable;
  }
  return {};
}

Result<JournalHead> head_of(const Settings& settings, const ModelInfo& model) {
  JournalHead head{model.sha256, {}, {}};
  head.arguments = passed_options(settings.command_line, 2, [](const Option& option) {
    return std::ranges::find(kShowsOrLimits, option.name) == kShowsOrLimits.end();
  });
  auto hash = hash_of_data(settings);
  if (!hash) return forward_error(hash);
  head.data_sha256 = *std::move(hash);
  return head;
}

// What is not to be trusted is said before minutes of measuring.
void warn(const Settings& settings) {
  const AccuracySettings& accuracy = settings.accuracy;
  if (!accuracy.data) {
    const std::string gate =
        accuracy.min_agreement
            ? fmt::format("the first class agrees in {:.4g} % of rows of random inputs",
                          *accuracy.min_agreement * 100.0)
            : fmt::format("its outputs on random inputs are within {:.4g} dB (SQNR) of the given model's",
                          kLoopMinSqnr);
    print_warning(fmt::format(
        "no --data: nothing vouches for the accuracy. INT8 is not tried, and the rest is accepted where {}", gate));
    return;
  }
  if (accuracy.max_drop.value_or(0.0) >= kWideDrop || accuracy.min_agreement.value_or(1.0) <= kWideAgreement) {
    print_warning("the gate is so wide that models pass which are wrong: what is accepted may be of no use");
  }
  if (accuracy.samples && *accuracy.samples < kFewSamples) {
    print_warning(fmt::format("--samples {}: one sample is {:.3g} % of them, and no smaller loss of accuracy is seen",
                              *accuracy.samples, 100.0 / static_cast<double>(*accuracy.samples)));
  }
}

class LoopRun {
 public:
  LoopRun(const Settings& settings, fs::path work, ModelInfo model)
      : settings_(settings), work_(std::move(work)), model_(std::move(model)) {}

  Result<int> run() {
    ProgramActions actions(settings_, work_, model_.sha256);
    const auto head = head_of(settings_, model_);
    if (!head) return forward_error(head);
    auto journal = LoopJournal::open(work_ / "journal.jsonl", *head);
    if (!journal) return forward_error(journal);
    LoopState state;
    for (const LoopEvent& event : journal->events()) {
      if (!apply_event(state, event)) {
        return fail(fmt::format("{} holds events that do not follow each other", printable(work_.string())),
                    "remove the work folder to begin anew");
      }
    }
    if (state.events > 0 && !settings_.report.quiet) {
      print_note(fmt::format("goes on where a run before it ended: {} events, {:.0f} s", state.events, state.elapsed));
    }
    remove_what_was_running(work_);
    if (const Status opened = actions.open(); !opened) return forward_error(opened);
    if (state.baseline) actions.set_baseline(*state.baseline);
    LoopOptions options;
    options.budget = *settings_.compare.budget;
    options.threshold = settings_.compare.judging.threshold;
    options.launches = settings_.was_given("--launches") ? settings_.compare.launches : kFirstLaunches;
    auto outcome =
        run_loop(actions, options, std::move(state), [&](const LoopEvent& event) { return journal->append(event); });
    if (!outcome) return forward_error(outcome);
    return finish(actions, *outcome);
  }

 private:
  Result<int> finish(ProgramActions& actions, const LoopOutcome& outcome) {
    // Once more: looks after it was kept may have shown another of its engines to be the fastest.
    if (const Status kept = actions.keep(outcome.state.winner()); !kept) return forward_error(kept);
    const auto written = OnnxModel::load(*settings_.output);
    if (!written) return forward_error(written);
    const auto info = written->info();
    if (!info) return forward_error(info);
    const LoopResult& result = actions.result();
    std::error_code error;
    const bool engine = actions.builds_engines() && fs::exists(result.engine(), error);
    const LoopDocument document = {outcome,
                                   model_,
                                   {settings_.output->string(), info->sha256, info->file_bytes},
                                   engine ? result.engine().string() : "",
                                   result.script().string(),
                                   (work_ / "journal.jsonl").string(),
                                   *settings_.compare.budget,
                                   settings_.loop.throughput};
    return experiment_and_report(document);
  }

  // After the loop, on what it chose: they are about how it is launched, which no candidate changes.
  Result<int> experiment_and_report(LoopDocument document) const {
    if (!settings_.experiments || document.outcome.end == LoopEnd::interrupted) return report(document);
    const std::string& file = document.engine.empty() ? document.result.path : document.engine;
    std::vector<std::string> arguments = {"optimize", file};
    const std::vector<std::string> words = loop_options_for(settings_, "compare");
    const std::vector<std::string> options =
        passed_options(words, 0, [](const Option& option) { return takes(option, "optimize"); });
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto settings = parse_as_command(settings_, std::move(arguments));
    if (!settings) return forward_error(settings);
    const auto found = run_experiments(*settings, file);
    if (found) document.experiments = &*found;
    auto code = report(document);
    if (found || !code) return code;
    if (found.error().code != ErrorCode::interrupted) return forward_error(found);
    return static_cast<int>(ErrorCode::interrupted);
  }

  Result<int> report(const LoopDocument& document) const {
    LoopTextOptions options;
    options.color = wants_color(STDOUT_FILENO, settings_.no_color);
    options.quiet = settings_.report.quiet;
    write_loop_text(std::cout, document, options);
    if (settings_.json) {
      if (const Status saved = write_file(*settings_.json, loop_to_json(document)); !saved) return forward_error(saved);
    }
    if (const Status out = check_standard_output(); !out) return forward_error(out);
    return document.outcome.end == LoopEnd::interrupted ? static_cast<int>(ErrorCode::interrupted) : 0;
  }

  const Settings& settings_;
  fs::path work_;
  ModelInfo model_;
};

// Open dimensions as a sample of the data has them, said on the command line: launches and the script take it from
// there.
Result<Settings> shaped_by_data(const Settings& settings, const OnnxModel& model) {
  const Graph graph = model.graph();
  if (!settings.accuracy.data || bind_shapes(graph, settings.shapes)) return settings;
  const auto data = load_data(settings, graph.inputs);
  if (!data) return forward_error(data);
  ShapeRequest request = settings.shapes;
  fit_shapes(request, graph.inputs, *data);
  return settings_with_shapes(settings, request.by_input);
}

}  // namespace

Result<int> optimize_in_loop(const Settings& given) {
  if (const Status good = check(given); !good) return forward_error(good);
  const auto model = OnnxModel::load(given.operands.at(0));
  if (!model) return forward_error(model);
  const auto shaped = shaped_by_data(given, *model);
  if (!shaped) return forward_error(shaped);
  Settings settings = *shaped;
  // What commands are given as an operand is not to look like an option.
  for (auto* path : {&settings.output, &settings.loop.work}) {
    if (*path && (*path)->string().starts_with('-')) *path = fs::path(".") / **path;
  }
  auto info = model->info();
  if (!info) return forward_error(info);
  const auto lock = OutputLock::take(*settings.output);
  if (!lock) return forward_error(lock);
  auto work = open_work_folder(settings);
  if (!work) return forward_error(work);
  warn(settings);
  return LoopRun(settings, *std::move(work), *std::move(info)).run();
}

}  // namespace trtprof::cli
