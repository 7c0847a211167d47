#include "trtprof/model/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_files.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using test::external_model;
using test::set_entry;
using testing::AllOf;
using testing::HasSubstr;

class ExternalData : public test::ModelFiles {
 protected:
  std::string error_of(const onnx::ModelProto& model, const std::string& name = "model.onnx") {
    const auto files = find_external_data(model, folder() / name);
    EXPECT_FALSE(files.has_value());
    return files ? "" : files.error().message;
  }
};

TEST_F(ExternalData, FindsEveryFileOnceInOrderOfName) {
  onnx::ModelProto model = external_model("z.bin");
  auto& second = *model.mutable_graph()->add_initializer();
  second = model.graph().initializer(0);
  second.set_name("w2");
  set_entry(second, "offset", "12");
  set_entry(second, "length", "12");
  auto& constant = test::add_node(*model.mutable_graph(), "c", "Constant", {}, {"k"});
  constant.add_attribute()->set_name("value");
  *constant.mutable_attribute(0)->mutable_t() = model.graph().initializer(0);
  set_entry(*constant.mutable_attribute(0)->mutable_t(), "location", "sub/a.bin");
  static_cast<void>(write("z.bin", std::string(24, 'z')));
  static_cast<void>(write("sub/a.bin", std::string(12, 'a')));
  EXPECT_TRUE(uses_external_data(model));
  const auto files = find_external_data(model, folder() / "model.onnx");
  ASSERT_TRUE(files.has_value()) << files.error().message;
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].location, "sub/a.bin");
  EXPECT_EQ((*files)[1].bytes, 24U);
}

TEST_F(ExternalData, NoneIsFine) {
  EXPECT_FALSE(uses_external_data(test::small_model()));
  EXPECT_TRUE(find_external_data(test::small_model(), "model.onnx").value().empty());
}

TEST_F(ExternalData, MissingFileNamesTheTensor) {
  EXPECT_THAT(error_of(external_model("w.bin")),
              AllOf(HasSubstr("tensor 'w'"), HasSubstr("'w.bin', which is missing")));
}

TEST_F(ExternalData, RefusesPathsThatLeaveTheFolder) {
  static_cast<void>(write("outside.bin", std::string(12, 'x')));
  fs::create_directory(folder() / "inner");
  const auto refused = [this](const std::string& location) {
    return error_of(external_model(location), "inner/model.onnx");
  };
  EXPECT_THAT(refused((folder() / "outside.bin").string()), HasSubstr("an absolute path"));
  EXPECT_THAT(refused("../outside.bin"), HasSubstr("leads out of the model's folder"));
  EXPECT_THAT(refused("a/../../outside.bin"), HasSubstr("leads out of the model's folder"));
  fs::create_symlink(folder() / "outside.bin", folder() / "inner/link.bin");
  EXPECT_THAT(refused("link.bin"), HasSubstr("a symbolic link that leads out"));
  fs::create_directory_symlink(folder(), folder() / "inner/up");
  EXPECT_THAT(refused("up/outside.bin"), HasSubstr("a symbolic link that leads out"));
  EXPECT_THAT(refused(std::string("a\0b", 3)), HasSubstr("not a file name"));
}

TEST_F(ExternalData, FolderWhoseNameBeginsAlikeIsAnother) {
  static_cast<void>(write("inner-secret/w.bin", std::string(12, 'x')));
  fs::create_directory(folder() / "inner");
  fs::create_symlink(folder() / "inner-secret/w.bin", folder() / "inner/w.bin");
  EXPECT_THAT(error_of(external_model("w.bin"), "inner/model.onnx"), HasSubstr("leads out"));
}

TEST_F(ExternalData, LinksInsideTheFolderAndHardLinksAreFine) {
  const fs::path data = write("blobs/1", std::string(12, 'x'));
  fs::create_symlink("blobs/1", folder() / "soft.bin");
  fs::create_hard_link(data, folder() / "hard.bin");
  EXPECT_TRUE(find_external_data(external_model("soft.bin"), folder() / "model.onnx").has_value());
  EXPECT_TRUE(find_external_data(external_model("hard.bin"), folder() / "model.onnx").has_value());
}

TEST_F(ExternalData, NotARegularFile) {
  fs::create_directory(folder() / "w.bin");
  EXPECT_THAT(error_of(external_model("w.bin")), HasSubstr("not a regular file"));
}

TEST_F(ExternalData, ClaimsMustFitTheFile) {
  static_cast<void>(write("w.bin", std::string(11, 'x')));
  onnx::ModelProto model = external_model("w.bin");
  EXPECT_THAT(error_of(model), HasSubstr("claims 12 bytes from offset 0 of 'w.bin', which has only 11 bytes"));
  static_cast<void>(write("w.bin", std::string(64, 'x')));
  auto& w = *model.mutable_graph()->mutable_initializer(0);
  set_entry(w, "offset", "60");
  EXPECT_THAT(error_of(model), HasSubstr("claims 12 bytes from offset 60"));
  set_entry(w, "offset", "18446744073709551615");
  set_entry(w, "length", "18446744073709551615");
  EXPECT_THAT(error_of(model), HasSubstr("has only 64 bytes"));
  set_entry(w, "offset", "0");
  set_entry(w, "length", "8");
  EXPECT_THAT(error_of(model), HasSubstr("needs 12 bytes for its shape, but its external data is 8 bytes long"));
  set_entry(w, "length", "-12");
  EXPECT_THAT(error_of(model), HasSubstr("length that is not a number: '-12'"));
}

TEST_F(ExternalData, WithoutALocation) {
  EXPECT_THAT(error_of(external_model("")), HasSubstr("does not say in which file"));
}

}  // namespace
}  // namespace trtprof
