// Which pictures a folder holds, by their names. None is opened.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof {

// .jpg, .jpeg and .png, in any case.
[[nodiscard]] bool is_image_name(const std::filesystem::path& path);

struct ImageListing {
  std::vector<std::filesystem::path> plain;  // in the folder itself, sorted
  // By the name of a folder in it, what lies in that one however deep, sorted. Each folder counts, as in torchvision's
  // ImageFolder: one without pictures is here with none.
  std::map<std::string, std::vector<std::filesystem::path>> classes;
  std::map<std::string, std::size_t> unread;  // by extension, files of pictures that are not read: .webp, .bmp, ...

  [[nodiscard]] bool any_in_classes() const;
};

// Follows links, but not in circles. Fails where a folder cannot be listed.
[[nodiscard]] Result<ImageListing> list_images(const std::filesystem::path& folder);

// Are there any, in the folder or in folders of it? Stops at the first.
[[nodiscard]] bool has_images(const std::filesystem::path& folder);

// "3 .bmp and 12 .webp"; "" for none.
[[nodiscard]] std::string unread_text(const ImageListing& listing);

}  // namespace trtprof
