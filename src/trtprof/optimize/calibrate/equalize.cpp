#include "trtprof/optimize/calibrate/equalize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <tl/expected.hpp>

#include "trtprof/base/text.h"
#include "trtprof/model/graph_view.h"
#include "trtprof/optimize/calibrate/channel_figures.h"
#include "trtprof/optimize/passes/linear_layer.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof {
namespace {

using passes::input_of;
using passes::is_op;
using passes::LinearLayer;
using passes::name_of;
using passes::only_reader;

// Beyond that a channel is as good as dead, and its weights would leave f16.
constexpr double kMostFactor = 256.0;
// How far below a Clip's limit data may bring a raised channel: other data reaches further.
constexpr double kClipMargin = 1.25;

struct Pair {
  onnx::NodeProto* from = nullptr;
  onnx::NodeProto* to = nullptr;
  std::string value;  // that `to` reads
  double limit = std::numeric_limits<double>::infinity();
  bool depthwise = false;
  std::size_t rank = 4;  // of the value
  std::size_t channels = 0;
};
using Found = tl::expected<Pair, std::string>;

// Where the activation is linear on each side of zero up to a limit: that limit; nullopt: it is not.
std::optional<double> limit_of(const GraphView& graph, const onnx::NodeProto& node) {
  if (is_op(node, "Relu") || is_op(node, "LeakyRelu")) return std::numeric_limits<double>::infinity();
  if (!is_op(node, "Clip")) return std::nullopt;
  const auto end = [&](int input, const char* attribute, double otherwise) -> std::optional<double> {
    if (!input_of(node, input).empty()) return passes::constant_scalar(graph, input_of(node, input));
    return double{passes::number_of(node, attribute, static_cast<float>(otherwise))};
  };
  const auto low = end(1, "min", std::numeric_limits<float>::lowest());
  const auto high = end(2, "max", std::numeric_limits<float>::max());
  if (!low || !high || *low != 0.0 || *high <= 0.0) return std::nullopt;
  return high;
}

// Of a convolution: what stands before it.
Found find_pair(const GraphView& graph, onnx::NodeProto& to) {
  Pair pair;
  pair.to = &to;
  pair.value = input_of(to, 0);
  if (only_reader(graph, pair.value) != &to) return tl::unexpected(std::string("others read its input, too"));
  onnx::NodeProto* before = graph.producer(pair.value);
  if (before == nullptr) return tl::unexpected(std::string("its input is the model's"));
  if (!LinearLayer::is_one(*before)) {
    const auto limit = limit_of(graph, *before);
    if (!limit) {
      return tl::unexpected(fmt::format("{} before it is not linear", passes::call(*before)));
    }
    pair.limit = *limit;
    const std::string made = input_of(*before, 0);
    if (only_reader(graph, made) != before) {
      return tl::unexpected(fmt::format("others read what {} reads", passes::call(*before)));
    }
    before = graph.producer(made);
  }
  if (before == nullptr || !LinearLayer::is_one(*before) || is_op(*before, "MatMul")) {
    return tl::unexpected(std::string("no layer with weights is before it"));
  }
  pair.from = before;
  return pair;
}

std::vector<double> factors_of(const Pair& pair, const std::vector<double>& ranges) {
  const double largest = *std::ranges::max_element(ranges);
  std::vector<double> factors;
  for (const double range : ranges) {
    double factor = 1.0;
    if (range > 0.0) {
      const double wanted = largest / range;
      factor = std::min({pair.depthwise ? wanted : std::sqrt(wanted), pair.limit / (kClipMargin * range), kMostFactor});
      // A power of two changes no digit of a weight.
      factor = std::exp2(std::floor(std::log2(std::max(factor, 1.0))));
    }
    factors.push_back(factor);
  }
  return factors;
}

std::optional<std::string> apply(GraphView& graph, const Pair& pair, const std::vector<double>& factors) {
  auto from = LinearLayer::read(graph, *pair.from);
  if (!from) return from.error();
  from->scale_outputs(factors);
  if (auto reason = from->store(graph)) return reason;
  auto to = LinearLayer::read(graph, *pair.to);
  if (!to) return to.error();
  std::vector<double> inverse;
  inverse.reserve(factors.size());
  for (const double factor : factors) inverse.push_back(1.0 / factor);
  to->take_input(inverse, std::vector<double>(inverse.size(), 0.0));
  return to->store(graph);
}

// The values that can be equalised, in order; the others come to `left`.
std::vector<Pair> find_pairs(const GraphView& graph, std::vector<BlockedNode>& left) {
  std::vector<Pair> pairs;
  for (onnx::NodeProto* node : graph.nodes()) {
    if (!is_op(*node, "Conv")) continue;
    auto pair = find_pair(graph, *node);
    if (!pair) {
      left.push_back({name_of(*node), node->op_type(), pair.error()});
      continue;
    }
    const auto from = LinearLayer::read(graph, *pair->from);
    const auto to = LinearLayer::read(graph, *node);
    if (!from || !to || from->output_channels() != to->input_channels()) {
      left.push_back({name_of(*node), node->op_type(),
                      !from ? from.error()
                      : !to ? to.error()
                            : "its channels are not those of the layer before it"});
      continue;
    }
    const auto weights = graph.constant(input_of(*node, 1));
    pair->rank = weights->shape.size();
    pair->channels = to->input_channels();
    pair->depthwise = weights->shape[1] == 1;
    pairs.push_back(*std::move(pair));
  }
  return pairs;
}

// Layers were read with each other before: what is refused here is refused before anything is written.
Status equalize_pair(GraphView& graph, const Pair& pair, const std::vector<double>& factors, Equalization& report) {
  if (const auto reason = apply(graph, pair, factors)) return fail(*reason);
  const auto raised = std::ranges::count_if(factors, [](double factor) { return factor > 1.0; });
  report.values.push_back({pair.value, name_of(*pair.from), name_of(*pair.to), static_cast<std::size_t>(raised),
                           *std::ranges::max_element(factors)});
  report.factors[pair.value] = factors;
  return {};
}

}  // namespace

Result<Equalization> equalize(Backend& backend, OnnxModel& model, const BoundShapes& shapes, std::size_t count,
                              const InputSource& inputs, const StopFlag& stop) {
  Equalization report;
  GraphView graph(model.mutable_proto(), model.path());
  const std::vector<Pair> pairs = find_pairs(graph, report.left);
  std::vector<quantization::ChannelRequest> requests;
  requests.reserve(pairs.size());
  for (const Pair& pair : pairs) requests.push_back({pair.value, pair.rank, 1});
  OnnxModel trial = model.clone();
  const auto ranges = quantization::channel_figures(trial, requests, quantization::ChannelFigure::largest_magnitude,
                                                    {backend, shapes, count, inputs, stop});
  if (!ranges) return forward_error(ranges);
  for (const Pair& pair : pairs) {
    const auto leave = [&](const char* reason) {
      report.left.push_back({name_of(*pair.to), pair.to->op_type(), reason});
    };
    const auto range = ranges->find(pair.value);
    if (range == ranges->end()) {
      leave("its input has values that are no finite numbers on this data");
      continue;
    }
    const std::vector<double> factors = factors_of(pair, range->second);
    if (std::ranges::none_of(factors, [](double factor) { return factor > 1.0; })) {
      leave("no channel of its input can be raised");
    } else if (const Status done = equalize_pair(graph, pair, factors, report); !done) {
      return forward_error(done);
    }
  }
  return report;
}

Result<Equalization> equalize_by(OnnxModel& model, const ChannelFactors& factors) {
  Equalization report;
  GraphView graph(model.mutable_proto(), model.path());
  for (const Pair& pair : find_pairs(graph, report.left)) {
    const auto found = factors.find(pair.value);
    if (found == factors.end()) {
      report.left.push_back({name_of(*pair.to), pair.to->op_type(), "no channel of its input was raised"});
    } else if (found->second.size() != pair.channels) {
      return fail(fmt::format("'{}' has {} channels, and {} factors are given", printable(pair.value), pair.channels,
                              found->second.size()));
    } else if (const Status done = equalize_pair(graph, pair, found->second, report); !done) {
      return forward_error(done);
    }
  }
  for (const auto& [value, numbers] : factors) {
    if (!report.factors.contains(value)) {
      return fail(fmt::format("the channels of '{}' cannot be equalised in this model", printable(value)));
    }
  }
  return report;
}

}  // namespace trtprof
