// JSON of TensorRT's IEngineInspector: facts, layers of a profile, and what each layer must cost.
#include "trtprof/profile/engine_inspector.h"

#include "fuzz/fuzz_target.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/cost/inspector_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const std::string_view text = fuzz::as_text(data, size);
  const auto engine = parse_engine_inspector(text, "input.json");
  auto layers = tensorrt_layers(text, Graph{}, "input.json");
  fuzz::require(engine.has_value() == layers.has_value(), "an engine that is read has layers");
  if (!fuzz::read(engine) || !fuzz::read(layers)) return 0;

  for (const InspectorLayer& layer : inspector_layers(*engine)) static_cast<void>(cost_of(layer.facts));
  std::vector<std::string> reported;
  for (const Layer& layer : *layers) reported.push_back(layer.name);
  reported.emplace_back("a layer of no engine");
  const std::vector<std::size_t> indices = join_profiler_names(*layers, reported);
  fuzz::require(indices.size() == reported.size(), "each name has its layer");
  for (const std::size_t index : indices) fuzz::require(index < layers->size(), "which there is");
  return 0;
}
