// The little of SQLite that readers of exports need: read-only, rows one at a time. The file is not trusted: nothing
// that it says is run, and a small file cannot keep its reader busy for long.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace trtprof {

// The values of a row; a column that the table lacks is NULL.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::optional<std::int64_t> integer(int column) const;
  [[nodiscard]] std::string text(int column) const;  // empty for NULL

 private:
  sqlite3_stmt* statement_;
};

class SqliteFile {
 public:
  // Never writes, nor makes files beside it.
  [[nodiscard]] static Result<SqliteFile> open(const std::filesystem::path& path);

  [[nodiscard]] bool has_table(std::string_view table) const;
  // Reads `columns` of each row in the order of `order_by` (empty: as they lie); those that the table lacks are NULL. A
  // table that is not there has no rows.
  [[nodiscard]] Status each(std::string_view table, const std::vector<std::string_view>& columns,
                            std::string_view order_by, const std::function<void(const SqliteRow&)>& take) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit SqliteFile(sqlite3* database, std::string name) : database_(database), name_(std::move(name)) {}
  [[nodiscard]] Status failure() const;
  void begin_query() const;
  [[nodiscard]] std::vector<std::string> columns_of(std::string_view table) const;

  std::int64_t steps_ = 0;  // of SQLite's machine, that one query may take
  std::unique_ptr<std::int64_t> left_ = std::make_unique<std::int64_t>(0);
  std::unique_ptr<sqlite3, Close> database_;
  std::string name_;
};

}  // namespace trtprof
