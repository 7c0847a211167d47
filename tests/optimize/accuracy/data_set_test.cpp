#include "trtprof/optimize/accuracy/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/accuracy/function_model.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/half.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TensorDesc input(const std::string& name, std::vector<std::int64_t> shape, const std::string& type = "f32") {
  TensorDesc desc;
  desc.name = name;
  desc.element_type = type;
  desc.shape = std::move(shape);
  return desc;
}

// Data sets as their users make them: by NumPy.
class DataSets : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  void numpy(const std::string& code) const {
    const auto run = test::run_program(
        {test::kPython, "-c", "import numpy as np, os, sys; os.chdir(sys.argv[1])\n" + code, folder_->path().string()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  [[nodiscard]] std::string problem(const std::string& file, const std::vector<std::string>& inputs = {"x"}) const {
    const auto data = DataSet::load(path(file), inputs);
    return data ? "" : data.error().message;
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-data-set");
};

TEST_F(DataSets, StoredBytesBecomeTheModelsNumbers) {
  numpy(R"(np.savez("d.npz", **{"x": np.arange(12, dtype=np.uint8).reshape(3, 2, 2), "x.scale": np.float32([0.5, 2]),
                               "x.offset": np.float32(-1), "labels": np.array([4, 0, 7])}))");
  const auto data = DataSet::load(path("d.npz"), {"x"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->size(), 3U);
  EXPECT_FALSE(data->is_random());
  EXPECT_THAT(*data->labels(), ElementsAre(4, 0, 7));
  EXPECT_THAT(*data->sample_shape("x"), ElementsAre(2, 2));
  const auto batch = data->batch(input("x", {2, 2, 2}), 1);
  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  EXPECT_THAT(test::f32_values(*batch), ElementsAre(1, 1.5, 11, 13, 3, 3.5, 19, 21));
}

TEST_F(DataSets, TheLastSampleFillsUpABatch) {
  numpy(R"(np.savez("d.npz", x=np.float32([[1], [2], [3]])))");
  const auto data = DataSet::load(path("d.npz"), {"x"});
  ASSERT_TRUE(data.has_value());
  EXPECT_THAT(test::f32_values(*data->batch(input("x", {2, 1}), 2)), ElementsAre(3, 3));
}

TEST_F(DataSets, ModelsInF16TakeTheSameData) {
  numpy(R"(np.savez("d.npz", x=np.float32([[1.5, -2]])))");
  const auto batch = DataSet::load(path("d.npz"), {"x"})->batch(input("x", {1, 2}, "f16"), 0);
  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  std::uint16_t first = 0;
  std::memcpy(&first, batch->data.data(), 2);
  EXPECT_EQ(f16_to_float(first), 1.5F);
}

TEST_F(DataSets, AnOnlyInputTakesAnOnlyArray) {
  numpy(R"(np.savez("d.npz", **{"images": np.float32([[1], [2]]), "images.scale": np.float32(3)}))");
  const auto data = DataSet::load(path("d.npz"), {"x"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_THAT(test::f32_values(*data->batch(input("x", {2, 1}), 0)), ElementsAre(3, 6));
}

TEST_F(DataSets, SeveralInputsAndIntegers) {
  numpy(R"(np.savez("d.npz", ids=np.int64([[1, 2], [3, 4]]), mask=np.float32([[1, 0], [1, 1]])))");
  const auto data = DataSet::load(path("d.npz"), {"ids", "mask"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  const auto batch = data->batch(input("ids", {2, 2}, "i64"), 0);
  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  std::int64_t last = 0;
  std::memcpy(&last, batch->data.data() + 24, 8);
  EXPECT_EQ(last, 4);
}

TEST_F(DataSets, AFolderOfFiles) {
  numpy(R"(os.mkdir("d"); np.save("d/a.npy", np.float32([[1], [2]])); np.save("d/b.npy", np.float32([[3]]))
np.save("d/labels.npy", np.array([0, 1, 1])))");
  const auto data = DataSet::load(path("d"), {"x"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->size(), 3U);
  EXPECT_THAT(test::f32_values(*data->batch(input("x", {3, 1}), 0)), ElementsAre(1, 2, 3));
}

// Names that mean something else where the model has no input of them.
TEST_F(DataSets, InputsMayBeCalledAsSideArrays) {
  numpy(R"(np.savez("d.npz", **{"x": np.float32([[1], [2]]), "x.scale": np.float32([[5], [6]]),
                               "labels": np.int64([[7], [8]])}))");
  for (const std::vector<std::string>& inputs :
       {std::vector<std::string>{"x", "x.scale", "labels"}, {"labels", "x.scale", "x"}}) {
    const auto data = DataSet::load(path("d.npz"), inputs);
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_EQ(data->labels(), std::nullopt);
    EXPECT_THAT(test::f32_values(*data->batch(input("x", {2, 1}), 0)), ElementsAre(1, 2));
    EXPECT_THAT(test::f32_values(*data->batch(input("x.scale", {2, 1}), 0)), ElementsAre(5, 6));
  }
}

TEST_F(DataSets, SaysWhatIsWrong) {
  numpy(R"(
np.savez("none.npz", y=np.float32([[1]]), z=np.float32([[1]]))
np.savez("labels.npz", x=np.float32([[1]]), labels=np.array([1, 2]))
np.savez("negative.npz", x=np.float32([[1]]), labels=np.array([-1]))
np.savez("real.npz", x=np.float32([[1]]), labels=np.float32([1]))
np.savez("scale.npz", **{"x": np.float32([[[1], [2]]]), "x.scale": np.float32([1, 2, 3])})
np.savez("lengths.npz", x=np.float32([[1]]), y=np.float32([[1], [2]]))
np.savez("scalar.npz", x=np.float32(1))
np.savez("large.npz", x=np.float32([[1]]), labels=np.uint64([2**63]))
os.mkdir("scalar"); np.save("scalar/a.npy", np.float32([1, 2, 3])); np.save("scalar/b.npy", np.float32(1))
os.mkdir("scalars"); np.save("scalars/a.npy", np.float32(1)); np.save("scalars/b.npy", np.float32([1]))
os.mkdir("alone"); np.save("alone/a.npy", np.float32(1))
os.mkdir("empty")
os.mkdir("mixed"); np.save("mixed/a.npy", np.float32([[1]])); np.save("mixed/b.npy", np.float32([[1, 2]])))");
  EXPECT_THAT(problem("none.npz"), HasSubstr("has no array for input 'x'; it has: y, z"));
  EXPECT_THAT(problem("labels.npz"), HasSubstr("labels are i64 2, where one integer for each of 1 samples is wanted"));
  EXPECT_THAT(problem("negative.npz"), HasSubstr("label -1 is no class"));
  EXPECT_THAT(problem("real.npz"), HasSubstr("labels are f32"));
  EXPECT_THAT(problem("scale.npz"), HasSubstr("'x.scale' has the shape 3, which is neither one number nor one for"));
  EXPECT_THAT(problem("lengths.npz", {"x", "y"}), HasSubstr("'y' has 2 samples, others have 1"));
  EXPECT_THAT(problem("scalar.npz"), HasSubstr("'x' has no samples"));
  EXPECT_THAT(problem("large.npz"), HasSubstr("is no class"));
  EXPECT_THAT(problem("scalar"), HasSubstr("b.npy holds one number, without a dimension to lay samples along"));
  EXPECT_THAT(problem("scalars"), HasSubstr("a.npy holds one number, without"));
  EXPECT_THAT(problem("alone"), HasSubstr("a.npy holds one number, without"));
  EXPECT_THAT(problem("empty"), HasSubstr("has no .npy files"));
  EXPECT_THAT(problem("mixed"), HasSubstr("and the files before it f32 1x1"));
  EXPECT_THAT(problem("data.csv"), HasSubstr("is no data set"));
}

TEST_F(DataSets, SaysWhatDoesNotFitTheModel) {
  numpy(R"(np.savez("d.npz", x=np.float32([[1, 2]])))");
  const auto data = DataSet::load(path("d.npz"), {"x"});
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(data->batch(input("x", {1, 3}), 0).error().message,
            "input 'x' wants f32 1x3, and a sample of the data is f32 2");
  EXPECT_EQ(data->batch(input("x", {1, 2}, "i64"), 0).error().message,
            "input 'x' wants i64 1x2, and a sample of the data is f32 2");
  EXPECT_EQ(data->batch(input("z", {1, 2}), 0).error().message, "there are no samples for input 'z'");
}

TEST(DataSet, RandomOnesAreTheSameForASeed) {
  const std::vector<TensorDesc> inputs = {input("x", {4, 3}), input("ids", {4, 2}, "i64")};
  const DataSet a = DataSet::random(inputs, 10, 7);
  const DataSet b = DataSet::random(inputs, 10, 7);
  const DataSet c = DataSet::random(inputs, 10, 8);
  EXPECT_TRUE(a.is_random());
  EXPECT_EQ(a.size(), 10U);
  EXPECT_EQ(a.batch(inputs[0], 4)->data, b.batch(inputs[0], 4)->data);
  EXPECT_NE(a.batch(inputs[0], 4)->data, c.batch(inputs[0], 4)->data);
  EXPECT_NE(a.batch(inputs[0], 0)->data, a.batch(inputs[0], 4)->data);
  EXPECT_EQ(a.batch(inputs[1], 0)->data.size(), 64U);
}

TEST(DataSet, CanBeCutShort) {
  DataSet data = DataSet::random({input("x", {1, 3})}, 10, 7);
  data.limit(4);
  EXPECT_EQ(data.size(), 4U);
  data.limit(100);
  EXPECT_EQ(data.size(), 4U);
}

}  // namespace
}  // namespace trtprof
