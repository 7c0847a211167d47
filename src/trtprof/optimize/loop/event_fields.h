// The fields of each type of the journal, named once for those who write and those who read. Private to loop/.
#pragma once

#include "trtprof/optimize/loop/loop_state.h"

namespace trtprof::loop_fields {

template <class Fields>
void visit(Fields& f, Interval& v) {
  f("low", v.low);
  f("high", v.high);
}

template <class Fields>
void visit(Fields& f, RunFacts& v) {
  f("precision", v.precision);
  f("batch", v.batch);
  f("latency", v.latency);
  f("interval", v.interval);
  f("joules", v.joules);
  f("file_bytes", v.file_bytes);
  f("threads", v.threads);
  f("streams", v.streams);
  f("layers", v.layers);
  f("reformats", v.reformats);
  f("reformat_seconds", v.reformat_seconds);
  f("tensor_bytes", v.tensor_bytes);
  f("heavy_layers", v.heavy_layers);
  f("heavy_seconds", v.heavy_seconds);
}

template <class Fields>
void visit(Fields& f, AccuracyFacts& v) {
  f("samples", v.samples);
  f("random_data", v.random_data);
  f("identical", v.identical);
  f("top1", v.top1);
  f("reference_top1", v.reference_top1);
  f("agreement", v.agreement);
  f("sqnr_db", v.sqnr_db);
  f("gate", v.gate);
  f("passed", v.passed);
  f("failures", v.failures);
  f("doubts", v.doubts);
}

template <class Fields>
void visit(Fields& f, Recipe& v) {
  f("graph", v.graph);
  f("sparsity", v.sparsity);
  f("precision", v.precision);
  f("run", v.run);
}

template <class Fields>
void visit(Fields& f, RecipeChange& v) {
  f("graph", v.graph);
  f("sparsity", v.sparsity);
  f("precision", v.precision);
  f("run", v.run);
}

template <class Fields>
void visit(Fields& f, Claim& v) {
  f("kind", v.kind);
  f("type", v.type);
  f("variant_of", v.variant_of);
}

template <class Fields>
void visit(Fields& f, PartTime& v) {
  f("outcome", v.outcome);
  f("seconds_a", v.seconds_a);
  f("seconds_b", v.seconds_b);
}

template <class Fields>
void visit(Fields& f, ClaimCheck& v) {
  f("claim", v.claim);
  f("seen", v.seen);
  f("text", v.text);
}

template <class Fields>
void visit(Fields& f, Candidate& v) {
  f("name", v.name);
  f("step", v.step);
  f("what", v.what);
  f("change", v.change);
  f("claims", v.claims);
  f("expected_gain", v.expected_gain);
  f("findings", v.findings);
  f("competes", v.competes);
  f("after_inaccurate", v.after_inaccurate);
}

template <class Fields>
void visit(Fields& f, NotProposed& v) {
  f("name", v.name);
  f("step", v.step);
  f("reason", v.reason);
}

template <class Fields>
void visit(Fields& f, LookFacts& v) {
  f("outcome", v.outcome);
  f("effect", v.effect);
  f("interval", v.interval);
  f("level", v.level);
  f("seconds_a", v.seconds_a);
  f("seconds_b", v.seconds_b);
  f("launches", v.launches);
  f("builds", v.builds);
  f("reimplemented", v.reimplemented);
  f("reason", v.reason);
  f("a", v.a);
  f("b", v.b);
  f("per_item", v.per_item);
  f("figure", v.figure);
  f("reformatting", v.reformatting);
  f("depthwise", v.depthwise);
}

template <class Fields>
void visit(Fields& f, Decision& v) {
  f("kind", v.kind);
  f("reason", v.reason);
  f("claims", v.claims);
}

template <class Fields>
void visit(Fields& f, BaselineTaken& v) {
  f("model_sha256", v.model_sha256);
  f("launch_seconds", v.launch_seconds);
  f("facts", v.facts);
  f("accuracy", v.accuracy);
  f("candidates", v.candidates);
  f("not_proposed", v.not_proposed);
}

template <class Fields>
void visit(Fields& f, CandidateStarted& v) {
  f("recipe", v.recipe);
  f("against", v.against);
}

template <class Fields>
void visit(Fields& f, CandidateMade& v) {
  f("path", v.path);
  f("sha256", v.sha256);
  f("bytes", v.bytes);
  f("precision", v.precision);
}

template <class Fields>
void visit(Fields& f, AccuracyMeasured& v) {
  f("facts", v.facts);
}

template <class Fields>
void visit(Fields& f, LookTaken& v) {
  f("look", v.look);
}

template <class Fields>
void visit(Fields& f, Decided& v) {
  f("decision", v.decision);
}

template <class Fields>
void visit(Fields& f, ConfirmationLook& v) {
  f("look", v.look);
}

template <class Fields>
void visit(Fields& f, Confirmed& v) {
  f("kept", v.kept);
  f("reason", v.reason);
}

}  // namespace trtprof::loop_fields
