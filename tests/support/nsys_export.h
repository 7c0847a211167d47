// Exports of Nsight Systems for tests: no version of the tool made them.
#pragma once

#include <filesystem>
#include <string>

namespace trtprof::test {

// tests/data/nsys/synthetic.sql as a database, then `changes` on it.
void write_nsys_export(const std::filesystem::path& path, const std::string& changes = "");

}  // namespace trtprof::test
