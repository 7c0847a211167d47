#include "trtprof/optimize/loop/candidate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace trtprof {
namespace {

struct StepName {
  LoopStep step;
  std::string_view id;
  std::string_view shown;
};
constexpr auto kSteps = std::to_array<StepName>({{LoopStep::fp32, "fp32", "FP32"},
                                                 {LoopStep::graph, "graph", "Graph passes"},
                                                 {LoopStep::half, "half", "FP16 / BF16"},
                                                 {LoopStep::int8, "int8", "INT8"},
                                                 {LoopStep::mixed, "mixed", "INT8 + FP16"},
                                                 {LoopStep::sparse, "sparse", "2:4 sparse"},
                                                 {LoopStep::custom, "custom", "Custom"},
                                                 {LoopStep::engine, "engine", "Engine options"},
                                                 {LoopStep::batch, "batch", "Batch"}});

constexpr auto kClaims =
    std::to_array<std::pair<ClaimKind, std::string_view>>({{ClaimKind::computes_in, "computes_in"},
                                                           {ClaimKind::fewer_layers, "fewer_layers"},
                                                           {ClaimKind::fewer_reformats, "fewer_reformats"},
                                                           {ClaimKind::fewer_bytes, "fewer_bytes"},
                                                           {ClaimKind::other_kernels, "other_kernels"},
                                                           {ClaimKind::more_side_by_side, "more_side_by_side"},
                                                           {ClaimKind::larger_batch, "larger_batch"},
                                                           {ClaimKind::faster_depthwise, "faster_depthwise"}});

constexpr std::string_view kSearchLimit = "--sensitivity-budget";

void append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

std::vector<std::string> Recipe::optimize_options() const {
  std::vector<std::string> words = graph;
  append(words, sparsity);
  append(words, precision);
  return words;
}

std::vector<std::string> Recipe::run_options() const {
  std::vector<std::string> words;
  for (const auto& [name, value] : run) {
    words.push_back(name);
    if (!value.empty()) words.push_back(value);
  }
  return words;
}

std::optional<double> search_seconds(const std::vector<std::string>& precision) {
  const auto option = std::ranges::find(precision, kSearchLimit);
  if (option == precision.end() || option + 1 == precision.end()) return std::nullopt;
  const std::string& text = *(option + 1);
  double seconds = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() ? std::optional(seconds) : std::nullopt;
}

Recipe with_search_limit(Recipe recipe, double seconds) {
  const auto wished = search_seconds(recipe.precision);
  if (!wished || *wished <= seconds) return recipe;
  *(std::ranges::find(recipe.precision, kSearchLimit) + 1) = fmt::format("{:.0f}s", std::max(std::floor(seconds), 1.0));
  return recipe;
}

Recipe apply_change(Recipe best, const RecipeChange& change) {
  if (change.graph) best.graph = *change.graph;
  if (change.sparsity) best.sparsity = *change.sparsity;
  if (change.precision) best.precision = *change.precision;
  for (const auto& [name, value] : change.run) best.run.insert_or_assign(name, value);
  return best;
}

std::string_view to_string(LoopStep step) {
  return kSteps.at(static_cast<std::size_t>(step)).id;
}

std::string_view display_name(LoopStep step) {
  return kSteps.at(static_cast<std::size_t>(step)).shown;
}

std::optional<LoopStep> loop_step_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kSteps, name, &StepName::id);
  return found == kSteps.end() ? std::nullopt : std::optional(found->step);
}

std::string_view to_string(ClaimKind kind) {
  return kClaims.at(static_cast<std::size_t>(kind)).second;
}

std::optional<ClaimKind> claim_kind_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kClaims, name, &std::pair<ClaimKind, std::string_view>::second);
  return found == kClaims.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace trtprof
