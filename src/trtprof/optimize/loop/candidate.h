// What the loop of `optimize` may try: a way to make a model and to run it, and what it claims to change.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

// Of the guide's staircase, in its order; what is no step of it comes last.
enum class LoopStep {
  fp32,    // every layer in f32: where the staircase begins
  graph,   // graph passes
  half,    // FP16 or BF16
  int8,    // INT8 by Q/DQ
  mixed,   // INT8, the rest in FP16 or BF16
  sparse,  // 2:4 structured sparsity
  custom,  // fused operators of one's own
  engine,  // the same model, built or run with other options
  batch,   // more items at once
};

// How a model is made of the one that was given, and what it runs with. Empty throughout: the given model as the user
// runs it.
struct Recipe {
  std::vector<std::string> graph;          // options of `optimize` about passes
  std::vector<std::string> sparsity;       // about pruning
  std::vector<std::string> precision;      // about types
  std::map<std::string, std::string> run;  // options of `profile` and their values; "" for a flag
  [[nodiscard]] bool rewrites() const { return !graph.empty() || !sparsity.empty() || !precision.empty(); }
  [[nodiscard]] std::vector<std::string> optimize_options() const;
  [[nodiscard]] std::vector<std::string> run_options() const;
  bool operator==(const Recipe&) const = default;
};

// Of the option --sensitivity-budget among options about types: how long a search for what is to be kept may take.
// nullopt: nothing is searched for.
[[nodiscard]] std::optional<double> search_seconds(const std::vector<std::string>& precision);
// With that limit lowered to `seconds` (1 at the least), where something is searched for.
[[nodiscard]] Recipe with_search_limit(Recipe recipe, double seconds);

// What a candidate takes of its own; the rest is that of the best so far, so that what was won stays.
struct RecipeChange {
  std::optional<std::vector<std::string>> graph = {};
  std::optional<std::vector<std::string>> sparsity = {};
  std::optional<std::vector<std::string>> precision = {};
  std::map<std::string, std::string> run = {};
  bool operator==(const RecipeChange&) const = default;
};
[[nodiscard]] Recipe apply_change(Recipe best, const RecipeChange& change);

// The mechanism by which a candidate is to be faster. A gain without it is luck, or something else that will not stay.
enum class ClaimKind {
  computes_in,        // more convolutions and matrix products compute in `type`
  fewer_layers,       // the engine executes fewer
  fewer_reformats,    // fewer layers that change layout or type, or as many in less time over all launches
  fewer_bytes,        // tensors between layers are smaller in all
  other_kernels,      // the engine took other kernels
  more_side_by_side,  // the engine runs another number of threads or streams, and more items a second
  larger_batch,       // the engine ran more items an inference, and more items a second
  faster_depthwise,   // depthwise convolutions take less time over all launches
};
struct Claim {
  ClaimKind kind = ClaimKind::fewer_layers;
  std::string type = {};  // of computes_in: "f32", "half" (f16 or bf16), "int8" (i8 or u8), "f16", "bf16"
  // Counts only where the best so far computes in this type already: a candidate of the same type changes what is
  // around it then. nullopt: counts always.
  std::optional<std::string> variant_of = {};
  bool operator==(const Claim&) const = default;
};

struct Candidate {
  std::string name;  // "int8+f16"
  LoopStep step = LoopStep::graph;
  std::string what;  // a clause for reports
  RecipeChange change;
  std::vector<Claim> claims;               // one of them must be seen
  double expected_gain = 0.0;              // share of the time, to order by
  std::vector<std::string> findings = {};  // rules of the diagnosis that ask for it
  bool competes = true;                    // else it is measured for the Pareto table alone
  std::string after_inaccurate = {};       // only when this candidate missed its accuracy
  bool operator==(const Candidate&) const = default;
};

// One that is known, and not tried.
struct NotProposed {
  std::string name;
  LoopStep step = LoopStep::graph;
  std::string reason;  // a clause
  bool operator==(const NotProposed&) const = default;
};

[[nodiscard]] std::string_view to_string(LoopStep step);     // "int8"
[[nodiscard]] std::string_view display_name(LoopStep step);  // "INT8"
[[nodiscard]] std::optional<LoopStep> loop_step_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(ClaimKind kind);  // "computes_in"
[[nodiscard]] std::optional<ClaimKind> claim_kind_from_string(std::string_view name);

}  // namespace trtprof
