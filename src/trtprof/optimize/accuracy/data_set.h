// Samples that models are compared on, with labels where there are any.
//
//   FILE.npz     one array for each input by its name, the samples along the first axis: floats or integers.
//                "<input>.scale" and "<input>.offset" (one number, or one for each channel of axis 1) turn stored
//                values into the model's: value * scale + offset. "labels": one class for each sample. An only input
//                takes an only array whatever its name.
//   FOLDER       the same arrays as <input>.npy, labels.npy; for an only input also any other .npy files, in order of
//                their names, one after the other.
//   FOLDER       JPEG and PNG images for the only input, with preprocess.json (images/preprocess.h) and perhaps labels:
//                labels.csv, or a folder for each class (images/image_folder.h). Decoded batch by batch.
//   random       seeded, when there is nothing else: a model's answers to noise say little about its answers to data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/optimize/images/image_folder.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

class DataSet {
 public:
  // `inputs`: names of the model's. Fails for an input that has no array, arrays of different length, labels that do
  // not fit, a scale that does not. `preprocess`: of images, instead of the folder's own; arrays have no use for it.
  [[nodiscard]] static Result<DataSet> load(const std::filesystem::path& path, const std::vector<std::string>& inputs,
                                            const std::optional<std::filesystem::path>& preprocess = {});
  // Is it a folder of images, which a preprocessing is for?
  [[nodiscard]] static bool holds_images(const std::filesystem::path& path);
  // As complete_inputs() makes them, sample after sample. The leading dimension of each input is the batch.
  [[nodiscard]] static DataSet random(const std::vector<TensorDesc>& inputs, std::size_t samples, std::uint64_t seed);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_random() const { return random_; }
  [[nodiscard]] const std::optional<std::vector<std::int64_t>>& labels() const { return labels_; }
  // Of one sample, without the batch; nullopt for inputs that it does not have.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> sample_shape(const std::string& input) const;
  // Of files that look like samples and are left out: a sentence each.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  // The first `count`; what is beyond is forgotten.
  void limit(std::size_t count);

  // Samples from `first` on in the shape and type of `input`, whose leading dimension is the batch. The last sample
  // fills up a batch that has no more. Fails where the shape of a sample or the type does not fit, and for an image
  // that cannot be decoded.
  [[nodiscard]] Result<Tensor> batch(const TensorDesc& input, std::size_t first) const;

 private:
  struct Array {
    Tensor values;
    std::vector<float> scale;   // empty: 1
    std::vector<float> offset;  // empty: 0
  };
  [[nodiscard]] Status take(std::map<std::string, Tensor> arrays, const std::vector<std::string>& inputs,
                            const std::string& source);
  [[nodiscard]] Status take_labels(const Tensor& labels, const std::string& source);

  [[nodiscard]] static Result<DataSet> load_images(const std::filesystem::path& folder,
                                                   const std::vector<std::string>& inputs,
                                                   const std::optional<std::filesystem::path>& preprocess);
  [[nodiscard]] Result<Tensor> image_batch(const TensorDesc& input, std::size_t first) const;

  // Of an only input, instead of an array; copies share what is never changed.
  struct Images {
    std::string input;
    ImageFolder folder;
    std::vector<std::int64_t> shape;  // of a sample
  };
  std::shared_ptr<const Images> images_;
  std::map<std::string, Array> arrays_;  // by input
  std::optional<std::vector<std::int64_t>> labels_;
  std::vector<std::string> warnings_;
  std::size_t size_ = 0;
  bool random_ = false;
};

}  // namespace trtprof
