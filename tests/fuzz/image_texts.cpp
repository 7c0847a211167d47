// What lies beside images: the preprocessing (JSON), or labels.csv.
#include "fuzz/fuzz_target.h"
#include "trtprof/optimize/images/image_labels.h"
#include "trtprof/optimize/images/preprocess.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const std::string_view text = fuzz::as_text(data, size);
  const auto labels = parse_image_labels(text, "labels.csv");
  if (fuzz::read(labels)) {
    for (const auto& [file, label] : *labels) {
      fuzz::require(!file.empty() && label >= 0, "a file has a class");
    }
  }
  const auto preprocess = preprocess_from_json(text, "preprocess.json");
  if (!fuzz::read(preprocess)) return 0;
  const Image image{3, 2, 3, std::vector<std::uint8_t>(18, 7)};
  Preprocess small = *preprocess;
  small.resize.reset();
  small.shortest_side.reset();
  const auto made = prepared(image, small, "a.png");
  if (!fuzz::read(made)) return 0;
  std::vector<float> numbers;
  append_numbers(*made, small, numbers);
  fuzz::require(numbers.size() == made->pixels.size(), "each byte becomes a number");
  return 0;
}
