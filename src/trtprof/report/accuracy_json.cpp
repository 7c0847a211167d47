#include <utility>

#include "trtprof/report/accuracy_report.h"
#include "trtprof/report/json_fields.h"

namespace trtprof {
namespace {

using json_fields::array;
using json_fields::field;
using json_fields::known;
using json_fields::texts;

void side(JsonWriter& json, std::string_view key, const AccuracySide& side) {
  json.key(key);
  json.begin_object();
  field(json, "path", side.model.path);
  field(json, "sha256", side.model.sha256);
  field(json, "backend", side.environment.backend);
  field(json, "engine", side.environment.engine_name);
  field(json, "engine_version", side.environment.engine_version);
  field(json, "device", side.environment.device_name);
  known(json, "precision", side.environment.precision);
  json.end_object();
}

void agreement(JsonWriter& json, const ClassAgreement& agreement) {
  json.key("agreement");
  json.begin_object();
  field(json, "rows", agreement.rows);
  field(json, "top1", agreement.top1);
  field(json, "top5", agreement.top5);
  json.end_object();
}

void output(JsonWriter& json, const OutputError& error) {
  json.begin_object();
  field(json, "name", error.output);
  field(json, "elements", error.elements);
  field(json, "identical", error.identical);
  field(json, "cosine", error.cosine);
  field(json, "lowest_cosine", error.lowest_cosine);
  field(json, "sqnr_db", error.sqnr_db);
  field(json, "max_absolute", error.max_absolute);
  field(json, "max_relative", error.max_relative);
  field(json, "mean_absolute", error.mean_absolute);
  field(json, "mean", error.mean);
  field(json, "largest_reference", error.largest_reference);
  field(json, "nan", error.nan_other);
  field(json, "nan_reference", error.nan_reference);
  field(json, "infinite", error.infinite_other);
  field(json, "infinite_reference", error.infinite_reference);
  field(json, "not_finite_apart", error.not_finite_apart);
  if (error.agreement) agreement(json, *error.agreement);
  json.end_object();
}

void interval(JsonWriter& json, std::string_view key, const Interval& of) {
  json.key(key);
  json.begin_array();
  json.value(of.low);
  json.value(of.high);
  json.end_array();
}

void score(JsonWriter& json, std::string_view key, const LabelScore& score, std::uint64_t samples) {
  json.key(key);
  json.begin_object();
  field(json, "top1", score.top1);
  interval(json, "top1_interval", wilson_interval(score.top1, samples));
  field(json, "top5", score.top5);
  json.end_object();
}

void labels(JsonWriter& json, const LabelAccuracy& labels) {
  json.key("labels");
  json.begin_object();
  field(json, "output", labels.output);
  field(json, "samples", labels.samples);
  score(json, "model", labels.other, labels.samples);
  score(json, "reference", labels.reference, labels.samples);
  field(json, "only_reference_right", labels.top1.only_first_right);
  field(json, "only_model_right", labels.top1.only_second_right);
  field(json, "drop", paired_drop(labels.top1));
  interval(json, "drop_interval", paired_drop_interval(labels.top1));
  field(json, "mcnemar_p", mcnemar_p(labels.top1));
  json.end_object();
}

void gates(JsonWriter& json, const AccuracyGates& gates, const GateVerdict& verdict) {
  json.key("gates");
  json.begin_object();
  field(json, "min_agreement", gates.min_agreement);
  field(json, "max_drop_points", gates.max_drop_points);
  field(json, "passed", verdict.passed);
  texts(json, "failures", verdict.failures);
  texts(json, "doubts", verdict.doubts);
  json.end_object();
}

}  // namespace

namespace json_fields {

void accuracy(JsonWriter& json, const AccuracyDocument& document) {
  side(json, "model", document.model);
  side(json, "reference", document.reference);
  json.key("data");
  json.begin_object();
  known(json, "path", document.data.path);
  if (document.result.random_data) field(json, "seed", document.data.seed);
  field(json, "samples", document.result.samples);
  field(json, "partial", document.result.partial);
  json.end_object();
  array(json, "outputs", document.result.outputs, output);
  if (document.result.labels) labels(json, *document.result.labels);
  if (document.gates.min_agreement || document.gates.max_drop_points) gates(json, document.gates, document.verdict);
  texts(json, "warnings", document.result.warnings);
}

}  // namespace json_fields

std::string accuracy_to_json(const AccuracyDocument& document) {
  JsonWriter json;
  json.begin_object();
  json_fields::head(json, kAccuracySchemaName, kAccuracySchemaMajor, kAccuracySchemaMinor);
  json_fields::accuracy(json, document);
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
