// The layers that convolutional networks are made of, with seeded weights and batch-norm statistics to match.
// A generator reads as the table of its paper; names, shapes and statistics are kept here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/samples/activations.h"
#include "trtprof/samples/graph_builder.h"
#include "trtprof/samples/request.h"
#include "trtprof/samples/seeded_weights.h"

namespace trtprof::samples {

// The network is run once while it is made, on a few random images of its own, to take statistics of every layer. They
// have the model's resolution, but at most 224 pixels a side: larger ones would add time and hardly change them. There
// are enough of them that together the smallest maps (a 32nd of the image) have this many positions.
constexpr std::int64_t kCalibrationPositions = 98;

// A value of [batch, channels, height, width], and what it is for the calibration images.
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

enum class Activation { none, relu, relu6, hard_swish, swish, sigmoid, hard_sigmoid };

// Hu et al., "Squeeze-and-Excitation Networks", arXiv:1709.01507.
struct SqueezeExcite {
  std::int64_t squeezed = 0;  // channels between the two layers
  Activation inner = Activation::relu;
  Activation gate = Activation::sigmoid;
};

// A fully connected layer before the classifier's.
struct HiddenLayer {
  std::int64_t features = 0;
  Activation activation = Activation::none;
};

// The multiple of 8 nearest to `channels`, but never under 90 % of it: the rule of the MobileNet papers' code.
[[nodiscard]] std::int64_t round_channels(double channels);

class ConvnetBuilder {
 public:
  ConvnetBuilder(std::string graph_name, std::string description, const Request& request,
                 std::int64_t calibration_positions = kCalibrationPositions);

  // Pixels as they come from the usual preprocessing: mean 0, variance 1.
  [[nodiscard]] FeatureMap image(const std::string& name, std::int64_t channels);

  // Nodes "PATH/conv", "PATH/bn" (unless folded into the convolution) and those of activate().
  [[nodiscard]] FeatureMap conv_bn(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                   Activation activation);
  [[nodiscard]] FeatureMap add(const std::string& name, const FeatureMap& a, const FeatureMap& b);

  // Node "PATH/relu" and so on, in the operators that exporters write: Clip for relu6, Sigmoid and Mul for swish.
  [[nodiscard]] FeatureMap activate(const std::string& path, FeatureMap x, Activation activation);
  // Padded so that stride 1 keeps the size. One node, called `name`.
  [[nodiscard]] FeatureMap max_pool(const std::string& name, const FeatureMap& x, std::int64_t kernel,
                                    std::int64_t stride);
  // Nodes "PATH/pool", "PATH/reduce", "PATH/expand", their activations, and "PATH/scale".
  [[nodiscard]] FeatureMap squeeze_excite(const std::string& path, const FeatureMap& x, const SqueezeExcite& spec);

  // Global average pooling, flattening and fully connected layers: nodes "pool", "flatten", "hidden" and its
  // activation, "classifier".
  void classify(const FeatureMap& x, const std::string& output_name,
                const std::optional<HiddenLayer>& hidden = std::nullopt);

  [[nodiscard]] onnx::ModelProto finish() &&;

 private:
  // A layer of one position: [outputs, inputs].
  struct Dense {
    std::vector<float> weights;
    std::vector<float> bias;
  };

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

  Dense dense(std::int64_t inputs, std::int64_t outputs, float deviation);
  Dense discerning_dense(const Activations& x, std::int64_t outputs);
  FeatureMap dense_conv(const std::string& path, const FeatureMap& x, std::int64_t outputs, float deviation);
  FeatureMap dense_gemm(const std::string& name, const FeatureMap& x, std::int64_t outputs, const std::string& output);

  Request request_;
  std::int64_t calibration_positions_;
  GraphBuilder graph_;
  SeededWeights weights_;
  SeededWeights pixels_;  // apart, so that weights do not depend on the resolution
};

}  // namespace trtprof::samples
