#include "trtprof/model/inference_run.h"

#include <algorithm>
#include <exception>
#include <string_view>

#include <onnx/shape_inference/implementation.h>

#include "trtprof/model/inference_schemas.h"

namespace trtprof {
namespace {

constexpr std::string_view kNodeBegins = "(op_type:";

void erase_all(std::string& text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at)) text.erase(at, part.size());
}

NodeFailure failure_from_line(std::string line) {
  for (const std::string_view tag : {"[ShapeInferenceError] ", "[TypeInferenceError] ", "Inference error(s): "}) {
    erase_all(line, tag);
  }
  const auto end = line.starts_with(kNodeBegins) ? line.find("): ") : std::string::npos;
  if (end == std::string::npos) return {"", line};
  return {line.substr(0, end + 1), line.substr(end + 3)};
}

// The library reports all failures as one text, a line each; a line that begins otherwise belongs to the one before.
std::vector<NodeFailure> failures_from_text(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (lines.empty() || line.starts_with(kNodeBegins)) {
      lines.emplace_back(line);
    } else {
      lines.back() += "; " + std::string(line);
    }
  }
  std::vector<NodeFailure> failures;
  failures.reserve(lines.size());
  for (std::string& line : lines) failures.push_back(failure_from_line(std::move(line)));
  return failures;
}

enum class OnFailure { pass_over, report };

std::string infer(onnx::ModelProto& model, OnFailure on_failure) {
  const onnx::ShapeInferenceOptions options(false, on_failure == OnFailure::report ? 1 : 0, true);
  onnx::shape_inference::DataValueMap propagated;
  try {
    onnx::shape_inference::InferShapes(model, &inference_schemas(), options, &propagated);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return text.empty() ? "the ONNX library gave no reason" : text;
  }
  return "";
}

}  // namespace

// The mode that reports loses all of a subgraph for one node in it; so a model that has failures is inferred again in
// the mode that does not.
InferenceRun run_inference(const onnx::ModelProto& model) {
  InferenceRun run;
  run.model = model;
  const std::string reported = infer(run.model, OnFailure::report);
  if (reported.empty()) return run;
  run.failures = failures_from_text(reported);
  run.model = model;
  for (NodeFailure& failure : failures_from_text(infer(run.model, OnFailure::pass_over))) {
    const auto same = [&failure](const NodeFailure& known) { return known.node == failure.node; };
    if (std::ranges::none_of(run.failures, same)) run.failures.push_back(std::move(failure));
  }
  return run;
}

std::string failure_key(const onnx::NodeProto& node) {
  return "(op_type:" + node.op_type() + ", node name: " + node.name() + ")";
}

}  // namespace trtprof
