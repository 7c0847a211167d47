#include "trtprof/optimize/images/image_listing.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

// What torchvision's ImageFolder reads beside those that are read here, and what cameras and browsers write.
constexpr auto kUnread = std::to_array<std::string_view>(
    {".avif", ".bmp", ".gif", ".heic", ".jfif", ".jp2", ".jxl", ".pgm", ".ppm", ".tif", ".tiff", ".webp"});

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

// Called with a path within the folder; false ends the walk.
using Visit = std::function<bool(const fs::directory_entry& entry, bool is_folder)>;

Status walk(const fs::path& folder, const Visit& visit) {
  std::error_code error;
  std::vector<fs::path> inside = {fs::canonical(folder, error)};  // the folders that the entry is in
  fs::recursive_directory_iterator it(folder, fs::directory_options::follow_directory_symlink, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    std::error_code other;
    const bool is_folder = it->is_directory(other);
    if (!is_folder && !it->is_regular_file(other)) continue;
    if (!visit(*it, is_folder)) return {};
    if (!is_folder) continue;
    inside.resize(static_cast<std::size_t>(it.depth()) + 1);
    const fs::path real = fs::canonical(it->path(), other);
    if (std::ranges::find(inside, real) != inside.end()) it.disable_recursion_pending();
    inside.push_back(real);
  }
  if (error) return fail(fmt::format("{} cannot be listed: {}", printable(folder.string()), error.message()));
  return {};
}

}  // namespace

bool is_image_name(const fs::path& path) {
  const std::string extension = extension_of(path);
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

bool ImageListing::any_in_classes() const {
  return std::ranges::any_of(classes, [](const auto& each) { return !each.second.empty(); });
}

Result<ImageListing> list_images(const fs::path& folder) {
  ImageListing listing;
  const Status walked = walk(folder, [&](const fs::directory_entry& entry, bool is_folder) {
    const fs::path within = entry.path().lexically_relative(folder);
    const bool in_class = is_folder || within.has_parent_path();
    auto* files = in_class ? &listing.classes[within.begin()->string()] : &listing.plain;
    if (is_folder) return true;
    const std::string extension = extension_of(within);
    if (is_image_name(within)) {
      files->push_back(entry.path());
    } else if (std::ranges::find(kUnread, extension) != kUnread.end()) {
      ++listing.unread[extension];
    }
    return true;
  });
  if (!walked) return forward_error(walked);
  std::ranges::sort(listing.plain);
  for (auto& [name, files] : listing.classes) std::ranges::sort(files);
  return listing;
}

bool has_images(const fs::path& folder) {
  bool any = false;
  const Status walked = walk(folder, [&any](const fs::directory_entry& entry, bool is_folder) {
    any = !is_folder && is_image_name(entry.path());
    return !any;
  });
  return walked && any;
}

std::string unread_text(const ImageListing& listing) {
  std::string text;
  std::size_t left = listing.unread.size();
  for (const auto& [extension, count] : listing.unread) {
    --left;
    text += fmt::format("{} {}{}", count, extension, left > 1 ? ", " : left == 1 ? " and " : "");
  }
  return text;
}

}  // namespace trtprof
