#include "trtprof/optimize/accuracy/data_set.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/npy.h"
#include "trtprof/base/text.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/optimize/accuracy/append_number.h"
#include "trtprof/optimize/accuracy/output_error.h"
#include "trtprof/optimize/images/image_listing.h"

namespace trtprof {
namespace {

constexpr const char* kLabels = "labels";
constexpr double kMostLabel = 1U << 31;  // no model has so many classes

bool is_side_array(const std::string& name) {
  return name == kLabels || name.ends_with(".scale") || name.ends_with(".offset");
}

std::size_t count_of(const std::vector<std::int64_t>& shape) {
  return static_cast<std::size_t>(element_count(shape).value_or(0));
}

std::vector<std::int64_t> without_batch(const std::vector<std::int64_t>& shape) {
  return shape.empty() ? shape : std::vector<std::int64_t>(shape.begin() + 1, shape.end());
}

// Files of a folder: those of a name of their own, and for an only input the rest as one array.
Result<std::map<std::string, Tensor>> read_folder(const std::filesystem::path& folder,
                                                  const std::vector<std::string>& inputs) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".npy") files.push_back(it->path());
  }
  std::ranges::sort(files);
  if (files.empty()) {
    const auto images = list_images(folder);
    if (!images) return forward_error(images);
    const std::string unread = unread_text(*images);
    return fail(fmt::format("{} has no .npy files, and no images (.jpg, .jpeg, .png){}", printable(folder.string()),
                            unread.empty() ? "" : fmt::format("; {} are not read", unread)));
  }
  std::map<std::string, Tensor> arrays;
  for (const auto& file : files) {
    auto tensor = load_npy(file);
    if (!tensor) return forward_error(tensor);
    const std::string name = file.stem().string();
    const bool named = is_side_array(name) || std::ranges::find(inputs, name) != inputs.end();
    const std::string& key = named || inputs.size() != 1 ? name : inputs.front();
    if (tensor->shape.empty() && std::ranges::find(inputs, key) != inputs.end()) {
      return fail(
          fmt::format("{} holds one number, without a dimension to lay samples along", printable(file.string())));
    }
    const auto [place, added] = arrays.emplace(key, *tensor);
    if (added) continue;
    Tensor& whole = place->second;
    if (whole.type != tensor->type || without_batch(whole.shape) != without_batch(tensor->shape)) {
      return fail(fmt::format("{} holds {} {}, and the files before it {} {}", printable(file.string()),
                              to_string(tensor->type), shape_to_string(tensor->shape), to_string(whole.type),
                              shape_to_string(whole.shape)));
    }
    whole.shape.front() += tensor->shape.front();
    whole.data.insert(whole.data.end(), tensor->data.begin(), tensor->data.end());
  }
  return arrays;
}

Result<std::vector<float>> factors(const Tensor& tensor, const std::string& name,
                                   const std::vector<std::int64_t>& shape) {
  const auto numbers = numbers_of(tensor);
  const std::size_t channels = shape.size() > 1 ? static_cast<std::size_t>(shape[1]) : 1;
  if (!numbers || (numbers->size() != 1 && numbers->size() != channels)) {
    return fail(fmt::format("'{}' has the shape {}, which is neither one number nor one for each of {} channels",
                            printable(name), shape_to_string(tensor.shape), channels));
  }
  std::vector<float> values;
  for (const double number : *numbers) values.push_back(static_cast<float>(number));
  return values;
}

bool is_integer(ElementType type) {
  return type != ElementType::f32 && type != ElementType::f64 && type != ElementType::f16 && type != ElementType::bf16;
}

}  // namespace

Result<DataSet> DataSet::load(const std::filesystem::path& path, const std::vector<std::string>& inputs,
                              const std::optional<std::filesystem::path>& preprocess) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);
  if (holds_images(path)) return load_images(path, inputs, preprocess);
  if (!folder && path.extension() != ".npz") {
    return fail(fmt::format("{} is no data set", printable(path.string())),
                "It is an .npz file, or a folder of .npy files or of images: docs/accuracy.md.");
  }
  auto arrays = folder ? read_folder(path, inputs) : load_npz(path);
  if (!arrays) return forward_error(arrays);
  DataSet data;
  const Status taken = data.take(*std::move(arrays), inputs, printable(path.string()));
  if (!taken) return forward_error(taken);
  return data;
}

Status DataSet::take(std::map<std::string, Tensor> arrays, const std::vector<std::string>& inputs,
                     const std::string& source) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : arrays) {
    if (!is_side_array(name)) names.push_back(name);
  }
  for (const std::string& input : inputs) {
    const bool only = inputs.size() == 1 && names.size() == 1;
    const std::string& key = !arrays.contains(input) && only ? names.front() : input;
    const auto found = arrays.find(key);
    if (found == arrays.end()) {
      return fail(fmt::format("{} has no array for input '{}'; it has: {}", source, printable(input),
                              printable(fmt::format("{}", fmt::join(names, ", ")))));
    }
    Array array{std::move(found->second), {}, {}};
    const auto& shape = array.values.shape;
    if (shape.empty() || shape.front() < 1) return fail(fmt::format("{}: '{}' has no samples", source, printable(key)));
    for (const auto& [suffix, target] : {std::pair(".scale", &array.scale), std::pair(".offset", &array.offset)}) {
      const auto side = arrays.find(key + suffix);
      if (side == arrays.end() || std::ranges::find(inputs, side->first) != inputs.end()) continue;
      auto values = factors(side->second, side->first, shape);
      if (!values) return fail(fmt::format("{}: {}", source, values.error().message));
      *target = *std::move(values);
    }
    const auto samples = static_cast<std::size_t>(shape.front());
    if (size_ != 0 && samples != size_) {
      return fail(fmt::format("{}: '{}' has {} samples, others have {}", source, printable(key), samples, size_));
    }
    size_ = samples;
    arrays_.emplace(input, std::move(array));
  }
  const bool is_input = std::ranges::find(inputs, kLabels) != inputs.end();
  if (const auto labels = arrays.find(kLabels); labels != arrays.end() && !is_input) {
    return take_labels(labels->second, source);
  }
  return {};
}

Status DataSet::take_labels(const Tensor& labels, const std::string& source) {
  const auto numbers = numbers_of(labels);
  if (!numbers || !is_integer(labels.type) || numbers->size() != size_) {
    return fail(fmt::format("{}: labels are {} {}, where one integer for each of {} samples is wanted", source,
                            to_string(labels.type), shape_to_string(labels.shape), size_));
  }
  labels_.emplace();
  for (const double number : *numbers) {
    if (number < 0 || number > kMostLabel) return fail(fmt::format("{}: label {:.0f} is no class", source, number));
    labels_->push_back(static_cast<std::int64_t>(number));
  }
  return {};
}

DataSet DataSet::random(const std::vector<TensorDesc>& inputs, std::size_t samples, std::uint64_t seed) {
  DataSet data;
  data.size_ = samples;
  data.random_ = true;
  std::uint64_t at = seed;
  for (const TensorDesc& input : inputs) {
    TensorDesc all = input;
    if (!all.shape.empty()) all.shape.front() = static_cast<std::int64_t>(samples);
    data.arrays_.emplace(input.name, Array{random_tensor(all, at++), {}, {}});
  }
  return data;
}

std::optional<std::vector<std::int64_t>> DataSet::sample_shape(const std::string& input) const {
  if (images_ && images_->input == input) return images_->shape;
  const auto found = arrays_.find(input);
  if (found == arrays_.end()) return std::nullopt;
  return without_batch(found->second.values.shape);
}

void DataSet::limit(std::size_t count) {
  size_ = std::min(size_, count);
  if (labels_) labels_->resize(size_);
}

Result<Tensor> DataSet::batch(const TensorDesc& input, std::size_t first) const {
  if (images_ && images_->input == input.name) return image_batch(input, first);
  const auto found = arrays_.find(input.name);
  if (found == arrays_.end()) return fail(fmt::format("there are no samples for input '{}'", printable(input.name)));
  const Array& array = found->second;
  const std::vector<std::int64_t> shape = without_batch(array.values.shape);
  const auto wanted = element_type_from_string(input.element_type).value_or(ElementType::unknown);
  if (without_batch(input.shape) != shape || (is_integer(wanted) && !is_integer(array.values.type))) {
    return fail(fmt::format("input '{}' wants {} {}, and a sample of the data is {} {}", printable(input.name),
                            input.element_type, shape_to_string(input.shape), to_string(array.values.type),
                            shape_to_string(shape)));
  }
  const std::size_t elements = count_of(shape);
  const std::size_t batch = input.shape.empty() ? 1 : static_cast<std::size_t>(input.shape.front());
  const std::size_t bytes = elements * bits_of(array.values.type) / 8;
  Tensor result{wanted, input.shape, {}};
  result.data.reserve(batch * elements * bits_of(wanted) / 8);
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t sample = array.values.shape.empty() ? 0 : std::min(first + i, size_ - 1);
    const auto* from = array.values.data.data() + sample * bytes;
    const bool as_stored = wanted == array.values.type && array.scale.empty() && array.offset.empty();
    if (as_stored) {
      result.data.insert(result.data.end(), from, from + bytes);
      continue;
    }
    const auto numbers = numbers_of(Tensor{array.values.type, shape, {from, from + bytes}});
    if (!numbers) return fail(fmt::format("'{}' holds {}", printable(input.name), to_string(array.values.type)));
    const std::size_t of_channel =
        shape.empty()
            ? 1
            : std::max<std::size_t>(elements / static_cast<std::size_t>(std::max<std::int64_t>(shape[0], 1)), 1);
    const auto of = [&](const std::vector<float>& factor, std::size_t at, float otherwise) {
      return factor.empty() ? otherwise : factor[factor.size() == 1 ? 0 : at / of_channel];
    };
    for (std::size_t at = 0; at < numbers->size(); ++at) {
      // In f32, as a model that had these as nodes would.
      const float value = static_cast<float>((*numbers)[at]) * of(array.scale, at, 1.0F) + of(array.offset, at, 0.0F);
      const bool plain = array.scale.empty() && array.offset.empty();
      if (!append_number(result.data, wanted, plain ? (*numbers)[at] : double{value})) {
        return fail(fmt::format("input '{}' wants {}, which data cannot be turned into", printable(input.name),
                                input.element_type));
      }
    }
  }
  return result;
}

}  // namespace trtprof
