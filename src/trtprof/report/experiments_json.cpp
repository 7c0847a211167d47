#include "trtprof/report/experiments_report.h"
#include "trtprof/report/json_fields.h"

namespace trtprof::json_fields {
namespace {

void copies(JsonWriter& json, std::string_view key, const std::optional<CopyTime>& copies) {
  if (!copies) return;
  json.key(key);
  json.begin_object();
  field(json, "seconds", copies->seconds);
  field(json, "share", copies->share);
  json.end_object();
}

void interval(JsonWriter& json, std::string_view key, const Interval& interval) {
  json.key(key);
  json.begin_object();
  field(json, "low", interval.low);
  field(json, "high", interval.high);
  json.end_object();
}

void result(JsonWriter& json, const ExperimentResult& result) {
  const Experiment& experiment = result.experiment;
  json.begin_object();
  field(json, "rule", experiment.rule);
  field(json, "title", experiment.title);
  texts(json, "options_a", experiment.options_a);
  texts(json, "options_b", experiment.options_b);
  field(json, "figure", to_string(experiment.figure));
  if (experiment.promised) {
    interval(json, "promised", {experiment.promised->low, experiment.promised->high});
    field(json, "basis", to_string(experiment.promised->basis));
  }
  field(json, "proof", to_string(result.proof));
  field(json, "outcome", to_string(result.verdict.outcome));
  field(json, "seconds_a", result.verdict.seconds_a);
  field(json, "seconds_b", result.verdict.seconds_b);
  field(json, "effect", result.verdict.effect);
  field(json, "saved", result.saved);
  interval(json, "saved_interval", result.saved_interval);
  field(json, "level", result.verdict.level);
  field(json, "launches_a", std::uint64_t{result.verdict.a.launches});
  field(json, "launches_b", std::uint64_t{result.verdict.b.launches});
  copies(json, "copies_a", result.copies_a);
  copies(json, "copies_b", result.copies_b);
  field(json, "conclusion", result.sentence);
  json.end_object();
}

void none(JsonWriter& json, const NoExperiment& none) {
  json.begin_object();
  field(json, "rule", none.rule);
  known(json, "title", none.title);
  field(json, "reason", none.reason);
  json.end_object();
}

}  // namespace

void experiments(JsonWriter& json, const ExperimentsReport& report) {
  field(json, "launches", std::uint64_t{report.launches});
  array(json, "results", report.results, result);
  array(json, "none", report.none, none);
  texts(json, "notes", report.notes);
}

}  // namespace trtprof::json_fields
