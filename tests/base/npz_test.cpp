#include <cstring>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/npy.h"

// The files are NumPy's own: tests/data/npy/make_fixtures.py. Those that NumPy would not write are made here.
namespace trtprof {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(test::kDataDir) / "npy" / (name + ".npz");
}

class Npz : public ::testing::Test {
 protected:
  std::filesystem::path temporary(const std::string& name) const { return folder_->path() / name; }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    const Status written = write_file(temporary(name), bytes);
    EXPECT_TRUE(written) << written.error().message;
    return temporary(name);
  }

  static std::string bytes_of(const std::filesystem::path& path) {
    const Result<std::string> bytes = read_file(path);
    EXPECT_TRUE(bytes) << bytes.error().message;
    return bytes.value_or("");
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-npz-test-");
};

class NpzPacking : public ::testing::TestWithParam<const char*> {};

TEST_P(NpzPacking, EveryArrayByItsName) {
  const auto tensors = load_npz(fixture(GetParam()));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_THAT(*tensors, UnorderedElementsAre(Key("image"), Key("flags"), Key("a/b:0")));
  const Tensor& image = tensors->at("image");
  EXPECT_EQ(image.type, ElementType::f32);
  EXPECT_THAT(image.shape, ElementsAre(2, 3));
  float last = 0.0F;
  ASSERT_EQ(image.data.size(), 24U);
  std::memcpy(&last, image.data.data() + 20, sizeof last);
  EXPECT_EQ(last, 5.0F);
  EXPECT_EQ(tensors->at("flags").type, ElementType::boolean);
  EXPECT_EQ(tensors->at("a/b:0").type, ElementType::i64);
}

INSTANTIATE_TEST_SUITE_P(Files, NpzPacking, ::testing::Values("stored", "deflated"),
                         [](const auto& case_info) { return std::string(case_info.param); });

TEST_F(Npz, PositionalArraysKeepNumPysNames) {
  const auto tensors = load_npz(fixture("positional"));
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_THAT(*tensors, UnorderedElementsAre(Key("arr_0"), Key("arr_1")));
}

TEST_F(Npz, ABadArrayIsNamed) {
  const auto tensors = load_npz(fixture("refused_object"));
  ASSERT_FALSE(tensors);
  EXPECT_THAT(tensors.error().message,
              AllOf(HasSubstr("refused_object.npz, array \"bad\""), HasSubstr("Python objects")));
}

TEST_F(Npz, ClaimsOverTheLimitAreRefused) {
  const std::uint64_t unpacked = (1U << 20U) + 128;  // NumPy pads the header to 128 bytes
  const auto allowed = load_npz(fixture("zeros_1_mib"), unpacked);
  ASSERT_TRUE(allowed) << allowed.error().message;
  EXPECT_EQ(allowed->at("zeros").data.size(), 1U << 20U);
  const auto refused = load_npz(fixture("zeros_1_mib"), unpacked - 1);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("claim more than 1048703 bytes unpacked, at \"zeros\""));
}

TEST_F(Npz, TheLimitIsOnAllArraysTogether) {
  const auto refused = load_npz(fixture("stored"), 200);  // each entry alone is under 160 bytes
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("claim more than 200 bytes"));
}

// The unpacked size stands in the central directory; a small claim must not let more through.
TEST_F(Npz, UnpackingToMoreThanClaimedIsRefused) {
  std::string bytes = bytes_of(fixture("zeros_1_mib"));
  const std::size_t central = bytes.rfind("PK\1\2");
  ASSERT_NE(central, std::string::npos);
  const std::size_t size_at = central + 24;  // APPNOTE 4.3.12: uncompressed size
  bytes.replace(size_at, 4, std::string("\0\1\0\0", 4));
  const auto refused = load_npz(write("claims_256_bytes.npz", bytes));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("claims_256_bytes.npz"));
}

TEST_F(Npz, DamagedContentIsRefused) {
  std::string bytes = bytes_of(fixture("stored"));
  const std::size_t header = bytes.find("\x93NUMPY");
  ASSERT_NE(header, std::string::npos);
  bytes[header + 128] = static_cast<char>(~bytes[header + 128]);  // in the data: only the checksum tells
  const auto refused = load_npz(write("flipped.npz", bytes));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("flipped.npz, array \"image\""), HasSubstr("CRC")));
}

TEST_F(Npz, EveryPrefixIsRefused) {
  const std::string bytes = bytes_of(fixture("deflated"));
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const auto refused = load_npz(write("prefix.npz", bytes.substr(0, size)));
    ASSERT_FALSE(refused) << size;
    ASSERT_THAT(refused.error().message, HasSubstr("prefix.npz")) << size;
  }
}

TEST_F(Npz, NotAnArchive) {
  const auto text = load_npz(write("text.npz", "not a zip archive"));
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("it is not an .npz file"));
  const auto npy = load_npz(std::filesystem::path(test::kDataDir) / "npy" / "f4_little.npy");
  ASSERT_FALSE(npy);
  EXPECT_THAT(npy.error().message, HasSubstr("it is not an .npz file"));
}

TEST_F(Npz, ArchiveWithoutArrays) {
  const std::filesystem::path path = temporary("other.npz");
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, &code);
  ASSERT_NE(archive, nullptr) << code;
  ASSERT_GE(zip_file_add(archive, "readme.txt", zip_source_buffer(archive, "hello", 5, 0), 0), 0);
  ASSERT_EQ(zip_close(archive), 0);
  const auto refused = load_npz(path);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("holds no array"));
}

TEST_F(Npz, TwoArraysOfOneName) {
  std::string bytes = bytes_of(fixture("positional"));
  for (std::size_t at = bytes.find("arr_1"); at != std::string::npos; at = bytes.find("arr_1", at)) {
    bytes.replace(at, 5, "arr_0");
  }
  const auto refused = load_npz(write("twice.npz", bytes));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("twice.npz"), HasSubstr("arr_0")));
}

TEST_F(Npz, MissingFileAndDirectory) {
  const auto missing = load_npz(temporary("no_such_file.npz"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, AllOf(HasSubstr("no_such_file.npz"), HasSubstr("does not exist")));
  const auto directory = load_npz(folder_->path());
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, HasSubstr("it is a directory"));
}

}  // namespace
}  // namespace trtprof
