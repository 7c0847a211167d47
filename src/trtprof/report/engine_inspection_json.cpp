#include "trtprof/report/fusion.h"
#include "trtprof/report/inspection.h"
#include "trtprof/report/inspection_json_fields.h"

namespace trtprof {
namespace {

using namespace inspection_json;

void tensors(JsonWriter& json, std::string_view name, const std::vector<TensorDesc>& list) {
  json.key(name);
  json.begin_array();
  for (const TensorDesc& tensor : list) {
    json.begin_object();
    field(json, "name", tensor.name);
    field(json, "type", tensor.element_type);
    json.key("shape");
    json.line_of(tensor.shape);
    field(json, "layout", tensor.layout);
    field(json, "bytes", tensor.bytes);
    json.end_object();
  }
  json.end_array();
}

void history(JsonWriter& json, const EngineHistory& history) {
  json.key("record");
  json.begin_object();
  field(json, "path", history.record);
  field(json, "builder", history.builder);
  field(json, "builder_version", history.builder_version);
  field(json, "device", history.device);
  field(json, "compute_capability", history.compute_capability);
  field(json, "seconds", history.seconds);
  field(json, "finished_at", history.finished_at);
  field(json, "model_path", history.model_path);
  field(json, "model_sha256", history.model_sha256);
  json.key("options");
  json.begin_array();
  for (const auto& [name, value] : history.options) {
    json.begin_object();
    field(json, "name", name);
    field(json, "value", value);
    json.end_object();
  }
  json.end_array();
  texts(json, "warnings", history.warnings);
  json.end_object();
}

}  // namespace

std::string inspection_to_json(const EngineInspection& inspection) {
  JsonWriter json;
  begin_document(json, "engine");
  file(json, inspection.path, inspection.file_bytes, inspection.sha256);
  json.key("engine");
  json.begin_object();
  field(json, "flavour", inspection.flavour);
  field(json, "version", inspection.version);
  if (inspection.history) {
    history(json, *inspection.history);
  }
  tensors(json, "inputs", inspection.inputs);
  tensors(json, "outputs", inspection.outputs);
  if (inspection.fusion) {
    json.key("fusion");
    write_fusion_json(json, *inspection.fusion);
  }
  texts(json, "unseen", inspection.unseen);
  texts(json, "notes", inspection.notes);
  texts(json, "warnings", inspection.warnings);
  json.end_object();
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
