// The layers of a compiled model, joined from OpenVINO's runtime model (type, primitive, precision, layout, edges, the
// names they came from) and its profiling info (what was executed).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/profiling_info.hpp>

#include "trtprof/backend/openvino/itt_collector.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof::openvino {

class LayerTable {
 public:
  // Before any inference: what depends on the model's inputs, as far as the runtime model tells. Some of these turn out
  // not to be executed (reshapes in place).
  static LayerTable from_runtime_model(const ov::CompiledModel& model, const Graph& graph);
  // After an inference with profiling: layers that were executed by the profiling info or by the trace, in the order of
  // the trace where there is one.
  static LayerTable after_inference(const ov::CompiledModel& model, const Graph& graph,
                                    const std::vector<ov::ProfilingInfo>& profiling,
                                    const std::vector<LayerSpan>& trace);

  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }
  [[nodiscard]] const std::vector<std::string>& not_executed() const { return not_executed_; }

  // For each span of one inference the index of its layer; nullopt: a node inside a loop's body, whose time is in the
  // loop's.
  [[nodiscard]] std::vector<std::optional<std::size_t>> layers_of(const std::vector<LayerSpan>& trace) const;
  // Seconds by index of layers(): the sum of the layer's spans in one inference.
  [[nodiscard]] std::vector<double> seconds_of(const std::vector<LayerSpan>& trace) const;
  // Of layers(), how many do not occur in `trace`.
  [[nodiscard]] std::size_t missing_in(const std::vector<LayerSpan>& trace) const;
  // OpenVINO's own average by index of layers().
  [[nodiscard]] std::vector<std::optional<double>> reported_seconds(
      const std::vector<ov::ProfilingInfo>& profiling) const;

 private:
  void index_names();

  std::vector<Layer> layers_;
  std::vector<std::string> engine_names_;  // by index of layers(): as the engine has it, not made unique
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<std::string> not_executed_;
};

// "f32" for f32, "bool" for boolean; OpenVINO's own spelling else.
[[nodiscard]] std::string element_type_name(const ov::element::Type& type);

}  // namespace trtprof::openvino
