#include "trtprof/import/sqlite.h"

#include <algorithm>
#include <sqlite3.h>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

// The longest text or row; longer ones end the reading.
constexpr int kLongestValue = 16 << 20;

// A row takes some bytes of the file and some steps of SQLite's machine for each of its columns. Pages of a hostile
// file may lie in a table many times over, which SQLite reads for ever.
constexpr std::int64_t kStepsPerByte = 64;
constexpr int kStepsBetweenLooks = 1000;

int spend(void* steps) {
  auto& left = *static_cast<std::int64_t*>(steps);
  left -= kStepsBetweenLooks;
  return left < 0 ? 1 : 0;  // not 0 ends the statement
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement prepare(sqlite3* database, const std::string& query) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, query.c_str(), static_cast<int>(query.size()), &statement, nullptr);
  return Statement(statement);
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

}  // namespace

std::optional<std::int64_t> SqliteRow::integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_int64(statement_, column);
}

std::string SqliteRow::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {text, text + length};
}

void SqliteFile::Close::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

Result<SqliteFile> SqliteFile::open(const std::filesystem::path& path) {
  const std::string name = printable(path.string());
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return fail(fmt::format("{} is a folder", name));
  if (!std::filesystem::exists(path, error)) return fail(fmt::format("{} does not exist", name));
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteFile file(database, name);
  if (opened != SQLITE_OK) return forward_error(file.failure());
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (!error) file.steps_ = kStepsBetweenLooks * 100 + kStepsPerByte * static_cast<std::int64_t>(bytes);
  sqlite3_progress_handler(database, kStepsBetweenLooks, spend, file.left_.get());
  file.begin_query();
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kLongestValue);
  // What an export is not: triggers and views that run on opening, an extension that is loaded.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  const Statement first = prepare(database, "SELECT count(*) FROM sqlite_master");
  if (!first || sqlite3_step(first.get()) != SQLITE_ROW) return forward_error(file.failure());
  return file;
}

void SqliteFile::begin_query() const {
  *left_ = steps_;
}

Status SqliteFile::failure() const {
  if (!database_) return fail(fmt::format("{} could not be read: no memory", name_));
  if (sqlite3_errcode(database_.get()) == SQLITE_INTERRUPT) {
    return fail(fmt::format("{} could not be read: it has more rows than fit into it", name_), "it is damaged");
  }
  // It quotes what is in the file.
  return fail(fmt::format("{} could not be read: {}", name_, shorten_middle(sqlite3_errmsg(database_.get()), 200)));
}

std::vector<std::string> SqliteFile::columns_of(std::string_view table) const {
  begin_query();
  // Views and virtual tables are no part of an export: reading them runs what the file says.
  const Statement kind =
      prepare(database_.get(), "SELECT 1 FROM pragma_table_list(?1) WHERE schema = 'main' AND type = 'table'");
  if (!kind) return {};
  sqlite3_bind_text(kind.get(), 1, table.data(), static_cast<int>(table.size()), SQLITE_STATIC);
  if (sqlite3_step(kind.get()) != SQLITE_ROW) return {};
  std::vector<std::string> columns;
  const Statement statement = prepare(database_.get(), fmt::format("PRAGMA table_info({})", quoted(table)));
  while (statement && sqlite3_step(statement.get()) == SQLITE_ROW) {
    columns.push_back(SqliteRow(statement.get()).text(1));
  }
  return columns;
}

bool SqliteFile::has_table(std::string_view table) const {
  return !columns_of(table).empty();
}

Status SqliteFile::each(std::string_view table, const std::vector<std::string_view>& columns, std::string_view order_by,
                        const std::function<void(const SqliteRow&)>& take) const {
  const std::vector<std::string> known = columns_of(table);
  if (known.empty()) return {};
  const auto has = [&](std::string_view column) { return std::ranges::find(known, column) != known.end(); };
  std::string list;
  for (const std::string_view column : columns) {
    list += (list.empty() ? "" : ", ") + (has(column) ? quoted(column) : std::string("NULL"));
  }
  std::string query = fmt::format("SELECT {} FROM {}", list, quoted(table));
  if (!order_by.empty() && has(order_by)) query += " ORDER BY " + quoted(order_by);
  begin_query();
  const Statement statement = prepare(database_.get(), query);
  if (!statement) return failure();
  int step = SQLITE_DONE;
  while ((step = sqlite3_step(statement.get())) == SQLITE_ROW) take(SqliteRow(statement.get()));
  if (step != SQLITE_DONE) return failure();
  return {};
}

}  // namespace trtprof
