#include "trtprof/compare/comparability.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/compare/setting_changes.h"

namespace trtprof {
namespace {

Status check_one_thing(std::span<const Profile> side, std::string_view name) {
  const std::vector<SettingChange> mixed = mixed_launches(side);
  if (mixed.empty()) return {};
  return usage_error(fmt::format("the profiles of {} are not launches of one thing: {} is {} in one and {} in another",
                                 name, mixed.front().name, printable(mixed.front().a), printable(mixed.front().b)));
}

bool is_known(const std::vector<std::int64_t>& shape) {
  return std::ranges::none_of(shape, [](std::int64_t dimension) { return dimension < 0; });
}

// Equal but for the leading dimension.
bool same_item(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  return a.size() == b.size() && (a.empty() || std::equal(a.begin() + 1, a.end(), b.begin() + 1));
}

std::string shapes_of(const ModelInfo& model) {
  std::vector<std::string> shapes;
  shapes.reserve(model.inputs.size());
  for (const TensorDesc& input : model.inputs) {
    shapes.push_back(fmt::format("{}:{}", printable(input.name), format_shape(input.shape)));
  }
  return fmt::format("{}", fmt::join(shapes, ", "));
}

}  // namespace

Result<Comparability> check_comparable(std::span<const Profile> a, std::span<const Profile> b) {
  for (const auto& [side, name] : {std::pair(a, "A"), std::pair(b, "B")}) {
    if (const Status one = check_one_thing(side, name); !one) return forward_error(one);
  }
  const ModelInfo& model_a = a.front().model;
  const ModelInfo& model_b = b.front().model;
  if (model_a.inputs.empty() || model_b.inputs.empty()) return Comparability{};
  const auto refuse = [&]() {
    return usage_error(fmt::format("A and B do not do the same work: A's inputs are {}, B's are {}", shapes_of(model_a),
                                   shapes_of(model_b)),
                       "measure both with the same --shape");
  };
  if (model_a.inputs.size() != model_b.inputs.size()) return refuse();
  bool other_batch = false;
  for (std::size_t i = 0; i < model_a.inputs.size(); ++i) {
    // By name where they have one another's, else in order: an engine may have renamed them.
    const auto named = std::ranges::find(model_b.inputs, model_a.inputs[i].name, &TensorDesc::name);
    const TensorDesc& other = named == model_b.inputs.end() ? model_b.inputs[i] : *named;
    const auto& shape_a = model_a.inputs[i].shape;
    const auto& shape_b = other.shape;
    if (!is_known(shape_a) || !is_known(shape_b) || shape_a == shape_b) continue;
    if (!same_item(shape_a, shape_b)) return refuse();
    other_batch = true;
  }
  if (!other_batch) return Comparability{};
  if (!model_a.batch || !model_b.batch || *model_a.batch <= 0 || *model_b.batch <= 0) return refuse();
  return Comparability{static_cast<double>(*model_a.batch), static_cast<double>(*model_b.batch)};
}

}  // namespace trtprof
