#include <utility>

#include "trtprof/report/json_fields.h"
#include "trtprof/report/optimization.h"

namespace trtprof {
namespace {

using json_fields::array;
using json_fields::field;
using json_fields::known;
using json_fields::texts;

void file(JsonWriter& json, std::string_view key, const std::string& path, const std::string& sha256,
          std::optional<std::uint64_t> bytes) {
  json.key(key);
  json.begin_object();
  known(json, "path", path);
  field(json, "sha256", sha256);
  field(json, "file_bytes", bytes);
  json.end_object();
}

void size(JsonWriter& json, std::string_view key, const GraphSize& size) {
  json.key(key);
  json.begin_object();
  field(json, "nodes", size.nodes);
  field(json, "initializer_bytes", size.initializer_bytes);
  json.end_object();
}

void rewrite(JsonWriter& json, const Application& application) {
  json.begin_object();
  field(json, "what", application.what);
  texts(json, "nodes", application.nodes);
  json.end_object();
}

void step(JsonWriter& json, const PassStep& step) {
  json.begin_object();
  field(json, "pass", step.pass);
  field(json, "round", std::int64_t{step.round});
  size(json, "before", step.before);
  size(json, "after", step.after);
  field(json, "seconds", step.seconds);
  field(json, "check_seconds", step.check_seconds);
  if (step.check) {
    json.key("check");
    json.begin_object();
    field(json, "error", step.check->error);
    field(json, "tolerance", step.check->tolerance);
    field(json, "output", step.check->output);
    json.end_object();
  }
  known(json, "taken_back", step.taken_back);
  known(json, "dump", step.dump.string());
  array(json, "rewrites", step.applications, rewrite);
  json.end_object();
}

void near_miss(JsonWriter& json, const NearMiss& miss) {
  json.begin_object();
  field(json, "node", miss.node);
  field(json, "op_type", miss.op_type);
  field(json, "why_not", miss.reason);
  json.end_object();
}

void pass(JsonWriter& json, const PassSummary& pass) {
  json.begin_object();
  field(json, "name", pass.pass);
  field(json, "description", pass.description);
  field(json, "level", static_cast<std::int64_t>(pass.level));
  field(json, "rewrites", pass.rewrites);
  field(json, "nodes_removed", pass.nodes_removed);
  field(json, "seconds", pass.seconds);
  field(json, "check_seconds", pass.check_seconds);
  field(json, "largest_error", pass.largest_error);
  array(json, "near_misses", pass.near_misses, near_miss);
  json.end_object();
}

void check(JsonWriter& json, const NumericCheck& check) {
  json.key("check");
  json.begin_object();
  field(json, "backend", check.backend);
  field(json, "seed", check.seed);
  json.key("inputs");
  json.begin_array();
  for (const auto& [name, shape] : check.shapes) {
    json.begin_object();
    field(json, "name", name);
    json.key("shape");
    json.line_of(shape);
    json.end_object();
  }
  json.end_array();
  field(json, "error", check.error);
  known(json, "output", check.output);
  json.end_object();
}

void blocked(JsonWriter& json, const BlockedNode& node) {
  json.begin_object();
  field(json, "node", node.node);
  field(json, "op_type", node.op_type);
  field(json, "reason", node.reason);
  json.end_object();
}

void loss(JsonWriter& json, const WeightLoss& loss) {
  json.begin_object();
  field(json, "tensor", loss.tensor);
  field(json, "elements", loss.elements);
  field(json, "overflowed", loss.overflowed);
  field(json, "flushed", loss.flushed);
  field(json, "raised", loss.raised);
  json.end_object();
}

void pruned(JsonWriter& json, const PrunedNode& node) {
  json.begin_object();
  field(json, "node", node.node);
  field(json, "op_type", node.op_type);
  field(json, "weights", node.weights);
  field(json, "zeroed", node.zeroed);
  field(json, "lost", node.lost);
  json.end_object();
}

void unpruned(JsonWriter& json, const UnprunedNode& node) {
  json.begin_object();
  field(json, "node", node.node);
  field(json, "op_type", node.op_type);
  field(json, "reason", node.reason);
  json.end_object();
}

void pruning(JsonWriter& json, const PruningReport& report) {
  json.key("pruning");
  json.begin_object();
  array(json, "pruned", report.pruned, pruned);
  array(json, "left", report.left, unpruned);
  json.end_object();
}

void precision(JsonWriter& json, const PrecisionDone& done) {
  const PrecisionReport& report = done.report;
  json.key("precision");
  json.begin_object();
  field(json, "type", to_string(report.type));
  texts(json, "converted", report.converted);
  array(json, "blocked", report.blocked, blocked);
  field(json, "nodes_without_floats", std::int64_t{report.nodes_without_floats});
  field(json, "casts_added", std::int64_t{report.casts_added});
  field(json, "casts_removed", std::int64_t{report.casts_removed});
  field(json, "weight_bytes_before", report.weight_bytes_before);
  field(json, "weight_bytes_after", report.weight_bytes_after);
  array(json, "losses", report.losses, loss);
  field(json, "range_inferences", std::uint64_t{done.inferences});
  known(json, "data", done.data);
  texts(json, "notes", report.notes);
  json.end_object();
}

void quantized(JsonWriter& json, const QuantizedNode& node) {
  json.begin_object();
  field(json, "node", node.node);
  field(json, "op_type", node.op_type);
  field(json, "weights", node.weights);
  json.end_object();
}

void activation(JsonWriter& json, const std::pair<const std::string, CalibratedValue>& value) {
  json.begin_object();
  field(json, "value", value.first);
  field(json, "threshold", value.second.threshold);
  field(json, "min", value.second.min);
  field(json, "max", value.second.max);
  json.end_object();
}

void equalized(JsonWriter& json, const EqualizedValue& value) {
  json.begin_object();
  field(json, "value", value.value);
  field(json, "from", value.from);
  field(json, "to", value.to);
  field(json, "raised", std::uint64_t{value.raised});
  field(json, "largest_factor", value.largest_factor);
  json.end_object();
}

void quantization(JsonWriter& json, const QuantizationDone& done) {
  json.key("quantization");
  json.begin_object();
  array(json, "quantized", done.report.quantized, quantized);
  array(json, "left", done.report.left, blocked);
  field(json, "activations", std::int64_t{done.report.activations});
  field(json, "weight_bytes_before", done.report.weight_bytes_before);
  field(json, "weight_bytes_after", done.report.weight_bytes_after);
  json.key("calibration");
  json.begin_object();
  field(json, "method", to_string(done.calibration.method));
  field(json, "percentile", done.calibration.percentile);
  field(json, "data", done.calibration.data);
  field(json, "inferences", done.calibration.inferences);
  array(json, "values", done.calibration.values, activation);
  json.end_object();
  if (done.equalization) array(json, "equalized", done.equalization->values, equalized);
  if (done.biases) {
    json.key("biases");
    json.begin_object();
    field(json, "corrected", std::uint64_t{done.biases->corrected});
    field(json, "largest_shift", done.biases->largest_shift);
    array(json, "left", done.biases->left, blocked);
    json.end_object();
  }
  std::vector<std::string> notes = done.report.notes;
  notes.insert(notes.end(), done.notes.begin(), done.notes.end());
  texts(json, "notes", notes);
  json.end_object();
}

}  // namespace

std::string optimization_to_json(const OptimizationDocument& document) {
  const OptimizeReport& passes = document.passes;
  JsonWriter json;
  json.begin_object();
  json_fields::head(json, kOptimizationSchemaName, kOptimizationSchemaMajor, kOptimizationSchemaMinor);
  file(json, "model", document.model.path, document.model.sha256, document.model.file_bytes);
  if (document.result) {
    file(json, "result", document.result->path, document.result->sha256, document.result->file_bytes);
  }
  field(json, "chosen", document.chosen);
  size(json, "before", passes.before);
  size(json, "after", passes.after);
  field(json, "rounds", std::int64_t{passes.rounds});
  field(json, "fixed_point", passes.fixed_point);
  field(json, "rewrite_limit_reached", passes.rewrite_limit_reached);
  array(json, "steps", passes.steps, step);
  array(json, "passes", passes.passes, pass);
  if (passes.check) check(json, *passes.check);
  known(json, "not_checked", passes.not_checked);
  texts(json, "notes", passes.notes);
  if (document.quantization != nullptr) quantization(json, *document.quantization);
  if (document.pruning != nullptr) pruning(json, *document.pruning);
  if (document.precision != nullptr) precision(json, *document.precision);
  if (document.sensitivity != nullptr) {
    json.key("sensitivity");
    json.begin_object();
    json_fields::sensitivity(json, *document.sensitivity);
    json.end_object();
  }
  if (document.accuracy != nullptr) {
    json.key("accuracy");
    json.begin_object();
    json_fields::accuracy(json, *document.accuracy);
    json.end_object();
  }
  if (document.comparison != nullptr) {
    json.key("comparison");
    json.begin_object();
    json_fields::comparison(json, *document.comparison);
    json.end_object();
  }
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
