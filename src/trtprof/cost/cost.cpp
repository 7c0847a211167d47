#include "trtprof/cost/cost.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "trtprof/cost/operator_table.h"

namespace trtprof {

namespace {

using counting::Arithmetic;
using counting::OperatorRow;

struct Traffic {
  std::vector<std::optional<double>> read;  // by input; 0 for one left out
  std::optional<double> written;
  std::string unknown_reason;
};

std::string size_not_known(const OperatorFacts& facts, std::string_view side, std::size_t index,
                           const TensorFacts& tensor) {
  const std::string place = tensor.name.empty() ? std::to_string(index) : fmt::format("\"{}\"", tensor.name);
  return fmt::format("{}: the size of {} {} is not known", facts.op_type, side, place);
}

Arithmetic arithmetic_of(const OperatorFacts& facts, const OperatorRow* row) {
  if (row != nullptr) {
    return row->count(facts, *row);
  }
  return counting::unknown(facts.domain.empty() || facts.domain == "ai.onnx"
                               ? fmt::format("{}: no such operator in the cost table", facts.op_type)
                               : fmt::format("{}: an operator of the domain {}, which the cost table does not have",
                                             facts.op_type, facts.domain));
}

// `row` is not null, its movement neither free nor unknown.
Traffic traffic_of(const OperatorFacts& facts, const OperatorRow& row) {
  const bool picks = counting::movement_of(facts, row) == Movement::picks;
  Traffic traffic;
  traffic.written = 0.0;
  for (std::size_t i = 0; i < facts.inputs.size(); ++i) {
    const auto& tensor = facts.inputs[i];
    if (!tensor || (i < 32 && (row.unread_inputs >> i & 1U) != 0)) {
      traffic.read.emplace_back(0.0);
      continue;
    }
    auto bytes = counting::bytes_of(*tensor);
    if (picks && i == 0) {
      const auto& result = facts.outputs.empty() ? std::nullopt : facts.outputs.front();
      const auto picked = result ? counting::bytes_of(*result) : std::nullopt;
      bytes = bytes && picked ? std::optional(std::min(*bytes, *picked)) : std::nullopt;
    }
    if (!bytes && traffic.unknown_reason.empty()) {
      traffic.unknown_reason = size_not_known(facts, "input", i, *tensor);
    }
    traffic.read.push_back(bytes);
  }
  for (std::size_t i = 0; i < facts.outputs.size() && traffic.written; ++i) {
    const auto& tensor = facts.outputs[i];
    const auto bytes = tensor ? counting::bytes_of(*tensor) : 0.0;
    if (!bytes && traffic.unknown_reason.empty()) {
      traffic.unknown_reason = size_not_known(facts, "output", i, *tensor);
    }
    traffic.written = bytes ? std::optional(*traffic.written + *bytes) : std::nullopt;
  }
  return traffic;
}

bool is_unknown(const OperatorFacts& facts, const OperatorRow* row) {
  return row == nullptr || counting::movement_of(facts, *row) == Movement::unknown;
}
bool is_free(const OperatorFacts& facts, const OperatorRow* row) {
  return row != nullptr && counting::movement_of(facts, *row) == Movement::free;
}

void add_to(std::optional<double>& sum, const std::optional<double>& value) {
  sum = sum && value ? std::optional(*sum + *value) : std::nullopt;
}

void explain(Cost& cost, const std::string& reason) {
  if (cost.unknown_reason.empty()) {
    cost.unknown_reason = reason;
  }
}

// Follows the tensors of a fused layer by name: which are the same memory under another name, and how much of each its
// operators read.
class FusedReading {
 public:
  explicit FusedReading(const std::vector<OperatorFacts>& operators) {
    for (const OperatorFacts& facts : operators) {
      follow(facts);
    }
  }

  // The tensor that `name` only renames; itself when it is computed.
  [[nodiscard]] const std::string& root(const std::string& name) const {
    const auto found = root_.find(name);
    return found == root_.end() ? name : found->second;
  }
  // The share of the tensor that is read, in [0, 1]; 1 for one that no operator names.
  [[nodiscard]] double share_read(const std::string& name) const {
    const auto found = share_.find(name);
    return found != share_.end() ? std::min(found->second, 1.0) : renamed_.contains(name) ? 0.0 : 1.0;
  }

  struct Weight {
    std::string name;
    std::optional<double> bytes;  // as much as is read of it
    std::string unknown_reason;
  };
  // Each once, where it has a name.
  [[nodiscard]] const std::vector<Weight>& weights() const { return weights_; }

 private:
  void follow(const OperatorFacts& facts) {
    const OperatorRow* row = counting::find_row(facts.domain, facts.op_type);
    if (is_unknown(facts, row)) {
      return;
    }
    for (const auto& tensor : facts.inputs) {
      if (tensor && tensor->constant && !tensor->name.empty()) {
        constants_.insert(tensor->name);
      }
    }
    if (is_free(facts, row)) {
      rename(facts);
      return;
    }
    const Traffic traffic = traffic_of(facts, *row);
    for (std::size_t i = 0; i < facts.inputs.size(); ++i) {
      if (facts.inputs[i]) {
        read(facts, i, traffic.read[i]);
      }
    }
  }

  void rename(const OperatorFacts& facts) {
    const bool named = !facts.inputs.empty() && facts.inputs[0] && !facts.inputs[0]->name.empty() &&
                       !facts.outputs.empty() && facts.outputs[0] && !facts.outputs[0]->name.empty();
    for (const auto& tensor : facts.inputs) {
      if (tensor) {
        renamed_.insert(root(tensor->name));
      }
    }
    if (named) {
      root_[facts.outputs[0]->name] = root(facts.inputs[0]->name);
    }
  }

  void read(const OperatorFacts& facts, std::size_t index, const std::optional<double>& bytes) {
    const TensorFacts& tensor = *facts.inputs[index];
    const std::string& name = root(tensor.name);
    if (!tensor.name.empty()) {
      const auto whole = counting::bytes_of(tensor);
      share_[name] += bytes && whole && *whole > 0.0 ? *bytes / *whole : 1.0;
    }
    const bool seen =
        std::ranges::any_of(weights_, [&](const Weight& weight) { return !name.empty() && weight.name == name; });
    if ((tensor.constant || constants_.contains(name)) && !seen) {
      weights_.push_back({name, bytes, bytes ? std::string() : size_not_known(facts, "input", index, tensor)});
    }
  }

  std::map<std::string, std::string> root_;
  std::map<std::string, double> share_;
  std::set<std::string> renamed_;
  std::set<std::string> constants_;
  std::vector<Weight> weights_;
};

std::optional<double> scaled(const std::optional<double>& bytes, double share) {
  return bytes ? std::optional(*bytes * share) : std::nullopt;
}

void read_from_outside(Cost& cost, const std::vector<TensorFacts>& inputs, const FusedReading& reading) {
  std::set<std::string> seen;
  for (const TensorFacts& tensor : inputs) {
    if (!tensor.name.empty() && !seen.insert(tensor.name).second) {
      continue;
    }
    const double share = tensor.name.empty() ? 1.0 : reading.share_read(tensor.name);
    const auto bytes = share == 0.0 ? std::optional(0.0) : scaled(counting::bytes_of(tensor), share);
    if (!bytes) {
      explain(cost, fmt::format("the size of the layer's input \"{}\" is not known", tensor.name));
    }
    add_to(cost.bytes_read, bytes);
    if (tensor.constant) {
      add_to(cost.weight_bytes, bytes);
    }
  }
  for (const FusedReading::Weight& weight : reading.weights()) {
    if (seen.contains(weight.name)) {
      continue;
    }
    explain(cost, weight.unknown_reason);
    add_to(cost.bytes_read, weight.bytes);
    add_to(cost.weight_bytes, weight.bytes);
  }
}

void write_outside(Cost& cost, const std::vector<TensorFacts>& outputs, const FusedReading& reading) {
  for (const TensorFacts& tensor : outputs) {
    if (!tensor.name.empty() && reading.root(tensor.name) != tensor.name) {
      continue;  // an input under another name
    }
    const auto bytes = counting::bytes_of(tensor);
    if (!bytes) {
      explain(cost, fmt::format("the size of the layer's output \"{}\" is not known", tensor.name));
    }
    add_to(cost.bytes_written, bytes);
  }
}

}  // namespace

Cost cost_of(const OperatorFacts& facts) {
  const OperatorRow* row = counting::find_row(facts.domain, facts.op_type);
  const Arithmetic arithmetic = arithmetic_of(facts, row);
  Cost cost;
  cost.macs = arithmetic.macs;
  cost.flops = arithmetic.flops;
  cost.unknown_reason = arithmetic.unknown_reason;
  if (is_unknown(facts, row)) {
    return cost;
  }
  cost.bytes_read = cost.bytes_written = cost.weight_bytes = 0.0;
  if (is_free(facts, row)) {
    return cost;
  }
  const Traffic traffic = traffic_of(facts, *row);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < facts.inputs.size(); ++i) {
    const auto& tensor = facts.inputs[i];
    if (!tensor || (!tensor->name.empty() && !seen.insert(tensor->name).second)) {
      continue;
    }
    add_to(cost.bytes_read, traffic.read[i]);
    if (tensor->constant) {
      add_to(cost.weight_bytes, traffic.read[i]);
    }
  }
  cost.bytes_written = traffic.written;
  explain(cost, traffic.unknown_reason);
  return cost;
}

Cost cost_of_fused(const std::vector<OperatorFacts>& operators, const std::vector<TensorFacts>& inputs,
                   const std::vector<TensorFacts>& outputs) {
  Cost cost;
  if (operators.empty()) {
    cost.unknown_reason = "what the layer computes is not known";
    return cost;
  }
  cost.macs = cost.flops = cost.bytes_read = cost.bytes_written = cost.weight_bytes = 0.0;
  bool all_free = true;
  bool any_unknown = false;
  for (const OperatorFacts& facts : operators) {
    const OperatorRow* row = counting::find_row(facts.domain, facts.op_type);
    const Arithmetic arithmetic = arithmetic_of(facts, row);
    add_to(cost.macs, arithmetic.macs);
    add_to(cost.flops, arithmetic.flops);
    explain(cost, arithmetic.unknown_reason);
    all_free = all_free && is_free(facts, row);
    any_unknown = any_unknown || is_unknown(facts, row);
  }
  if (any_unknown) {
    cost.bytes_read = cost.bytes_written = cost.weight_bytes = std::nullopt;
    return cost;
  }
  if (all_free) {
    return cost;
  }
  const FusedReading reading(operators);
  read_from_outside(cost, inputs, reading);
  write_outside(cost, outputs, reading);
  return cost;
}

Cost cost_of(const LayerFacts& layer) {
  if (!layer.operators.empty()) {
    return cost_of_fused(layer.operators, layer.inputs, layer.outputs);
  }
  Cost cost;
  cost.unknown_reason = layer.unknown_reason.empty() ? "what the layer computes is not known" : layer.unknown_reason;
  return cost;
}

void add(CostTotals& totals, const Cost& cost) {
  totals.macs += cost.macs.value_or(0.0);
  totals.flops += cost.flops.value_or(0.0);
  totals.bytes_read += cost.bytes_read.value_or(0.0);
  totals.bytes_written += cost.bytes_written.value_or(0.0);
  totals.weight_bytes += cost.weight_bytes.value_or(0.0);
  ++totals.operators;
  totals.unknown_operators += cost.known() ? 0 : 1;
}

}  // namespace trtprof
