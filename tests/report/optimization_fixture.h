// An optimisation of everything that a report shows, made by hand.
#pragma once

#include <limits>

#include "trtprof/report/optimization.h"

namespace trtprof::test {

inline ModelInfo optimized_model() {
  ModelInfo model;
  model.path = "m.onnx";
  model.format = "onnx";
  model.sha256 = std::string(64, 'a');
  model.file_bytes = 2'000'000;
  model.opsets[""] = 17;
  model.node_count = 155;
  return model;
}

inline OptimizeReport optimization() {
  OptimizeReport report;
  report.before = {155, 2'000'000};
  report.after = {103, 1'900'000};
  report.rounds = 3;
  report.fixed_point = true;
  PassStep fold;
  fold.pass = "fold-batch-normalization";
  fold.applications = {{{"bn1", "conv1"}, "BatchNormalization 'bn1' is part of Conv 'conv1'"},
                       {{"bn2", "conv2"}, "BatchNormalization 'bn2' is part of Conv 'conv2'"}};
  fold.before = {155, 2'000'000};
  fold.after = {153, 1'990'000};
  fold.seconds = 0.0123;
  fold.check_seconds = 0.25;
  fold.check = StepCheck{1.5e-6, 1e-3, "logits"};
  fold.dump = "steps/001-fold-batch-normalization.onnx";
  PassStep merge;
  merge.pass = "merge-conv-1x1";
  merge.round = 2;
  merge.applications = {{{"a", "b"}, "Conv 'a' and Conv 'b' are one"}};
  merge.before = merge.after = {153, 1'990'000};
  merge.seconds = 0.002;
  merge.check = StepCheck{std::numeric_limits<double>::infinity(), 1e-3, "logits"};
  merge.taken_back = "output 'logits' changes by inf of its largest value, more than 0.001";
  report.steps = {fold, merge};
  report.passes = {
      {"dead-code", "Nodes and constants that no output depends on", PassLevel::exact, 0, 0, 1e-4, 0.0, {}, {}},
      {"fold-batch-normalization",
       "BatchNormalization into weights",
       PassLevel::rounding,
       2,
       2,
       0.0123,
       0.25,
       1.5e-6,
       {{"bn3", "BatchNormalization", "others read what Conv 'conv3' makes, too"},
        {"bn4", "BatchNormalization", "others read what Conv 'conv4' makes, too"},
        {"bn5", "BatchNormalization", "its mean is not a constant"}}},
      {"merge-conv-1x1",
       "1x1 convolutions",
       PassLevel::structure,
       0,
       0,
       0.002,
       0.0,
       std::numeric_limits<double>::infinity(),
       {}}};
  report.check = NumericCheck{"openvino", 1, {{"input", {1, 3, 224, 224}}}, 1.5e-6, "logits"};
  report.notes = {"2 nodes in the bodies of If, Loop, Scan and functions stay as the model has them"};
  return report;
}

}  // namespace trtprof::test
