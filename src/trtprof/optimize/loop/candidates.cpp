#include "trtprof/optimize/loop/candidates.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/optimize/loop/candidate_names.h"

namespace trtprof {
namespace {

// What a step gains where the diagnosis puts no figure on it. They only order the candidates: what is tried first has
// the most time. A GPU's tensor cores are what FP16 brings; a CPU's engine computes in bf16 by itself where it can.
constexpr double kGainOfReference = 1.0;  // FP32 comes first: the staircase begins there
constexpr double kGainOfHalfOnGpu = 0.4;
constexpr double kGainOfHalfOnCpu = 0.03;
constexpr double kGainOfInt8 = 0.35;
constexpr double kGainOfPasses = 0.05;
constexpr double kGainOfEngineOptions = 0.02;
constexpr double kGainOfSparsity = 0.01;
constexpr double kLater = 0.01;  // a variant comes after what it varies

using Words = std::vector<std::string>;

const Claim kHalf = {ClaimKind::computes_in, "half"};
const Claim kInt8 = {ClaimKind::computes_in, "int8"};
const Claim kFewerLayers = {ClaimKind::fewer_layers};
const Claim kFewerReformats = {ClaimKind::fewer_reformats};
const Claim kFewerBytes = {ClaimKind::fewer_bytes};
const Claim kOtherKernels = {ClaimKind::other_kernels};

// Where the best computes in `type` already, a candidate of that type is a variant of it: what it changes is around.
Claim in_variant(Claim claim, std::string type) {
  claim.variant_of = std::move(type);
  return claim;
}

// `type`: "f16" or "bf16". One may be a variant of the other.
std::vector<Claim> claims_of_half(std::string type) {
  return {kHalf, kFewerBytes, in_variant({ClaimKind::computes_in, std::move(type)}, "half"),
          in_variant(kFewerReformats, "half")};
}

std::vector<Claim> claims_of_int8() {
  return {kInt8, in_variant(kFewerReformats, "int8"), in_variant(kFewerBytes, "int8")};
}

// On the best in INT8 alone, the rest is what becomes faster.
std::vector<Claim> claims_of_mixed() {
  std::vector<Claim> claims = claims_of_int8();
  claims.push_back(in_variant(kHalf, "int8"));
  return claims;
}

// Fewer layers in INT8, by design: that more of them compute in FP16 would be seen of any.
std::vector<Claim> claims_of_float_depthwise() {
  std::vector<Claim> claims = claims_of_int8();
  claims.push_back(in_variant({ClaimKind::faster_depthwise}, "int8"));
  return claims;
}

// A candidate, and why it is none: empty where it is.
struct Idea {
  Candidate candidate;
  std::string against;
  std::vector<std::string_view> rules;  // of the diagnosis that ask for it
};

Candidate make(std::string name, LoopStep step, std::string what, RecipeChange change, std::vector<Claim> claims,
               double gain) {
  return Candidate{std::move(name), step, std::move(what), std::move(change), std::move(claims), gain};
}

RecipeChange precision_of(Words options) {
  return {.precision = std::move(options)};
}

class Proposer {
 public:
  explicit Proposer(const ProposalRequest& request) : request_(request) {}

  Proposal run() {
    add_reference();
    add_passes();
    add_half();
    add_int8();
    add_sparsity();
    add_engine_options();
    add_batches();
    Proposal proposal;
    for (Idea& idea : ideas_) sort_out(std::move(idea), proposal);
    std::ranges::stable_sort(proposal.candidates, std::ranges::greater{}, &Candidate::expected_gain);
    proposal.not_proposed.push_back(
        {"custom", LoopStep::custom, "this program has no fused operators of its own to put in"});
    find_unmatched(proposal);
    return proposal;
  }

 private:
  // A conversion alone comes behind passes: those of the best so far, or the ones that `optimize` runs by itself.
  void add(Candidate candidate, std::string against, std::vector<std::string_view> rules = {}) {
    if (candidate.change.precision) candidate.what += ", behind graph passes";
    ideas_.push_back({std::move(candidate), std::move(against), std::move(rules)});
  }

  void add_reference() {
    const std::string against = request_.builds_engines ? "the given model's types decide what the engine computes in"
                                : request_.baseline.precision == "f32" ? "the given model computes in f32 already"
                                                                       : "";
    add(make("f32", LoopStep::fp32, "the engine computes in f32: where the staircase begins",
             {.run = {{"--precision", "f32"}}}, {{ClaimKind::computes_in, "f32"}}, kGainOfReference),
        against);
  }

  void add_passes() {
    const std::vector<Claim> claims = {kFewerLayers, kFewerBytes, kFewerReformats, kOtherKernels};
    add(make("passes-2", LoopStep::graph, "graph passes of level 2", {.graph = Words{"--passes", "2"}}, claims,
             kGainOfPasses),
        "", {"unfused-convolution", "redundant-nodes", "constant-folding"});
    add(make("passes-3", LoopStep::graph, "graph passes of level 3, which change the structure",
             {.graph = Words{"--passes", "3"}}, claims, kGainOfPasses - kLater),
        "", {"reformats"});
  }

  void add_half() {
    const double gain = request_.builds_engines ? kGainOfHalfOnGpu : kGainOfHalfOnCpu;
    const std::vector<std::string_view> rules = {"tensor-cores", "precision-audit", "layer-limits"};
    add(make("f16", LoopStep::half, "weights and tensors in FP16", precision_of({"--precision", "f16"}),
             claims_of_half("f16"), gain),
        "", rules);
    Candidate bf16 = make("bf16", LoopStep::half, "weights and tensors in BF16", precision_of({"--precision", "bf16"}),
                          claims_of_half("bf16"), gain - kLater);
    // It is as fast as f16 at the best, and has three bits less.
    if (request_.builds_engines) bf16.after_inaccurate = "f16";
    add(std::move(bf16), "", rules);
    Candidate sensitive =
        make("f16-sensitive", LoopStep::half, "FP16 but for the layers that cost the most accuracy",
             precision_of(searching({"--precision", "f16"})), claims_of_half("f16"), gain - 2 * kLater);
    sensitive.after_inaccurate = "f16";
    add(std::move(sensitive), request_.has_data ? "" : "what is to be kept is searched for on --data");
  }

  void add_int8() {
    const std::string against =
        request_.has_data ? "" : "INT8 is calibrated on --data, and without it nothing vouches for its accuracy";
    const std::vector<std::string_view> rules = {"tensor-cores", "layer-limits", "convolution-dominance",
                                                 "precision-audit"};
    // TensorRT takes no UINT8; OpenVINO does, and it tells twice as many values apart behind a Relu.
    const Words types = request_.builds_engines ? Words{} : Words{"--unsigned-activations"};
    const auto with = [&](Words options) {
      options.insert(options.end(), types.begin(), types.end());
      return precision_of(std::move(options));
    };
    // What is not quantised stays in f32 without the other type, which a GPU computes at a fraction of its speed.
    const double mixed = request_.builds_engines ? kGainOfInt8 + 2.0 * kLater : kGainOfInt8 - 2.0 * kLater;
    add(make("int8", LoopStep::int8, "INT8 by Q/DQ", with({"--precision", "int8"}), claims_of_int8(), kGainOfInt8),
        against, rules);
    add(make("int8-float-depthwise", LoopStep::int8, "INT8 by Q/DQ, depthwise convolutions in floating point",
             with({"--precision", "int8", "--no-quantize-depthwise"}), claims_of_float_depthwise(),
             kGainOfInt8 - kLater),
        against, {"slow-depthwise", "int8-slower"});
    add(make("int8+f16", LoopStep::mixed, "INT8 by Q/DQ, the rest in FP16", with({"--precision", "int8+f16"}),
             claims_of_mixed(), mixed),
        against, rules);
    add(make("int8+f16-float-depthwise", LoopStep::mixed, "INT8 by Q/DQ, depthwise convolutions and the rest in FP16",
             with({"--precision", "int8+f16", "--no-quantize-depthwise"}), claims_of_float_depthwise(), mixed - kLater),
        against, {"slow-depthwise", "int8-slower"});
    add_sensitive(against, with);
  }

  // Costs many runs of the data, so only when INT8 as it is misses the gate.
  template <class With>
  void add_sensitive(const std::string& against, const With& with) {
    Candidate whole = make("int8-sensitive", LoopStep::int8, "INT8 but for the layers that cost the most accuracy",
                           with(searching({"--precision", "int8"})), claims_of_int8(), kGainOfInt8 - 3.0 * kLater);
    whole.after_inaccurate = "int8";
    add(std::move(whole), against);
    Candidate mixed = make("int8+f16-sensitive", LoopStep::mixed,
                           "INT8 but for the layers that cost the most accuracy, which are in FP16",
                           with(searching({"--precision", "int8+f16"})), claims_of_mixed(), kGainOfInt8 - 4.0 * kLater);
    mixed.after_inaccurate = "int8+f16";
    add(std::move(mixed), against);
  }

  Words searching(Words options) const {
    options.insert(options.end(), {"--auto-keep", "--sensitivity-budget", fmt::format("{}s", request_.search_seconds)});
    options.insert(options.end(), request_.gate_options.begin(), request_.gate_options.end());
    return options;
  }

  void add_sparsity() {
    const std::string against = !request_.prune            ? "--prune-2-4 asks for it: it changes weights"
                                : !request_.builds_engines ? "this engine does not use 2:4 sparsity"
                                                           : "";
    add(make("sparse-2-4", LoopStep::sparse, "the two smallest of every four weights are zero",
             {.sparsity = Words{"--prune-2-4"}, .run = {{"--sparsity", ""}}}, {kOtherKernels}, kGainOfSparsity),
        against, {"structured-sparsity"});
  }

  void add_engine_options() {
    const std::string of_builders =
        request_.builds_engines ? "" : fmt::format("the engine has no builder to search longer");
    add(make("optimization-level-5", LoopStep::engine, "the builder searches the longest",
             {.run = {{"--optimization-level", "5"}}}, {kOtherKernels}, kGainOfEngineOptions),
        of_builders);
    const std::string of_streams = request_.builds_engines     ? "a GPU's inferences are queued one after the other"
                                   : !request_.throughput_hint ? "--hint throughput asks for it"
                                                               : "";
    if (!of_streams.empty()) {
      add(make("streams", LoopStep::engine, "inferences side by side", {.run = {{"--streams", "1"}}},
               {{ClaimKind::more_side_by_side}}, kGainOfEngineOptions),
          of_streams);
      return;
    }
    for (const int streams : std::set<int>{1, std::max(request_.processors / 2, 1), request_.processors}) {
      const bool is_given = request_.baseline.streams == streams;
      add(make(fmt::format("streams-{}", streams), LoopStep::engine, fmt::format("{} inferences side by side", streams),
               {.run = {{"--streams", fmt::format("{}", streams)}}}, {{ClaimKind::more_side_by_side}},
               kGainOfEngineOptions),
          is_given ? "the given model runs with as many" : "", {"latency-bound"});
    }
  }

  // For throughput alone: an inference of more items takes longer.
  void add_batches() {
    constexpr auto times_larger = std::to_array<std::int64_t>({4, 16});
    const std::string against =
        request_.open_batch ? "" : fmt::format("the model fixes its batch at {}", request_.batch);
    for (const std::int64_t times : times_larger) {
      const std::int64_t batch = request_.batch * times;
      if (!against.empty() && times != times_larger.front()) continue;
      Candidate candidate = make(against.empty() ? fmt::format("batch-{}", batch) : "batch", LoopStep::batch,
                                 fmt::format("batches of {}", batch), {.run = {{"--batch", fmt::format("{}", batch)}}},
                                 {{ClaimKind::larger_batch}}, 0.0);
      candidate.competes = request_.throughput_objective;
      add(std::move(candidate), against, {"small-batch", "launch-bound"});
    }
  }

  // What findings say there is to gain goes before what was assumed.
  void take_findings(Idea& idea) const {
    for (const Finding& finding : request_.findings) {
      if (std::ranges::find(idea.rules, finding.rule) == idea.rules.end()) continue;
      Words& named = idea.candidate.findings;
      if (std::ranges::find(named, finding.rule) == named.end()) named.push_back(finding.rule);
      if (!finding.gain || !(request_.inference_seconds > 0.0) || idea.candidate.step != LoopStep::graph) continue;
      const double share = std::clamp(finding.gain->low / request_.inference_seconds, 0.0, 1.0);
      idea.candidate.expected_gain = std::max(idea.candidate.expected_gain, share);
    }
  }

  std::string why_not(const Idea& idea) const {
    const Candidate& candidate = idea.candidate;
    const auto names = [&](const Words& patterns) {
      return std::ranges::any_of(patterns, [&](const auto& each) { return is_candidate_named(candidate.name, each); });
    };
    if (names(request_.skip)) return "--skip leaves it out";
    if (!request_.only.empty() && !names(request_.only)) return "--candidates leaves it out";
    if (!idea.against.empty()) return idea.against;
    const Recipe recipe = apply_change({}, candidate.change);
    if (recipe.rewrites() && request_.can_make && !request_.can_make(recipe.optimize_options())) {
      return fmt::format("this program has no way to make it (optimize{})", joined(recipe.optimize_options()));
    }
    if (!recipe.run.empty() && request_.can_run && !request_.can_run(recipe.run_options())) {
      return fmt::format("this program has no way to run it (profile{})", joined(recipe.run_options()));
    }
    return {};
  }

  void find_unmatched(Proposal& proposal) const {
    for (const Words* patterns : {&request_.only, &request_.skip}) {
      for (const std::string& pattern : *patterns) {
        const auto has = [&](const auto& each) { return is_candidate_named(each.name, pattern); };
        if (std::ranges::none_of(proposal.candidates, has) && std::ranges::none_of(proposal.not_proposed, has)) {
          proposal.unmatched.push_back(pattern);
        }
      }
    }
  }

  static std::string joined(const Words& words) {
    std::string text;
    for (const std::string& word : words) text += " " + word;
    return text;
  }

  void sort_out(Idea idea, Proposal& proposal) const {
    std::string reason = why_not(idea);
    if (!reason.empty()) {
      proposal.not_proposed.push_back({idea.candidate.name, idea.candidate.step, std::move(reason)});
      return;
    }
    take_findings(idea);
    proposal.candidates.push_back(std::move(idea.candidate));
  }

  const ProposalRequest& request_;
  std::vector<Idea> ideas_;
};

}  // namespace

Proposal propose_candidates(const ProposalRequest& request) {
  return Proposer(request).run();
}

}  // namespace trtprof
