// The nodes of ONNX Runtime's profile as layers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "trtprof/import/trace_events.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

class OnnxRuntimeNodes {
 public:
  // The layer of a node's event, whose arguments describe it; a new one where it is seen for the first time.
  [[nodiscard]] std::uint32_t index(std::string_view name, const nlohmann::json& args);
  // In the order in which they were first seen, which is that of execution.
  [[nodiscard]] std::vector<Layer>& layers() { return layers_; }
  // To be called once, when all are known.
  void name_layers() { make_names_unique(layers_); }
  // Does the node run on a provider that launches its work on a GPU?
  [[nodiscard]] bool on_gpu(std::uint32_t layer) const { return on_gpu_[layer]; }
  [[nodiscard]] bool any_on_gpu() const { return any_on_gpu_; }
  [[nodiscard]] std::optional<int> threads() const { return threads_; }  // of an operator
  [[nodiscard]] std::string providers() const;                           // "CPUExecutionProvider"
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  [[nodiscard]] Layer layer_of(std::string_view name, const nlohmann::json& args);

  std::vector<Layer> layers_;
  std::vector<bool> on_gpu_;
  std::vector<bool> other_shapes_;  // seen with others than those of its first event
  std::unordered_map<std::string, std::uint32_t> indices_;
  std::set<std::string> providers_;
  std::optional<int> threads_;
  bool any_on_gpu_ = false;
  std::size_t engines_ = 0;  // nodes that are engines of their own: TensorRT's, OpenVINO's
};

// A kernel, copy or fill by the name and the arguments of its event, without its times.
[[nodiscard]] Activity device_activity(const std::string& name, const nlohmann::json& args, LaunchTable& launches);

}  // namespace trtprof
