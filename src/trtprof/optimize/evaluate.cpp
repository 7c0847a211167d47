#include "trtprof/optimize/evaluate.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/optimize/compile_model.h"

namespace trtprof {
namespace {

Status add_output(onnx::GraphProto& graph, const ValueInfo& value) {
  const auto type = onnx_element_type(value.type);
  if (!type) return fail(fmt::format("value '{}' has no type that is known", printable(value.name)));
  onnx::ValueInfoProto& output = *graph.add_output();
  output.set_name(value.name);
  auto& tensor = *output.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(*type);
  if (!value.shape) return {};
  tensor.mutable_shape();
  for (const Dimension& dimension : *value.shape) {
    auto& dim = *tensor.mutable_shape()->add_dim();
    if (dimension.value) {
      dim.set_dim_value(*dimension.value);
    } else if (!dimension.symbol.empty()) {
      dim.set_dim_param(dimension.symbol);
    }
  }
  return {};
}

bool is_output(const onnx::GraphProto& graph, const std::string& name) {
  return std::ranges::any_of(graph.output(), [&](const auto& output) { return output.name() == name; });
}

bool is_made(const onnx::GraphProto& graph, const std::string& name) {
  return std::ranges::any_of(graph.input(), [&](const auto& input) { return input.name() == name; }) ||
         std::ranges::any_of(graph.node(),
                             [&](const auto& node) { return std::ranges::count(node.output(), name) != 0; });
}

}  // namespace

Status expose_values(OnnxModel& model, std::span<const std::string> values) {
  if (std::ranges::all_of(values, [&](const auto& name) { return is_output(model.proto().graph(), name); })) return {};
  const auto inferred = infer_shapes(model);
  if (!inferred) return forward_error(inferred);
  std::unordered_map<std::string_view, const ValueInfo*> known;
  for (const ValueInfo& value : inferred->values) known.emplace(value.name, &value);
  onnx::GraphProto& graph = *model.mutable_proto().mutable_graph();
  for (const std::string& name : values) {
    if (is_output(graph, name)) continue;
    if (!is_made(graph, name)) return fail(fmt::format("the main graph makes no value '{}'", printable(name)));
    const auto value = known.find(name);
    if (value == known.end()) return fail(fmt::format("value '{}' has no type that is known", printable(name)));
    if (const Status added = add_output(graph, *value->second); !added) return added;
  }
  return {};
}

struct Evaluator::Impl {
  std::unique_ptr<CompiledModel> model;
  std::vector<TensorDesc> inputs;
  std::vector<std::string> outputs;
};

Evaluator::Evaluator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

Result<Evaluator> Evaluator::create(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                    const EvaluationOptions& options) {
  std::optional<OnnxModel> watched;
  if (!options.watched.empty()) {
    watched = model.clone();
    if (const Status exposed = expose_values(*watched, options.watched); !exposed) return forward_error(exposed);
  }
  const OnnxModel& run = watched ? *watched : model;
  CompileOptions compile;
  compile.device = options.device;
  compile.shapes = shapes;
  compile.precision = options.precision;
  auto compiled = compile_model(backend, run, std::move(compile), /*tf32=*/false);  // as exact as a CPU
  if (!compiled) return forward_error(compiled);
  auto impl = std::make_unique<Impl>();
  impl->model = *std::move(compiled);
  impl->inputs = impl->model->inputs();
  for (const onnx::ValueInfoProto& output : run.proto().graph().output()) impl->outputs.push_back(output.name());
  return Evaluator(std::move(impl));
}

const std::vector<TensorDesc>& Evaluator::inputs() const {
  return impl_->inputs;
}

Result<NamedTensors> Evaluator::run(const NamedTensors& inputs) {
  for (const TensorDesc& input : impl_->inputs) {
    const auto given = inputs.find(input.name);
    if (given == inputs.end()) return fail(fmt::format("there are no values for input '{}'", printable(input.name)));
    if (const Status set = impl_->model->set_input(input.name, given->second); !set) return forward_error(set);
  }
  if (const auto times = impl_->model->run_once(); !times) return forward_error(times);
  NamedTensors outputs;
  for (const std::string& name : impl_->outputs) {
    auto tensor = impl_->model->output(name);
    if (!tensor) return forward_error(tensor);
    outputs.emplace(name, *std::move(tensor));
  }
  return outputs;
}

Result<NamedTensors> evaluate(Backend& backend, const OnnxModel& model, const NamedTensors& inputs,
                              const EvaluationOptions& options) {
  BoundShapes shapes;
  for (const auto& [name, tensor] : inputs) shapes.emplace(name, tensor.shape);
  auto evaluator = Evaluator::create(backend, model, shapes, options);
  if (!evaluator) return forward_error(evaluator);
  return evaluator->run(inputs);
}

}  // namespace trtprof
