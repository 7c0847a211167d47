#include "support/profile_fixture.h"

#include <utility>

namespace trtprof::test {
namespace {

TensorDesc tensor(std::string name, std::string type, std::vector<std::int64_t> shape, std::uint64_t bytes) {
  return {std::move(name), std::move(type), std::move(shape), "nchw", bytes};
}

Environment full_environment() {
  Environment environment;
  environment.tool_version = "0.1.0";
  environment.tool_commit = "0123456789ab";
  environment.command_line = {"tensorrt_profiling", "my model.onnx", "--shape", "x:1x3x224x224", "--top", "3"};
  environment.started_at = "2026-01-31T23:59:59Z";
  environment.hostname = "bench-7";
  environment.operating_system = "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64";
  environment.cpu_model = "Intel(R) Xeon(R) Platinum 8480+";
  environment.logical_cpus = 112;
  environment.memory_bytes = 540'135'223'296;
  environment.device_kind = DeviceKind::cpu;
  environment.device_name = "Intel(R) Xeon(R) Platinum 8480+";
  environment.backend = "openvino";
  environment.engine_name = "OpenVINO";
  environment.engine_version = "2026.4.1-22982-abcdef";
  environment.precision = "bf16";
  environment.threads = 8;
  environment.streams = 1;
  environment.properties = {{"INFERENCE_PRECISION_HINT", "bf16"}, {"PERFORMANCE_HINT", "LATENCY"}};
  return environment;
}

ModelInfo full_model() {
  ModelInfo model;
  model.path = "my model.onnx";
  model.format = "onnx";
  model.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  model.file_bytes = 14'215'680;
  model.producer = "pytorch 2.11.0";
  model.graph_name = "main \"graph\"";
  model.opsets = {{"", 17}, {"com.microsoft", 1}};
  model.node_count = 154;
  model.batch = 2;
  model.inputs = {tensor("x", "f32", {2, 3, 224, 224}, 1'204'224), tensor("长度", "i64", {}, 8)};
  model.outputs = {tensor("y", "f32", {2, -1}, 8'000)};
  model.outputs.front().bytes.reset();
  return model;
}

MeasurementInfo measurement(std::int64_t iterations, StopReason reason) {
  MeasurementInfo info;
  info.warmup_iterations = 25;
  info.warmup_seconds = 0.21;
  info.warmup_steady = true;
  info.iterations = iterations;
  info.duration_seconds = 1.5;
  info.stop_reason = reason;
  info.target_relative_half_width = 0.01;
  info.achieved_relative_half_width = 0.0082;
  info.method = "wall time around a synchronous inference, by the monotonic clock";
  return info;
}

Layer full_layer(std::string name, std::string type, LayerClass layer_class, std::vector<OriginNode> origins,
                 std::vector<double> samples) {
  Layer layer;
  layer.name = std::move(name);
  layer.engine_type = std::move(type);
  layer.layer_class = layer_class;
  layer.origin_nodes = std::move(origins);
  layer.origin_source = OriginSource::reported;
  layer.precision = "bf16";
  layer.implementation = "brgconv_avx512_dw_f32";
  layer.inputs = {tensor("x", "bf16", {2, 3, 224, 224}, 602'112)};
  layer.outputs = {tensor("y", "bf16", {2, 32, 112, 112}, 1'605'632)};
  layer.time = series_of(std::move(samples));
  layer.reported_seconds = 0.00101;
  layer.work = LayerWork{10.8e6, 22.5e6, 604e3, 1.6e6};
  return layer;
}

LayerRun full_layer_run() {
  LayerRun run;
  run.measurement = measurement(7, StopReason::iterations);
  run.total = series_of({0.0041, 0.0040, 0.0042, 0.0043, 0.0041, 0.0040, 0.0041});
  const std::string quoted = "features/0/conv, \"stem\"";
  const std::string formula = "=features/1/depthwise";
  const std::string wide = "model/backbone/stage_3/inverted_residual_block_12/expand_1x1/conv_with_batch_norm";
  const std::string hostile = "特征提取/卷积\n\x1b[31mred";
  run.layers = {
      full_layer(quoted, "Convolution", LayerClass::convolution, {{quoted, "Conv"}, {"relu\"0\"", "Relu"}},
                 {0.0011, 0.0010, 0.00105, 0.0010, 0.00102, 0.0010, 0.00099}),
      full_layer(formula, "GroupConvolution", LayerClass::depthwise_convolution, {{formula, "Conv"}},
                 {0.0008, 0.0007, 0.00075, 0.0007, 0.00071, 0.0007, 0.00072}),
      full_layer("Multiply_21864", "Convolution", LayerClass::convolution,
                 {{"bn", "BatchNormalization"}, {wide, "Conv"}, {"clip", "Clip"}},
                 {0.0004, 0.0004, 0.0004, 0.0004, 0.0004, 0.0004, 0.0004}),
      full_layer(hostile, "Eltwise", LayerClass::elementwise, {{hostile, "Add"}}, {0.0002, 0.0002, 0.0003}),
  };
  Layer& inserted = run.layers.emplace_back(layer_taking("reorder_1", LayerClass::reformat, 1.0 / 3.0 * 1e-4));
  inserted.engine_type = "Reorder";
  Layer& inferred = run.layers.emplace_back(layer_taking("VariadicSplit_29502", LayerClass::slice, 0.0));
  inferred.origin_nodes = {{"slice_1", "Slice"}, {"slice_2", "Slice"}};
  inferred.origin_source = OriginSource::inferred;
  run.layers.emplace_back().name = "never timed";
  run.not_executed = {"relu1", "constant \xE2\x82\xAC"};
  return run;
}

KernelLaunch full_launch(std::string name) {
  return {std::move(name), {49, 1, 2}, {128, 1, 1}, 96, 1024, 49'152, 0.3125};
}

Activity activity(ActivityKind kind, std::string name, double start, double end) {
  Activity result;
  result.kind = kind;
  result.name = std::move(name);
  result.start = start;
  result.end = end;
  return result;
}

Timeline full_timeline() {
  Timeline timeline;
  timeline.measurement = measurement(3, StopReason::converged);
  timeline.source = "CUPTI 13.0 activity records";
  timeline.graph = true;
  timeline.join = KernelJoin::launch_order;
  timeline.join_reason = "the driver does not tell the nodes of a graph";
  timeline.kernels = {
      {full_launch("void conv<\"half\", 3>(float*)"), "features/0/conv, \"stem\"", series_of({21e-6, 22e-6, 21e-6}),
       std::nullopt, series_of({4e-6, 5e-6, 4e-6})},
      {full_launch("depthwise"), "", series_of({11e-6, 12e-6, 11e-6}), series_of({1e-6, 2e-6, 1e-6}),
       series_of({9e-6, 8e-6, 9e-6})},
  };
  timeline.span = series_of({33e-6, 36e-6, 33e-6});
  timeline.busy = series_of({32e-6, 34e-6, 32e-6});
  timeline.kernel_sum = series_of({32e-6, 34e-6, 32e-6});
  timeline.idle = series_of({1e-6, 2e-6, 1e-6});
  timeline.compute = series_of({40e-6, 41e-6, 40e-6});
  timeline.transfers = {{"host to device", "pinned", 1.0, 1'204'224.0, series_of({25e-6, 26e-6, 25e-6})}};
  timeline.calls = {{"cudaStreamSynchronize", true, 1.5, series_of({60e-6, 61e-6, 60e-6})}};
  timeline.different_inferences = 2;
  timeline.lost_records = 5;
  Activity call = activity(ActivityKind::host_call, "cudaGraphLaunch", 1.25, 1.2500041);
  call.thread = 4711;
  call.correlation = 12;
  Activity kernel = activity(ActivityKind::kernel, "depthwise", 1.25001, 1.25003);
  kernel.layer = "=features/1/depthwise";
  kernel.inference = 1;
  kernel.stream = 7;
  kernel.kernel = 1;
  kernel.correlation = 12;
  Activity copy = activity(ActivityKind::copy, "host to device", 1.2499, 1.25);
  copy.memory = "pinned";
  copy.stream = 13;
  copy.bytes = 1'204'224;
  timeline.activities = {copy, call, kernel};
  return timeline;
}

Telemetry full_telemetry() {
  Telemetry telemetry;
  telemetry.source = "NVML 580.159.04";
  telemetry.device = "NVIDIA H200";
  telemetry.period_seconds = 0.02;
  telemetry.series = {{"sm_clock", "Hz", {0.1, 0.12}, {1.98e9, 1.965e9}}, {"power", "W", {0.1}, {312.5}}};
  telemetry.throttle_reasons = {{"sw_power_cap", 0.25}};
  telemetry.phases = {{"end to end", 0.1, 1.2, 12, 345.5}, {"layers", 1.3, 1.4, 7, std::nullopt}};
  telemetry.power_limit_watts = 700.0;
  telemetry.max_sm_clock_hz = 1.98e9;
  telemetry.max_memory_clock_hz = 3.201e9;
  telemetry.locked_sm_clock_hz = 1.5e9;
  telemetry.energy_source = "the device's energy counter";
  telemetry.missing = {"The fan's speed could not be read: not supported."};
  return telemetry;
}

Counters full_counters() {
  Counters counters;
  counters.tool = "Nsight Compute 2025.3.1";
  counters.command = "ncu --clock-control none --csv tensorrt_profiling m.engine";
  counters.join = CounterJoin::none;
  counters.join_reason = "the engine is another one";
  counters.metrics = {"dram__bytes.sum", "sm__throughput.avg.pct_of_peak_sustained_elapsed", "derived__nothing"};
  counters.kernels = {{full_launch("depthwise"), "=features/1/depthwise", 3, 12.5e-6, {{1.5e6, 42.25, std::nullopt}}}};
  counters.totals = {{"instructions", 2.5e9}};
  counters.notes = {"Running with unmodified GPU clocks."};
  return counters;
}

}  // namespace

SampleSeries series_of(std::vector<double> samples) {
  SampleSeries series;
  series.samples = std::move(samples);
  series.summary = summarize(series.samples);
  return series;
}

Layer layer_taking(std::string name, LayerClass layer_class, double seconds) {
  Layer layer;
  layer.name = std::move(name);
  layer.layer_class = layer_class;
  layer.time = series_of(std::vector<double>(7, seconds));
  return layer;
}

Profile full_profile() {
  Profile profile;
  profile.environment = full_environment();
  profile.model = full_model();
  EndToEnd& end_to_end = profile.end_to_end.emplace();
  end_to_end.measurement = measurement(12, StopReason::converged);
  end_to_end.total =
      series_of({0.0031, 0.0030, 0.0029, 0.0030, 0.0031, 0.0030, 0.0032, 0.0030, 0.0031, 0.0030, 0.0029, 0.0095});
  end_to_end.host_to_device = series_of({0.0001, 0.00011, 0.0001});
  end_to_end.enqueue = series_of({0.00002, 0.00003, 0.00002});
  end_to_end.compute = series_of({0.0025, 0.0026, 0.0025});
  end_to_end.device_to_host = series_of({0.00005, 0.00006, 0.00005});
  end_to_end.interval = series_of({0.001, 0.0012, 0.0011});
  profile.layer_run = full_layer_run();
  profile.timeline = full_timeline();
  profile.counters = full_counters();
  profile.telemetry = full_telemetry();
  profile.partial = true;
  profile.notes = {"the engine fused 2 layers"};
  profile.warnings = {"1 of 12 samples is an outlier"};
  return profile;
}

Profile bare_profile() {
  Profile profile;
  profile.environment.engine_name = "OpenVINO";
  profile.environment.backend = "openvino";
  profile.model.path = "model.onnx";
  return profile;
}

Profile guide_profile() {
  Profile profile;
  profile.environment.device_kind = DeviceKind::gpu;
  profile.environment.device_name = "NVIDIA H200";
  profile.environment.backend = "tensorrt";
  profile.environment.engine_name = "TensorRT";
  profile.model.path = "mobilenetv2_fp16.engine";
  profile.layer_run.emplace().layers = {
      layer_taking("conv1", LayerClass::convolution, 2.1234e-3),
      layer_taking("bn1", LayerClass::scale, 0.3456e-3),
      layer_taking("relu1", LayerClass::activation, 0.2345e-3),
      layer_taking("layer1/block0/conv", LayerClass::convolution, 1.8901e-3),
      layer_taking("layer1/block1/conv", LayerClass::convolution, 1.7654e-3),
      layer_taking("layer2/conv", LayerClass::convolution, 1.6923e-3),
      layer_taking("layer3/conv", LayerClass::convolution, 1.5432e-3),
      layer_taking("layer4/conv", LayerClass::convolution, 1.3567e-3),
      layer_taking("pool1", LayerClass::pooling, 0.9000e-3),
      layer_taking("fc1", LayerClass::fully_connected, 1.0523e-3),
      layer_taking("prob", LayerClass::softmax, 0.8619e-3),
  };
  return profile;
}

Profile gpu_profile() {
  Profile profile = guide_profile();
  Environment& environment = profile.environment;
  environment.hostname = "gpu-1";
  environment.operating_system = "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64";
  environment.cpu_model = "Intel(R) Xeon(R) Platinum 8480+";
  environment.engine_version = "10.6.0.26";
  environment.precision = "f16";
  environment.streams = 1;
  environment.properties = {
      {"device", "cuda:0"},        {"compute capability", "9.0"}, {"multiprocessors", "132"},
      {"device memory", "150 GB"}, {"L2 cache", "62.9 MB"},       {"CUDA driver", "13.0"},
      {"CUDA runtime", "12.6"},    {"CUDA graph", "yes"},         {"transfers", "overlapped, page-locked"},
      {"waiting", "block"}};
  profile.model.format = "tensorrt-engine";
  profile.model.batch = 1;
  profile.model.inputs = {tensor("x", "f16", {1, 3, 224, 224}, 301'056)};
  EndToEnd& run = profile.end_to_end.emplace();
  run.measurement = measurement(7, StopReason::converged);
  run.measurement.method = "CUDA events around the copies and the compute; enqueue by the host's monotonic clock";
  run.host_to_device = series_of({353e-6, 352e-6, 354e-6, 353e-6, 353e-6, 355e-6, 352e-6});
  run.enqueue = series_of({14.2e-6, 14.1e-6, 14.3e-6, 14.2e-6, 14.1e-6, 14.2e-6, 42e-6});
  run.compute = series_of({13.215e-3, 13.214e-3, 13.216e-3, 13.215e-3, 13.215e-3, 13.301e-3, 13.213e-3});
  run.device_to_host = series_of({6.6e-6, 6.5e-6, 6.7e-6, 6.6e-6, 6.6e-6, 6.6e-6, 6.5e-6});
  run.total = series_of({13.5746e-3, 13.5725e-3, 13.5767e-3, 13.5746e-3, 13.5746e-3, 13.6626e-3, 13.5715e-3});
  profile.layer_run->total = series_of(std::vector<double>(7, 14.1e-3));
  profile.notes = {"Engine: built by TensorRT 10.6.0.26 on NVIDIA H200, from mobilenetv2.onnx (sha256 9f86d081884c)."};
  return profile;
}

}  // namespace trtprof::test
