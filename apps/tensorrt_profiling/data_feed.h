// Samples batch by batch, as a pass over a model takes them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/accuracy/data_set.h"
#include "trtprof/optimize/watch_values.h"

namespace trtprof::cli {

// --calibration-data, else --data.
[[nodiscard]] std::optional<std::filesystem::path> calibration_path(const Settings& settings);

// Of calibration_path(), as many samples as are wanted of it; nullopt: the user has none. For shapes that the model
// leaves open (fit_shapes).
[[nodiscard]] Result<std::optional<DataSet>> calibration_data(const Settings& settings,
                                                              const std::vector<ValueInfo>& inputs);

// In place of data that the user does not have.
[[nodiscard]] Result<DataSet> random_calibration_data(const Settings& settings, const OnnxModel& model,
                                                      const BoundShapes& shapes);

class DataFeed {
 public:
  // `shapes` that the model runs in. Fails where data of the user is for inputs of different leading dimensions. `data`
  // must outlive it.
  [[nodiscard]] static Result<DataFeed> create(const DataSet& data, const OnnxModel& model, const BoundShapes& shapes);

  [[nodiscard]] const DataSet& data() const { return *data_; }
  [[nodiscard]] std::size_t count() const { return count_of(data_->size()); }  // inferences
  // Inferences that the first so many samples take.
  [[nodiscard]] std::size_t count_of(std::size_t samples) const;
  // Of this feed, which must outlive it.
  [[nodiscard]] InputSource source() const;

 private:
  DataFeed(const DataSet& data, std::vector<TensorDesc> inputs, std::size_t batch)
      : data_(&data), inputs_(std::move(inputs)), batch_(batch) {}
  const DataSet* data_;
  std::vector<TensorDesc> inputs_;
  std::size_t batch_;
};

}  // namespace trtprof::cli
