#include "support/fusion_worth_fixture.h"

namespace trtprof::test {
namespace {

FusionInstance instance(FusionPairKind kind, const std::string& name, InstanceState state) {
  FusionInstance result;
  result.pair = {kind, name + "/conv_output", {name + "/conv"}, {name + "/tail"}};
  result.state = state;
  result.bytes = 1'000'000;
  return result;
}

KindWorth batch_normalization() {
  KindWorth kind;
  kind.kind = FusionPairKind::conv_bn;
  kind.instances = {instance(kind.kind, "stem", InstanceState::measured),
                    instance(kind.kind, "a/very/long/name/that/says/where/the/layer/is/in/the/network/block_17/expand",
                             InstanceState::measured)};
  kind.instances.front().worth = Effect{6e-4, Interval{5e-4, 7e-4}, 40};
  kind.instances.front().layers = Effect{5e-4, Interval{4e-4, 6e-4}, 20};
  kind.worth = Effect{1.5e-3, Interval{1.4e-3, 1.6e-3}, 60};
  kind.layers = Effect{1.3e-3, Interval{1.25e-3, 1.35e-3}, 30};
  kind.barrier = Effect{2e-4, Interval{1e-4, 3e-4}, 60};
  kind.original = 5e-3;
  kind.other_layers_changed = 1;
  return kind;
}

}  // namespace

FusionWorthReport full_fusion_worth() {
  FusionWorthReport report;
  report.environment.tool_version = "0.1.0";
  report.environment.tool_commit = "0123456789ab";
  report.environment.command_line = {"tensorrt_profiling", "fusion", "m.onnx"};
  report.environment.started_at = "2026-01-31T23:59:59Z";
  report.environment.device_name = "Intel(R) Xeon(R) Platinum 8480+";
  report.environment.cpu_model = "Intel(R) Xeon(R) Platinum 8480+";
  report.environment.backend = "openvino";
  report.environment.engine_name = "OpenVINO";
  report.environment.engine_version = "2026.4.1";
  report.environment.precision = "bf16";
  report.environment.threads = 2;
  report.model.path = "m.onnx";
  report.model.sha256 = "00ff";
  report.model.inputs = {{"input", "f32", {1, 3, 224, 224}, "", 602112}};
  report.inference = 5e-3;
  report.other_fused_layers = 2;
  report.per_instance = true;
  report.notes = {"A fact."};
  report.warnings = {"A doubt."};

  KindWorth activation;
  activation.kind = FusionPairKind::conv_activation;
  activation.worth = Effect{1e-5, Interval{-2e-5, 4e-5}, 12};
  activation.original = 5e-3;
  for (const InstanceState state : {InstanceState::measured, InstanceState::not_prevented, InstanceState::retyped,
                                    InstanceState::no_control, InstanceState::not_told, InstanceState::not_tried}) {
    activation.instances.push_back(instance(activation.kind, "block", state));
  }
  KindWorth addition;
  addition.kind = FusionPairKind::conv_add;
  addition.instances = {instance(addition.kind, "sum", InstanceState::apart)};
  addition.instances.front().tail_seconds = 3e-5;
  addition.bound = FusionBound{3e-5, BoundBasis::layer_time};
  KindWorth depthwise;
  depthwise.kind = FusionPairKind::depthwise_pointwise;
  depthwise.instances = {instance(depthwise.kind, "dw", InstanceState::apart)};
  depthwise.bound = FusionBound{1e-4, BoundBasis::memory_bandwidth};
  KindWorth elementwise;
  elementwise.kind = FusionPairKind::pointwise;
  elementwise.instances = {instance(elementwise.kind, "gate", InstanceState::apart)};
  elementwise.instances.front().bytes.reset();
  report.kinds = {batch_normalization(), activation, addition, depthwise, elementwise};
  return report;
}

FusionWorthReport bare_fusion_worth() {
  FusionWorthReport report;
  report.environment.tool_version = "0.1.0";
  report.model.path = "m.onnx";
  report.partial = true;
  return report;
}

}  // namespace trtprof::test
