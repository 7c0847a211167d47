// What a pass works on: the graph, the types and shapes of its values, and what it may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/model/graph.h"
#include "trtprof/model/graph_view.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

struct PassLimits {
  // Bytes by which one folded constant may be larger than what it replaces.
  std::uint64_t folding_growth = std::uint64_t{1} << 20U;
};

class PassContext {
 public:
  // `reference` computes constants; null: what needs it is a near miss. `rewrites`: how many may be done; nullopt: any
  // number. The model and the backend must outlive the context, and while it is in use the graph is edited through
  // graph() alone.
  PassContext(OnnxModel& model, Backend* reference, PassLimits limits, std::optional<std::int64_t> rewrites = {});

  [[nodiscard]] GraphView& graph() { return graph_; }
  [[nodiscard]] const GraphView& graph() const { return graph_; }
  [[nodiscard]] const OnnxModel& model() const { return model_; }
  [[nodiscard]] std::int64_t opset() const { return opset_; }  // of ONNX's own domain
  [[nodiscard]] Backend* reference() const { return reference_; }
  [[nodiscard]] const PassLimits& limits() const { return limits_; }

  // As inference knew it when first asked; null: not known. Rewrites keep what a name stands for, so that this stays
  // true of names that stay.
  [[nodiscard]] const ValueInfo* value(const std::string& name);
  [[nodiscard]] ElementType type(const std::string& name);
  [[nodiscard]] std::optional<std::size_t> rank(const std::string& name);
  // Every dimension known.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> shape(const std::string& name);
  // Dimension by dimension the same number or the same symbol.
  [[nodiscard]] bool same_shape(const std::string& a, const std::string& b);

  // Asked before each rewrite, told after it.
  [[nodiscard]] bool may_rewrite() const { return !rewrites_ || *rewrites_ > 0; }
  void count_rewrite();

 private:
  void infer();

  OnnxModel& model_;
  GraphView graph_;
  Backend* reference_;
  PassLimits limits_;
  std::optional<std::int64_t> rewrites_;
  std::int64_t opset_ = 1;
  std::optional<std::unordered_map<std::string, ValueInfo>> values_;
};

}  // namespace trtprof
