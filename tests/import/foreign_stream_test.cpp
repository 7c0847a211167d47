#include "trtprof/import/foreign_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"

namespace trtprof::test {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;

class ForeignStreamTest : public ::testing::Test {
 protected:
  static std::string read(ForeignStream& stream) {
    std::ostringstream text;
    text << stream.in().rdbuf();
    return text.str();
  }
  std::string error_of(std::string_view text) {
    auto stream = ForeignStream::open(files_.write("file", text));
    if (!stream) return stream.error().message;
    read(*stream);
    const Status status = stream->status();
    return status ? "" : status.error().message;
  }
  ForeignFiles files_;
};

TEST_F(ForeignStreamTest, GivesTheBytesAndTheirBeginning) {
  const std::string text = std::string(100'000, 'x') + "end";
  auto stream = ForeignStream::open(files_.write("plain", text));
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ(stream->beginning().size(), kForeignBeginning);
  EXPECT_FALSE(stream->packed());
  EXPECT_EQ(read(*stream), text);
  EXPECT_TRUE(stream->status());
}

TEST_F(ForeignStreamTest, LeavesOutTheByteOrderMark) {
  auto stream = ForeignStream::open(files_.write("mark", "\xef\xbb\xbf[1]"));
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ(stream->beginning(), "[1]");
  EXPECT_EQ(read(*stream), "[1]");
}

TEST_F(ForeignStreamTest, UnpacksGzipOfSeveralMembersAsOneText) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + ",";
  auto stream = ForeignStream::open(files_.write("a.gz", gzipped(text) + gzipped("tail")));
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_TRUE(stream->packed());
  EXPECT_EQ(stream->beginning(), text.substr(0, kForeignBeginning));
  EXPECT_EQ(read(*stream), text + "tail");
  EXPECT_TRUE(stream->status());
}

TEST_F(ForeignStreamTest, SurvivesBeingMovedWhileItUnpacks) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + ",";
  auto stream = ForeignStream::open(files_.write("a.gz", gzipped(text)));
  ASSERT_TRUE(stream);
  ForeignStream moved = std::move(*stream);
  EXPECT_EQ(read(moved), text);
}

TEST_F(ForeignStreamTest, SaysWhenGzipIsCutOffOrBroken) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + ",";
  const std::string packed = gzipped(text);
  EXPECT_THAT(error_of(packed.substr(0, packed.size() / 2)), HasSubstr("is a gzip file that was cut off"));
  std::string broken = packed;
  broken[broken.size() / 2] = static_cast<char>(~broken[broken.size() / 2]);
  EXPECT_THAT(error_of(broken), HasSubstr("is a broken gzip file"));
  EXPECT_THAT(error_of("\x1f\x8b"), HasSubstr("is a gzip file that was cut off"));
}

// 256 MiB of one letter in 255 KiB.
TEST_F(ForeignStreamTest, StopsAtABomb) {
  std::string once = gzipped(std::string(std::size_t{16} << 20, 'a'));
  std::string bomb;
  for (int i = 0; i < 16; ++i) bomb += once;
  EXPECT_THAT(error_of(bomb), HasSubstr("unpacks to more than 250 times its size"));
}

TEST_F(ForeignStreamTest, NamesEncodingsThatItDoesNotRead) {
  EXPECT_THAT(error_of("\xff\xfe[\0"sv), HasSubstr("is in UTF-16"));
  EXPECT_THAT(error_of("[\0 \0\n\0"sv), HasSubstr("is in UTF-16"));
  EXPECT_THAT(error_of("\0[\0 "sv), HasSubstr("is in UTF-16"));
  EXPECT_THAT(error_of("[\0\0\0 \0\0\0"sv), HasSubstr("is in UTF-32"));
  EXPECT_THAT(error_of(gzipped("\xff\xfe[\0"sv)), HasSubstr("is in UTF-16"));
}

TEST_F(ForeignStreamTest, NamesWhatIsNoFile) {
  const auto missing = ForeignStream::open(files_.folder() / "nothing\x1b[2J");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("does not exist"));
  EXPECT_EQ(missing.error().message.find('\x1b'), std::string::npos);
  const auto folder = ForeignStream::open(files_.folder());
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("is a folder"));
  const auto device = ForeignStream::open("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_THAT(device.error().message, HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace trtprof::test
