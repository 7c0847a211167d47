#include "trtprof/report/comparison_report.h"
#include "trtprof/report/json_fields.h"

namespace trtprof {
namespace {

using json_fields::array;
using json_fields::field;
using json_fields::known;
using json_fields::texts;

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::faster:
      return "faster";
    case Outcome::same:
      return "same";
    case Outcome::slower:
      return "slower";
    case Outcome::undecided:
      break;
  }
  return "undecided";
}

void source(JsonWriter& json, const ComparisonSource& source) {
  json.begin_object();
  known(json, "path", source.path);
  field(json, "sha256", source.sha256);
  json.end_object();
}

void interval(JsonWriter& json, const Interval& interval) {
  json.key("interval");
  json.begin_object();
  field(json, "low", interval.low);
  field(json, "high", interval.high);
  json.end_object();
}

void side(JsonWriter& json, std::string_view key, const SideCounts& side, double seconds) {
  json.key(key);
  json.begin_object();
  field(json, "seconds", seconds);
  field(json, "launches", side.launches);
  field(json, "builds", side.builds);
  field(json, "samples", side.samples);
  json.end_object();
}

void verdict_fields(JsonWriter& json, const ChangeVerdict& verdict) {
  field(json, "outcome", outcome_name(verdict.outcome));
  field(json, "effect", verdict.effect);
  interval(json, verdict.interval);
  field(json, "level", verdict.level);
  field(json, "threshold", verdict.threshold);
  side(json, "a", verdict.a, verdict.seconds_a);
  side(json, "b", verdict.b, verdict.seconds_b);
  field(json, "basis", to_string(verdict.basis));
  field(json, "by_builds", verdict.by_builds);
  field(json, "spread", verdict.spread);
  field(json, "enough_launches", verdict.enough_launches);
  field(json, "reason", verdict.reason);
}

void figure(JsonWriter& json, const ComparedFigure& figure) {
  json.begin_object();
  field(json, "figure", to_string(figure.kind));
  verdict_fields(json, figure.verdict);
  json.end_object();
}

void layer_change(JsonWriter& json, const LayerChange& change) {
  json.begin_object();
  field(json, "kind", to_string(change.kind));
  known(json, "a", change.a);
  known(json, "b", change.b);
  json.end_object();
}

void group(JsonWriter& json, const LayerComparison& group) {
  json.begin_object();
  field(json, "name", group.name);
  field(json, "class", to_string(group.layer_class));
  field(json, "matched_by", to_string(group.basis));
  texts(json, "nodes", group.nodes);
  texts(json, "layers_a", group.layers_a);
  texts(json, "layers_b", group.layers_b);
  field(json, "seconds_a", group.seconds_a);
  field(json, "seconds_b", group.seconds_b);
  field(json, "difference", group.difference);
  if (group.interval) interval(json, *group.interval);
  field(json, "clear", group.clear);
  array(json, "changes", group.changes, layer_change);
  json.end_object();
}

void setting(JsonWriter& json, const SettingChange& change) {
  json.begin_object();
  field(json, "name", change.name);
  known(json, "a", change.a);
  known(json, "b", change.b);
  json.end_object();
}

}  // namespace

namespace json_fields {

void comparison(JsonWriter& json, const ComparisonDocument& document) {
  const Comparison& comparison = document.comparison;
  array(json, "profiles_a", document.a, source);
  array(json, "profiles_b", document.b, source);
  json.key("verdict");
  figure(json, {comparison.figure, comparison.verdict});
  array(json, "figures", comparison.figures, figure);
  field(json, "per_item", comparison.per_item);
  if (comparison.layers) {
    json.key("layers");
    json.begin_object();
    field(json, "sum_a", comparison.layers->sum_a);
    field(json, "sum_b", comparison.layers->sum_b);
    array(json, "groups", comparison.layers->groups, group);
    json.end_object();
  }
  array(json, "settings", comparison.settings, setting);
  field(json, "partial", comparison.partial);
  texts(json, "notes", comparison.notes);
  texts(json, "warnings", comparison.warnings);
}

}  // namespace json_fields

std::string comparison_to_json(const ComparisonDocument& document) {
  JsonWriter json;
  json.begin_object();
  json_fields::head(json, kComparisonSchemaName, kComparisonSchemaMajor, kComparisonSchemaMinor);
  json_fields::comparison(json, document);
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
