#include "trtprof/import/sqlite.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/nsys_export.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sqlite : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return folder_->path() / name; }
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-sqlite");
};

TEST_F(Sqlite, ReadsRowsInOrderAndMissingColumnsAsNull) {
  write_nsys_export(path("a"),
                    "CREATE TABLE \"odd \"\"name\" (b INT, a TEXT); INSERT INTO \"odd \"\"name\" VALUES "
                    "(2, 'x'), (1, NULL);");
  const auto file = SqliteFile::open(path("a"));
  ASSERT_TRUE(file) << file.error().message;
  std::vector<std::string> seen;
  ASSERT_TRUE(file->each("odd \"name", {"b", "none", "a"}, "b", [&](const SqliteRow& row) {
    seen.push_back(std::to_string(*row.integer(0)) + (row.integer(1) ? "!" : "-") + row.text(2));
  }));
  EXPECT_THAT(seen, ElementsAre("1-", "2-x"));
  EXPECT_TRUE(file->has_table("StringIds"));
  EXPECT_FALSE(file->has_table("none"));
  EXPECT_TRUE(file->each("none", {"a"}, "", [](const SqliteRow&) { FAIL(); }));
}

TEST_F(Sqlite, FilesThatAreNoneAreRefused) {
  EXPECT_THAT(SqliteFile::open(path("none")).error().message, HasSubstr("does not exist"));
  EXPECT_THAT(SqliteFile::open(folder_->path()).error().message, HasSubstr("is a folder"));
  std::ofstream(path("text")) << std::string(4096, 'x');
  EXPECT_THAT(SqliteFile::open(path("text")).error().message, HasSubstr("could not be read: file is not a database"));
}

TEST_F(Sqlite, ACutFileIsAnErrorAndNoCrash) {
  write_nsys_export(path("whole"));
  const auto bytes = read_file(path("whole"));
  ASSERT_TRUE(bytes);
  for (const std::size_t part : {std::size_t{100}, std::size_t{5000}, bytes->size() / 2}) {
    std::ofstream(path("cut"), std::ios::binary | std::ios::trunc) << bytes->substr(0, part);
    const auto file = SqliteFile::open(path("cut"));
    if (!file) continue;
    Status all;
    for (const char* table : {"StringIds", "NVTX_EVENTS", "CUPTI_ACTIVITY_KIND_KERNEL", "CUPTI_ACTIVITY_KIND_MEMCPY"}) {
      const Status read = file->each(table, {"start"}, "", [](const SqliteRow&) {});
      if (!read) all = read;
    }
    EXPECT_FALSE(all) << part;
  }
}

}  // namespace
}  // namespace trtprof::test
