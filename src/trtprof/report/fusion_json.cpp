#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trtprof/profile/enum_names.h"
#include "trtprof/profile/json_writer.h"
#include "trtprof/report/fusion.h"
#include "trtprof/report/json_fields.h"

namespace trtprof {
namespace {

using json_fields::field;
using json_fields::known;

void indices(JsonWriter& json, std::string_view name, const std::vector<std::size_t>& list) {
  json.key(name);
  json.line_of(std::vector<std::uint64_t>(list.begin(), list.end()));
}

void origins(JsonWriter& json, std::string_view name, const std::vector<OriginNode>& nodes) {
  json.key(name);
  json.begin_array();
  for (const OriginNode& node : nodes) {
    json.begin_object();
    field(json, "name", node.name);
    known(json, "op_type", node.op_type);
    json.end_object();
  }
  json.end_array();
}

void totals(JsonWriter& json, const FusionReport& report) {
  json.key("totals");
  json.begin_object();
  field(json, "chains", report.chains.size());
  for (const FusionStatus status :
       {FusionStatus::fused, FusionStatus::partly_fused, FusionStatus::not_fused, FusionStatus::not_told}) {
    field(json, to_string(status), report.chains_with(status));
  }
  json.end_object();
}

void chain_node(JsonWriter& json, const ChainNode& node) {
  json.begin_object();
  field(json, "name", node.name);
  field(json, "op_type", node.op_type);
  indices(json, "layers", node.layers);
  json.key("folded");
  json.value(node.folded);
  json.end_object();
}

void chain_break(JsonWriter& json, const FusionBreak& where) {
  json.begin_object();
  field(json, "after", where.after);
  field(json, "before", where.before);
  field(json, "layer_after", where.layer_after);
  field(json, "layer_before", where.layer_before);
  field(json, "cause", to_string(where.cause));
  indices(json, "between", where.between);
  known(json, "precision_after", where.precision_after);
  known(json, "precision_before", where.precision_before);
  json.end_object();
}

void chain(JsonWriter& json, const ChainFusion& chain) {
  json.begin_object();
  field(json, "kind", to_string(chain.kind));
  field(json, "status", to_string(chain.status));
  json.key("nodes");
  json.begin_array();
  for (const ChainNode& node : chain.nodes) {
    chain_node(json, node);
  }
  json.end_array();
  indices(json, "layers", chain.layers);
  json.key("breaks");
  json.begin_array();
  for (const FusionBreak& where : chain.breaks) {
    chain_break(json, where);
  }
  json.end_array();
  known(json, "why_not_told", chain.why_not_told);
  json.end_object();
}

void layer(JsonWriter& json, const EngineLayerNodes& layer) {
  json.begin_object();
  field(json, "name", layer.name);
  known(json, "engine_type", layer.engine_type);
  field(json, "class", to_string(layer.layer_class));
  known(json, "precision", layer.precision);
  known(json, "implementation", layer.implementation);
  origins(json, "nodes", layer.nodes);
  field(json, "origin_source", to_string(layer.source));
  json.end_object();
}

}  // namespace

void write_fusion_json(JsonWriter& json, const FusionReport& report) {
  json.begin_object();
  json.key("model_known");
  json.value(report.model_known);
  totals(json, report);
  json.key("chains");
  json.begin_array();
  for (const ChainFusion& each : report.chains) {
    chain(json, each);
  }
  json.end_array();
  json.key("layers");
  json.begin_array();
  for (const EngineLayerNodes& each : report.layers) {
    layer(json, each);
  }
  json.end_array();
  origins(json, "nodes_in_no_layer", report.nowhere);
  json.end_object();
}

std::string fusion_to_json(const FusionReport& report) {
  JsonWriter json;
  write_fusion_json(json, report);
  return std::move(json).take();
}

}  // namespace trtprof
