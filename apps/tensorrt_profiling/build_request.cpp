#include "build_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"
#include "trtprof/model/shape_inputs.h"
#include "trtprof/model/sparsity.h"

namespace trtprof::cli {
namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

// A shape without a name is that of the only input.
Shapes named(const ShapeRequest& request, const Graph& graph) {
  Shapes shapes = request.by_input;
  if (const auto unnamed = shapes.find(""); unnamed != shapes.end() && graph.inputs.size() == 1) {
    shapes.emplace(graph.inputs.front().name, unnamed->second);
    shapes.erase(unnamed);
  }
  return shapes;
}

bool is_open(const ValueInfo& input) {
  return !input.shape || std::ranges::any_of(*input.shape, [](const Dimension& d) { return !d.value; });
}

Status check_order(const std::string& name, const ShapeRange& range) {
  for (std::size_t i = 0; i < range.opt.size(); ++i) {
    if (range.min[i] <= range.opt[i] && range.opt[i] <= range.max[i]) continue;
    return usage_error(fmt::format("the {} of input '{}' are no range: min {}, opt {}, max {}",
                                   range.values ? "values" : "shapes", printable(name), shape_to_string(range.min),
                                   shape_to_string(range.opt), shape_to_string(range.max)));
  }
  return {};
}

struct Requests {
  ShapeRequest min;
  ShapeRequest opt;
  ShapeRequest max;
};

Result<Requests> requests_of(const Settings& settings, const Graph& graph) {
  const Shapes min = named(settings.build.min_shapes, graph);
  const Shapes max = named(settings.build.max_shapes, graph);
  Requests requests;
  Shapes& opt = requests.opt.by_input;
  opt = named(settings.build.opt_shapes, graph);
  opt.merge(named(settings.shapes, graph));
  opt.insert(max.begin(), max.end());
  for (const auto& [name, shape] : min) {
    if (opt.contains(name)) continue;
    return usage_error(fmt::format("--min-shape of input '{}' needs its --opt-shape or --max-shape", printable(name)));
  }
  requests.min.by_input = min;
  requests.min.by_input.insert(opt.begin(), opt.end());
  requests.max.by_input = max;
  requests.max.by_input.insert(opt.begin(), opt.end());
  for (ShapeRequest* request : {&requests.min, &requests.opt, &requests.max}) request->batch = settings.shapes.batch;
  return requests;
}

// What the three say of inputs that hold a shape: which values these take.
Result<ShapeProfile> take_value_ranges(const Graph& graph, Requests& requests) {
  const auto min = take_shape_values(graph, requests.min);
  if (!min) return forward_error(min);
  const auto opt = take_shape_values(graph, requests.opt);
  if (!opt) return forward_error(opt);
  const auto max = take_shape_values(graph, requests.max);
  if (!max) return forward_error(max);
  ShapeProfile profile;
  for (const auto& [name, values] : *opt) {
    const auto low = min->find(name);
    const auto high = max->find(name);
    const ShapeRange range = {low == min->end() ? values : low->second, values,
                              high == max->end() ? values : high->second, true};
    if (const Status ordered = check_order(name, range); !ordered) return forward_error(ordered);
    profile.emplace(name, range);
  }
  return profile;
}

}  // namespace

Result<std::vector<ShapeProfile>> make_profiles(const Settings& settings, const Graph& graph) {
  auto requests = requests_of(settings, graph);
  if (!requests) return forward_error(requests);
  const auto values = take_value_ranges(graph, *requests);
  if (!values) return forward_error(values);
  const auto min = bind_shapes(graph, requests->min);
  if (!min) return forward_error(min);
  const auto opt = bind_shapes(graph, requests->opt);
  if (!opt) return forward_error(opt);
  const auto max = bind_shapes(graph, requests->max);
  if (!max) return forward_error(max);

  ShapeProfile profile = *values;
  for (const ValueInfo& input : graph.inputs) {
    if (!is_open(input)) continue;
    const ShapeRange range = {min->at(input.name), opt->at(input.name), max->at(input.name)};
    if (const Status ordered = check_order(input.name, range); !ordered) return forward_error(ordered);
    profile.emplace(input.name, range);
  }
  return profile.empty() ? std::vector<ShapeProfile>{} : std::vector<ShapeProfile>{std::move(profile)};
}

Status check_sparsity(const OnnxModel& model) {
  const auto weights = find_structured_sparsity(model);
  if (!weights) return forward_error(weights);
  if (count_structured(*weights) > 0) return {};
  return usage_error(fmt::format("--sparsity is for weights that are 2:4 sparse already: 0 of {} weights of {} are",
                                 weights->size(), printable(model.path().string())),
                     "leave --sparsity out, or prune the model first");
}

std::filesystem::path timing_cache_of(const Settings& settings, Backend& backend, const std::filesystem::path& engine) {
  if (settings.build.timing_cache) return *settings.build.timing_cache;
  if (settings.build.no_timing_cache || backend.name() != "tensorrt") return {};
  const auto probed = backend.probe();
  if (!probed) return {};
  return engine.parent_path() / fmt::format("tensorrt-{}.timing_cache", probed->engine_version);
}

}  // namespace trtprof::cli
