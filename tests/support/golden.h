// Output compared with a file under tests/data/, byte for byte.
#pragma once

#include <string>
#include <string_view>

namespace trtprof::test {

// The whole of tests/data/<name>; fails the test when it cannot be read.
[[nodiscard]] std::string test_data(const std::string& name);

// With TRTPROF_UPDATE_GOLDEN set, writes `actual` to the file and fails, so that no run passes on what it just wrote.
void expect_golden(const std::string& name, std::string_view actual);

}  // namespace trtprof::test
