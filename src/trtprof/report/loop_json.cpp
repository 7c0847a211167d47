#include <cmath>

#include "trtprof/report/experiments_report.h"
#include "trtprof/report/json_fields.h"
#include "trtprof/report/loop.h"

namespace trtprof {
namespace {

using json_fields::array;
using json_fields::field;
using json_fields::known;
using json_fields::texts;

void file(JsonWriter& json, std::string_view key, const std::string& path, const std::string& sha256,
          const std::optional<std::uint64_t>& bytes) {
  json.key(key);
  json.begin_object();
  field(json, "path", path);
  field(json, "sha256", sha256);
  field(json, "file_bytes", bytes);
  json.end_object();
}

void write_look(JsonWriter& json, const LookFacts& look) {
  json.begin_object();
  field(json, "outcome", to_string(look.outcome));
  field(json, "effect", look.effect);
  field(json, "low", look.interval.low);
  field(json, "high", look.interval.high);
  field(json, "level", look.level);
  field(json, "per_item", is_per_item(look));
  field(json, "figure", to_string(look.figure.value_or(FigureKind::latency)));
  field(json, "seconds_a", look.seconds_a);
  field(json, "seconds_b", look.seconds_b);
  field(json, "launches", std::uint64_t{look.launches});
  field(json, "builds", std::uint64_t{look.builds});
  known(json, "reason", look.reason);
  json.end_object();
}

void write_accuracy(JsonWriter& json, const AccuracyFacts& facts) {
  json.key("accuracy");
  json.begin_object();
  field(json, "samples", facts.samples);
  field(json, "random_data", facts.random_data);
  field(json, "identical", facts.identical);
  field(json, "top1", facts.top1);
  field(json, "reference_top1", facts.reference_top1);
  field(json, "agreement", facts.agreement);
  field(json, "sqnr_db", facts.sqnr_db);
  field(json, "gate", facts.gate);
  field(json, "passed", facts.passed);
  texts(json, "failures", facts.failures);
  texts(json, "doubts", facts.doubts);
  json.end_object();
}

void write_claim(JsonWriter& json, const ClaimCheck& check) {
  json.begin_object();
  field(json, "kind", to_string(check.claim.kind));
  known(json, "type", check.claim.type);
  field(json, "variant_of", check.claim.variant_of);
  field(json, "seen", check.seen);
  field(json, "text", check.text);
  json.end_object();
}

void write_record(JsonWriter& json, const LoopOutcome& outcome, const CandidateRecord& record) {
  json.begin_object();
  field(json, "name", record.candidate.name);
  field(json, "step", to_string(record.candidate.step));
  field(json, "what", record.candidate.what);
  field(json, "expected_gain", record.candidate.expected_gain);
  texts(json, "findings", record.candidate.findings);
  if (record.started) {
    texts(json, "optimize_options", record.recipe().optimize_options());
    texts(json, "run_options", record.started->recipe.run_options());
    field(json, "against", record.started->against.empty() ? std::string("given") : record.started->against);
  }
  if (record.made) field(json, "sha256", record.made->sha256);
  if (record.accuracy) write_accuracy(json, *record.accuracy);
  array(json, "looks", record.looks, write_look);
  if (record.decision) {
    field(json, "decision", record.taken_back() ? std::string_view("taken_back") : to_string(record.decision->kind));
    field(json, "reason", record.taken_back() ? record.confirmed->reason : record.decision->reason);
    array(json, "claims", record.decision->claims, write_claim);
  } else {
    field(json, "decision", std::string_view("not_tried"));
    field(json, "reason", why_not_tried(outcome.state, record, outcome.end));
  }
  field(json, "seconds", record.seconds);
  json.end_object();
}

void write_not_proposed(JsonWriter& json, const NotProposed& each) {
  json.begin_object();
  field(json, "name", each.name);
  field(json, "step", to_string(each.step));
  field(json, "reason", each.reason);
  json.end_object();
}

void write_row(JsonWriter& json, const StaircaseRow& row) {
  json.begin_object();
  field(json, "step", to_string(row.step));
  field(json, "name", row.name);
  field(json, "seconds", row.seconds);
  field(json, "batch", row.batch);
  field(json, "items_per_second", row.items_per_second);
  field(json, "improvement", row.improvement);
  field(json, "accepted", row.record == nullptr || row.record->accepted());
  json.end_object();
}

void write_point(JsonWriter& json, const ParetoPoint& point) {
  json.begin_object();
  field(json, "name", point.name);
  field(json, "latency", point.latency);
  field(json, "throughput", point.throughput);
  if (point.score && std::isfinite(*point.score)) field(json, "accuracy", *point.score);
  field(json, "exact", point.exact);
  field(json, "file_bytes", point.file_bytes);
  field(json, "joules", point.joules);
  field(json, "in_gate", point.in_gate);
  field(json, "taken_back", point.taken_back);
  field(json, "front", point.front);
  json.end_object();
}

void write_confirmation(JsonWriter& json, const LoopConfirmation& confirmation) {
  json.key("confirmation");
  json.begin_object();
  field(json, "winner", confirmation.winner);
  array(json, "looks", confirmation.looks, write_look);
  if (confirmation.result) {
    field(json, "kept", confirmation.result->kept);
    field(json, "reason", confirmation.result->reason);
  }
  json.end_object();
}

}  // namespace

std::string loop_to_json(const LoopDocument& document) {
  const LoopState& state = document.outcome.state;
  const CandidateRecord* winner = state.winner();
  JsonWriter json;
  json.begin_object();
  json_fields::head(json, kLoopSchemaName, kLoopSchemaMajor, kLoopSchemaMinor);
  file(json, "model", document.model.path, document.model.sha256, document.model.file_bytes);
  file(json, "result", document.result.path, document.result.sha256, document.result.file_bytes);
  known(json, "engine", document.engine);
  field(json, "script", document.script);
  field(json, "journal", document.journal);
  field(json, "objective", std::string_view(document.throughput ? "throughput" : "latency"));
  field(json, "budget", document.budget);
  field(json, "elapsed", state.elapsed);
  field(json, "end", to_string(document.outcome.end));
  field(json, "winner", winner == nullptr ? std::string("given") : winner->candidate.name);
  if (winner != nullptr) texts(json, "run_options", winner->started->recipe.run_options());
  array(json, "staircase", staircase_of(state), write_row);
  array(json, "candidates", state.records,
        [&](JsonWriter& out, const CandidateRecord& record) { write_record(out, document.outcome, record); });
  array(json, "not_proposed", state.baseline ? state.baseline->not_proposed : std::vector<NotProposed>{},
        write_not_proposed);
  array(json, "pareto", pareto_of(state), write_point);
  if (state.confirmation) write_confirmation(json, *state.confirmation);
  if (document.experiments != nullptr) {
    json.key("experiments");
    json.begin_object();
    json_fields::experiments(json, *document.experiments);
    json.end_object();
  }
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
