#include "trtprof/diagnose/decision_tree.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/precision_gain.h"

namespace trtprof {
namespace {

// Less is not worth a step.
constexpr double kWorthIt = 0.01;

std::string property(const Profile& profile, const std::string& name) {
  const auto found = profile.environment.properties.find(name);
  return found == profile.environment.properties.end() ? std::string() : found->second;
}

class Walk {
 public:
  Walk(const Subject& subject, std::span<const Finding> findings, std::span<const RuleOutcome> outcomes)
      : subject_(subject), findings_(findings), outcomes_(outcomes) {}

  DecisionTree run() {
    DecisionTree tree;
    tree.branches = {convolutions(), transfers(), many_operators(), power(), idle_device()};
    for (TreeBranch& branch : tree.branches) {
      const bool worth =
          std::ranges::any_of(branch.steps, [](const TreeStep& s) { return s.state == StepState::to_do; });
      if (branch.state == BranchState::not_taken && worth) branch.state = BranchState::also;
    }
    return tree;
  }

 private:
  // ---- branches

  TreeBranch convolutions() const {
    TreeBranch branch{Branch::convolutions, "Are convolutions slow?", BranchState::not_known, {}, {}};
    branch.steps = {
        by_rule("Fuse convolution + batch normalisation + activation", "unfused-convolution", StepState::done),
        by_rule("Write a kernel for depthwise convolutions", "slow-depthwise"),
        by_precision("Quantise to INT8", NarrowPrecision::i8)};
    decide_by_pattern(branch, Pattern::convolution_dominated, "convolutions, of the layers' time",
                      "convolutions take {} of the layers' time");
    return branch;
  }

  TreeBranch transfers() const {
    TreeBranch branch{Branch::transfers, "Are copies between host and device slow?", BranchState::not_known, {}, {}};
    branch.steps = {fewer_copies(), how_transferred("Use page-locked (pinned) host memory", "pageable", "page-locked"),
                    how_transferred("Copy asynchronously, beside compute", "blocking", "overlapped")};
    if (subject_.profile.environment.device_kind == DeviceKind::cpu) {
      branch.state = BranchState::not_taken;
      branch.why = "The model runs on the host: nothing is copied.";
      return branch;
    }
    decide_by_pattern(branch, Pattern::transfer_bound, "copies, of end to end", "copies are {} of the inference");
    return branch;
  }

  TreeBranch many_operators() const {
    TreeBranch branch{Branch::many_operators, "Are many kinds of operators slow?", BranchState::not_known, {}, {}};
    branch.steps = {by_rule("Fuse them", "unfused-convolution", StepState::done),
                    by_rule("Fold constants", "constant-folding", StepState::done),
                    by_rule("Remove redundant nodes", "redundant-nodes", StepState::done)};
    if (subject_.verdict == nullptr || subject_.verdict->pattern.pattern == Pattern::unknown) {
      branch.why = "What the layers are is not known.";
      return branch;
    }
    const Pattern pattern = subject_.verdict->pattern.pattern;
    const auto effective = pattern_figure("classes that share the time, as if evenly");
    branch.why = effective ? fmt::format("The time is spread as if over {:.1f} classes of operators.", *effective)
                           : "What the layers are is not known.";
    const bool diverse = pattern == Pattern::operator_diverse || pattern == Pattern::one_class_dominated;
    branch.state = !diverse ? BranchState::not_taken : busy() ? BranchState::taken : BranchState::also;
    return branch;
  }

  TreeBranch power() const {
    TreeBranch branch{Branch::power, "Is the power too high?", BranchState::not_known, {}, {}};
    branch.steps = {
        by_precision("Quantise to FP16", NarrowPrecision::f16), by_precision("Quantise to INT8", NarrowPrecision::i8),
        by_rule("Lower the batch size", "large-batch"), by_rule("Use structured sparsity", "structured-sparsity")};
    if (!subject_.profile.telemetry || subject_.verdict == nullptr) {
      branch.why = "Power was not sampled.";
      return branch;
    }
    const auto capped = std::ranges::find(subject_.verdict->held_back, HeldBackBy::power, &HeldBack::by);
    if (capped != subject_.verdict->held_back.end()) {
      branch.state = BranchState::taken;
      branch.why =
          fmt::format("The power limit held the device back for {} of the time.", format_percent(capped->fraction, 0));
      return branch;
    }
    // What the steps would save is time, so they are no reason to take this branch.
    branch.state = BranchState::not_taken;
    branch.why = "The power limit did not hold the device back.";
    for (TreeStep& step : branch.steps) {
      if (step.state != StepState::to_do) continue;
      step.state = StepState::nothing_gained;
      step.why = "Power is not the problem; see the other branches. " + step.why;
    }
    return branch;
  }

  TreeBranch idle_device() const {
    TreeBranch branch{
        Branch::idle_device, "Does the device wait, or is it filled too little?", BranchState::not_known, {}, {}};
    branch.steps = {as_graph(), by_rule("Enlarge the batch", "small-batch"),
                    by_rule("Fuse kernels, or run several streams", "latency-bound"),
                    by_rule("Prepare inferences ahead on the host", "host-bound")};
    if (subject_.verdict == nullptr) {
      branch.why = "No time was measured.";
      return branch;
    }
    branch.state = busy() ? BranchState::not_taken : BranchState::taken;
    double waits = 0.0;
    for (const TimeShare& share : subject_.verdict->shares) {
      if (is_idle(share.what)) waits += share.share;
    }
    branch.why = fmt::format("Gaps, the host and kernels too small to fill it are {} of the inference.",
                             format_percent(waits, 0));
    return branch;
  }

  // ---- what decides

  static bool is_idle(Bottleneck bottleneck) {
    return bottleneck == Bottleneck::launches || bottleneck == Bottleneck::host || bottleneck == Bottleneck::latency;
  }
  [[nodiscard]] bool busy() const { return !is_idle(subject_.verdict->bottleneck); }

  [[nodiscard]] std::optional<double> pattern_figure(std::string_view quantity) const {
    const auto& evidence = subject_.verdict->pattern.evidence;
    const auto found = std::ranges::find(evidence, quantity, &Evidence::quantity);
    return found == evidence.end() ? std::nullopt : std::optional(found->value);
  }

  void decide_by_pattern(TreeBranch& branch, Pattern pattern, std::string_view quantity, const char* sentence) const {
    const auto share = subject_.verdict == nullptr ? std::nullopt : pattern_figure(quantity);
    if (!share) {
      branch.why = "No layers with times are known.";
      return;
    }
    branch.why = fmt::format(fmt::runtime(sentence), format_percent(*share, 0)) + ".";
    branch.why.front() = static_cast<char>(branch.why.front() - 'a' + 'A');
    const bool this_one = subject_.verdict->pattern.pattern == pattern;
    branch.state = !this_one ? BranchState::not_taken : busy() ? BranchState::taken : BranchState::also;
  }

  // ---- steps

  [[nodiscard]] TreeStep by_rule(std::string what, std::string_view rule,
                                 StepState clear = StepState::nothing_gained) const {
    TreeStep step{std::move(what), StepState::not_known, {}, std::string(rule)};
    const auto finding = std::ranges::find(findings_, rule, &Finding::rule);
    if (finding != findings_.end()) {
      step.state = StepState::to_do;
      step.why = finding->title + (finding->gain ? ", at most " + worth(finding->gain->high) : "") + ".";
      return step;
    }
    const auto outcome = std::ranges::find(outcomes_, rule, &RuleOutcome::rule);
    if (outcome == outcomes_.end()) return step;
    step.state = outcome->result == RuleResult::clear ? clear : StepState::not_known;
    step.why = outcome->why_not;
    return step;
  }

  [[nodiscard]] TreeStep by_precision(std::string what, NarrowPrecision to) const {
    TreeStep step{std::move(what), StepState::not_known, "Which precisions the layers have is not known.", {}};
    const auto gain = precision_gain(subject_, to);
    if (!gain) return step;
    step.why = gain->how;
    step.why.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(step.why.front())));
    if (gain->seconds >= kWorthIt * subject_.inference_seconds()) {
      step.state = StepState::to_do;
    } else if (gain->layers == 0 && gain->narrow_already > 0) {
      step.state = StepState::done;
    } else if (gain->seconds_not_known < kWorthIt * subject_.inference_seconds()) {
      step.state = StepState::nothing_gained;
    }
    return step;
  }

  [[nodiscard]] TreeStep fewer_copies() const {
    TreeStep step{"Copy less often", StepState::not_known, "Copies are counted in a timeline, and there is none.",
                  "transfers"};
    if (!subject_.profile.timeline || subject_.profile.timeline->transfers.empty()) return step;
    double copies = 0.0;
    for (const TimelineTransfer& transfer : subject_.profile.timeline->transfers) {
      const bool counts = transfer.what == "host to device" || transfer.what == "device to host";
      copies += counts ? transfer.count : 0.0;
    }
    const std::size_t tensors = subject_.profile.model.inputs.size() + subject_.profile.model.outputs.size();
    const bool more = copies > static_cast<double>(tensors) + 0.5;
    step.state = more ? StepState::to_do : StepState::nothing_gained;
    step.why = fmt::format("An inference makes {:.3g} copies for {} inputs and outputs.", copies, tensors);
    return step;
  }

  [[nodiscard]] TreeStep how_transferred(std::string what, std::string_view bad, std::string_view good) const {
    TreeStep step{std::move(what), StepState::not_known, "How copies are made is not known.", "transfers"};
    const std::string transfers = property(subject_.profile, "transfers");
    if (transfers.empty()) return step;
    step.why = fmt::format("Transfers are {}.", transfers);
    if (transfers.find(bad) != std::string::npos) {
      step.state = StepState::to_do;
    } else {
      step.state = transfers.find(good) != std::string::npos ? StepState::done : StepState::nothing_gained;
    }
    return step;
  }

  [[nodiscard]] TreeStep as_graph() const {
    TreeStep step = by_rule("Launch the inference as a CUDA graph", "launch-bound");
    if (property(subject_.profile, "CUDA graph") == "on") step.state = StepState::done;
    return step;
  }

  [[nodiscard]] std::string worth(double seconds) const {
    const double whole = subject_.inference_seconds();
    return whole > 0.0 ? fmt::format("{} ({})", format_duration(seconds), format_percent(seconds / whole, 1))
                       : format_duration(seconds);
  }

  const Subject& subject_;
  std::span<const Finding> findings_;
  std::span<const RuleOutcome> outcomes_;
};

}  // namespace

DecisionTree walk_decision_tree(const Subject& subject, std::span<const Finding> findings,
                                std::span<const RuleOutcome> outcomes) {
  return Walk(subject, findings, outcomes).run();
}

std::string_view to_string(Branch branch) {
  constexpr std::array<std::string_view, 5> names{"convolutions", "transfers", "many_operators", "power",
                                                  "idle_device"};
  return names[static_cast<std::size_t>(branch)];
}

std::string_view to_string(BranchState state) {
  constexpr std::array<std::string_view, 4> names{"taken", "also", "not_taken", "not_known"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(StepState state) {
  constexpr std::array<std::string_view, 4> names{"to_do", "done", "nothing_gained", "not_known"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace trtprof
