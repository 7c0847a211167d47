// What the user asked for: the values of every option, as the commands read them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/model/graph.h"
#include "trtprof/report/report.h"
#include "trtprof/samples/samples.h"

namespace trtprof::cli {

struct Settings {
  std::vector<std::string> command_line;  // argv as given
  std::string command;
  std::vector<std::string> operands;  // FILE, KIND

  // engine
  std::string backend = "auto";
  std::string device;
  PerformanceHint hint = PerformanceHint::latency;
  std::optional<int> threads;
  std::optional<int> streams;
  std::string precision;

  // input
  ShapeRequest shapes;
  std::vector<InputFile> inputs;
  std::uint64_t seed = 1;

  // measurement
  std::optional<std::int64_t> iterations;
  std::optional<double> duration;
  std::optional<std::int64_t> warmup;

  // report
  TextReportOptions report;
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> csv;
  std::int64_t largest = 10;  // tensors that inspect lists
  bool no_color = false;
  bool verbose = false;

  // sample
  std::optional<std::filesystem::path> output;
  SampleOptions sample;
};

}  // namespace trtprof::cli
