// Executables that stand for tools that are not installed where tests run. Scripts of the shell, made where they are
// needed, so that each test says what its tool does.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace trtprof::test {

inline std::filesystem::path write_script(const std::filesystem::path& path, const std::string& body) {
  std::ofstream(path) << "#!/bin/sh\n" << body << '\n';
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace trtprof::test
