#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "trtprof/profile/enum_names.h"
#include "trtprof/profile/json_writer.h"
#include "trtprof/report/inspection.h"
#include "trtprof/report/inspection_json_fields.h"

namespace trtprof {
namespace {

using namespace inspection_json;

template <class Number>
void numbers(JsonWriter& json, std::string_view name, const std::map<std::string, Number>& map) {
  json.key(name);
  json.begin_object();
  for (const auto& [key, number] : map) {
    field(json, key, number);
  }
  json.end_object();
}

void type_and_shape(JsonWriter& json, const ValueInfo& value) {
  if (value.type != ElementType::unknown) {
    field(json, "type", to_string(value.type));
  }
  if (!value.shape) {
    return;
  }
  json.key("shape");
  json.begin_array();
  for (const Dimension& dimension : *value.shape) {
    if (dimension.value) {
      json.value(*dimension.value);
    } else {
      json.value(std::string_view(dimension.symbol.empty() ? "?" : dimension.symbol));
    }
  }
  json.end_array();
}

void values(JsonWriter& json, std::string_view name, const std::vector<ValueInfo>& list) {
  json.key(name);
  json.begin_array();
  for (const ValueInfo& value : list) {
    json.begin_object();
    field(json, "name", value.name);
    type_and_shape(json, value);
    json.end_object();
  }
  json.end_array();
}

void totals(JsonWriter& json, std::string_view name, const CostTotals& sums) {
  json.key(name);
  json.begin_object();
  field(json, "macs", sums.macs);
  field(json, "flops", sums.flops);
  field(json, "bytes_read", sums.bytes_read);
  field(json, "bytes_written", sums.bytes_written);
  field(json, "weight_bytes_read", sums.weight_bytes);
  field(json, "operators", sums.operators);
  field(json, "unknown_operators", sums.unknown_operators);
  json.end_object();
}

void operators(JsonWriter& json, const std::vector<OperatorGroup>& groups) {
  json.key("operators");
  json.begin_array();
  for (const OperatorGroup& group : groups) {
    json.begin_object();
    field(json, "op_type", group.op_type);
    field(json, "count", group.count);
    field(json, "parameters", group.parameters);
    totals(json, "totals", group.totals);
    json.end_object();
  }
  json.end_array();
}

void tensors(JsonWriter& json, const std::vector<TensorSize>& sizes) {
  json.key("largest_tensors");
  json.begin_array();
  for (const TensorSize& tensor : sizes) {
    json.begin_object();
    field(json, "name", tensor.name);
    type_and_shape(json, tensor.info);
    field(json, "bytes", tensor.bytes);
    field(json, "constant", tensor.constant);
    json.end_object();
  }
  json.end_array();
}

void candidates(JsonWriter& json, const std::vector<FusionCandidate>& list) {
  json.key("fusion_candidates");
  json.begin_array();
  for (const FusionCandidate& candidate : list) {
    json.begin_object();
    field(json, "kind", to_string(candidate.kind));
    field(json, "block", is_block(candidate.kind));
    texts(json, "nodes", candidate.nodes);
    json.end_object();
  }
  json.end_array();
}

void memory(JsonWriter& json, const Inspection& contents) {
  json.key("memory");
  json.begin_object();
  field(json, "weight_bytes", contents.weight_bytes);
  field(json, "peak_activation_bytes", contents.peak_activation_bytes);
  if (!contents.peak_node.empty()) {
    field(json, "peak_node", contents.peak_node);
  }
  field(json, "activation_bytes", contents.activation_bytes);
  field(json, "activations_of_unknown_size", contents.tensors_of_unknown_size);
  json.end_object();
}

void run(JsonWriter& json, std::string_view name, const SampleSeries& series, std::optional<std::int64_t> layers,
         const std::optional<StopReason>& reason) {
  json.key(name);
  json.begin_object();
  field(json, "layers", layers);
  field(json, "samples", static_cast<std::uint64_t>(series.samples.size()));
  if (series.summary) {
    field(json, "median_seconds", series.summary->median);
  }
  if (reason) {
    field(json, "stop_reason", to_string(*reason));
  }
  json.end_object();
}

void environment(JsonWriter& json, const Environment& environment) {
  field(json, "started_at", environment.started_at);
  field(json, "engine", environment.engine_name);
  field(json, "engine_version", environment.engine_version);
  field(json, "backend", environment.backend);
  field(json, "device", environment.device_name);
  field(json, "hostname", environment.hostname);
  field(json, "precision", environment.precision);
}

}  // namespace

std::string inspection_to_json(const ModelInspection& inspection) {
  const ModelInfo& model = inspection.model;
  const Inspection& contents = inspection.contents;
  JsonWriter json;
  begin_document(json, "model");
  file(json, model.path, model.file_bytes, model.sha256);
  json.key("model");
  json.begin_object();
  field(json, "format", model.format);
  field(json, "producer", model.producer);
  field(json, "graph_name", model.graph_name);
  numbers(json, "opsets", model.opsets);
  field(json, "node_count", model.node_count);
  values(json, "inputs", inspection.inputs);
  values(json, "outputs", inspection.outputs);
  field(json, "parameters", contents.parameters);
  totals(json, "totals", contents.totals);
  operators(json, contents.operators);
  field(json, "constant_nodes", contents.constant_nodes);
  numbers(json, "nodes_by_precision", contents.nodes_by_precision);
  numbers(json, "weight_bytes_by_precision", contents.weights_by_precision);
  memory(json, contents);
  texts(json, "open_dimensions", contents.open_dimensions);
  tensors(json, contents.largest_tensors);
  candidates(json, contents.fusion_candidates);
  texts(json, "notes", contents.notes);
  texts(json, "warnings", inspection.warnings);
  json.end_object();
  json.end_object();
  return std::move(json).take();
}

std::string inspection_to_json(const ProfileInspection& inspection) {
  const Profile& profile = inspection.profile;
  JsonWriter json;
  begin_document(json, "profile");
  file(json, inspection.path, inspection.file_bytes, "");
  json.key("profile");
  json.begin_object();
  field(json, "schema_major", std::int64_t{profile.schema_major});
  field(json, "schema_minor", std::int64_t{profile.schema_minor});
  environment(json, profile.environment);
  field(json, "model_path", profile.model.path);
  field(json, "model_sha256", profile.model.sha256);
  field(json, "batch", profile.model.batch);
  if (profile.end_to_end) {
    run(json, "end_to_end", profile.end_to_end->total, std::nullopt, profile.end_to_end->measurement.stop_reason);
  }
  if (profile.layer_run) {
    run(json, "layer_run", profile.layer_run->total, static_cast<std::int64_t>(profile.layer_run->layers.size()),
        profile.layer_run->measurement.stop_reason);
  }
  field(json, "partial", profile.partial);
  texts(json, "notes", profile.notes);
  texts(json, "warnings", profile.warnings);
  texts(json, "reading_notes", inspection.reading_notes);
  json.end_object();
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
