// A data set of images: DataSet's part that decodes them.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/accuracy/append_number.h"
#include "trtprof/optimize/accuracy/data_set.h"
#include "trtprof/optimize/images/image_listing.h"

namespace trtprof {
namespace {

bool has_arrays(const std::filesystem::path& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".npy") return true;
  }
  return false;
}

}  // namespace

bool DataSet::holds_images(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) && has_images(path);
}

Result<DataSet> DataSet::load_images(const std::filesystem::path& folder, const std::vector<std::string>& inputs,
                                     const std::optional<std::filesystem::path>& preprocess) {
  const std::string name = printable(folder.string());
  if (inputs.size() != 1) {
    return fail(
        fmt::format("{} holds images, which are for a model with one input, and this one has {}", name, inputs.size()),
        "an .npz has an array for each input");
  }
  if (has_arrays(folder)) return fail(fmt::format("{} has both .npy files and images", name), "keep them apart");
  auto images = ImageFolder::open(folder, preprocess);
  if (!images) return forward_error(images);
  auto shape = images->sample_shape();
  if (!shape) return forward_error(shape);
  DataSet data;
  data.size_ = images->size();
  data.labels_ = images->labels();
  data.warnings_ = images->warnings();
  data.images_ = std::make_shared<const Images>(Images{inputs.front(), *std::move(images), *std::move(shape)});
  return data;
}

// One image after the other: decoded ones are not kept.
Result<Tensor> DataSet::image_batch(const TensorDesc& input, std::size_t first) const {
  const auto wanted = element_type_from_string(input.element_type).value_or(ElementType::unknown);
  const std::vector<std::int64_t> shape(input.shape.begin() + (input.shape.empty() ? 0 : 1), input.shape.end());
  if (shape != images_->shape) {
    return fail(fmt::format("input '{}' wants {}, and an image becomes {} after preprocessing", printable(input.name),
                            shape_to_string(shape), shape_to_string(images_->shape)),
                R"("layout", "channels", "resize" and "crop" of the preprocessing say what it becomes)");
  }
  const auto batch = static_cast<std::size_t>(input.shape.front());
  Tensor result{wanted, input.shape, {}};
  result.data.reserve(batch * static_cast<std::size_t>(element_count(shape).value_or(0)) * bits_of(wanted) / 8);
  std::vector<float> numbers;
  std::optional<std::size_t> last;  // the one that they are of
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t sample = std::min(first + i, size_ - 1);
    if (last != sample) {
      numbers.clear();
      const Status added = images_->folder.append_sample(sample, images_->shape, numbers);
      if (!added) return forward_error(added);
      last = sample;
    }
    for (const float number : numbers) {
      if (append_number(result.data, wanted, double{number})) continue;
      return fail(fmt::format("input '{}' wants {}, which images cannot be turned into", printable(input.name),
                              input.element_type));
    }
  }
  return result;
}

}  // namespace trtprof
