// A folder of pictures as samples: alone, and as DataSet feeds them to a model.
#include "trtprof/optimize/images/image_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/accuracy/function_model.h"
#include "optimize/images/image_fixtures.h"
#include "trtprof/optimize/accuracy/data_set.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageFolders : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path(const std::string& name = "") const { return folder_.path() / name; }
  void copy(const std::string& image, const std::string& to) const {
    std::filesystem::create_directories(path(to).parent_path());
    std::filesystem::copy_file(test::kImages + image, path(to));
  }
  void write(const std::string& name, std::string_view text) const {
    ASSERT_TRUE(write_file(path(name), text).has_value());
  }
  [[nodiscard]] std::string problem() const {
    const auto images = ImageFolder::open(path());
    return images ? "" : images.error().message;
  }
  [[nodiscard]] std::vector<std::string> names(const ImageFolder& images) const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < images.size(); ++i) {
      all.push_back(images.file(i).lexically_relative(path()).generic_string());
    }
    return all;
  }
  static TensorDesc input(std::vector<std::int64_t> shape, const std::string& type = "f32") {
    TensorDesc desc;
    desc.name = "x";
    desc.element_type = type;
    desc.shape = std::move(shape);
    return desc;
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-image-folder").value();
};

TEST_F(ImageFolders, InOrderOfTheirNames) {
  copy("colour.png", "b.png");
  copy("colour.jpg", "a.JPEG");
  write("notes.txt", "no image");
  write("preprocess.json", "{}");
  const auto images = ImageFolder::open(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  EXPECT_THAT(names(*images), ElementsAre("a.JPEG", "b.png"));
  EXPECT_EQ(images->labels(), std::nullopt);
  EXPECT_THAT(*images->sample_shape(), ElementsAre(3, 31, 45));
}

TEST_F(ImageFolders, FoldersAreClassesAndTakeTurns) {
  for (const char* name : {"cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png", "ant/7.png", "ant/8.png"}) {
    copy("grey.png", name);
  }
  write("preprocess.json", "{}");
  const auto images = ImageFolder::open(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  EXPECT_THAT(images->warnings(), IsEmpty());
  EXPECT_THAT(names(*images),
              ElementsAre("ant/7.png", "cat/1.png", "dog/1.png", "ant/8.png", "cat/2.png", "cat/3.png"));
  EXPECT_THAT(*images->labels(), ElementsAre(0, 1, 2, 0, 1, 1));
  write("labels.csv", "file,label\nant/7.png,5\nant/8.png,5\ncat/1.png,1\ncat/2.png,1\ncat/3.png,1\ndog/1.png,9\n");
  EXPECT_THAT(*ImageFolder::open(path())->labels(), ElementsAre(5, 1, 9, 5, 1, 1));
}

// The layout of Tiny ImageNet's training set; torchvision's ImageFolder walks into folders of a class, too.
TEST_F(ImageFolders, AClassHoldsWhatLiesDeeper) {
  for (const char* name : {"ant/images/7.png", "ant/1.png", "bee/images/more/2.png", "cat/3.png"}) {
    copy("grey.png", name);
  }
  write("preprocess.json", "{}");
  const auto images = ImageFolder::open(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  EXPECT_THAT(names(*images), ElementsAre("ant/1.png", "bee/images/more/2.png", "cat/3.png", "ant/images/7.png"));
  EXPECT_THAT(*images->labels(), ElementsAre(0, 1, 2, 0));
}

// Classes after it would be counted one lower, and torchvision refuses it, too.
TEST_F(ImageFolders, AClassWithoutImagesIsRefused) {
  for (const char* name : {"ant/1.png", "cat/1.png"}) copy("grey.png", name);
  write("preprocess.json", "{}");
  std::filesystem::create_directory(path("bee"));
  EXPECT_EQ(problem(), path().string() + ": the class 'bee' has no images (.jpg, .jpeg or .png)");
  write("bee/1.webp", "RIFF");
  write("bee/2.WEBP", "RIFF");
  write("bee/3.bmp", "BM");
  EXPECT_THAT(problem(), HasSubstr("'bee' has no images (.jpg, .jpeg or .png); 1 .bmp and 2 .webp are not read"));
  for (const char* name : {"d", "e", "f"}) std::filesystem::create_directory(path(name));
  EXPECT_THAT(problem(), HasSubstr("the classes 'bee', 'd', 'e' and 1 more have no images"));
  EXPECT_THAT(ImageFolder::open(path()).error().hint, HasSubstr("labels.csv"));
  write("labels.csv", "file,label\nant/1.png,5\ncat/1.png,2\n");
  const auto images = ImageFolder::open(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  EXPECT_THAT(*images->labels(), ElementsAre(5, 2));
}

TEST_F(ImageFolders, WarnsOfImagesThatAreNotRead) {
  copy("grey.png", "a.png");
  write("b.gif", "GIF89a");
  write("notes.txt", "no image");
  write("preprocess.json", "{}");
  const auto images = ImageFolder::open(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  EXPECT_THAT(images->warnings(), ElementsAre(HasSubstr(": 1 .gif are left out: only .jpg, .jpeg and .png are read")));
  EXPECT_EQ(DataSet::load(path(), {"x"})->warnings(), images->warnings());
  std::filesystem::remove(path("a.png"));
  EXPECT_THAT(DataSet::load(path(), {"x"}).error().message, HasSubstr("no images (.jpg, .jpeg, .png); 1 .gif are not"));
}

TEST_F(ImageFolders, LinksInCirclesEnd) {
  copy("grey.png", "ant/1.png");
  std::filesystem::create_directory_symlink(path(), path("ant/up"));
  std::filesystem::create_directory(path("elsewhere"));
  std::filesystem::create_directory_symlink(path("ant"), path("elsewhere/link"));
  write("preprocess.json", "{}");
  const auto images = ImageFolder::open(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  EXPECT_THAT(names(*images), ElementsAre("ant/1.png", "elsewhere/link/1.png"));
}

TEST_F(ImageFolders, WhatIsMissingIsNamed) {
  EXPECT_THAT(problem(), HasSubstr("has no images: .jpg, .jpeg or .png"));
  copy("grey.png", "a.png");
  EXPECT_THAT(problem(), HasSubstr("no preprocess.json, which says how the model wants them"));
  write("preprocess.json", R"({"scale": "1"})");
  EXPECT_THAT(problem(), HasSubstr("preprocess.json: 'scale' is to be a number"));
  write("preprocess.json", "{}");
  write("labels.csv", "file,label\nb.png,1\n");
  EXPECT_THAT(problem(), HasSubstr("has no label for"));
  write("labels.csv", "file,label\na.png,1\nb.png,1\n");
  EXPECT_THAT(problem(), HasSubstr("names 'b.png', which is not there"));
  std::filesystem::remove(path("labels.csv"));
  copy("grey.png", "class/a.png");
  EXPECT_THAT(problem(), HasSubstr("has images, and folders of images beside them as 'class'"));
}

TEST_F(ImageFolders, AreFedAsSamples) {
  copy("colour.png", "a.png");
  copy("alpha.png", "b.png");
  copy("grey.png", "c.png");
  write("labels.csv", "file,label\na.png,2\nb.png,0\nc.png,1\n");
  write("bgr.json", R"({"resize": {"width": 16, "height": 12}, "channels": "BGR", "scale": "1/255"})");
  auto data = DataSet::load(path(), {"x"}, path("bgr.json"));
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->size(), 3U);
  EXPECT_FALSE(data->is_random());
  EXPECT_THAT(*data->labels(), ElementsAre(2, 0, 1));
  EXPECT_THAT(*data->sample_shape("x"), ElementsAre(3, 12, 16));
  const auto batch = data->batch(input({2, 3, 12, 16}), 0);
  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  const Image wanted = test::pillows("bilinear 16x12");
  const auto values = test::f32_values(*batch);
  ASSERT_EQ(values.size(), 2U * 3 * 12 * 16);
  for (std::size_t i = 0; i < 192; ++i) {
    EXPECT_NEAR(values[i], wanted.pixels[i * 3 + 2] / 255.0, 1e-6);
    EXPECT_NEAR(values[2 * 192 + i], wanted.pixels[i * 3] / 255.0, 1e-6);
    EXPECT_EQ(values[i], values[3 * 192 + i]);  // the same colours, and others with transparency
  }
  const auto filled = data->batch(input({3, 3, 12, 16}), 2);
  ASSERT_TRUE(filled.has_value()) << filled.error().message;
  data->limit(2);
  EXPECT_THAT(*data->labels(), ElementsAre(2, 0));
}

TEST_F(ImageFolders, BytesStayBytes) {
  copy("colour.png", "a.png");
  write("preprocess.json", R"({"layout": "NHWC"})");
  const auto data = DataSet::load(path(), {"x"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  const auto batch = data->batch(input({1, 31, 45, 3}, "u8"), 0);
  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  const Image wanted = test::pillows("colour.png");
  ASSERT_EQ(batch->data.size(), wanted.pixels.size());
  for (std::size_t i = 0; i < wanted.pixels.size(); ++i) {
    ASSERT_EQ(static_cast<std::uint8_t>(batch->data[i]), wanted.pixels[i]);
  }
}

TEST_F(ImageFolders, WhatDoesNotFitIsSaid) {
  copy("colour.png", "a.png");
  write("preprocess.json", "{}");
  write("b.png", test::image_bytes("colour.png").substr(0, 200));
  const auto data = DataSet::load(path(), {"x"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  const auto last = data->batch(input({1, 3, 31, 45}), 1);
  ASSERT_FALSE(last.has_value());
  EXPECT_THAT(last.error().message, HasSubstr("b.png is no good PNG"));
  const auto shape = data->batch(input({1, 31, 45, 3}), 0);
  ASSERT_FALSE(shape.has_value());
  EXPECT_EQ(shape.error().message, "input 'x' wants 31x45x3, and an image becomes 3x31x45 after preprocessing");
  EXPECT_THAT(shape.error().hint, HasSubstr("layout"));
  EXPECT_THAT(DataSet::load(path(), {"x", "y"}).error().message, HasSubstr("for a model with one input"));
  write("x.npy", "");
  EXPECT_THAT(DataSet::load(path(), {"x"}).error().message, HasSubstr("has both .npy files and images"));
}

// --preprocess is for --data and --calibration-data, and one of them may be arrays.
TEST_F(ImageFolders, PreprocessingIsForImages) {
  std::filesystem::copy_file(std::string(test::kDataDir) + "/npy/f4_little.npy", path("x.npy"));
  const auto data = DataSet::load(path(), {"x"}, path("spec.json"));
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->size(), 2U);
}

TEST_F(ImageFolders, OneOfAnotherSizeIsAnErrorThatNamesIt) {
  copy("colour.png", "a.png");
  std::filesystem::copy_file(std::string(test::kSourceDir) + "/tests/data/images/small.png", path("b.png"));
  write("preprocess.json", R"({"resize": {"shortest_side": 20}})");
  const auto data = DataSet::load(path(), {"x"});
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_THAT(*data->sample_shape("x"), ElementsAre(3, 20, 29));
  EXPECT_TRUE(data->batch(input({1, 3, 20, 29}), 0).has_value());
  const auto other = data->batch(input({2, 3, 20, 29}), 0);
  ASSERT_FALSE(other.has_value());
  EXPECT_THAT(other.error().message, HasSubstr("b.png becomes 3x20x26 after preprocessing, and 3x20x29 is wanted"));
}

}  // namespace
}  // namespace trtprof
