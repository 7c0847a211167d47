// What the user asked for: the values of every option, as the commands read them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/compare/comparison.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/model/graph.h"
#include "trtprof/optimize/calibrate/calibration.h"
#include "trtprof/optimize/calibrate/quantize.h"
#include "trtprof/optimize/pass_manager.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/report/analysis_report.h"
#include "trtprof/report/report.h"
#include "trtprof/samples/samples.h"

namespace trtprof::cli {

// How `build` makes an engine, and `profile MODEL.onnx` where the backend runs engines.
struct BuildSettings {
  BuildOptions options;  // without what depends on the model (profiles) and on other options (device, seed)
  ShapeRequest min_shapes;
  ShapeRequest opt_shapes;
  ShapeRequest max_shapes;
  std::optional<std::filesystem::path> timing_cache;
  bool no_timing_cache = false;
};

// What `compare` compares, and when it is done.
struct CompareSettings {
  std::vector<std::string> more_a;  // further launches' profiles, beside the operand
  std::vector<std::string> more_b;
  std::vector<std::string> options_a;  // of `profile`, for this side alone
  std::vector<std::string> options_b;
  int launches = 10;  // of each side, and of each of its builds
  int builds = 1;
  std::optional<double> budget;  // seconds in which launches are added until it is decided
  CompareOptions judging;
  std::optional<double> fail_if_slower;  // effect from which on SLOWER fails
  bool strict = false;                   // UNDECIDED fails, too
  std::optional<std::filesystem::path> save_profiles;
};

// What `accuracy` compares, and on what.
struct AccuracySettings {
  std::optional<std::filesystem::path> data;
  std::optional<std::filesystem::path> preprocess;  // of images, in --data and --calibration-data
  std::optional<std::int64_t> samples;
  int class_axis = -1;
  std::string label_output;
  std::string reference_backend;        // empty: as the model's
  std::string reference_precision;      // empty: f32 where the backend can choose
  std::optional<double> min_agreement;  // share, 0 to 1
  std::optional<double> max_drop;       // points of percent
  bool of_rewrite = true;               // what `optimize` wrote is measured at once; its loop does it by itself
};

// The loop of `optimize`, which --budget asks for (CompareSettings::budget).
struct LoopSettings {
  std::optional<std::filesystem::path> work;  // folder of its state; nullopt: FILE.work
  bool throughput = false;                    // the objective; else latency
  std::vector<std::string> candidates;        // names with '*' and '?'; empty: all
  std::vector<std::string> skip;
};

// How --precision int8 quantises, beside what is kept as it is.
struct QuantizeSettings {
  QuantizeOptions options;
  bool equalize = true;
  bool correct_biases = true;
};

// How `optimize` finds the ranges of activations for INT8.
struct CalibrationSettings {
  CalibrationMethod method = CalibrationMethod::mse;
  double percentile = 99.99;
  std::optional<std::filesystem::path> data;  // nullopt: that of --data
  std::optional<std::int64_t> samples;
  std::optional<std::filesystem::path> cache;
  bool force_cache = false;  // although it is of another model or method
};

// Which layers `optimize` looks at before it converts.
struct SensitivitySettings {
  bool rank = false;
  bool find_kept = false;     // for --max-drop and --min-agreement
  double budget = 300.0;      // seconds
  std::int64_t samples = 64;  // of each trial of the ranking
  std::string precision;      // that trials run in; empty: in the types of their graph
};

struct Settings {
  std::vector<std::string> command_line;  // argv as given
  std::string command;
  std::vector<std::string> operands;    // FILE, KIND
  std::vector<std::string_view> given;  // names of the options that were given
  [[nodiscard]] bool was_given(std::string_view option) const {
    return std::find(given.begin(), given.end(), option) != given.end();
  }

  // engine
  std::string backend = "auto";
  std::string device;
  PerformanceHint hint = PerformanceHint::latency;
  std::optional<int> threads;
  std::optional<int> streams;
  std::string precision;
  LaunchOptions launch;
  std::vector<std::filesystem::path> plugins;
  bool allow_engine_code = false;
  std::optional<std::filesystem::path> model;       // that an engine was built from
  std::optional<std::filesystem::path> refit_from;  // whose weights it gets
  BuildSettings build;

  // input
  ShapeRequest shapes;
  std::vector<InputFile> inputs;
  std::uint64_t seed = 1;

  // measurement
  std::optional<std::int64_t> iterations;
  std::optional<double> duration;
  std::optional<std::int64_t> warmup;
  bool timeline = true;  // where the device has kernels, or --trace wants it
  bool telemetry = true;
  std::optional<double> telemetry_period;  // seconds
  bool lock_clocks = false;
  std::optional<unsigned> locked_megahertz;  // nullopt: what the GPU sustains

  // diagnosis
  std::optional<std::filesystem::path> against;  // another profile of the model
  AnalysisTextOptions analysis;
  std::vector<std::string> fail_on;  // rules and severities
  std::optional<std::filesystem::path> save_profile;

  CompareSettings compare;
  // fusion
  bool per_instance = false;  // each by itself too
  AccuracySettings accuracy;

  // limits of devices
  std::string ceilings;       // a file, or the name of a known device; empty: what is known of the profile's device
  bool measure_anew = false;  // although figures of it are kept

  // tools of others
  std::optional<std::filesystem::path> import_file;  // a report made elsewhere
  double tool_timeout = 600.0;                       // seconds that a tool may take

  // report
  TextReportOptions report;
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> csv;
  std::optional<std::filesystem::path> trace;
  std::int64_t largest = 10;  // tensors that inspect lists
  bool no_color = false;
  bool verbose = false;

  // optimisation
  PassOptions passes;  // without what depends on the model (shapes) and on other options (seed)
  bool explain_passes = false;
  QuantizeSettings quantize;
  PrecisionOptions conversion;        // without the type, which is `precision`, and without ranges
  std::int64_t range_inferences = 4;  // that ranges of activations are measured in; 0: none
  SensitivitySettings sensitivity;
  bool experiments = false;    // that prove what the diagnosis blames on launches
  bool compare_result = true;  // with the model that was given
  bool prune_2_4 = false;      // weights; in the loop: it may
  CalibrationSettings calibrate;
  LoopSettings loop;

  std::optional<std::filesystem::path> output;  // of a sample, an engine or a conversion
  std::string format;                           // of a conversion; empty: as the output is named
  SampleOptions sample;
};

}  // namespace trtprof::cli
