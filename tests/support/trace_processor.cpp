#include "support/trace_processor.h"

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {

std::string trace_processor() {
  const char* given = std::getenv("TRTPROF_TRACE_PROCESSOR");
  return given == nullptr ? "" : given;
}

SqlRows query_trace(const std::filesystem::path& trace, std::string_view sql) {
  const auto folder = TemporaryFolder::create("trtprof-query");
  EXPECT_TRUE(folder.has_value());
  const std::string query = (folder->path() / "query.sql").string();
  EXPECT_TRUE(write_file(query, sql).has_value());
  const ProgramResult answer = run_program({trace_processor(), "-q", query, trace.string()});
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  // It writes CSV.
  const ProgramResult rows = run_program({kPython, "-c",
                                          "import csv, io, json, sys\n"
                                          "print(json.dumps(list(csv.DictReader(io.StringIO(sys.argv[1])))))",
                                          answer.out});
  EXPECT_EQ(rows.exit_code, 0) << rows.err;
  return nlohmann::json::parse(rows.out).get<SqlRows>();
}

SqlRows trace_problems(const std::filesystem::path& trace) {
  return query_trace(trace, "select name, value from stats where severity != 'info' and value > 0");
}

std::string longest_gap_sql(std::string_view category) {
  return fmt::format(
      "select max(ts - end_before) as gap from (select ts, max(ts + dur) over (partition by "
      "extract_arg(arg_set_id, 'args.inference') order by ts rows between unbounded preceding and 1 preceding) as "
      "end_before from slice where category = '{}')",
      category);
}

}  // namespace trtprof::test
