#include "trtprof/optimize/calibrate/bias_correction.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/model/graph_view.h"
#include "trtprof/optimize/calibrate/channel_figures.h"
#include "trtprof/optimize/calibrate/layer_bias.h"
#include "trtprof/optimize/pass_context.h"
#include "trtprof/optimize/passes/node_edit.h"

namespace trtprof {
namespace {

constexpr const char* kNotFinite = "what it makes has values that are no finite numbers on this data";

using quantization::LayerBias;

// A copy of the model in floating point in which each quantised node has a twin: the same node on integers, which reads
// what the model computes in floating point. No twin feeds another.
class Twins {
 public:
  Twins(OnnxModel& trial, OnnxModel& quantized)
      : graph_(*trial.mutable_proto().mutable_graph()),
        trial_(trial.mutable_proto()),
        quantized_(quantized.mutable_proto()) {
    for (const auto& tensor : quantized.proto().graph().initializer()) initializers_.emplace(tensor.name(), &tensor);
    for (const auto& tensor : graph_.initializer()) here_.insert(tensor.name());
  }

  // Adds the twin of the node that makes `output`; returns the name of the difference, node - twin.
  std::string add(const std::string& output) {
    onnx::NodeProto node = *quantized_.producer(output);
    for (std::string& input : *node.mutable_input()) input = copy(input);
    const std::string twin = trial_.unique_name(output + "_twin");
    node.set_output(0, twin);
    node.set_name(trial_.unique_name(node.name() + "_twin"));
    append(node);
    onnx::NodeProto difference;
    difference.set_op_type("Sub");
    difference.add_input(output);
    difference.add_input(twin);
    difference.add_output(trial_.unique_name(output + "_shift"));
    append(difference);
    return difference.output(0);
  }

 private:
  void append(const onnx::NodeProto& node) { *graph_.add_node() = node; }

  // The name here of what `value` of the quantised model is, made from values in floating point.
  std::string copy(const std::string& value) {
    if (value.empty()) return value;
    if (const auto known = names_.find(value); known != names_.end()) return known->second;
    std::string name = value;
    const onnx::NodeProto* producer = quantized_.producer(value);
    if (producer == nullptr) {
      if (const auto tensor = initializers_.find(value); tensor != initializers_.end() && here_.insert(value).second) {
        *graph_.add_initializer() = *tensor->second;
      }
    } else if (passes::is_op(*producer, "DequantizeLinear") || passes::is_op(*producer, "QuantizeLinear")) {
      onnx::NodeProto node = *producer;
      // What is quantised is the value of the same name in floating point.
      const bool quantizes = passes::is_op(node, "QuantizeLinear");
      for (int i = quantizes ? 1 : 0; i < node.input_size(); ++i) node.set_input(i, copy(node.input(i)));
      append(node);
    } else {
      onnx::NodeProto node = *producer;
      bool changed = false;
      for (std::string& input : *node.mutable_input()) {
        const std::string copied = copy(input);
        changed = changed || copied != input || dequantized(input);
        input = copied;
      }
      if (changed) {
        for (std::string& each : *node.mutable_output()) {
          if (!each.empty()) each = names_[each] = trial_.unique_name(fmt::format("{}_twin", each));
        }
        append(node);
        return names_[value];
      }
    }
    names_[value] = name;
    return name;
  }

  [[nodiscard]] bool dequantized(const std::string& value) const {
    const onnx::NodeProto* producer = quantized_.producer(value);
    return producer != nullptr && passes::is_op(*producer, "DequantizeLinear");
  }

  onnx::GraphProto& graph_;
  GraphView trial_;  // for names alone
  GraphView quantized_;
  std::unordered_map<std::string, const onnx::TensorProto*> initializers_;
  std::set<std::string> here_;
  std::unordered_map<std::string, std::string> names_;
};

std::set<std::string> names_of(const QuantizationReport& report) {
  std::set<std::string> names;
  for (const QuantizedNode& node : report.quantized) names.insert(node.node);
  return names;
}

// `names`: of the nodes that are shifted; nullopt: all that have a shift.
Status shift_biases(OnnxModel& model, const BiasShifts& shifts, const std::optional<std::set<std::string>>& names) {
  GraphView graph(model.mutable_proto(), model.path());
  for (onnx::NodeProto* node : graph.nodes()) {
    if (!LayerBias::is_of(*node) || (names && !names->contains(passes::name_of(*node)))) continue;
    const auto shift = shifts.find(node->output(0));
    if (shift == shifts.end()) continue;
    const auto bias = LayerBias::find(graph, *node);
    if (!bias) return fail(bias.error());
    if (const auto reason = bias->shift(graph, shift->second)) return fail(*reason);
  }
  return {};
}

double largest_of(const std::vector<double>& values) {
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

}  // namespace

Result<BiasCorrection> find_bias_shifts(Backend& backend, const OnnxModel& model, const Calibration& calibration,
                                        const QuantizeOptions& options, const BoundShapes& shapes, std::size_t count,
                                        const InputSource& inputs, const StopFlag& stop) {
  auto quantized = quantize(model, calibration, options);
  if (!quantized) return forward_error(quantized);
  BiasCorrection report;
  const std::set<std::string> names = names_of(quantized->report);
  OnnxModel trial = model.clone();
  PassContext context(trial, nullptr, {});
  const GraphView graph(trial.mutable_proto(), model.path());
  const std::vector<onnx::NodeProto*> nodes = graph.nodes();
  Twins twins(trial, quantized->model);
  std::map<std::string, const onnx::NodeProto*> node_of;  // by the value that is its shift
  std::vector<quantization::ChannelRequest> requests;
  const auto leave = [&](const onnx::NodeProto& node, std::string reason) {
    report.left.push_back({passes::name_of(node), node.op_type(), std::move(reason)});
  };
  for (onnx::NodeProto* node : nodes) {
    if (!LayerBias::is_of(*node) || !names.contains(passes::name_of(*node))) continue;
    const auto bias = LayerBias::find(graph, *node);
    const auto rank = context.rank(node->output(0));
    if (!bias || !rank) {
      leave(*node, bias ? "the rank of its output is not known" : bias.error());
      continue;
    }
    requests.push_back({twins.add(node->output(0)), *rank, bias->axis(*rank)});
    node_of.emplace(requests.back().value, node);
  }
  const auto shifts = quantization::channel_figures(trial, requests, quantization::ChannelFigure::mean,
                                                    {backend, shapes, count, inputs, stop});
  if (!shifts) return forward_error(shifts);
  for (const auto& [value, node] : node_of) {
    const auto found = shifts->find(value);
    if (found == shifts->end()) {
      leave(*node, kNotFinite);
      continue;
    }
    const std::vector<double>& shift = report.shifts[node->output(0)] = found->second;
    report.largest_shift = std::max(report.largest_shift, largest_of(shift));
    ++report.corrected;
  }
  return report;
}

Result<QuantizedModel> quantize_with_shifts(const OnnxModel& model, const Calibration& calibration,
                                            const BiasShifts& shifts, const QuantizeOptions& options) {
  auto quantized = quantize(model, calibration, options);
  if (!quantized || shifts.empty()) return quantized;
  OnnxModel corrected = model.clone();
  const Status shifted = shift_biases(corrected, shifts, names_of(quantized->report));
  if (!shifted) return forward_error(shifted);
  return quantize(corrected, calibration, options);
}

}  // namespace trtprof
