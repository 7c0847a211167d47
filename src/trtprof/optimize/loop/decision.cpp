#include "trtprof/optimize/loop/decision.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr auto kKinds =
    std::to_array<std::pair<DecisionKind, std::string_view>>({{DecisionKind::accepted, "accepted"},
                                                              {DecisionKind::slower, "slower"},
                                                              {DecisionKind::not_faster, "not_faster"},
                                                              {DecisionKind::undecided, "undecided"},
                                                              {DecisionKind::inaccurate, "inaccurate"},
                                                              {DecisionKind::no_mechanism, "no_mechanism"},
                                                              {DecisionKind::same_model, "same_model"},
                                                              {DecisionKind::failed, "failed"},
                                                              {DecisionKind::listed, "listed"}});

bool is_reimplemented(const LayerComparison& group) {
  return std::ranges::any_of(group.changes, [](const LayerChange& change) {
    return change.kind == LayerChangeKind::reimplemented || change.kind == LayerChangeKind::retyped ||
           change.kind == LayerChangeKind::fused_differently;
  });
}

// Of the layers of these classes, in the layer runs of all launches; nullopt where a launch has none of them, or no
// time of them.
std::optional<std::vector<LaunchFigure>> times_of_layers(std::span<const Profile> side, bool (*is_of)(LayerClass)) {
  std::map<std::string_view, std::size_t> builds;
  std::vector<LaunchFigure> figures;
  for (const Profile& profile : side) {
    LaunchFigure figure;
    if (profile.layer_run) {
      for (const Layer& layer : profile.layer_run->layers) {
        if (is_of(layer.layer_class)) figure.value += layer_seconds(layer).value_or(0.0);
      }
    }
    if (!(figure.value > 0.0)) return std::nullopt;
    figure.build = builds.try_emplace(profile.model.sha256, builds.size()).first->second;
    figures.push_back(figure);
  }
  return figures;
}

// As sure as the verdict of the whole is to be.
std::optional<PartTime> judge_part(const Comparison& comparison, std::span<const Profile> a, std::span<const Profile> b,
                                   bool (*is_of)(LayerClass)) {
  const auto times_a = times_of_layers(a, is_of);
  const auto times_b = times_of_layers(b, is_of);
  if (!times_a || !times_b || times_a->empty() || times_b->empty()) return std::nullopt;
  const ChangeVerdict& whole = comparison.verdict;
  const ChangeVerdict part =
      judge(*times_a, *times_b, {whole.threshold, whole.level, whole.basis == VerdictBasis::pairs});
  return PartTime{part.outcome, part.seconds_a, part.seconds_b};
}

// The clause of the first claim that is seen, else of the first.
std::string told(const std::vector<ClaimCheck>& claims) {
  const auto seen = std::ranges::find(claims, true, &ClaimCheck::seen);
  if (seen != claims.end()) return seen->text;
  std::string text;
  for (const ClaimCheck& check : claims) text += (text.empty() ? "" : "; ") + check.text;
  return text;
}

Decision of_time(const LookFacts& look, double threshold) {
  const std::string effect = effect_text(look);
  if (look.outcome == Outcome::slower) return {DecisionKind::slower, fmt::format("It is slower: {}.", effect)};
  if (look.outcome == Outcome::same) return {DecisionKind::not_faster, fmt::format("It is not faster: {}.", effect)};
  if (!can_still_win(look, threshold)) {
    return {DecisionKind::not_faster,
            fmt::format("It is not faster by {:.4g} % or more: {}.", threshold * 100.0, effect)};
  }
  return {DecisionKind::undecided,
          fmt::format("{} launches of each did not tell whether it is faster: {}.", look.launches, effect)};
}

}  // namespace

LookFacts look_facts(const Comparison& comparison, std::span<const Profile> a, std::span<const Profile> b) {
  const ChangeVerdict& verdict = comparison.verdict;
  LookFacts look;
  look.outcome = verdict.outcome;
  look.effect = verdict.effect;
  look.interval = verdict.interval;
  look.level = verdict.level;
  look.seconds_a = verdict.seconds_a;
  look.seconds_b = verdict.seconds_b;
  look.launches = verdict.b.launches;
  look.builds = verdict.b.builds;
  look.reason = verdict.reason;
  if (comparison.layers) {
    look.reimplemented = static_cast<std::size_t>(std::ranges::count_if(comparison.layers->groups, is_reimplemented));
  }
  look.a = run_facts(a);
  look.b = run_facts(b);
  look.per_item = comparison.per_item;
  look.figure = comparison.figure;
  if (!comparison.per_item) {  // layers are of a whole inference
    look.reformatting = judge_part(comparison, a, b, is_reformat);
    look.depthwise =
        judge_part(comparison, a, b, [](LayerClass of) { return of == LayerClass::depthwise_convolution; });
  }
  return look;
}

bool is_per_item(const LookFacts& look) {
  return look.per_item.value_or(look.a.batch && look.b.batch && *look.a.batch != *look.b.batch);
}

double inference_seconds_a(const LookFacts& look) {
  return look.seconds_a * (is_per_item(look) ? static_cast<double>(look.a.batch.value_or(1)) : 1.0);
}

bool can_still_win(const LookFacts& look, double threshold) {
  return look.outcome == Outcome::undecided && look.interval.low < -threshold;
}

Decision decide(const Candidate& candidate, const AccuracyFacts* accuracy, const LookFacts& look, double threshold) {
  const std::vector<ClaimCheck> claims =
      check_claims(candidate.claims, look.a, look.b, {look.reimplemented, look.reformatting, look.depthwise});
  Decision decision;
  if (accuracy != nullptr && !accuracy->passed) {
    decision = {DecisionKind::inaccurate,
                as_sentence(accuracy->failures.empty() ? "it misses the gate" : accuracy->failures.front())};
  } else if (!candidate.competes) {
    decision = {DecisionKind::listed, fmt::format("It is measured for the table: {} an item.", effect_text(look))};
  } else if (look.outcome != Outcome::faster) {
    decision = of_time(look, threshold);
  } else if (std::ranges::none_of(claims, &ClaimCheck::seen)) {
    decision = {DecisionKind::no_mechanism, fmt::format("It is faster ({}), but nothing of what it claims is seen: {}.",
                                                        effect_text(look), told(claims))};
  } else {
    decision = {DecisionKind::accepted, fmt::format("It is faster: {}; {}.", effect_text(look), told(claims))};
  }
  decision.claims = claims;
  return decision;
}

std::string effect_text(const LookFacts& look) {
  return fmt::format("{:+.1f} % [{:+.1f}, {:+.1f}]", look.effect * 100.0, look.interval.low * 100.0,
                     look.interval.high * 100.0);
}

std::string_view to_string(DecisionKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind)).second;
}

std::optional<DecisionKind> decision_kind_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name, &std::pair<DecisionKind, std::string_view>::second);
  return found == kKinds.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace trtprof
