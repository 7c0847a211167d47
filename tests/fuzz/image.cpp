// JPEG and PNG, to the model's numbers.
#include "trtprof/optimize/images/image.h"

#include "fuzz/fuzz_target.h"
#include "trtprof/optimize/images/preprocess.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const auto image = decode_image(fuzz::as_text(data, size), "input.jpg");
  if (!fuzz::read(image)) return 0;
  fuzz::require(image->channels == 3 && image->width > 0 && image->height > 0, "a picture has pixels of three colours");
  fuzz::require(image->pixels.size() == std::size_t{image->width} * image->height * 3, "all pixels are there");
  constexpr std::size_t most = 1 << 20;
  if (image->pixels.size() > most) return 0;  // resizing is not what is looked for here
  Preprocess preprocess;
  preprocess.resize = ImageSize{8, 8};
  const auto made = prepared(*image, preprocess, "input.jpg");
  if (!fuzz::read(made)) return 0;
  std::vector<float> numbers;
  append_numbers(*made, preprocess, numbers);
  fuzz::require(numbers.size() == 192, "each pixel becomes three numbers");
  return 0;
}
