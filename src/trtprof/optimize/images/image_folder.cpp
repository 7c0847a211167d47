#include "trtprof/optimize/images/image_folder.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/images/image_labels.h"

namespace trtprof {
namespace {

constexpr const char* kPreprocess = "preprocess.json";
constexpr const char* kLabels = "labels.csv";
constexpr std::uint64_t kMostLabelBytes = std::uint64_t{256} << 20;

using Paths = std::vector<std::filesystem::path>;

// Sorted. A folder that cannot be listed has none.
Paths images_in(const std::filesystem::path& folder) {
  Paths files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code other;
    if (is_image_name(it->path()) && it->is_regular_file(other)) files.push_back(it->path());
  }
  std::ranges::sort(files);
  return files;
}

// Folders with pictures, by name.
std::map<std::string, Paths> classes_in(const std::filesystem::path& folder) {
  std::map<std::string, Paths> classes;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code other;
    if (!it->is_directory(other)) continue;
    Paths files = images_in(it->path());
    if (!files.empty()) classes.emplace(it->path().filename().string(), std::move(files));
  }
  return classes;
}

struct Listing {
  Paths files;
  std::optional<std::vector<std::int64_t>> labels;
};

// The first of each class, then the second of each.
Listing in_turns(const std::map<std::string, Paths>& classes) {
  Listing listing;
  listing.labels.emplace();
  std::size_t longest = 0;
  for (const auto& [name, files] : classes) longest = std::max(longest, files.size());
  for (std::size_t turn = 0; turn < longest; ++turn) {
    std::int64_t label = 0;
    for (const auto& [name, files] : classes) {
      if (turn < files.size()) {
        listing.files.push_back(files[turn]);
        listing.labels->push_back(label);
      }
      ++label;
    }
  }
  return listing;
}

Result<Listing> list(const std::filesystem::path& folder) {
  Listing plain{images_in(folder), std::nullopt};
  const auto classes = classes_in(folder);
  const std::string name = printable(folder.string());
  if (plain.files.empty() && classes.empty()) {
    return fail(fmt::format("{} has no images: .jpg, .jpeg or .png", name));
  }
  if (!plain.files.empty() && !classes.empty()) {
    return fail(fmt::format("{} has images, and folders of images beside them as '{}'", name,
                            printable(classes.begin()->first)),
                "either all images lie in the folder itself, or each in a folder of its class");
  }
  return classes.empty() ? std::move(plain) : in_turns(classes);
}

Status take_labels(const std::filesystem::path& folder, Listing& listing) {
  const std::filesystem::path path = folder / kLabels;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  const auto text = read_file(path, kMostLabelBytes);
  if (!text) return forward_error(text);
  const auto labels = parse_image_labels(*text, path.string());
  if (!labels) return forward_error(labels);
  listing.labels.emplace();
  for (const auto& file : listing.files) {
    const auto found = labels->find(file.lexically_relative(folder).generic_string());
    if (found == labels->end()) {
      return fail(fmt::format("{} has no label for {}", printable(path.string()), printable(file.string())));
    }
    listing.labels->push_back(found->second);
  }
  if (labels->size() == listing.files.size()) return {};
  for (const auto& [name, label] : *labels) {
    if (std::filesystem::exists(folder / name, error)) continue;
    return fail(fmt::format("{} names '{}', which is not there", printable(path.string()), printable(name)));
  }
  return fail(
      fmt::format("{} has {} labels for {} images", printable(path.string()), labels->size(), listing.files.size()));
}

}  // namespace

bool is_image_name(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

bool has_images(const std::filesystem::path& folder) {
  return !images_in(folder).empty() || !classes_in(folder).empty();
}

Result<ImageFolder> ImageFolder::open(const std::filesystem::path& folder,
                                      const std::optional<std::filesystem::path>& preprocess) {
  auto listing = list(folder);
  if (!listing) return forward_error(listing);
  const Status labelled = take_labels(folder, *listing);
  if (!labelled) return forward_error(labelled);
  const std::filesystem::path spec = preprocess.value_or(folder / kPreprocess);
  std::error_code error;
  if (!preprocess && !std::filesystem::exists(spec, error)) {
    return fail(fmt::format("{} has images and no {}, which says how the model wants them", printable(folder.string()),
                            kPreprocess),
                "write one (docs/calibration.md), or name it with --preprocess");
  }
  auto read = load_preprocess(spec);
  if (!read) return forward_error(read);
  ImageFolder images;
  images.files_ = std::move(listing->files);
  images.labels_ = std::move(listing->labels);
  images.preprocess_ = *std::move(read);
  return images;
}

Result<std::vector<std::int64_t>> ImageFolder::sample_shape() const {
  if (const auto size = preprocess_.size()) return preprocess_.shape(*size);
  const auto image = load_image(files_.front());
  if (!image) return forward_error(image);
  const auto made = prepared(*image, preprocess_, files_.front().string());
  if (!made) return forward_error(made);
  return preprocess_.shape({made->width, made->height});
}

Status ImageFolder::append_sample(std::size_t index, const std::vector<std::int64_t>& shape,
                                  std::vector<float>& numbers) const {
  const std::string name = files_[index].string();
  const auto image = load_image(files_[index]);
  if (!image) return forward_error(image);
  const auto made = prepared(*image, preprocess_, name);
  if (!made) return forward_error(made);
  const auto own = preprocess_.shape({made->width, made->height});
  if (own != shape) {
    return fail(fmt::format("{} becomes {} after preprocessing, and {} is wanted", printable(name),
                            shape_to_string(own), shape_to_string(shape)),
                R"("resize" or "crop" of the preprocessing make all images of one size)");
  }
  append_numbers(*made, preprocess_, numbers);
  return {};
}

}  // namespace trtprof
