// Pictures in a folder as samples with labels, decoded when they are asked for: memory does not grow with their number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/images/preprocess.h"

namespace trtprof {

class ImageFolder {
 public:
  // The pictures of the folder in order of their names. Or, where folders of it hold them, those: each folder is a
  // class, counted in order of the names, with what lies in it however deep, as in torchvision's ImageFolder; the
  // samples take turns (the first of each class, then the second), so that the first few are of all classes. labels.csv
  // beside them (a line "file,label" first, then a path within the folder and the number of its class) goes before the
  // folders' classes, and names all. `preprocess`: nullopt is preprocess.json in the folder. Fails without one, without
  // pictures, where pictures and folders with pictures lie side by side, for a class without pictures, and for labels
  // that do not fit. No picture is opened.
  [[nodiscard]] static Result<ImageFolder> open(const std::filesystem::path& folder,
                                                const std::optional<std::filesystem::path>& preprocess = {});

  [[nodiscard]] std::size_t size() const { return files_.size(); }
  [[nodiscard]] const std::filesystem::path& file(std::size_t index) const { return files_[index]; }
  // The class of each; nullopt: there are none.
  [[nodiscard]] const std::optional<std::vector<std::int64_t>>& labels() const { return labels_; }
  // Of pictures in formats that are not read: a sentence each.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] const Preprocess& preprocess() const { return preprocess_; }
  // Of one sample. Where the preprocessing leaves sizes as they are, that of the first picture.
  [[nodiscard]] Result<std::vector<std::int64_t>> sample_shape() const;

  // Appends the numbers of one picture. Fails, naming the file, for one that cannot be decoded or has another shape.
  [[nodiscard]] Status append_sample(std::size_t index, const std::vector<std::int64_t>& shape,
                                     std::vector<float>& numbers) const;

 private:
  std::vector<std::filesystem::path> files_;
  std::optional<std::vector<std::int64_t>> labels_;
  Preprocess preprocess_;
  std::vector<std::string> warnings_;
};

}  // namespace trtprof
