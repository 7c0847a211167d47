// The loop's actions as a script: what each candidate would turn out to be, and a clock that only actions move.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/optimize/loop/loop.h"

namespace trtprof::test {

struct ScriptedCandidate {
  double ratio = 1.0;    // time of it over that of the given model
  double spread = 0.01;  // half of the interval of a look of 5 launches, as a part of the time
  bool right = true;
  bool seen = true;  // its mechanism: fewer layers
  std::map<std::string, std::size_t> heavy_layers = {{"f32", 4}};
  std::size_t reformats = 0;
  std::string make_error = {};
  double make_seconds = 1.0;  // without its search
  std::string look_error = {};
  std::string sha256 = {};                     // empty: one of its own
  std::optional<double> confirmed_ratio = {};  // beside the given model; nullopt: `ratio`
  std::optional<std::int64_t> batch = {};      // nullopt: that of the given model; ratios are of the time of one item
};

[[nodiscard]] inline Candidate candidate(const std::string& name, LoopStep step = LoopStep::graph) {
  Candidate made;
  made.name = name;
  made.step = step;
  made.what = "what " + name + " is";
  made.change.graph = std::vector<std::string>{"--passes", name};
  made.claims = {{ClaimKind::fewer_layers, {}}};
  return made;
}

[[nodiscard]] inline RunFacts facts_of_layers(std::size_t layers, double seconds) {
  RunFacts facts;
  facts.precision = "f32";
  facts.layers = layers;
  facts.latency = seconds;
  facts.batch = 1;
  facts.file_bytes = 1000 + layers;
  facts.heavy_layers = {{"f32", 4}};
  facts.heavy_seconds = {{"f32", seconds}};
  return facts;
}

class ScriptedActions : public LoopActions {
 public:
  static constexpr double kGiven = 0.010;
  static constexpr double kLaunch = 1.0;

  std::vector<Candidate> candidates;
  std::map<std::string, ScriptedCandidate> script;
  std::int64_t given_batch = 1;                    // kGiven is the time of an inference of it
  std::optional<std::string> interrupted_by = {};  // "look f16": that action is interrupted
  std::vector<std::string> done;                   // "make f16"
  std::vector<double> searched;                    // seconds that searches were allowed, and took
  std::vector<std::string> kept;                   // in order; "": the given model

  Result<BaselineTaken> baseline() override {
    act("baseline", 2.0);
    BaselineTaken taken;
    taken.model_sha256 = "given";
    taken.launch_seconds = kLaunch;
    taken.facts = facts_of_layers(100, kGiven);
    taken.facts.batch = given_batch;
    taken.candidates = candidates;
    taken.not_proposed = {{"custom", LoopStep::custom, "there are none"}};
    return taken;
  }
  Result<CandidateMade> make(const Candidate& candidate, const Recipe& recipe) override {
    const ScriptedCandidate& its = script[candidate.name];
    const auto search = search_seconds(recipe.precision);
    if (search) searched.push_back(*search);
    if (auto stopped = act("make " + candidate.name, its.make_seconds + search.value_or(0.0))) return *stopped;
    if (!its.make_error.empty()) return fail(its.make_error);
    return CandidateMade{"candidates/" + candidate.name, its.sha256.empty() ? candidate.name : its.sha256, 1000};
  }
  Result<AccuracyFacts> accuracy(const CandidateRecord& record) override {
    if (auto stopped = act("accuracy " + record.candidate.name, 1.0)) return *stopped;
    AccuracyFacts facts;
    facts.samples = 1000;
    facts.reference_top1 = 0.99;
    facts.top1 = script[record.candidate.name].right ? 0.99 : 0.5;
    facts.passed = script[record.candidate.name].right;
    if (!facts.passed) facts.failures = {"top-1 drops by 49 points"};
    return facts;
  }
  Result<LookFacts> look(const LookRequest& request) override {
    const std::string& name = request.candidate->candidate.name;
    if (auto stopped = act((request.confirmation ? "confirm " : "look ") + name, 2.0 * kLaunch * request.launches)) {
      return *stopped;
    }
    const ScriptedCandidate& its = script[name];
    if (!its.look_error.empty()) return fail(its.look_error);
    const ScriptedCandidate of_a =
        request.against == nullptr ? ScriptedCandidate{} : script[request.against->candidate.name];
    const double b = request.confirmation ? its.confirmed_ratio.value_or(its.ratio) : its.ratio;
    LookFacts look;
    look.effect = b / of_a.ratio - 1.0;
    const double half = its.spread / static_cast<double>(request.look + 1);
    look.interval = {look.effect - half, look.effect + half};
    look.outcome = look.interval.high < 0.0 && look.effect <= -kDefaultThreshold ? Outcome::faster
                   : look.interval.low > 0.0 && look.effect >= kDefaultThreshold ? Outcome::slower
                   : look.interval.low > -kDefaultThreshold && look.interval.high < kDefaultThreshold
                       ? Outcome::same
                       : Outcome::undecided;
    // As compare_profiles() has it: of an inference, and of one item where the batches differ.
    const std::int64_t batch_a = of_a.batch.value_or(given_batch);
    const std::int64_t batch_b = its.batch.value_or(given_batch);
    const auto given = static_cast<double>(given_batch);
    look.per_item = batch_a != batch_b;
    const double item = kGiven / given;
    const double a_inference = item * of_a.ratio * static_cast<double>(batch_a);
    const double b_inference = item * b * static_cast<double>(batch_b);
    look.seconds_a = *look.per_item ? item * of_a.ratio : a_inference;
    look.seconds_b = *look.per_item ? item * b : b_inference;
    const std::vector<LookFacts>* before = &request.candidate->looks;
    const std::size_t had = request.confirmation || before->empty() ? 0 : before->back().launches;
    look.launches = had + static_cast<std::size_t>(request.launches);
    look.a = facts_of_layers(100, a_inference);
    look.b = facts_of_layers(its.seen ? 50 : 100, b_inference);
    look.a.heavy_layers = of_a.heavy_layers;
    look.b.heavy_layers = its.heavy_layers;
    look.a.reformats = of_a.reformats;
    look.b.reformats = its.reformats;
    look.a.batch = batch_a;
    look.b.batch = batch_b;
    return look;
  }
  Status keep(const CandidateRecord* winner) override {
    kept.push_back(winner == nullptr ? "" : winner->candidate.name);
    return {};
  }
  double now() override { return now_; }
  bool stop_requested() override { return false; }
  void say(std::string_view, const CandidateRecord*) override {}

 private:
  std::optional<tl::unexpected<Error>> act(const std::string& what, double seconds) {
    if (interrupted_by == what) return tl::unexpected(Error{ErrorCode::interrupted, "interrupted", {}});
    done.push_back(what);
    now_ += seconds;
    return std::nullopt;
  }
  double now_ = 0.0;
};

}  // namespace trtprof::test
