#include "trtprof/import/merge_layers.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/base/text.h"
#include "trtprof/import/merge_facts.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr std::size_t kNameColumns = 80;

std::string in_quotes(std::string_view name) {
  return fmt::format("\"{}\"", shorten_middle(name, kNameColumns));
}

std::string file_of(const Imported& imported) {
  return printable(imported.path);
}

const std::vector<Layer>& layers_of(const Imported& imported) {
  return imported.profile.layer_run->layers;
}

// How much a file tells of what its layers are.
std::size_t description(const Imported& imported) {
  std::size_t known = 0;
  for (const Layer& layer : layers_of(imported)) {
    known += layer.implementation.empty() ? 0U : 1U;
    known += layer.inputs.empty() ? 0U : 1U;
    known += !layer.inputs.empty() && !layer.inputs.front().layout.empty() ? 1U : 0U;
    known += layer.engine_type.empty() ? 0U : 1U;
    known += layer.work ? 1U : 0U;
    known += layer.origin_nodes.empty() || layer.origin_nodes.front().op_type.empty() ? 0U : 1U;
  }
  return known;
}

// Samples before summaries, summaries before single figures, then the more iterations.
std::tuple<int, std::int64_t> timing(const Imported& imported) {
  int best = 0;
  for (const Layer& layer : layers_of(imported)) {
    const int kind = !layer.time.samples.empty() ? 3 : layer.time.summary ? 2 : layer.reported_seconds ? 1 : 0;
    best = std::max(best, kind);
  }
  return {best, imported.profile.layer_run->measurement.iterations.value_or(0)};
}

// What the engine made of several layers and the inspector tells in parts.
bool is_block(const Layer& layer) {
  return layer.layer_class == LayerClass::opaque || layer.engine_type == "ForeignNode";
}

using Index = std::unordered_map<std::string_view, std::size_t>;

Index index_of(const std::vector<Layer>& layers) {
  Index index;
  for (std::size_t i = 0; i < layers.size(); ++i) index.emplace(layers[i].name, i);
  return index;
}

std::vector<std::string_view> missing_in(const std::vector<Layer>& layers, const Index& there) {
  std::vector<std::string_view> missing;
  for (const Layer& layer : layers) {
    if (!there.contains(layer.name) && !is_block(layer)) missing.emplace_back(layer.name);
  }
  return missing;
}

// Layers that both have, but not the same.
Status check_layer(const Layer& a, const Layer& b, const std::string& file_a, const std::string& file_b) {
  const auto differ = [&](std::string_view what, std::string_view in_a, std::string_view in_b) -> Status {
    return contradiction(file_a, file_b,
                         fmt::format("{} of layer {} is {} in the one and {} in the other", what, in_quotes(a.name),
                                     shorten_middle(in_a, kNameColumns), shorten_middle(in_b, kNameColumns)));
  };
  const auto both = [](const std::string& x, const std::string& y) { return !x.empty() && !y.empty() && x != y; };
  const auto shape = [](const TensorDesc& tensor) { return fmt::format("{}", fmt::join(tensor.shape, "x")); };
  for (const auto side : {&Layer::inputs, &Layer::outputs}) {
    const std::size_t count = std::min((a.*side).size(), (b.*side).size());
    for (std::size_t i = 0; i < count; ++i) {
      const TensorDesc& in_a = (a.*side)[i];
      const TensorDesc& in_b = (b.*side)[i];
      const bool open = std::ranges::any_of(in_a.shape, [](auto dim) { return dim < 0; }) ||
                        std::ranges::any_of(in_b.shape, [](auto dim) { return dim < 0; });
      if (!open && !in_a.shape.empty() && !in_b.shape.empty() && in_a.shape != in_b.shape) {
        return differ(side == &Layer::inputs ? "the shape of an input" : "the shape of an output", shape(in_a),
                      shape(in_b));
      }
    }
  }
  if (both(a.implementation, b.implementation)) return differ("the kernel", a.implementation, b.implementation);
  if (both(a.precision, b.precision)) return differ("the precision", a.precision, b.precision);
  return {};
}

// Where one file has a block, the other may have its parts; a file of times may leave out layers that were not timed.
// Any other layer that only one of them has is one of another engine.
Status check_layers(const Imported& described, const Imported& other) {
  const std::vector<Layer>& known = layers_of(described);
  const std::vector<Layer>& layers = layers_of(other);
  const Index there = index_of(known);
  const Index here = index_of(layers);
  const auto strange = missing_in(layers, there);
  const auto absent = missing_in(known, here);
  const bool parts = (std::ranges::any_of(layers, is_block) && strange.empty()) ||
                     (std::ranges::any_of(known, is_block) && absent.empty());
  const bool untimed = strange.empty() && absent.size() * 2 < known.size();
  if (!untimed && !parts && (!strange.empty() || !absent.empty())) {
    const std::string first = !strange.empty() ? fmt::format("{} has layer {} and {} does not", file_of(other),
                                                             in_quotes(strange.front()), file_of(described))
                                               : fmt::format("{} has layer {} and {} does not", file_of(described),
                                                             in_quotes(absent.front()), file_of(other));
    return contradiction(file_of(described), file_of(other),
                         fmt::format("they have {} and {} layers, of which {} are in both; {}", known.size(),
                                     layers.size(), layers.size() - strange.size(), first));
  }
  for (const Layer& layer : layers) {
    const auto same = there.find(layer.name);
    if (same == there.end()) continue;
    if (Status agree = check_layer(known[same->second], layer, file_of(described), file_of(other)); !agree) {
      return agree;
    }
  }
  return {};
}

// What the best description does not know of a layer.
void fill_layer(const Layer& from, Layer& into) {
  const auto fill = [](const auto& there, auto& here) {
    if (here.empty()) here = there;
  };
  fill(from.engine_type, into.engine_type);
  fill(from.precision, into.precision);
  fill(from.implementation, into.implementation);
  if (into.layer_class == LayerClass::other) into.layer_class = from.layer_class;
  if (into.origin_nodes.empty() && !from.engine_type.empty()) {  // a name alone is no more than a guess
    into.origin_nodes = from.origin_nodes;
    into.origin_source = from.origin_source;
  }
  if (!into.work) into.work = from.work;
  for (const auto side : {&Layer::inputs, &Layer::outputs}) {
    const std::vector<TensorDesc>& there = from.*side;
    std::vector<TensorDesc>& here = into.*side;
    fill(there, here);
    if (there.size() != here.size()) continue;
    for (std::size_t i = 0; i < here.size(); ++i) {
      fill(there[i].shape, here[i].shape);
      fill(there[i].element_type, here[i].element_type);
      fill(there[i].layout, here[i].layout);
      if (!here[i].bytes) here[i].bytes = there[i].bytes;
    }
  }
}

void fill_layers(const Imported& from, LayerRun& run) {
  const Index there = index_of(layers_of(from));
  for (Layer& layer : run.layers) {
    const auto found = there.find(layer.name);
    if (found != there.end()) fill_layer(layers_of(from)[found->second], layer);
  }
}

void take_time(const Layer& from, Layer& into) {
  into.time = from.time;
  if (from.reported_seconds) into.reported_seconds = into.reported_seconds.value_or(0.0) + *from.reported_seconds;
}

// As IProfiler's own names are joined to layers in a run of this program: blocks of Myelin stand for their parts.
void take_times(const Imported& timed, LayerRun& run) {
  const LayerRun& times = *timed.profile.layer_run;
  for (Layer& layer : run.layers) {
    layer.time = {};
    layer.reported_seconds.reset();
  }
  std::vector<bool> has_time;
  if (timed.profile.environment.engine_name == "TensorRT") {
    const bool raw = timed.format != ForeignFormat::profile;
    std::vector<std::string> reported;
    reported.reserve(times.layers.size());
    for (const Layer& layer : times.layers) reported.push_back(layer.name);
    const auto places = join_profiler_names(run.layers, raw ? timed.layer_names : reported);
    has_time.resize(run.layers.size());
    for (std::size_t i = 0; i < places.size() && i < times.layers.size(); ++i) {
      take_time(times.layers[i], run.layers[places[i]]);
      has_time[places[i]] = true;
    }
  } else {
    const Index there = index_of(times.layers);
    for (Layer& layer : run.layers) {
      const auto found = there.find(layer.name);
      has_time.push_back(found != there.end());
      if (found != there.end()) take_time(times.layers[found->second], layer);
    }
  }
  std::vector<Layer> executed;
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    if (has_time[i]) {
      executed.push_back(std::move(run.layers[i]));
    } else {
      run.not_executed.push_back(run.layers[i].name);
    }
  }
  run.layers = std::move(executed);
  run.measurement = times.measurement;
  run.total = times.total;
}

// What else was measured of the same layers, and how far it is from what was taken.
void note_other_times(const Imported& taken, const Imported& other, Profile& into) {
  const double ours = layer_sum(*taken.profile.layer_run);
  const double theirs = layer_sum(*other.profile.layer_run);
  if (theirs <= 0.0 || ours <= 0.0) return;
  into.notes.push_back(
      fmt::format("The layers add up to {:.4f} ms in {} and to {:.4f} ms in {}; the times are those of "
                  "the former.",
                  ours * 1e3, file_of(taken), theirs * 1e3, file_of(other)));
}

}  // namespace

Status merge_layer_runs(const std::vector<const Imported*>& given, Profile& into) {
  if (given.empty()) return {};
  const auto by_description = [](const Imported* a, const Imported* b) { return description(*a) < description(*b); };
  const auto by_timing = [](const Imported* a, const Imported* b) { return timing(*a) < timing(*b); };
  const Imported* timed = *std::ranges::max_element(given, by_timing);
  const Imported* described = *std::ranges::max_element(given, by_description);
  // A profile of this program has both, joined by the engine itself.
  if (timed->format == ForeignFormat::profile && description(*timed) > 0) described = timed;
  for (const Imported* other : given) {
    if (other == described) continue;
    if (Status same = check_layers(*described, *other); !same) return same;
  }
  into.layer_run = described->profile.layer_run;
  for (const Imported* other : given) {
    if (other != described) fill_layers(*other, *into.layer_run);
  }
  if (timed != described && std::get<0>(timing(*timed)) > 0) {
    take_times(*timed, *into.layer_run);
    into.notes.push_back(
        fmt::format("What the layers are is from {}, their times are from {}.", file_of(*described), file_of(*timed)));
  }
  for (const Imported* other : given) {
    if (other != timed) note_other_times(*timed, *other, into);
  }
  return {};
}

}  // namespace trtprof
