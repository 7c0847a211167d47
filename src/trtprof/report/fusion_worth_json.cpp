#include "trtprof/report/fusion_worth.h"
#include "trtprof/report/json_fields.h"

namespace trtprof {
namespace {

using json_fields::array;
using json_fields::field;
using json_fields::known;
using json_fields::texts;

void effect(JsonWriter& json, std::string_view name, const std::optional<Effect>& value) {
  if (!value) return;
  json.key(name);
  json.begin_object();
  field(json, "seconds", value->seconds);
  if (value->interval) {
    field(json, "low", value->interval->low);
    field(json, "high", value->interval->high);
  }
  field(json, "rounds", std::uint64_t{value->rounds});
  json.end_object();
}

void write_instance(JsonWriter& json, const FusionInstance& instance) {
  json.begin_object();
  field(json, "tensor", instance.pair.tensor);
  texts(json, "head", instance.pair.head);
  texts(json, "tail", instance.pair.tail);
  field(json, "state", to_string(instance.state));
  field(json, "bytes", instance.bytes);
  field(json, "tail_seconds", instance.tail_seconds);
  effect(json, "worth", instance.worth);
  effect(json, "layers", instance.layers);
  json.end_object();
}

void write_kind(JsonWriter& json, const KindWorth& kind) {
  json.begin_object();
  field(json, "kind", to_string(kind.kind));
  field(json, "guide", guides_figure(kind.kind));
  effect(json, "worth", kind.worth);
  effect(json, "layers", kind.layers);
  effect(json, "barrier", kind.barrier);
  field(json, "original_seconds", kind.original);
  field(json, "other_layers_changed", std::uint64_t{kind.other_layers_changed});
  if (kind.bound) {
    json.key("bound");
    json.begin_object();
    field(json, "seconds", kind.bound->seconds);
    field(json, "basis", to_string(kind.bound->basis));
    json.end_object();
  }
  array(json, "instances", kind.instances, write_instance);
  json.end_object();
}

void write_model(JsonWriter& json, const ModelInfo& model) {
  json.key("model");
  json.begin_object();
  field(json, "path", model.path);
  field(json, "sha256", model.sha256);
  array(json, "inputs", model.inputs, [](JsonWriter& out, const TensorDesc& input) {
    out.begin_object();
    field(out, "name", input.name);
    field(out, "element_type", input.element_type);
    out.key("shape");
    out.line_of(input.shape);
    out.end_object();
  });
  json.end_object();
}

void write_environment(JsonWriter& json, const Environment& environment) {
  json.key("environment");
  json.begin_object();
  field(json, "tool_version", environment.tool_version);
  known(json, "tool_commit", environment.tool_commit);
  texts(json, "command_line", environment.command_line);
  field(json, "started_at", environment.started_at);
  known(json, "device_name", environment.device_name);
  known(json, "cpu_model", environment.cpu_model);
  known(json, "backend", environment.backend);
  known(json, "engine_name", environment.engine_name);
  known(json, "engine_version", environment.engine_version);
  known(json, "precision", environment.precision);
  field(json, "threads", environment.threads ? std::optional(std::int64_t{*environment.threads}) : std::nullopt);
  json.end_object();
}

}  // namespace

std::string fusion_worth_to_json(const FusionWorthReport& report) {
  JsonWriter json;
  json.begin_object();
  json_fields::schema(json, "trtprof-fusion", kFusionWorthSchemaMajor, kFusionWorthSchemaMinor);
  write_environment(json, report.environment);
  write_model(json, report.model);
  field(json, "inference_seconds", report.inference);
  array(json, "kinds", report.kinds, write_kind);
  field(json, "other_fused_layers", std::uint64_t{report.other_fused_layers});
  field(json, "per_instance", report.per_instance);
  field(json, "partial", report.partial);
  texts(json, "notes", report.notes);
  texts(json, "warnings", report.warnings);
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
