// How far the values of each activation reach, for INT8: what TensorRT's calibrators found out before version 11.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/watch_values.h"

namespace trtprof {

// Which magnitude becomes the largest integer; what is beyond it is clipped.
enum class CalibrationMethod {
  min_max,     // the largest that was seen: nothing is clipped
  percentile,  // the one that all but a small share are below
  entropy,     // least Kullback-Leibler divergence of the quantised from the real distribution
  mse,         // least mean squared error of the values
};
[[nodiscard]] std::string_view to_string(CalibrationMethod method);  // "min-max", "percentile", "entropy", "mse"
[[nodiscard]] std::optional<CalibrationMethod> calibration_method_from_string(std::string_view name);

struct CalibrationOptions {
  CalibrationMethod method = CalibrationMethod::entropy;
  double percentile = 99.99;  // of magnitudes, 0 to 100
  // Values that are never negative get 255 steps, as UINT8 has, and not 127: for QuantizeOptions::unsigned_activations.
  bool unsigned_activations = false;
  std::string data = {};                      // what is fed, for the record: "heldout.npz", "random inputs (seed 1)"
  bool random_data = false;                   // it is noise: said loudly
  std::optional<std::uint64_t> samples = {};  // in all inferences; nullopt: not known
  std::string device = {};
  // Of activations that are looked at in one run over the data. A larger model is run over it several times.
  std::uint64_t watched_bytes = std::uint64_t{256} << 20;
};

// What was seen of one activation and what the method made of it. Finite values alone count.
struct CalibratedValue {
  double threshold = 0.0;  // magnitude that becomes the largest integer; 0: all values are zero
  double min = 0.0;        // of all values; from TensorRT's cache, which has thresholds alone, -threshold
  double max = 0.0;
  std::uint64_t seen = 0;        // elements over all samples
  std::uint64_t not_finite = 0;  // and so many more that are no finite numbers
  double clipped = 0.0;          // share of those seen that are beyond the threshold, 0 to 1
  bool operator==(const CalibratedValue&) const = default;
};

struct Calibration {
  CalibrationMethod method = CalibrationMethod::entropy;
  std::optional<double> percentile = {};  // of that method
  bool unsigned_activations = false;      // as asked for
  std::string data;                       // that was fed: "heldout.npz", "random inputs (seed 1)"
  std::uint64_t inferences = 0;
  std::optional<std::uint64_t> samples = {};  // in them; nullopt: not known
  // Of the model that was calibrated, before its channels were equalised; "": not known.
  std::string model_sha256;
  std::map<std::string, CalibratedValue> values;  // by name, of the main graph
  // What was done to the model besides, on the same data, so that the same INT8 comes of this alone.
  std::map<std::string, std::vector<double>> channel_factors = {};  // of equalize(): thresholds are those behind it
  std::map<std::string, std::vector<double>> bias_shifts = {};      // of find_bias_shifts()
  std::vector<std::string> warnings;                                // a sentence each
  bool operator==(const Calibration&) const = default;
};

// Of the model as it is in memory, weights and all: lower-case hexadecimal. External data counts by its files' content.
[[nodiscard]] Result<std::string> sha256_of_model(const OnnxModel& model);

// Runs the model in f32 over `count` inferences of `inputs`, watching `values` (inputs and computed values of the main
// graph, f32). The memory it takes does not grow with the data: a histogram of 32 KiB for each value, and one
// inference's tensors. Fails for a value that is none of the model or not f32, and when the user stops it.
[[nodiscard]] Result<Calibration> calibrate(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                            std::size_t count, const InputSource& inputs,
                                            std::span<const std::string> values, const CalibrationOptions& options,
                                            Progress& progress, const StopFlag& stop);

}  // namespace trtprof
