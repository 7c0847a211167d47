// What was done to a model, step by step, and what was left: the result of run_passes().
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/optimize/pass.h"

namespace trtprof {

struct GraphSize {
  std::int64_t nodes = 0;               // of the main graph, Constant nodes too
  std::uint64_t initializer_bytes = 0;  // and those of Constant nodes
  bool operator==(const GraphSize&) const = default;
};

struct StepCheck {
  double error = 0.0;      // OutputDifference::error against the model before the step
  double tolerance = 0.0;  // of the pass's level
  std::string output;      // that differs most
};

// One pass, once over the graph.
struct PassStep {
  std::string pass;
  int round = 1;
  std::vector<Application> applications;
  GraphSize before;
  GraphSize after;
  double seconds = 0.0;        // of the pass alone
  double check_seconds = 0.0;  // compiling and running the result
  std::optional<StepCheck> check;
  std::string taken_back;      // why the model is as before the step: a sentence; empty: it is not
  std::filesystem::path dump;  // empty: not written
};

// One pass over all rounds.
struct PassSummary {
  std::string pass;
  std::string description;
  PassLevel level = PassLevel::exact;
  std::int64_t rewrites = 0;       // that stayed
  std::int64_t nodes_removed = 0;  // by them; below zero: added
  double seconds = 0.0;
  double check_seconds = 0.0;
  std::optional<double> largest_error;  // of its checked steps
  std::vector<NearMiss> near_misses;    // in the model as it was left
};

struct NumericCheck {
  std::string backend;  // "openvino"
  std::uint64_t seed = 1;
  BoundShapes shapes;
  double error = 0.0;  // of the result against the model as it was given
  std::string output;
};

struct OptimizeReport {
  GraphSize before;
  GraphSize after;
  std::vector<PassStep> steps;      // those that did something, in order
  std::vector<PassSummary> passes;  // every pass that ran, in its order
  int rounds = 0;
  bool fixed_point = false;  // the last round found nothing to do
  bool rewrite_limit_reached = false;
  std::optional<NumericCheck> check;
  std::string not_checked;  // why there is no check: a sentence
  std::vector<std::string> notes;
};

}  // namespace trtprof
