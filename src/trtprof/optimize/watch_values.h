// Values inside a model seen on data, one inference after the other: what range analysis and calibration count them
// with. The memory it takes grows neither with the data nor with the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/base/tensor.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/evaluate.h"

namespace trtprof {

// Inference `index` of the data; called for 0 to count - 1, several times in the same order.
using InputSource = std::function<Result<NamedTensors>(std::size_t index)>;

struct WatchedValue {
  std::string name;
  std::uint64_t bytes = 0;  // of one inference, as far as shapes tell
};

// f32 inputs of the model, and f32 values that nodes of the main graph compute, in their order. What Constant nodes
// hold are weights.
struct WatchableValues {
  std::vector<WatchedValue> inputs;
  std::vector<WatchedValue> computed;
};
[[nodiscard]] Result<WatchableValues> watchable_values(const OnnxModel& model, const BoundShapes& shapes);

struct WatchOptions {
  std::string device = {};
  // Of values that are looked at in one run over the data. What is more is looked at in further runs.
  std::uint64_t watched_bytes = std::uint64_t{256} << 20;
};

// What is called for each value of each inference. Tensors of inputs are what was fed.
using ValueTaker = std::function<void(const std::string& name, const Tensor& tensor)>;

// Runs the model in f32 over `count` inferences of `inputs`, giving `take` each of `values`; no fusion goes across
// them. The number of runs over the data. Fails for a value that the main graph does not make, and when the user stops
// it.
[[nodiscard]] Result<std::size_t> watch_values(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                               std::size_t count, const InputSource& inputs,
                                               const WatchableValues& values, const WatchOptions& options,
                                               Progress& progress, const StopFlag& stop, const ValueTaker& take);

}  // namespace trtprof
