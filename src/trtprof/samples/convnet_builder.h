// The layers that convolutional networks are made of, with seeded weights and batch-norm statistics to match.
// A generator reads as the table of its paper; names, shapes and statistics are kept here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trtprof/samples/activations.h"
#include "trtprof/samples/graph_builder.h"
#include "trtprof/samples/samples.h"
#include "trtprof/samples/seeded_weights.h"

namespace trtprof::samples {

// A value of [batch, channels, height, width], and what it is for the builder's own few random images. Those have at
// most kCalibrationSize pixels a side, whatever the model's resolution.
struct FeatureMap {
  std::string name;
  Activations trial;
  [[nodiscard]] std::int64_t channels() const { return trial.channels; }
};

struct ConvSpec {
  std::int64_t channels = 0;  // out
  std::int64_t kernel = 1;    // odd; padded so that stride 1 keeps the size
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

enum class Activation { none, relu6 };

// The multiple of 8 nearest to `channels`, but never under 90 % of it: the rule of the MobileNet papers' code.
[[nodiscard]] std::int64_t round_channels(double channels);

class ConvnetBuilder {
 public:
  ConvnetBuilder(std::string graph_name, std::string description, const SampleOptions& options);

  // Pixels as they come from the usual preprocessing: mean 0, variance 1.
  [[nodiscard]] FeatureMap image(const std::string& name, std::int64_t channels);

  // Nodes "PATH/conv", "PATH/bn" (unless folded into the convolution) and "PATH/relu6".
  [[nodiscard]] FeatureMap conv_bn(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                   Activation activation);
  [[nodiscard]] FeatureMap add(const std::string& name, const FeatureMap& a, const FeatureMap& b);

  // Global average pooling, flattening and a fully connected layer: nodes "pool", "flatten", "classifier".
  void classify(const FeatureMap& x, const std::string& output_name);

  [[nodiscard]] onnx::ModelProto finish() &&;

 private:
  // A convolution's weights, the normalisation after it, and the factor and offset that both come to.
  struct NormalizedConv {
    std::vector<float> weights;
    std::vector<float> scale, bias, mean, variance;
    std::vector<float> factor, offset;
  };

  std::vector<float> filters(std::int64_t count, std::int64_t fan_in);
  void match_batch_norm(NormalizedConv& conv, const std::vector<Moments>& moments);
  std::string write(const std::string& path, const FeatureMap& x, const ConvSpec& spec, const NormalizedConv& conv);
  std::string write_folded(const std::string& path, const FeatureMap& x, const ConvSpec& spec, NormalizedConv conv);

  SampleOptions options_;
  GraphBuilder graph_;
  SeededWeights weights_;
  SeededWeights pixels_;  // apart, so that weights do not depend on the resolution
};

}  // namespace trtprof::samples
