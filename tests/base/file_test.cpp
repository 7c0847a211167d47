#include "trtprof/base/file.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class File : public ::testing::Test {
 protected:
  fs::path in_folder(const std::string& name) const { return folder_->path() / name; }
  fs::path written(const std::string& name, const std::string& contents) const {
    const Status status = write_file(in_folder(name), contents);
    EXPECT_TRUE(status) << status.error().message;
    return in_folder(name);
  }
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-file-test-");
};

TEST_F(File, ReadsWhatIsThere) {
  const std::string contents("line\n\0\xFF end", 11);
  EXPECT_EQ(read_file(written("some", contents)), contents);
  EXPECT_EQ(read_file(written("empty", "")), "");
  const std::string large(3'000'001, 'x');
  EXPECT_EQ(read_file(written("large", large)), large);
}

TEST_F(File, ReadsFilesThatDoNotTellTheirSize) {
  const Result<std::string> status = read_file("/proc/self/status");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_THAT(*status, HasSubstr("Name:"));
}

TEST_F(File, ReadsUpToTheLimit) {
  const fs::path path = written("ten", "0123456789");
  EXPECT_TRUE(read_file(path, 10));
  const Result<std::string> refused = read_file(path, 9);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "cannot read " + path.string() + ": it is larger than 9 bytes");
  EXPECT_FALSE(read_file("/dev/zero", 1'000'000));  // has no size and no end
}

TEST_F(File, ReadErrorsNameThePathAndTheReason) {
  const Result<std::string> missing = read_file(in_folder("missing"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::failed);
  EXPECT_EQ(missing.error().message, "cannot read " + in_folder("missing").string() + ": it does not exist");
  const Result<std::string> directory = read_file(folder_->path());
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, HasSubstr("it is a directory"));
  const Result<std::string> below_a_file = read_file(written("plain", "") / "below");
  ASSERT_FALSE(below_a_file);
  EXPECT_THAT(below_a_file.error().message, HasSubstr("Not a directory"));
  EXPECT_FALSE(read_file(""));
}

TEST_F(File, PathsInErrorsAreMadeSafe) {
  const Result<std::string> missing = read_file(in_folder("a\x1B[2J\nb"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message.find_first_of("\x1B\n"), std::string::npos);
}

// FIPS 180-4, its examples for SHA-256.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_F(File, Sha256OfAFileIsThatOfItsContent) {
  const std::string large(1'000'000, 'a');  // several chunks
  EXPECT_EQ(sha256_of_file(written("large", large)), sha256_of(large));
  EXPECT_EQ(sha256_of_file(written("empty", "")), sha256_of(""));
  const Result<std::string> missing = sha256_of_file(in_folder("missing"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("it does not exist"));
  EXPECT_FALSE(sha256_of_file(folder_->path()));
}

TEST(TemporaryFolder, IsPrivateAndGoesWithItsContent) {
  fs::path path;
  const Result<TemporaryFolder> outside = TemporaryFolder::create("trtprof-outside-");
  ASSERT_TRUE(outside) << outside.error().message;
  ASSERT_TRUE(write_file(outside->path() / "kept", "kept"));
  {
    const Result<TemporaryFolder> folder = TemporaryFolder::create("trtprof-test-");
    ASSERT_TRUE(folder) << folder.error().message;
    path = folder->path();
    EXPECT_THAT(path.filename().string(), ::testing::StartsWith("trtprof-test-"));
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0700U);
    fs::create_directories(path / "a/b");
    ASSERT_TRUE(write_file(path / "a/b/file", "x"));
    fs::create_directory_symlink(outside->path(), path / "link");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(read_file(outside->path() / "kept"), "kept");  // what a link pointed to stays
}

TEST(TemporaryFolder, TwoOfOnePrefixDiffer) {
  const auto first = TemporaryFolder::create("trtprof-test-");
  const auto second = TemporaryFolder::create("trtprof-test-");
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->path(), second->path());
}

TEST(TemporaryFolder, MovesWithItsFolder) {
  Result<TemporaryFolder> first = TemporaryFolder::create("trtprof-test-");
  ASSERT_TRUE(first);
  const fs::path path = first->path();
  {
    const TemporaryFolder moved = std::move(*first);
    EXPECT_EQ(moved.path(), path);
    EXPECT_TRUE(first->path().empty());
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryFolder, AssignmentLeavesNoFolderBehind) {
  fs::path first_path;
  fs::path second_path;
  {
    Result<TemporaryFolder> first = TemporaryFolder::create("trtprof-test-");
    Result<TemporaryFolder> second = TemporaryFolder::create("trtprof-test-");
    ASSERT_TRUE(first && second);
    first_path = first->path();
    second_path = second->path();
    *first = std::move(*second);
    EXPECT_EQ(first->path(), second_path);
  }
  EXPECT_FALSE(fs::exists(first_path));
  EXPECT_FALSE(fs::exists(second_path));
}

TEST(TemporaryFolder, SaysWhenThereIsNoPlaceForIt) {
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/nonexistent", 1);
  const auto folder = TemporaryFolder::create("trtprof-test-");
  if (before == nullptr) {
    ::unsetenv("TMPDIR");
  } else {
    ::setenv("TMPDIR", kept.c_str(), 1);
  }
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().hint, HasSubstr("TMPDIR"));
}

}  // namespace
}  // namespace trtprof
