// The sets of models/: their form, and that the models know the answers. In f32, so that a lower precision has
// something to be held against.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "support/openvino_models.h"
#include "trtprof/base/npy.h"

namespace trtprof::test {
namespace {

constexpr std::int64_t kBatch = 8;  // divides the sizes of both sets

template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

struct AccuracySet {
  std::string model;
  std::string data;
  std::string input;
  std::vector<std::int64_t> shape;  // of the input's array
  std::int64_t classes;
};

std::ostream& operator<<(std::ostream& out, const AccuracySet& set) {
  return out << set.model;
}

std::string in_models(const std::string& file) {
  return std::string(kSourceDir) + "/models/" + file;
}

// How many of each class there are, and how many of them the model knows.
struct Counts {
  std::map<std::int64_t, std::int64_t> all;
  std::map<std::int64_t, std::int64_t> right;
  [[nodiscard]] static std::int64_t sum(const std::map<std::int64_t, std::int64_t>& counts) {
    std::int64_t total = 0;
    for (const auto& [label, count] : counts) total += count;
    return total;
  }
};

class Set {
 public:
  explicit Set(const AccuracySet& set) : set_(set) {
    auto arrays = load_npz(in_models(set.data));
    if (!arrays) {
      ADD_FAILURE() << arrays.error().message;
      std::abort();
    }
    arrays_ = std::move(*arrays);
  }

  [[nodiscard]] const Tensor& at(const std::string& name) const { return arrays_.at(name); }
  [[nodiscard]] std::size_t arrays() const { return arrays_.size(); }

  [[nodiscard]] Counts run() const {
    CompileOptions options;
    options.precision = "f32";
    options.shapes[set_.input] = set_.shape;
    options.shapes[set_.input][0] = kBatch;
    const auto model = compiled({set_.model, load_graph(set_.model)}, options);
    Counts counts;
    for (std::int64_t first = 0; first < set_.shape[0]; first += kBatch) {
      EXPECT_TRUE(model->set_input(set_.input, batch(first)).has_value());
      EXPECT_TRUE(model->run_once().has_value());
      count(*model->output(model->outputs().front().name), first, counts);
    }
    return counts;
  }

 private:
  [[nodiscard]] Tensor batch(std::int64_t first) const {
    const float scale = values_of<float>(at(set_.input + ".scale")).front();
    const float offset = values_of<float>(at(set_.input + ".offset")).front();
    std::vector<std::int64_t> shape = set_.shape;
    shape[0] = kBatch;
    const std::size_t before = static_cast<std::size_t>(first) * element_count(shape).value() / kBatch;
    const std::vector<std::byte>& pixels = at(set_.input).data;
    return f32_tensor(shape, [&](std::size_t i) {
      return static_cast<float>(std::to_integer<int>(pixels[before + i])) * scale + offset;
    });
  }

  void count(const Tensor& output, std::int64_t first, Counts& counts) const {
    const std::vector<float> scores = floats(output);
    const std::vector<std::int64_t> labels = values_of<std::int64_t>(at("labels"));
    for (std::int64_t i = 0; i < kBatch; ++i) {
      const auto row = scores.begin() + i * set_.classes;
      const std::int64_t label = labels[static_cast<std::size_t>(first + i)];
      ++counts.all[label];
      counts.right[label] += std::max_element(row, row + set_.classes) - row == label ? 1 : 0;
    }
  }

  const AccuracySet& set_;
  std::map<std::string, Tensor> arrays_;
};

const AccuracySet kDigits{
    in_models("digits/mobilenetv2_digits.onnx"), "digits/heldout.npz", "image", {1000, 1, 32, 32}, 10};
const AccuracySet kFolded{
    in_models("digits/mobilenetv2_digits_folded.onnx"), "digits/heldout.npz", "image", {1000, 1, 32, 32}, 10};

const AccuracySet kTextDirection{
    std::string(kOcrModelsDir) + "/" + kCls.file, "text_direction/text_lines.npz", "x", {1024, 3, 48, 192}, 2};

class AccuracySets : public ::testing::TestWithParam<AccuracySet> {};

TEST_P(AccuracySets, HaveTheFormThatTheirPageTells) {
  const Set set(GetParam());
  EXPECT_EQ(set.arrays(), 4U);
  EXPECT_EQ(set.at(GetParam().input).type, ElementType::u8);
  EXPECT_EQ(set.at(GetParam().input).shape, GetParam().shape);
  for (const char* part : {".scale", ".offset"}) {
    EXPECT_EQ(set.at(GetParam().input + part).type, ElementType::f32);
    EXPECT_EQ(element_count(set.at(GetParam().input + part).shape), 1U);
  }
  EXPECT_EQ(set.at("labels").type, ElementType::i64);
  EXPECT_EQ(set.at("labels").shape, std::vector<std::int64_t>{GetParam().shape.front()});
}

INSTANTIATE_TEST_SUITE_P(Models, AccuracySets, ::testing::Values(kDigits, kFolded, kTextDirection));

TEST(DigitsSet, IsKnownToBothExportsAlike) {
  const Counts counts = Set(kDigits).run();
  EXPECT_EQ(counts.all.size(), 10U);
  for (const auto& [label, count] : counts.all) {
    EXPECT_GE(count, 95) << label;
    EXPECT_GE(static_cast<double>(counts.right.at(label)), 0.95 * static_cast<double>(count)) << label;
  }
  // 991 where it was trained; another kind of processor may round two of the closest calls otherwise.
  EXPECT_NEAR(static_cast<double>(Counts::sum(counts.right)), 991.0, 2.0);
  EXPECT_NEAR(static_cast<double>(Counts::sum(Set(kFolded).run().right)), 991.0, 2.0);
}

TEST(TextDirectionSet, IsKnownToTheClassifierInBothDirections) {
  const Counts counts = Set(kTextDirection).run();
  EXPECT_EQ(counts.all, (std::map<std::int64_t, std::int64_t>{{0, 512}, {1, 512}}));
  EXPECT_NEAR(static_cast<double>(counts.right.at(0)), 511.0, 2.0);
  EXPECT_NEAR(static_cast<double>(counts.right.at(1)), 509.0, 2.0);
}

}  // namespace
}  // namespace trtprof::test
