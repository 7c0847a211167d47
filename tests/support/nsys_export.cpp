#include "support/nsys_export.h"

#include <memory>
#include <sqlite3.h>

#include <gtest/gtest.h>

#include "support/golden.h"

namespace trtprof::test {

void write_nsys_export(const std::filesystem::path& path, const std::string& changes) {
  sqlite3* opened = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &opened), SQLITE_OK);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(opened, &sqlite3_close);
  for (const std::string& sql : {test_data("nsys/synthetic.sql"), changes}) {
    ASSERT_EQ(sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database.get());
  }
}

}  // namespace trtprof::test
