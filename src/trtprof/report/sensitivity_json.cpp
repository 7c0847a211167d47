#include "trtprof/report/json_fields.h"
#include "trtprof/report/sensitivity_report.h"

namespace trtprof::json_fields {
namespace {

void score(JsonWriter& json, const TrialScore& score) {
  json.key("score");
  json.begin_object();
  field(json, "error", score.error);
  field(json, "sqnr", score.sqnr_db());
  field(json, "agreement", score.agreement);
  field(json, "top1", score.top1);
  field(json, "drop", score.drop);
  field(json, "samples", score.samples);
  json.end_object();
}

void group(JsonWriter& json, const PrecisionGroup& group) {
  field(json, "group", group.name);
  field(json, "op_type", group.op_type);
  texts(json, "nodes", group.nodes);
}

void ranked(JsonWriter& json, const GroupSensitivity& found) {
  json.begin_object();
  group(json, found.group);
  if (found.score) score(json, *found.score);
  field(json, "together", std::uint64_t{found.together});
  known(json, "failure", found.failure);
  json.end_object();
}

void point(JsonWriter& json, const CumulativePoint& point) {
  json.begin_object();
  field(json, "kept", std::uint64_t{point.kept});
  score(json, point.score);
  field(json, "passed", point.passed);
  json.end_object();
}

void kept(JsonWriter& json, const PrecisionGroup& kept) {
  json.begin_object();
  group(json, kept);
  json.end_object();
}

}  // namespace

void sensitivity(JsonWriter& json, const SensitivityDone& done) {
  const SensitivityReport& report = done.report;
  field(json, "precision", done.precision);
  field(json, "data", done.data);
  field(json, "data_samples", done.data_samples);
  field(json, "ranking_samples", done.ranking_samples);
  known(json, "engine", done.engine);
  known(json, "device", done.device);
  field(json, "groups", std::uint64_t{report.groups});
  field(json, "trials", std::uint64_t{report.trials});
  field(json, "seconds", report.seconds);
  field(json, "out_of_time", report.out_of_time);
  array(json, "ranking", report.ranking, ranked);
  array(json, "curve", report.curve, point);
  if (report.searched) {
    json.key("search");
    json.begin_object();
    field(json, "min_agreement", done.gates.min_agreement);
    field(json, "max_drop_points", done.gates.max_drop_points);
    field(json, "found", report.found);
    array(json, "kept", report.kept, kept);
    if (report.kept_score) score(json, *report.kept_score);
    json.end_object();
  }
  texts(json, "notes", report.notes);
}

}  // namespace trtprof::json_fields
