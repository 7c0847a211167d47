#include "trtprof/optimize/pass_manager.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/format.h"
#include "trtprof/base/steady_time.h"
#include "trtprof/base/text.h"
#include "trtprof/model/walk.h"
#include "trtprof/optimize/graph_size.h"
#include "trtprof/optimize/pass_table.h"
#include "trtprof/optimize/step_check.h"

namespace trtprof {
namespace {

std::vector<std::string_view> pass_names() {
  std::vector<std::string_view> names;
  for (const Pass* pass : all_passes()) names.push_back(pass->name());
  return names;
}

// Their defaults are what engines use. Before IR version 4 every initializer had to be an input.
void separate_initializers_from_inputs(onnx::ModelProto& model, std::vector<std::string>& notes) {
  onnx::GraphProto& graph = *model.mutable_graph();
  std::unordered_set<std::string> initialized;
  for (const auto& tensor : graph.initializer()) initialized.insert(tensor.name());
  auto& inputs = *graph.mutable_input();
  const int before = inputs.size();
  for (int i = before - 1; i >= 0; --i) {
    if (initialized.contains(inputs.Get(i).name())) inputs.DeleteSubrange(i, 1);
  }
  const int constants = before - inputs.size();
  constexpr std::int64_t initializers_need_not_be_inputs = 4;
  const std::int64_t version = model.ir_version();
  model.set_ir_version(std::max(version, initializers_need_not_be_inputs));
  if (constants == 0) return;
  notes.push_back(fmt::format("{} that the model gives a value to {} constants now, no inputs{}",
                              counted(constants, "input"), constants == 1 ? "is a constant" : "are",
                              version < initializers_need_not_be_inputs ? "; the IR version is 4" : ""));
}

class Run {
 public:
  Run(OnnxModel& model, Backend* reference, const PassOptions& options,
      const std::function<void(const PassStep&)>& told, std::vector<const Pass*> passes)
      : model_(model), reference_(reference), options_(options), told_(told), passes_(std::move(passes)) {}

  Result<OptimizeReport> run() {
    prepare();
    report_.rewrite_limit_reached = options_.rewrites && *options_.rewrites <= 0;
    for (const Pass* pass : passes_) {
      report_.passes.push_back(
          {std::string(pass->name()), std::string(pass->description()), pass->level(), 0, 0, 0.0, 0.0, {}, {}});
    }
    seen_.assign(passes_.size(), -1);
    failed_.assign(passes_.size(), false);
    while (!report_.fixed_point && !report_.rewrite_limit_reached && report_.rounds < options_.most_rounds) {
      ++report_.rounds;
      const std::int64_t before = version_;
      for (std::size_t i = 0; i < passes_.size(); ++i) {
        if (const Status done = run_pass(i); !done) return forward_error(done);
      }
      report_.fixed_point = version_ == before;
    }
    finish();
    return std::move(report_);
  }

 private:
  void prepare() {
    note_bodies();
    if (!passes_.empty()) separate_initializers_from_inputs(model_.mutable_proto(), report_.notes);
    report_.before = size_of_graph(model_.proto());
    structure_.emplace(model_);
    if (!options_.check || passes_.empty()) {
      report_.not_checked = passes_.empty() ? "no pass ran" : "the check was not wanted";
    } else if (reference_ == nullptr) {
      report_.not_checked = "there is no backend to run the model on";
    } else {
      auto checker = NumericChecker::create(*reference_, model_, options_.shapes, options_.seed);
      if (!checker) {
        report_.not_checked = fmt::format("{} does not run the model: {}", reference_->name(), checker.error().message);
        return;
      }
      checker_ = *std::move(checker);
      outputs_ = checker_->original();
    }
  }

  void note_bodies() {
    std::int64_t inside = 0;
    for_each_node(model_.proto(),
                  [&](const onnx::NodeProto&, const std::string& path) { inside += path.empty() ? 0 : 1; });
    if (inside == 0) return;
    report_.notes.push_back(fmt::format("{} in the bodies of If, Loop, Scan and functions {} as the model has {}",
                                        counted(inside, "node"), inside == 1 ? "stays" : "stay",
                                        inside == 1 ? "it" : "them"));
  }

  // Nothing to do where nothing has changed since it last ran.
  Status run_pass(std::size_t index) {
    if (failed_[index] || seen_[index] == version_ || report_.rewrite_limit_reached) return {};
    seen_[index] = version_;
    PassStep step;
    step.pass = passes_[index]->name();
    step.round = report_.rounds;
    step.before = size_of_graph(model_.proto());
    const OnnxModel before = model_.clone();
    const double start = steady_seconds();
    auto done = apply(*passes_[index]);
    step.seconds = steady_seconds() - start;
    report_.passes[index].seconds += step.seconds;
    if (done) {
      report_.passes[index].near_misses = std::move(done->near_misses);
      step.applications = std::move(done->applications);
      if (step.applications.empty()) return {};
      judge(*passes_[index], step);
    } else {
      step.taken_back = fmt::format("the pass failed: {}", done.error().message);
    }
    if (!step.taken_back.empty()) {
      model_ = before.clone();
      failed_[index] = true;
    }
    return take(index, std::move(step));
  }

  Result<PassReport> apply(const Pass& pass) {
    std::optional<std::int64_t> left;
    if (options_.rewrites) left = *options_.rewrites - done_;
    PassContext context(model_, reference_, options_.limits, left);
    return pass.apply(context);
  }

  // Leaves the reason in the step where it has to be taken back.
  void judge(const Pass& pass, PassStep& step) {
    step.taken_back = structure_->objection_to(model_);
    if (!step.taken_back.empty() || !checker_) return;
    const double start = steady_seconds();
    auto outputs = checker_->run(model_);
    step.check_seconds = steady_seconds() - start;
    if (!outputs) {
      step.taken_back = fmt::format("{} does not run the result: {}", reference_->name(), outputs.error().message);
      return;
    }
    const OutputDifference difference = difference_of(outputs_, *outputs);
    step.taken_back = difference.contradiction;
    if (!step.taken_back.empty()) return;
    step.check = StepCheck{difference.error, tolerance_of(pass.level()), difference.output};
    if (difference.error <= step.check->tolerance) {
      outputs_ = *std::move(outputs);
      return;
    }
    step.taken_back = fmt::format("output '{}' changes by {:.2g} of its largest value, more than {:.2g}",
                                  printable(difference.output), difference.error, step.check->tolerance);
  }

  Status take(std::size_t index, PassStep step) {
    PassSummary& summary = report_.passes[index];
    step.after = size_of_graph(model_.proto());
    summary.check_seconds += step.check_seconds;
    if (step.check) summary.largest_error = std::max(summary.largest_error.value_or(0.0), step.check->error);
    if (step.taken_back.empty()) {
      ++version_;
      const auto rewrites = static_cast<std::int64_t>(step.applications.size());
      summary.rewrites += rewrites;
      summary.nodes_removed += step.before.nodes - step.after.nodes;
      done_ += rewrites;
      report_.rewrite_limit_reached = options_.rewrites && done_ >= *options_.rewrites;
    }
    if (const Status dumped = dump(step); !dumped) return dumped;
    if (told_) told_(step);
    report_.steps.push_back(std::move(step));
    return {};
  }

  Status dump(PassStep& step) {
    if (!options_.dump_folder || !step.taken_back.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(*options_.dump_folder, error);
    if (error) return fail(fmt::format("{}: {}", printable(options_.dump_folder->string()), error.message()));
    step.dump = *options_.dump_folder / fmt::format("{:03}-{}.onnx", ++dumps_, step.pass);
    return model_.save_with_data(step.dump);
  }

  void finish() {
    report_.after = size_of_graph(model_.proto());
    if (!checker_) return;
    const OutputDifference difference = difference_of(checker_->original(), outputs_);
    report_.check =
        NumericCheck{reference_->name(), options_.seed, options_.shapes, difference.error, difference.output};
  }

  OnnxModel& model_;
  Backend* reference_;
  const PassOptions& options_;
  const std::function<void(const PassStep&)>& told_;
  std::vector<const Pass*> passes_;
  OptimizeReport report_;
  std::optional<StructureCheck> structure_;
  std::optional<NumericChecker> checker_;
  NamedTensors outputs_;            // of the model as it is
  std::int64_t version_ = 0;        // grows with each step that stays
  std::vector<std::int64_t> seen_;  // the version that a pass ran on last
  std::vector<bool> failed_;        // whose step was taken back
  std::int64_t done_ = 0;           // rewrites
  int dumps_ = 0;
};

}  // namespace

Result<std::vector<const Pass*>> chosen_passes(const PassOptions& options) {
  for (const auto* names : {&options.only, &options.disabled}) {
    for (const std::string& name : *names) {
      if (find_pass(name) != nullptr) continue;
      return usage_error(fmt::format("there is no pass '{}'", printable(name)),
                         fmt::format("the passes are {}", fmt::join(pass_names(), ", ")));
    }
  }
  std::vector<const Pass*> chosen;
  for (const Pass* pass : all_passes()) {
    const auto named = [pass](const std::vector<std::string>& names) {
      return std::ranges::find(names, pass->name()) != names.end();
    };
    const bool wanted = options.only.empty() ? static_cast<int>(pass->level()) <= options.level : named(options.only);
    if (wanted && !named(options.disabled)) chosen.push_back(pass);
  }
  return chosen;
}

Result<OptimizeReport> run_passes(OnnxModel& model, Backend* reference, const PassOptions& options,
                                  const std::function<void(const PassStep&)>& on_step) {
  auto passes = chosen_passes(options);
  if (!passes) return forward_error(passes);
  return Run(model, reference, options, on_step, *std::move(passes)).run();
}

}  // namespace trtprof
