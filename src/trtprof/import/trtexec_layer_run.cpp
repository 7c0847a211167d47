#include "trtprof/import/trtexec_layer_run.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/base/text.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/trtexec_names.h"

namespace trtprof {
namespace {

constexpr std::size_t kNameColumns = 80;

// What a name alone tells of a layer.
Layer layer_called(const std::string& name) {
  InspectedEngine engine;
  InspectedLayer& layer = engine.layers.emplace_back();
  layer.name = name;
  layer.detailed = false;
  std::vector<Layer> layers = tensorrt_layers(std::move(engine), {});
  if (!layers.empty()) return std::move(layers.front());
  Layer other;  // of another optimisation profile than the first: the one that ran
  other.name = name;
  return other;
}

}  // namespace

Status TrtexecRows::add(TrtexecRow row) {
  if (row.name.size() > kLongestForeignName) {
    return fail(fmt::format("a layer's name is {} bytes long, and no layer's is", row.name.size()));
  }
  if (rows_.size() == kMostForeignLayers) return fail(fmt::format("it has more than {} layers", kMostForeignLayers));
  name_bytes_ += row.name.size();
  if (name_bytes_ > kMostForeignNames) {
    return fail(fmt::format("the names of its layers take more than {} MiB", kMostForeignNames >> 20));
  }
  rows_.push_back(std::move(row));
  return {};
}

Status TrtexecRows::finish(Imported& imported, std::optional<std::int64_t> iterations) {
  if (rows_.empty())
    return fail("it has no layers", "trtexec writes them when inference was run, not with --skipInference");
  LayerRun run;
  LayerNames names;
  std::size_t averages = 0;
  std::size_t without = 0;
  std::string first_without;
  for (TrtexecRow& row : rows_) {
    Layer layer = layer_called(row.name);
    layer.name = names.make_unique(row.name);
    const auto& told = row.median ? row.median : row.average;
    if (told && is_time(*told)) {
      layer.reported_seconds = *told * kMillisecond;
      averages += row.median ? 0U : 1U;
    } else if (without++ == 0) {
      first_without = shorten_middle(row.name, kNameColumns);
    }
    run.layers.push_back(std::move(layer));
    imported.layer_names.push_back(std::move(row.name));
  }
  rows_.clear();
  if (without == run.layers.size()) return fail("none of its layers has a time that is a number and not negative");
  run.measurement.iterations = iterations;
  run.measurement.method = fmt::format("trtexec's {} of what TensorRT's IProfiler reports of a layer.",
                                       averages == 0 ? "median" : "average");
  if (without > 0) {
    imported.notes.push_back(
        fmt::format("{} of {} layers have no time that is a number and not negative, \"{}\" for one.", without,
                    run.layers.size(), first_without));
  }
  imported.notes.emplace_back(
      averages == 0
          ? "trtexec tells one median of each layer, no samples: how sure it is of them is not known."
          : "This trtexec tells the average of each layer, no median and no samples: outliers are counted in.");
  imported.profile.layer_run = std::move(run);
  return {};
}

}  // namespace trtprof
