#include "trtprof/optimize/calibrate/channel_figures.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <onnx/onnx_pb.h>

#include "trtprof/model/graph_view.h"
#include "trtprof/optimize/accuracy/output_error.h"
#include "trtprof/optimize/evaluate.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"
#include "trtprof/optimize/precision/raise_opset.h"

namespace trtprof::quantization {
namespace {

constexpr int kAxesAreInput = 18;  // of ReduceMax and ReduceMean

// Appends nodes; returns the name of what they make.
std::string add_reduction(OnnxModel& model, GraphView& graph, const ChannelRequest& request, ChannelFigure figure) {
  onnx::GraphProto& proto = *model.mutable_proto().mutable_graph();
  std::string value = request.value;
  if (figure == ChannelFigure::largest_magnitude) {
    onnx::NodeProto& magnitude = *proto.add_node();
    magnitude.set_op_type("Abs");
    magnitude.add_input(value);
    value = graph.unique_name(request.value + "_magnitude");
    magnitude.add_output(value);
  }
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < request.rank; ++i) {
    if (i != request.axis) axes.push_back(static_cast<std::int64_t>(i));
  }
  onnx::NodeProto& reduce = *proto.add_node();
  reduce.set_op_type(figure == ChannelFigure::mean ? "ReduceMean" : "ReduceMax");
  reduce.add_input(value);
  passes::set_integer(reduce, "keepdims", 0);
  if (opset_of(model) >= kAxesAreInput) {
    const auto count = static_cast<std::int64_t>(axes.size());
    const std::string name = graph.unique_name(request.value + "_axes");
    *proto.add_initializer() = passes::to_proto(passes::tensor_of_integers({count}, axes), name);
    reduce.add_input(name);
  } else {
    passes::set_integers(reduce, "axes", axes);
  }
  const std::string output = graph.unique_name(request.value + "_by_channel");
  reduce.add_output(output);
  auto& type = *proto.add_output();
  type.set_name(output);
  type.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim();
  return output;
}

void combine(std::vector<double>& all, const std::vector<double>& numbers, ChannelFigure figure, std::size_t count) {
  all.resize(std::max(all.size(), numbers.size()), 0.0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (figure == ChannelFigure::mean) {
      all[i] += numbers[i] / static_cast<double>(count);
    } else {
      all[i] = std::max(all[i], numbers[i]);
    }
  }
}

}  // namespace

Result<std::map<std::string, std::vector<double>>> channel_figures(OnnxModel& model,
                                                                   std::span<const ChannelRequest> requests,
                                                                   ChannelFigure figure, const CalibrationFeed& feed) {
  std::map<std::string, std::vector<double>> figures;
  if (requests.empty() || feed.count == 0) return figures;
  std::map<std::string, std::string> outputs;  // by value
  GraphView graph(model.mutable_proto(), model.path());
  for (const ChannelRequest& request : requests) {
    if (outputs.contains(request.value)) continue;
    outputs[request.value] = add_reduction(model, graph, request, figure);
  }
  std::set<std::string> not_finite;
  auto evaluator = Evaluator::create(feed.backend, model, feed.shapes);
  if (!evaluator) return forward_error(evaluator);
  for (std::size_t i = 0; i < feed.count; ++i) {
    if (feed.stop.requested())
      return tl::unexpected<Error>({ErrorCode::interrupted, "stopped while channels were looked at", ""});
    const auto inputs = feed.inputs(i);
    if (!inputs) return forward_error(inputs);
    const auto values = evaluator->run(*inputs);
    if (!values) return forward_error(values);
    for (const auto& [value, output] : outputs) {
      const auto numbers = numbers_of(values->at(output));
      if (!numbers || !std::ranges::all_of(*numbers, [](double number) { return std::isfinite(number); })) {
        not_finite.insert(value);
      } else {
        combine(figures[value], *numbers, figure, feed.count);
      }
    }
  }
  for (const std::string& value : not_finite) figures.erase(value);
  return figures;
}

}  // namespace trtprof::quantization
