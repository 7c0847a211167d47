// How an engine is built ahead of time, for backends that serialize engines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/model/graph.h"

namespace trtprof {

// Shapes that one optimisation profile accepts for an input, and the one it is tuned for. All three are fixed, equal
// where the model's dimension is. Of an input that holds a shape, its values instead.
struct ShapeRange {
  std::vector<std::int64_t> min;
  std::vector<std::int64_t> opt;
  std::vector<std::int64_t> max;
  bool values = false;
  bool operator==(const ShapeRange&) const = default;
};

// Every input with open dimensions, and every one that holds a shape, by name.
using ShapeProfile = std::map<std::string, ShapeRange>;

enum class WeakCalibrationMethod { entropy, min_max };

// INT8 calibration of TensorRT 10's weak typing.
struct WeakCalibration {
  WeakCalibrationMethod method = WeakCalibrationMethod::entropy;
  // .npz files, each with one batch for every input by name. Empty: a cache alone, or seeded random batches (said in
  // the warnings: good for timing, useless for accuracy).
  std::vector<std::filesystem::path> batches;
  // TensorRT's text: a line of version and method, then "tensor: scale" with the float's bits in hexadecimal. Read when
  // it is there, written when it is not.
  std::filesystem::path cache;
  bool operator==(const WeakCalibration&) const = default;
};

// kFP16 and kINT8 of TensorRT 10, which lets the builder choose where to use them. TensorRT 11 and RTX have neither.
struct WeakTyping {
  bool fp16 = false;
  bool int8 = false;
  WeakCalibration calibration;  // for int8
  [[nodiscard]] bool any() const { return fp16 || int8; }
  bool operator==(const WeakTyping&) const = default;
};

enum class ProfilingVerbosity { none, names, detailed };
enum class HardwareCompatibility { none, ampere_plus, same_compute_capability };

struct BuildOptions {
  std::string device;                  // as --device takes it; "": the first
  std::vector<ShapeProfile> profiles;  // one optimisation profile each; empty for a model without open dimensions
  WeakTyping weak;                     // none: strongly typed
  bool tf32 = true;
  std::optional<int> optimization_level;         // 0 to 5; nullopt: the builder's own (3)
  std::optional<std::uint64_t> workspace_bytes;  // nullopt: all of the device's memory
  // Measured kernel times, read before and merged after the build under a lock. Empty: none is kept.
  std::filesystem::path timing_cache;
  HardwareCompatibility hardware_compatibility = HardwareCompatibility::none;
  bool version_compatible = false;
  bool exclude_lean_runtime = false;  // needs version_compatible
  bool sparse_weights = false;
  bool strip_weights = false;
  bool refit = false;
  ProfilingVerbosity profiling_verbosity = ProfilingVerbosity::detailed;
  std::vector<std::filesystem::path> plugins;  // plugin libraries, loaded before the model is parsed
  // TensorRT-RTX: SM versions to build for ("8.9", "12.0"); empty: the GPU that is there, or RTX's own choice without.
  std::vector<std::string> compute_capabilities;
  std::uint64_t seed = 1;  // of random calibration batches
  bool operator==(const BuildOptions&) const = default;
};

struct BuiltEngine {
  std::string plan;  // the serialized engine
  double seconds = 0.0;
  std::string engine_name;     // "TensorRT"
  std::string engine_version;  // of the library that built it: "10.6.0.26"
  std::string device_name;     // "NVIDIA H200"; empty: built without a GPU
  std::string compute_capability;
  std::vector<std::string> warnings;  // the builder's, each once, in order
  std::vector<std::string> notes;     // what was done that was not asked for: "timing cache: 120 of 126 entries used"
};

}  // namespace trtprof
