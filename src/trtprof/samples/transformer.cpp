// A transformer encoder for sequences of tokens: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, with
// the embeddings, GELU and pooler of BERT (Devlin et al., arXiv:1810.04805), in the operators that exporters write.
// Sizes are those of BERT-Mini (Turc et al., "Well-Read Students Learn Better", arXiv:1908.08962, table 1): small
// enough that matrix products leave time for gathering, softmax, normalisation and moving data to be seen.
//
// Every block ends in a layer normalisation, so scales follow from the weights' alone and nothing needs calibration.
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/samples/generators.h"
#include "trtprof/samples/graph_builder.h"
#include "trtprof/samples/seeded_weights.h"

namespace trtprof::samples {
namespace {

constexpr std::int64_t kVocabulary = 30522;
constexpr std::int64_t kPositions = 512;  // the longest sequence that there are embeddings for
constexpr std::int64_t kTokenTypes = 2;
constexpr std::int64_t kTokens = 128;
constexpr std::int64_t kHidden = 256;
constexpr std::int64_t kHeads = 4;
constexpr std::int64_t kHeadSize = kHidden / kHeads;
constexpr std::int64_t kFeedForward = 4 * kHidden;
constexpr int kBlocks = 4;
constexpr float kEpsilon = 1e-12F;

// Of embeddings. Words tell inputs apart, positions and token types are the same for all.
constexpr float kWordDeviation = 1.0F;
constexpr float kOtherDeviation = 0.5F;

// The standard deviation of a layer's output over that of its input.
constexpr float kGain = 1.0F;
// Of queries and keys: scores get a standard deviation of 2, so that a softmax picks a few tokens out of many as
// trained ones do. At 1 it would average over all of them, and every token would become the same.
constexpr float kScoreGain = std::numbers::sqrt2_v<float>;
// Of what a block adds to its tokens: less than what they are, so that after all blocks inputs still differ.
constexpr float kBranchGain = 0.7F;
// tanh takes a standard normal value to a root mean square of 0.63.
constexpr float kAfterTanh = 1.6F;

constexpr float kSmallestScale = 0.75F;
constexpr float kLargestScale = 1.25F;
constexpr float kLargestBias = 0.1F;

using Dims = std::vector<std::int64_t>;

class Encoder {
 public:
  explicit Encoder(const Request& request)
      : request_(request),
        graph_("transformer", fmt::format("Transformer encoder of the size of BERT-Mini (arXiv:1908.08962), {} tokens, "
                                          "with random weights of seed {}",
                                          kTokens, request.seed)),
        random_(request.seed) {}

  onnx::ModelProto make() && {
    std::string x = embeddings();
    for (int block = 1; block <= kBlocks; ++block) x = encoder_block(fmt::format("block{}", block), x);
    classify(x);
    return std::move(graph_).finish();
  }

 private:
  std::string weights(const std::string& name, const Dims& dims, float deviation) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) {
      value = static_cast<float>(static_cast<double>(random_.normal()) * static_cast<double>(deviation));
    }
    return graph_.initializer(name, dims, values);
  }

  std::string vector(const std::string& name, std::int64_t size, float low, float high) {
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = random_.uniform(low, high);
    return graph_.initializer(name, Dims{size}, values);
  }

  std::string bias(const std::string& name, std::int64_t size) {
    return vector(name, size, -kLargestBias, kLargestBias);
  }

  std::string gather(const std::string& name, std::int64_t rows, float deviation, const std::string& indices) {
    return graph_.node("Gather", name, {weights(name + "/weight", {rows, kHidden}, deviation), indices});
  }

  // Nodes "PATH/matmul" and "PATH/add".
  std::string linear(const std::string& path, const std::string& x, std::int64_t inputs, std::int64_t outputs,
                     float gain) {
    const float deviation = gain / std::sqrt(static_cast<float>(inputs));
    const std::string product =
        graph_.node("MatMul", path + "/matmul", {x, weights(path + "/weight", {inputs, outputs}, deviation)});
    return graph_.node("Add", path + "/add", {product, bias(path + "/bias", outputs)});
  }

  std::string layer_norm(const std::string& name, const std::string& x) {
    return graph_.node(
        "LayerNormalization", name,
        {x, vector(name + "/scale", kHidden, kSmallestScale, kLargestScale), bias(name + "/bias", kHidden)},
        {{"axis", std::int64_t{-1}}, {"epsilon", kEpsilon}});
  }

  // A 0 keeps the dimension, so that the batch may be dynamic.
  std::string reshape(const std::string& name, const std::string& x, const std::string& shape_name, const Dims& shape) {
    const std::array<std::int64_t, 1> rank = {static_cast<std::int64_t>(shape.size())};
    return graph_.node("Reshape", name, {x, graph_.integers(shape_name, rank, shape)});
  }

  std::string embeddings() {
    const std::array<std::int64_t, 1> tokens = {kTokens};
    const std::array<std::int64_t, 2> one_sequence = {1, kTokens};
    Dims positions;
    for (std::int64_t position = 0; position < kTokens; ++position) positions.push_back(position);
    const std::string ids = graph_.input("input_ids", request_.batch, tokens, onnx::TensorProto::INT64);
    const std::string words = gather("embeddings/words", kVocabulary, kWordDeviation, ids);
    const std::string types = gather("embeddings/token_types", kTokenTypes, kOtherDeviation,
                                     graph_.integers("embeddings/token_types/ids", one_sequence, Dims(kTokens, 0)));
    const std::string places = gather("embeddings/positions", kPositions, kOtherDeviation,
                                      graph_.integers("embeddings/positions/ids", one_sequence, positions));
    const std::string typed = graph_.node("Add", "embeddings/add_token_types", {words, types});
    return layer_norm("embeddings/norm", graph_.node("Add", "embeddings/add_positions", {typed, places}));
  }

  // [batch, tokens, hidden] to [batch, heads, ...]: `permutation` is of [batch, tokens, heads, head size].
  std::string heads(const std::string& path, const std::string& x, float gain, const Dims& permutation) {
    const std::string split = reshape(path + "/split", linear(path, x, kHidden, kHidden, gain), "split_heads/shape",
                                      {0, kTokens, kHeads, kHeadSize});
    return graph_.node("Transpose", path + "/transpose", {split}, {{"perm", permutation}});
  }

  std::string attention(const std::string& path, const std::string& x) {
    const std::string query = heads(path + "/query", x, kScoreGain, {0, 2, 1, 3});
    const std::string key = heads(path + "/key", x, kScoreGain, {0, 2, 3, 1});
    const std::string value = heads(path + "/value", x, kGain, {0, 2, 1, 3});
    const std::string scores = graph_.node("MatMul", path + "/scores", {query, key});
    const float root = std::sqrt(static_cast<float>(kHeadSize));
    const std::string scaled =
        graph_.node("Div", path + "/scale", {scores, graph_.scalar("attention/sqrt_head_size", root)});
    const std::string shares = graph_.node("Softmax", path + "/softmax", {scaled}, {{"axis", std::int64_t{-1}}});
    const std::string context = graph_.node("MatMul", path + "/context", {shares, value});
    const std::string turned = graph_.node("Transpose", path + "/transpose", {context}, {{"perm", Dims{0, 2, 1, 3}}});
    const std::string merged = reshape(path + "/merge", turned, "merge_heads/shape", {0, kTokens, kHidden});
    return linear(path + "/output", merged, kHidden, kHidden, kBranchGain);
  }

  // x / 2 * (1 + erf(x / sqrt(2))): Hendrycks, Gimpel, arXiv:1606.08415.
  std::string gelu(const std::string& path, const std::string& x) {
    const std::string divided =
        graph_.node("Div", path + "/div", {x, graph_.scalar("gelu/sqrt2", std::numbers::sqrt2_v<float>)});
    const std::string erf = graph_.node("Erf", path + "/erf", {divided});
    const std::string sum = graph_.node("Add", path + "/add", {erf, graph_.scalar("gelu/one", 1.0F)});
    const std::string product = graph_.node("Mul", path + "/mul", {x, sum});
    return graph_.node("Mul", path + "/half", {product, graph_.scalar("gelu/half", 0.5F)});
  }

  std::string encoder_block(const std::string& path, const std::string& x) {
    const std::string attended = attention(path + "/attention", x);
    const std::string normal =
        layer_norm(path + "/attention/norm", graph_.node("Add", path + "/attention/residual", {attended, x}));
    const std::string feed = path + "/feed_forward";
    const std::string wide = gelu(feed + "/gelu", linear(feed + "/up", normal, kHidden, kFeedForward, kGain));
    const std::string narrow = linear(feed + "/down", wide, kFeedForward, kHidden, kBranchGain);
    return layer_norm(feed + "/norm", graph_.node("Add", feed + "/residual", {narrow, normal}));
  }

  std::string gemm(const std::string& name, const std::string& x, std::int64_t outputs, float gain,
                   const std::string& output) {
    const float deviation = gain / std::sqrt(static_cast<float>(kHidden));
    return graph_.node("Gemm", name,
                       {x, weights(name + "/weight", {outputs, kHidden}, deviation), bias(name + "/bias", outputs)},
                       {{"transB", std::int64_t{1}}}, output);
  }

  // From the first token, as BERT does.
  void classify(const std::string& x) {
    const std::int64_t zero = 0;
    const std::string index = graph_.integers("pooler/index", {}, std::span(&zero, 1));
    const std::string first = graph_.node("Gather", "pooler/first_token", {x, index}, {{"axis", std::int64_t{1}}});
    const std::string pooled = graph_.node("Tanh", "pooler/tanh", {gemm("pooler", first, kHidden, kGain, "")});
    const std::array<std::int64_t, 1> per_class = {request_.classes};
    graph_.output(gemm("classifier", pooled, request_.classes, kAfterTanh, "logits"), request_.batch, per_class);
  }

  Request request_;
  GraphBuilder graph_;
  SeededWeights random_;
};

onnx::ModelProto make(const Request& request) {
  return Encoder(request).make();
}

}  // namespace

const Generator& transformer() {
  static const Generator generator = {
      .kind = {"transformer",
               "encoder of 4 blocks and 128 tokens, sizes of BERT-Mini (Turc et al. 2019, "
               "arXiv:1908.08962): many kinds of operators"},
      .takes = {.classes = true},
      .make = make};
  return generator;
}

}  // namespace trtprof::samples
