#include "trtprof/report/analysis_report.h"
#include "trtprof/report/json_fields.h"

namespace trtprof {
namespace {

using json_fields::array;
using json_fields::field;
using json_fields::known;
using json_fields::texts;

std::string_view to_string(AccountBasis basis) {
  switch (basis) {
    case AccountBasis::timeline:
      return "timeline";
    case AccountBasis::layers:
      return "layers";
    case AccountBasis::nothing:
      break;
  }
  return "nothing";
}

std::string_view to_string(LayerTimeBasis basis) {
  return basis == LayerTimeBasis::kernels ? "kernels" : "layer_timing";
}

std::string_view to_string(BytesBasis basis) {
  switch (basis) {
    case BytesBasis::counters:
      return "counters";
    case BytesBasis::model:
      return "model";
    case BytesBasis::tensors:
      return "tensors";
    case BytesBasis::none:
      break;
  }
  return "none";
}

void source(JsonWriter& json, std::string_view key, const AnalysisSource& source) {
  json.key(key);
  json.begin_object();
  known(json, "path", source.path);
  field(json, "sha256", source.sha256);
  json.end_object();
}

void evidence(JsonWriter& json, const Evidence& entry) {
  json.begin_object();
  field(json, "quantity", entry.quantity);
  field(json, "value", entry.value);
  field(json, "unit", entry.unit);
  if (!entry.layers.empty()) texts(json, "layers", entry.layers);
  json.end_object();
}

void term(JsonWriter& json, const TimeTerm& term) {
  json.begin_object();
  field(json, "kind", trtprof::to_string(term.kind));
  field(json, "seconds", term.seconds);
  field(json, "known", trtprof::to_string(term.known));
  if (term.bounds) {
    field(json, "at_least", term.bounds->low);
    field(json, "at_most", term.bounds->high);
  }
  known(json, "basis", term.basis);
  json.end_object();
}

void account(JsonWriter& json, const TimeAccount& account) {
  json.key("account");
  json.begin_object();
  field(json, "end_to_end", account.end_to_end);
  field(json, "of_layer_run", account.of_layer_run);
  field(json, "basis", to_string(account.basis));
  array(json, "terms", account.terms, term);
  field(json, "unexplained", account.unexplained);
  field(json, "uncertainty", account.uncertainty);
  field(json, "closes", account.closes);
  field(json, "interval", account.interval);
  field(json, "beside_other_inferences", account.beside_other_inferences);
  json.end_object();
}

void ceiling(JsonWriter& json, const CeilingFigure& figure) {
  json.begin_object();
  field(json, "kind", trtprof::to_string(figure.kind));
  field(json, "value", figure.value);
  field(json, "basis", trtprof::to_string(figure.basis));
  field(json, "source", figure.source);
  json.end_object();
}

void layer(JsonWriter& json, const Layer& layer, const LayerRoofline& roof) {
  json.begin_object();
  field(json, "name", layer.name);
  field(json, "class", trtprof::to_string(layer.layer_class));
  field(json, "seconds", roof.seconds);
  if (roof.seconds) field(json, "time_basis", to_string(roof.time_basis));
  field(json, "flops", roof.flops);
  field(json, "bytes", roof.bytes);
  field(json, "bytes_basis", to_string(roof.bytes_basis));
  field(json, "intensity", roof.intensity);
  field(json, "memory_seconds", roof.memory_seconds);
  field(json, "compute_seconds", roof.compute_seconds);
  field(json, "ideal_seconds", roof.ideal_seconds);
  field(json, "share_of_limit", roof.share);
  field(json, "lost_seconds", roof.lost_seconds);
  field(json, "blocks", roof.blocks);
  field(json, "bound", trtprof::to_string(roof.bound));
  known(json, "reason", roof.reason);
  json.end_object();
}

void roofline(JsonWriter& json, const Roofline& roofline, const Profile& profile) {
  json.key("roofline");
  json.begin_object();
  known(json, "device", roofline.device);
  array(json, "ceilings", roofline.figures, ceiling);
  field(json, "seconds", roofline.seconds);
  field(json, "seconds_with_ideal", roofline.seconds_with_ideal);
  field(json, "ideal_seconds", roofline.ideal_seconds);
  field(json, "lost_seconds", roofline.lost_seconds);
  field(json, "seconds_of_no_layer", roofline.seconds_of_no_layer);
  array(json, "layers", roofline.layers,
        [&](JsonWriter& out, const LayerRoofline& roof) { layer(out, profile.layer_run->layers[roof.layer], roof); });
  json.end_object();
}

void pattern(JsonWriter& json, const PatternVerdict& verdict) {
  json.key("pattern");
  json.begin_object();
  field(json, "name", trtprof::to_string(verdict.pattern));
  array(json, "classes", verdict.classes, [](JsonWriter& out, const TimeByClass& each) {
    out.begin_object();
    field(out, "class", trtprof::to_string(each.layer_class));
    field(out, "seconds", each.seconds);
    field(out, "share", each.share);
    field(out, "layers", each.layers);
    out.end_object();
  });
  array(json, "evidence", verdict.evidence, evidence);
  json.end_object();
}

void verdict(JsonWriter& json, const Verdict& verdict, const Profile& profile) {
  json.key("verdict");
  json.begin_object();
  field(json, "bottleneck", trtprof::to_string(verdict.bottleneck));
  field(json, "reason", verdict.reason);
  array(json, "evidence", verdict.evidence, evidence);
  array(json, "shares", verdict.shares, [](JsonWriter& out, const TimeShare& share) {
    out.begin_object();
    field(out, "what", trtprof::to_string(share.what));
    field(out, "seconds", share.seconds);
    field(out, "share", share.share);
    out.end_object();
  });
  pattern(json, verdict.pattern);
  array(json, "held_back", verdict.held_back, [](JsonWriter& out, const HeldBack& held) {
    out.begin_object();
    field(out, "by", trtprof::to_string(held.by));
    field(out, "fraction", held.fraction);
    array(out, "evidence", held.evidence, evidence);
    out.end_object();
  });
  json.key("far_from_limit");
  json.begin_array();
  for (const std::size_t index : verdict.far_from_limit) json.value(profile.layer_run->layers[index].name);
  json.end_array();
  json.end_object();
}

void finding(JsonWriter& json, const Finding& finding) {
  json.begin_object();
  field(json, "rule", finding.rule);
  field(json, "severity", trtprof::to_string(finding.severity));
  field(json, "title", finding.title);
  field(json, "explanation", finding.explanation);
  array(json, "evidence", finding.evidence, evidence);
  if (finding.gain) {
    json.key("gain");
    json.begin_object();
    field(json, "at_least", finding.gain->low);
    field(json, "at_most", finding.gain->high);
    field(json, "basis", trtprof::to_string(finding.gain->basis));
    field(json, "how", finding.gain->how);
    json.end_object();
  }
  known(json, "action", finding.action);
  texts(json, "commands", finding.commands);
  json.end_object();
}

void rule(JsonWriter& json, const RuleOutcome& outcome) {
  json.begin_object();
  field(json, "rule", outcome.rule);
  field(json, "result", trtprof::to_string(outcome.result));
  known(json, "why_not", outcome.why_not);
  json.end_object();
}

void branch(JsonWriter& json, const TreeBranch& branch) {
  json.begin_object();
  field(json, "branch", trtprof::to_string(branch.branch));
  field(json, "question", branch.question);
  field(json, "state", trtprof::to_string(branch.state));
  field(json, "why", branch.why);
  array(json, "steps", branch.steps, [](JsonWriter& out, const TreeStep& step) {
    out.begin_object();
    field(out, "what", step.what);
    field(out, "state", trtprof::to_string(step.state));
    field(out, "why", step.why);
    known(out, "rule", step.rule);
    out.end_object();
  });
  json.end_object();
}

void item(JsonWriter& json, const CheckItem& item) {
  json.begin_object();
  field(json, "what", item.what);
  field(json, "state", trtprof::to_string(item.state));
  field(json, "figure", item.figure);
  json.end_object();
}

}  // namespace

std::string analysis_to_json(const AnalysisDocument& document) {
  const Analysis& analysis = document.analysis;
  JsonWriter json;
  json.begin_object();
  json_fields::head(json, kAnalysisSchemaName, kAnalysisSchemaMajor, kAnalysisSchemaMinor);
  source(json, "profile", document.source);
  if (document.counterpart) source(json, "counterpart", *document.counterpart);
  if (document.model) source(json, "model", *document.model);
  if (analysis.account) account(json, *analysis.account);
  if (analysis.verdict) verdict(json, *analysis.verdict, document.profile);
  array(json, "findings", analysis.findings, finding);
  array(json, "rules", analysis.outcomes, rule);
  array(json, "tree", analysis.tree.branches, branch);
  array(json, "checklist", analysis.checklist.items, item);
  if (analysis.roofline) roofline(json, *analysis.roofline, document.profile);
  texts(json, "notes", analysis.notes);
  json.end_object();
  return std::move(json).take();
}

}  // namespace trtprof
