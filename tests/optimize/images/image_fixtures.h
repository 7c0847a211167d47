// tests/data/images, and what Pillow makes of it (tests/tools/make_image_fixtures.py).
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/npy.h"
#include "trtprof/optimize/images/image.h"

namespace trtprof::test {

inline const std::string kImages = std::string(kDataDir) + "/images/";

inline std::string image_bytes(const std::string& name) {
  return read_file(kImages + name).value();
}

// Of [height, width] or [height, width, 3].
inline Image pillows(const std::string& name) {
  static const auto arrays = load_npz(kImages + "expected.npz").value();
  const auto found = arrays.find(name);
  if (found == arrays.end()) {
    ADD_FAILURE() << "no " << name;
    return {};
  }
  const Tensor& tensor = found->second;
  Image image{static_cast<std::uint32_t>(tensor.shape.at(1)),
              static_cast<std::uint32_t>(tensor.shape.at(0)),
              tensor.shape.size() == 3 ? 3U : 1U,
              {}};
  for (const std::byte byte : tensor.data) image.pixels.push_back(static_cast<std::uint8_t>(byte));
  return image;
}

// -1: another size.
inline int largest_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels || a.pixels.size() != b.pixels.size()) {
    return -1;
  }
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

}  // namespace trtprof::test
