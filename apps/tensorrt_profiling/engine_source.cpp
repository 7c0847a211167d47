#include "engine_source.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/model/shape_inputs.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  return printable(path.string());
}

Result<EngineModel> load(const fs::path& path) {
  EngineModel result;
  auto model = OnnxModel::load(path);
  if (!model) return forward_error(model);
  auto info = model->info();
  if (!info) return forward_error(info);
  result.model = std::move(*model);
  result.info = std::move(*info);
  result.note = fmt::format("Layers are traced to the nodes of {}.", text_of(path));
  return result;
}

EngineModel without_model(std::string why) {
  EngineModel result;
  result.note = std::move(why) + ": layers are known by what the engine says of them alone (--model names the model).";
  return result;
}

// Of inputs that hold no shape.
Result<BoundShapes> dimension_shapes(const ShapeRequest& request, const EngineFile& engine, const Graph& graph) {
  BoundShapes shapes = recorded_shapes(engine);
  std::map<std::string, std::vector<std::int64_t>> known = shapes;  // inputs whose rank is known, by name
  for (const ValueInfo& input : graph.inputs) {
    if (!input.shape || known.contains(input.name)) continue;
    auto& shape = known[input.name];
    for (const Dimension& dimension : *input.shape) shape.push_back(dimension.value.value_or(-1));
  }
  if (request.batch) {
    if (known.empty()) {
      return usage_error(fmt::format("the inputs of {} are not known, so --batch is not enough", text_of(engine.path)),
                         "give --shape NAME:DIMS for each input, or --model");
    }
    for (auto [name, shape] : known) {
      if (shape.empty()) continue;
      shape.front() = *request.batch;
      const bool whole = std::ranges::none_of(shape, [](std::int64_t d) { return d < 0; });
      if (whole) shapes[name] = std::move(shape);
    }
  }
  for (const auto& [name, shape] : request.by_input) {
    if (!name.empty()) {
      shapes[name] = shape;
    } else if (known.size() == 1) {
      shapes[known.begin()->first] = shape;
    } else {
      return usage_error(
          fmt::format("--shape has to name the input: {} of {} are known", known.size(), text_of(engine.path)),
          "as --shape NAME:1x3x224x224");
    }
  }
  return shapes;
}

}  // namespace

Result<EngineModel> find_engine_model(const EngineFile& engine, const std::optional<fs::path>& given) {
  if (given) {
    auto result = load(*given);
    if (result && engine.record && result->info.sha256 != engine.record->model.sha256) {
      result->doubt =
          fmt::format("{} is not the model that {} was built from (its sha256 differs): origins may be wrong.",
                      text_of(*given), text_of(engine.path));
    }
    return result;
  }
  if (!engine.record) return without_model("The model that it was built from is not known");
  for (const fs::path& candidate : candidate_models(engine)) {
    auto result = load(candidate);
    if (result && result->info.sha256 == engine.record->model.sha256) return result;
  }
  return without_model(fmt::format("{}, the model that it was built from, is gone or has changed",
                                   printable(engine.record->model.path)));
}

Result<RefitSource> find_refit_source(const EngineFile& engine, const EngineModel& model,
                                      const std::optional<fs::path>& given) {
  const bool recorded = model.model && model.doubt.empty();  // the very model that it was built from
  if (!given) {
    if (!engine.without_weights()) return RefitSource{};
    if (recorded) return RefitSource{model.model->path(), {}};
    return fail(fmt::format("{} was built with --strip-weights, and {}, the model with its weights, is gone or has "
                            "changed",
                            text_of(engine.path), printable(engine.record->model.path)),
                "--refit-from names the model that the weights are taken from");
  }
  if (recorded && model.model->path() == *given) return RefitSource{*given, {}};
  const auto loaded = load(*given);
  if (!loaded) return forward_error(loaded);
  RefitSource source = {*given, {}};
  // Such engines are built around the values that their weights have.
  const bool identical = engine.without_weights() && !engine.record->options.refit;
  if (identical && loaded->info.sha256 != engine.record->model.sha256) {
    source.doubt = fmt::format(
        "{} is not the model that {} was built from (its sha256 differs); an engine built with --strip-weights and "
        "without --refit is right with the weights of that model alone.",
        text_of(*given), text_of(engine.path));
  }
  return source;
}

Result<EngineShapes> engine_shapes(const ShapeRequest& request, const EngineFile& engine, const Graph& graph) {
  ShapeRequest rest = request;
  auto given = take_shape_values(graph, rest);
  if (!given) return forward_error(given);
  BoundShapes values = recorded_shape_values(engine);
  for (auto& [name, recorded] : values) {  // where the model is not at hand
    if (const auto asked = rest.by_input.find(name); asked != rest.by_input.end()) {
      recorded = std::move(asked->second);
      rest.by_input.erase(asked);
    }
  }
  given->merge(values);
  auto shapes = dimension_shapes(rest, engine, graph);
  if (!shapes) return forward_error(shapes);
  return EngineShapes{std::move(*shapes), std::move(*given)};
}

}  // namespace trtprof::cli
