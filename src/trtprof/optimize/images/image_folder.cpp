#include "trtprof/optimize/images/image_folder.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/file.h"
#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/images/image_labels.h"
#include "trtprof/optimize/images/image_listing.h"

namespace trtprof {
namespace {

constexpr const char* kPreprocess = "preprocess.json";
constexpr const char* kLabels = "labels.csv";
constexpr std::uint64_t kMostLabelBytes = std::uint64_t{256} << 20;

using Paths = std::vector<std::filesystem::path>;
using Classes = std::map<std::string, Paths>;

struct Listing {
  Paths files;
  std::optional<std::vector<std::int64_t>> labels;
};

// The first of each class, then the second of each.
Listing in_turns(const Classes& classes) {
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

std::string unread_clause(const ImageListing& found) {
  const std::string text = unread_text(found);
  return text.empty() ? "" : fmt::format("; {} are not read", text);
}

// One that is not counted would make all after it a class lower, and no label of theirs right.
Status check_classes(const std::string& folder, const ImageListing& found) {
  std::vector<std::string> empty;
  for (const auto& [name, files] : found.classes) {
    if (files.empty()) empty.push_back(fmt::format("'{}'", printable(name)));
  }
  if (empty.empty()) return {};
  constexpr std::size_t named = 3;
  const std::size_t more = empty.size() - std::min(named, empty.size());
  empty.resize(empty.size() - more);
  return fail(fmt::format("{}: the class{} {}{} no images (.jpg, .jpeg or .png){}", folder,
                          empty.size() > 1 ? "es" : "", fmt::join(empty, ", "),
                          more > 0           ? fmt::format(" and {} more have", more)
                          : empty.size() > 1 ? " have"
                                             : " has",
                          unread_clause(found)),
              "each folder counts as a class: move away what is none, or give the labels in labels.csv");
}

Result<Listing> list(const std::filesystem::path& folder, const ImageListing& found, bool labelled) {
  const std::string name = printable(folder.string());
  const bool in_classes = found.any_in_classes();
  if (found.plain.empty() && !in_classes) {
    return fail(fmt::format("{} has no images: .jpg, .jpeg or .png{}", name, unread_clause(found)));
  }
  if (!found.plain.empty() && in_classes) {
    const auto first = std::ranges::find_if(found.classes, [](const auto& each) { return !each.second.empty(); });
    return fail(fmt::format("{} has images, and folders of images beside them as '{}'", name, printable(first->first)),
                "either all images lie in the folder itself, or each in a folder of its class");
  }
  if (!in_classes) return Listing{found.plain, std::nullopt};
  if (!labelled) {
    if (const Status counted = check_classes(name, found); !counted) return forward_error(counted);
  }
  return in_turns(found.classes);
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

Result<ImageFolder> ImageFolder::open(const std::filesystem::path& folder,
                                      const std::optional<std::filesystem::path>& preprocess) {
  const auto found = list_images(folder);
  if (!found) return forward_error(found);
  std::error_code error;
  auto listing = list(folder, *found, std::filesystem::exists(folder / kLabels, error));
  if (!listing) return forward_error(listing);
  const Status labelled = take_labels(folder, *listing);
  if (!labelled) return forward_error(labelled);
  const std::filesystem::path spec = preprocess.value_or(folder / kPreprocess);
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
  if (const std::string unread = unread_text(*found); !unread.empty()) {
    images.warnings_.push_back(
        fmt::format("{}: {} are left out: only .jpg, .jpeg and .png are read", printable(folder.string()), unread));
  }
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
