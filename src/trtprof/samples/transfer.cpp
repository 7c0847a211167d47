// A model that is all transfer: tensors as large as pictures of a camera go in and come out, and one addition per value
// lies between. What it takes is copying from host to device and back, and memory bandwidth.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "trtprof/samples/generators.h"
#include "trtprof/samples/graph_builder.h"
#include "trtprof/samples/seeded_weights.h"

namespace trtprof::samples {
namespace {

constexpr std::int64_t kChannels = 3;

onnx::ModelProto make(const Request& request) {
  GraphBuilder graph("transfer",
                     fmt::format("Adds a number to each channel of a {0}x{0} image, with random numbers of seed {1}",
                                 request.resolution, request.seed));
  const std::array<std::int64_t, 3> image = {kChannels, request.resolution, request.resolution};
  const std::array<std::int64_t, 3> per_channel = {kChannels, 1, 1};
  SeededWeights random(request.seed);
  std::vector<float> offsets;
  offsets.reserve(kChannels);
  for (std::int64_t channel = 0; channel < kChannels; ++channel) offsets.push_back(random.normal());
  graph.node("Add", "shift",
             {graph.input("input", request.batch, image), graph.initializer("shift/offset", per_channel, offsets)}, {},
             "output");
  graph.output("output", request.batch, image);
  return std::move(graph).finish();
}

}  // namespace

const Generator& transfer() {
  // 2048 pixels: 50 MB go in and 50 MB come out per image, more than any cache holds.
  static const Generator generator = {
      .kind = {"transfer", "large input and output, one addition per value: bound by copies and memory"},
      .takes = {.resolution = true},
      .make = make,
      .default_resolution = 2048};
  return generator;
}

}  // namespace trtprof::samples
