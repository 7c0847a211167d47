// Inferences of calibration data: the user's, or random ones.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/accuracy/data_set.h"
#include "trtprof/optimize/watch_values.h"

namespace trtprof::cli {

// --calibration-data, else --data.
[[nodiscard]] std::optional<std::filesystem::path> calibration_path(const Settings& settings);

// --calibration-data, else --data, as many samples as are wanted of it; nullopt: the user has none. For shapes that the
// model leaves open (fit_shapes).
[[nodiscard]] Result<std::optional<DataSet>> calibration_data(const Settings& settings,
                                                              const std::vector<ValueInfo>& inputs);

class CalibrationFeed {
 public:
  // `inputs` in the shapes that the model runs in. Fails where they have different leading dimensions.
  [[nodiscard]] static Result<CalibrationFeed> create(DataSet data, std::vector<TensorDesc> inputs);

  [[nodiscard]] const DataSet& data() const { return data_; }
  [[nodiscard]] std::size_t count() const { return count_of(data_.size()); }  // inferences
  // Inferences that the first so many samples take.
  [[nodiscard]] std::size_t count_of(std::size_t samples) const;
  // Of this feed, which must outlive it.
  [[nodiscard]] InputSource source() const;

 private:
  CalibrationFeed(DataSet data, std::vector<TensorDesc> inputs, std::size_t batch)
      : data_(std::move(data)), inputs_(std::move(inputs)), batch_(batch) {}
  DataSet data_;
  std::vector<TensorDesc> inputs_;
  std::size_t batch_;
};

// Of calibration_data(), else random inputs.
[[nodiscard]] Result<CalibrationFeed> calibration_feed(const Settings& settings, const OnnxModel& model,
                                                       const BoundShapes& shapes);

}  // namespace trtprof::cli
