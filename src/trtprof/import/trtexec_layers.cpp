#include "trtprof/import/trtexec_layers.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/trtexec_names.h"
#include "trtprof/profile/inspector_parts.h"

namespace trtprof {
namespace {

using nlohmann::json;

// In memory layers take about six times what they take in the file.
constexpr std::uint64_t kLargestDescription = std::uint64_t{512} << 20;

// Inputs and outputs by what the layers read and write where the engine tells their names alone (before TensorRT 11).
class Bindings {
 public:
  explicit Bindings(const std::vector<InspectedLayer>& layers) {
    for (const InspectedLayer& layer : layers) {
      for (const InspectedTensor& tensor : layer.inputs) read_.emplace(tensor.name, &tensor);
      for (const InspectedTensor& tensor : layer.outputs) written_.emplace(tensor.name, &tensor);
    }
  }

  void fill(const std::vector<InspectedBinding>& bindings, ModelInfo& model) const {
    for (const InspectedBinding& binding : bindings) {
      const auto written = written_.find(binding.tensor.name);
      const auto read = read_.find(binding.tensor.name);
      const bool output =
          binding.io == InspectedIo::output || (binding.io == InspectedIo::not_told && written != written_.end());
      const bool input = binding.io == InspectedIo::input || (!output && read != read_.end());
      if (!input && !output) continue;  // names alone, or an input that no layer reads
      InspectedTensor tensor = binding.tensor;
      if (!tensor.shape && output && written != written_.end()) tensor = *written->second;
      if (!tensor.shape && input && read != read_.end()) tensor = *read->second;
      (output ? model.outputs : model.inputs).push_back(to_tensor_desc(tensor));
    }
    if (!model.inputs.empty() && !model.inputs.front().shape.empty() && model.inputs.front().shape.front() > 0) {
      model.batch = model.inputs.front().shape.front();
    }
  }

 private:
  std::unordered_map<std::string, const InspectedTensor*> read_;
  std::unordered_map<std::string, const InspectedTensor*> written_;
};

class Reader {
 public:
  Reader(JsonStream& stream, const std::filesystem::path& path)
      : stream_(stream), imported_(tensorrt_file(ForeignFormat::trtexec_layers, path)) {}

  Result<Imported> read() {
    Status read = for_each_element(
        stream_, "Layers", [this](json&& layer) { return take_layer(layer); },
        [this](const std::string& key, json&& value) { return take_member(key, value); });
    if (read && engine_.layers.empty()) read = refuse("it has no layers");
    if (!read) return forward_error(read);
    for (std::string& note : stream_.notes()) imported_.notes.push_back(std::move(note));
    finish();
    return std::move(imported_);
  }

 private:
  Status take_layer(const json& value) {
    if (!value.is_object() && !value.is_string()) return refuse("one of its layers is neither an object nor a name");
    InspectedLayer layer = inspected_layer(value);
    if (layer.name.size() > kLongestForeignName) {
      return refuse(fmt::format("a layer's name is {} bytes long, and no layer's is", layer.name.size()));
    }
    if (engine_.layers.size() == kMostForeignLayers) {
      return refuse(fmt::format("it has more than {} layers", kMostForeignLayers));
    }
    if (stream_.position() > kLargestDescription) {
      return refuse(fmt::format("it is larger than {} MiB, and no engine's description is", kLargestDescription >> 20));
    }
    engine_.layers.push_back(std::move(layer));
    return {};
  }

  Status take_member(const std::string& key, const json& value) {
    if ((key != "Bindings" && key != "I/O Tensors") || !value.is_array()) return {};
    for (const json& binding : value) {
      if (binding.is_string() || binding.is_object()) engine_.bindings.push_back(inspected_binding(binding));
    }
    return {};
  }

  Status refuse(std::string sentence) {
    stream_.refuse(std::move(sentence));
    return stream_.status();
  }

  void finish() {
    mark_constants(engine_);
    Profile& profile = imported_.profile;
    profile.model.format = "tensorrt-engine";
    Bindings(engine_.layers).fill(engine_.bindings, profile.model);
    const auto names_alone = std::ranges::count(engine_.layers, false, &InspectedLayer::detailed);
    if (names_alone > 0) {
      imported_.notes.push_back(
          fmt::format("{} of {} layers are told by name alone: the engine was not built with "
                      "--profilingVerbosity=detailed.",
                      names_alone, engine_.layers.size()));
    }
    LayerRun run;
    run.measurement.method = "TensorRT's IEngineInspector told the layers; none was timed.";
    run.layers = tensorrt_layers(std::move(engine_), {});
    profile.environment.precision = tensorrt_precision(run.layers);
    for (const Layer& layer : run.layers) imported_.layer_names.push_back(layer.name);
    profile.layer_run = std::move(run);
  }

  JsonStream& stream_;
  Imported imported_;
  InspectedEngine engine_;
};

}  // namespace

bool is_trtexec_layers(std::string_view beginning) {
  const JsonOutline outline = json_outline(beginning);
  return outline.root == '{' && outline.has("Layers");
}

Result<Imported> read_trtexec_layers(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  JsonStream stream(*file);
  return Reader(stream, path).read();
}

}  // namespace trtprof
