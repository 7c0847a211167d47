#include "trtprof/backend/openvino/peak_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <set>

#include <fmt/format.h>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/result.hpp>
#include <openvino/runtime/properties.hpp>

#include "trtprof/backend/ceiling_figures.h"

namespace trtprof::openvino {
namespace {

constexpr std::size_t kLayers = 8;
// Of a convolution of the middle of ResNets, where engines are at their best.
constexpr std::size_t kChannels = 256;
constexpr std::size_t kImage = 56;
constexpr std::size_t kKernel = 3;
constexpr std::array<std::size_t, 3> kSides = {1024, 2048, 4096};
constexpr std::array<std::size_t, 3> kBatches = {1, 4, 16};
// A chain that takes less is made larger: its ends, and waking the threads, would count.
constexpr double kLongEnough = 0.05;
constexpr std::uint64_t kSeed = 1;
constexpr float kQuantumsPerUnit = 127.0F;

// Of every element the same spread as its input's: values neither grow nor die along the chain.
ov::Output<ov::Node> weights(const ov::Shape& shape, std::size_t terms, bool int8) {
  std::mt19937_64 random(kSeed);
  const float amplitude = std::sqrt(3.0F / static_cast<float>(terms));
  if (!int8) {
    std::uniform_real_distribution<float> value(-amplitude, amplitude);
    std::vector<float> values(ov::shape_size(shape));
    for (float& each : values) each = value(random);
    return std::make_shared<ov::op::v0::Constant>(ov::element::f32, shape, values);
  }
  std::uniform_int_distribution<int> value(-127, 127);
  std::vector<std::int8_t> values(ov::shape_size(shape));
  for (std::int8_t& each : values) each = static_cast<std::int8_t>(value(random));
  const auto stored = std::make_shared<ov::op::v0::Constant>(ov::element::i8, shape, values);
  const auto converted = std::make_shared<ov::op::v0::Convert>(stored, ov::element::f32);
  const auto scale = ov::op::v0::Constant::create(ov::element::f32, ov::Shape{}, {amplitude / kQuantumsPerUnit});
  return std::make_shared<ov::op::v1::Multiply>(converted, scale);
}

// 0 to 4 in 256 steps, as behind an activation.
ov::Output<ov::Node> quantized(const ov::Output<ov::Node>& input) {
  const auto bound = [](float value) { return ov::op::v0::Constant::create(ov::element::f32, ov::Shape{}, {value}); };
  const auto low = bound(0.0F);
  const auto high = bound(4.0F);
  return std::make_shared<ov::op::v0::FakeQuantize>(input, low, high, low, high, 256);
}

template <class Layer>
PeakModel chain(const ov::Shape& input, bool int8, const Layer& layer) {
  const auto parameter = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, input);
  ov::Output<ov::Node> last = parameter;
  for (std::size_t i = 0; i < kLayers; ++i) last = layer(int8 ? quantized(last) : last);
  PeakModel peak;
  peak.model = std::make_shared<ov::Model>(ov::OutputVector{std::make_shared<ov::op::v0::Result>(last)},
                                           ov::ParameterVector{parameter});
  return peak;
}

bool is_matrix_layer(const std::string& type) {
  static const std::set<std::string> types = {"FullyConnected", "MatMul", "Convolution"};
  return types.contains(type);
}

std::string info_text(const ov::Node& node, const char* key) {
  const auto found = node.get_rt_info().find(key);
  return found == node.get_rt_info().end() ? std::string() : found->second.as<std::string>();
}

// "u8" of activations is 8 bits as "i8" is.
bool computes_in(const std::string& got, const std::string& wanted) {
  return got == wanted || (wanted == "i8" && got == "u8");
}

Status check_precision(const ov::CompiledModel& compiled, const std::string& wanted) {
  std::size_t layers = 0;
  for (const auto& node : compiled.get_runtime_model()->get_ops()) {
    if (!is_matrix_layer(info_text(*node, "layerType"))) continue;
    const std::string got = info_text(*node, "runtimePrecision");
    if (!computes_in(got, wanted)) {
      return unavailable(fmt::format("the engine computes in {} on this CPU where {} is asked for", got, wanted));
    }
    ++layers;
  }
  if (layers == kLayers) return {};
  return fail(fmt::format("the engine made {} layers of the {} that measure its peak", layers, kLayers));
}

ov::AnyMap properties_for(const std::string& precision) {
  static const std::map<std::string, ov::element::Type> types = {
      {"f32", ov::element::f32}, {"bf16", ov::element::bf16}, {"f16", ov::element::f16}, {"i8", ov::element::f32}};
  return {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::enable_profiling(true),
          ov::hint::inference_precision(types.at(precision))};
}

// One inference; seconds of its matrix layers.
double run_seconds(ov::InferRequest& request) {
  request.infer();
  double seconds = 0.0;
  for (const ov::ProfilingInfo& layer : request.get_profiling_info()) {
    if (layer.status != ov::ProfilingInfo::Status::EXECUTED || !is_matrix_layer(layer.node_type)) continue;
    seconds += std::chrono::duration<double>(layer.real_time).count();
  }
  return seconds;
}

void fill_input(ov::InferRequest& request) {
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<float> value(-1.0F, 1.0F);
  ov::Tensor input = request.get_input_tensor();
  for (float& each : std::span(input.data<float>(), input.get_size())) each = value(random);
}

// The first of the sizes that is large enough, or the last.
template <class Make>
Result<CeilingFigure> measure_chain(ov::Core& core, const PeakRequest& request, const StopFlag& stop,
                                    std::span<const std::size_t> sizes, const Make& make) {
  for (const std::size_t size : sizes) {
    const PeakModel peak = make(size, request.precision == "i8");
    ov::CompiledModel compiled = core.compile_model(peak.model, "CPU", properties_for(request.precision));
    if (Status precision = check_precision(compiled, request.precision); !precision) return forward_error(precision);
    ov::InferRequest inference = compiled.create_infer_request();
    fill_input(inference);
    run_seconds(inference);
    if (stop.requested()) return tl::unexpected<Error>(Error{ErrorCode::interrupted, "interrupted", ""});
    if (size != sizes.back() && run_seconds(inference) < kLongEnough) continue;
    const auto samples = sample_runs(request.seconds, stop, [&]() -> Result<double> { return run_seconds(inference); });
    if (!samples) return forward_error(samples);
    const int threads = compiled.get_property(ov::inference_num_threads);
    return rate_figure(request.kind, peak.operations, *samples,
                       fmt::format("{} in {} by OpenVINO on {} thread{}, by its layer times", peak.what,
                                   request.precision, threads, threads == 1 ? "" : "s"));
  }
  return fail("no size of model to measure the peak with");
}

}  // namespace

PeakModel matrix_products(std::size_t side, bool int8) {
  const ov::Output<ov::Node> matrix = weights({side, side}, side, int8);
  PeakModel peak = chain({side, side}, int8, [&](const ov::Output<ov::Node>& input) -> ov::Output<ov::Node> {
    return std::make_shared<ov::op::v0::MatMul>(input, matrix, false, true);
  });
  const auto n = static_cast<double>(side);
  peak.operations = 2.0 * n * n * n * static_cast<double>(kLayers);
  peak.what = fmt::format("{} products of {} x {} matrices", kLayers, side, side);
  return peak;
}

PeakModel convolutions(std::size_t batch, bool int8) {
  constexpr std::size_t terms = kChannels * kKernel * kKernel;
  const ov::Output<ov::Node> filters = weights({kChannels, kChannels, kKernel, kKernel}, terms, int8);
  const ov::Shape input_shape = {batch, kChannels, kImage, kImage};
  PeakModel peak = chain(input_shape, int8, [&](const ov::Output<ov::Node>& input) -> ov::Output<ov::Node> {
    return std::make_shared<ov::op::v1::Convolution>(input, filters, ov::Strides{1, 1}, ov::CoordinateDiff{1, 1},
                                                     ov::CoordinateDiff{1, 1}, ov::Strides{1, 1});
  });
  peak.operations = 2.0 * static_cast<double>(ov::shape_size(input_shape) * terms * kLayers);
  peak.what = fmt::format("{} convolutions 3x3 of {}x{}x{}x{}", kLayers, batch, kChannels, kImage, kImage);
  return peak;
}

Result<CeilingFigure> measure_peak(ov::Core& core, const PeakRequest& request, const StopFlag& stop) {
  PeakRequest half = request;
  half.seconds = request.seconds / 2.0;
  std::vector<CeilingFigure> figures;
  auto products = measure_chain(core, half, stop, kSides, matrix_products);
  if (!products) return products;
  figures.push_back(*std::move(products));
  auto convolved = measure_chain(core, half, stop, kBatches, convolutions);
  if (!convolved && convolved.error().code == ErrorCode::interrupted) return convolved;
  if (convolved) figures.push_back(*std::move(convolved));
  return *best_rate(figures);
}

}  // namespace trtprof::openvino
