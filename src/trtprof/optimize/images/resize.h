// Pictures of another size, to the bit as Pillow makes them up to 12.3 (and so torchvision of Pillow's images): models
// are trained on what these make.
#pragma once

#include <cstdint>

#include "trtprof/optimize/images/image.h"

namespace trtprof {

enum class Interpolation { bilinear, bicubic };

// Antialiased: the filter is as wide as the pixels of the result. Horizontally, then vertically, each rounded to 8
// bits; weights have 22 bits behind the point. Pillow's resize(), src/libImaging/Resample.c; from 13.0 on it begins
// with the height in some cases. Sides of the result are not 0.
[[nodiscard]] Image resized(const Image& image, std::uint32_t width, std::uint32_t height,
                            Interpolation interpolation = Interpolation::bilinear);

// torchvision's CenterCrop: what is left over by halves, a half rounded to even. The picture is no smaller.
[[nodiscard]] Image centre_cropped(const Image& image, std::uint32_t width, std::uint32_t height);

}  // namespace trtprof
