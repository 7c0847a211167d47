#include "trtprof/backend/fixed_profiles.h"

#include <algorithm>
#include <utility>

namespace trtprof {

std::vector<ShapeProfile> fixed_profiles(const Graph& graph, const BoundShapes& shapes, const BoundShapes& values) {
  ShapeProfile profile;
  for (const auto& [name, shape] : values) profile[name] = {shape, shape, shape, true};
  for (const ValueInfo& input : graph.inputs) {
    const bool open = !input.shape || std::ranges::any_of(*input.shape, [](const Dimension& d) { return !d.value; });
    if (open) profile[input.name] = {shapes.at(input.name), shapes.at(input.name), shapes.at(input.name)};
  }
  return profile.empty() ? std::vector<ShapeProfile>{} : std::vector<ShapeProfile>{std::move(profile)};
}

}  // namespace trtprof
