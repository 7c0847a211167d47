#include "trtprof/import/sqlite.h"

#include <fstream>
#include <sqlite3.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/nsys_export.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

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

TEST_F(Sqlite, WhatAFileSaysIsPrintableInTheMessage) {
  write_nsys_export(path("odd"));
  auto bytes = read_file(path("odd"));
  ASSERT_TRUE(bytes);
  const std::size_t at = bytes->find("CREATE TABLE StringIds");
  ASSERT_NE(at, std::string::npos);
  (*bytes)[at + 13] = '\x08';
  std::ofstream(path("odd"), std::ios::binary | std::ios::trunc) << *bytes;
  const auto file = SqliteFile::open(path("odd"));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("malformed database schema"));
  EXPECT_EQ(file.error().message, printable(file.error().message));
}

TEST_F(Sqlite, ViewsAreNotRead) {
  write_nsys_export(path("views"),
                    "DROP TABLE NVTX_EVENTS; CREATE VIEW NVTX_EVENTS AS WITH RECURSIVE n(start) AS (SELECT 1 UNION ALL "
                    "SELECT start + 1 FROM n) SELECT start FROM n;");
  const auto file = SqliteFile::open(path("views"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_FALSE(file->has_table("NVTX_EVENTS"));
  EXPECT_TRUE(file->each("NVTX_EVENTS", {"start"}, "", [](const SqliteRow&) { FAIL(); }));
  EXPECT_TRUE(file->has_table("StringIds"));
}

std::string big_endian(std::size_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xffU);
  return text;
}

// A table whose root's children are all one page, whose children are all one page, and so on (fileformat2.html, 1.6):
// 64 to the power of 8 rows in 5 KB.
TEST_F(Sqlite, RowsThatAreThereManyTimesOverEnd) {
  constexpr std::size_t page = 512;
  constexpr std::size_t levels = 8;
  constexpr std::size_t cells = 64;
  sqlite3* opened = nullptr;
  ASSERT_EQ(sqlite3_open(path("bomb").c_str(), &opened), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(opened, "PRAGMA page_size = 512; CREATE TABLE t(a); INSERT INTO t VALUES (1);", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(opened);
  auto bytes = read_file(path("bomb"));
  ASSERT_TRUE(bytes);
  ASSERT_EQ(bytes->size(), 2 * page);
  const std::string leaf = bytes->substr(page);
  bytes->resize(page);
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string child = big_endian(level + 3, 4);
    const std::size_t cell = page - 5;  // all cells are one: the child, and a row's number
    std::string interior = "\x05" + big_endian(0, 2) + big_endian(cells, 2) + big_endian(cell, 2) + '\0' + child;
    for (std::size_t i = 0; i < cells; ++i) interior += big_endian(cell, 2);
    interior.resize(cell);
    *bytes += interior + child + '\1';
  }
  *bytes += leaf;
  bytes->replace(28, 4, big_endian(levels + 2, 4));  // pages in the file
  std::ofstream(path("bomb"), std::ios::binary | std::ios::trunc) << *bytes;

  const auto file = SqliteFile::open(path("bomb"));
  ASSERT_TRUE(file) << file.error().message;
  std::size_t rows = 0;
  const Status read = file->each("t", {"a"}, "", [&rows](const SqliteRow&) { ++rows; });
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("more rows than fit"));
  EXPECT_THAT(rows, ::testing::AllOf(::testing::Ge(cells), ::testing::Le(64 * bytes->size())));
  const Status sorted = file->each("t", {"a"}, "a", [](const SqliteRow&) { FAIL() << "they cannot all be sorted"; });
  ASSERT_FALSE(sorted);
  EXPECT_THAT(sorted.error().message, HasSubstr("more rows than fit"));
}

}  // namespace
}  // namespace trtprof::test
