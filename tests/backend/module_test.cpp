#include "trtprof/backend/module.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/build_info.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kOpenVinoFile = "libtrtprof_backend_openvino.so";

// Copies of the real module with a few bytes changed stand for what users meet: another build's module, a machine
// without the engine's libraries.
class Module : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::create("trtprof-module-test");
    ASSERT_TRUE(made.has_value());
    folder_.emplace(std::move(*made));
    ASSERT_EQ(::setenv("TRTPROF_BACKEND_PATH", folder_->path().c_str(), 1), 0);
  }
  void TearDown() override { ::unsetenv("TRTPROF_BACKEND_PATH"); }

  void write(const std::string& file, const std::string& bytes) const {
    std::ofstream(folder_->path() / file, std::ios::binary) << bytes;
  }

  static std::string module_bytes() {
    auto bytes = read_file(fs::path(test::kBuildDir) / kOpenVinoFile);
    EXPECT_TRUE(bytes.has_value());
    return bytes.value_or("");
  }

  static std::string with(std::string bytes, const std::string& from, const std::string& to) {
    EXPECT_EQ(from.size(), to.size());
    EXPECT_NE(bytes.find(from), std::string::npos) << from;
    for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + 1)) {
      bytes.replace(at, from.size(), to);
    }
    return bytes;
  }

  static Error error_of(const std::string& name) {
    auto loaded = load_backend(name);
    EXPECT_FALSE(loaded.has_value());
    return loaded ? Error{} : loaded.error();
  }

  std::optional<TemporaryFolder> folder_;
};

TEST_F(Module, LoadsFromTheFolderThatTheVariableNames) {
  fs::copy_file(fs::path(test::kBuildDir) / kOpenVinoFile, folder_->path() / kOpenVinoFile);
  auto loaded = load_backend("openvino");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ((*loaded)->name(), "openvino");
}

TEST_F(Module, EmptyItemsAndMissingFoldersOfTheVariableAreSkipped) {
  const std::string path = ":" + (folder_->path() / "not-there").string() + "::" + test::kBuildDir + ":";
  ASSERT_EQ(::setenv("TRTPROF_BACKEND_PATH", path.c_str(), 1), 0);
  auto loaded = load_backend("openvino");
  EXPECT_TRUE(loaded.has_value());
}

TEST_F(Module, ALoadedBackendCanBeMoved) {
  ASSERT_EQ(::setenv("TRTPROF_BACKEND_PATH", test::kBuildDir, 1), 0);
  auto loaded = load_backend("openvino");
  ASSERT_TRUE(loaded.has_value());
  LoadedBackend moved = std::move(*loaded);
  EXPECT_EQ(moved->name(), "openvino");
  auto other = load_backend("openvino");
  ASSERT_TRUE(other.has_value());
  moved = std::move(*other);
  EXPECT_EQ(moved->name(), "openvino");
}

TEST_F(Module, AMissingModuleIsASentenceWithTheFoldersAndWhatIsThere) {
  write("libtrtprof_backend_other.so", "");
  const Error error = error_of("tensorrt");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("backend 'tensorrt' is not available"),
                                   HasSubstr("libtrtprof_backend_tensorrt.so"), HasSubstr(folder_->path().string())));
  EXPECT_THAT(error.hint, AllOf(HasSubstr("other"), HasSubstr("NVIDIA GPU"), HasSubstr("TRTPROF_BACKEND_PATH")));
}

TEST_F(Module, ANameIsNeverAPath) {
  write("x.so", "");
  EXPECT_EQ(error_of("../x").code, ErrorCode::unavailable);
  EXPECT_EQ(error_of("").code, ErrorCode::unavailable);
  EXPECT_THAT(error_of("a\x1b[31m").message, Not(HasSubstr("\x1b")));
}

TEST_F(Module, AFileThatIsNoLibraryIsASentence) {
  for (const std::string& content :
       {std::string("this is not a library, it only has the name of one"), std::string()}) {
    write("libtrtprof_backend_garbage.so", content);
    const Error error = error_of("garbage");
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_THAT(error.message, AllOf(HasSubstr("libtrtprof_backend_garbage.so"), HasSubstr("is not a library")));
    EXPECT_THAT(error.hint, HasSubstr("remove the file"));
  }
}

TEST_F(Module, ADirectoryOfThatNameIsNoModule) {
  fs::create_directory(folder_->path() / "libtrtprof_backend_folder.so");
  EXPECT_THAT(available_backends(), Not(Contains("folder")));
  EXPECT_EQ(error_of("folder").code, ErrorCode::unavailable);
}

TEST_F(Module, AMissingEngineLibraryIsNamedWithTheWayToGetIt) {
  write(kOpenVinoFile, with(module_bytes(), "libopenvino.so.2", "libopenvino.so.9"));
  const Error error = error_of("openvino");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("its module needs libopenvino.so.9"), Not(HasSubstr("cannot open shared"))));
  EXPECT_THAT(error.hint, AllOf(HasSubstr("tools/deps.sh python"), HasSubstr("LD_LIBRARY_PATH")));
}

TEST_F(Module, AModuleOfAnotherBuildIsRefusedBeforeAnyOfItsTypesIsUsed) {
  std::string other_id = kBuildId;
  other_id.front() = other_id.front() == '0' ? '1' : '0';
  write(kOpenVinoFile, with(module_bytes(), kBuildId, other_id));
  const Error error = error_of("openvino");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("belongs to another build"), HasSubstr(other_id), HasSubstr(kBuildId)));
}

TEST_F(Module, ALibraryWithoutTheEntryPointIsRefused) {
  write(kOpenVinoFile, with(module_bytes(), kModuleEntryPoint, "trtprof_backend_opex"));
  EXPECT_THAT(error_of("openvino").message, HasSubstr("does not export trtprof_backend_open"));
}

TEST_F(Module, ListsModulesByNameOnceEachWithoutLoadingThem) {
  write("libtrtprof_backend_zeta.so", "not loaded");
  write("libtrtprof_backend_alpha.so", "not loaded");
  write("libtrtprof_backend_.so", "");
  write("libtrtprof_backend_UPPER.so", "");
  write("unrelated.so", "");
  const std::string twice = folder_->path().string() + ":" + folder_->path().string();
  ASSERT_EQ(::setenv("TRTPROF_BACKEND_PATH", twice.c_str(), 1), 0);
  auto names = available_backends();
  names.erase(std::remove(names.begin(), names.end(), "openvino"), names.end());  // beside the test program, or not
  EXPECT_THAT(names, ::testing::ElementsAre("alpha", "zeta"));
}

TEST_F(Module, ExportsTheEntryPointAndTheTraceOnly) {
  const fs::path listing = folder_->path() / "symbols";
  const std::string command =
      "nm -D --defined-only '" + std::string(test::kBuildDir) + "/" + kOpenVinoFile + "' > '" + listing.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream in(listing);
  std::vector<std::string> symbols;
  for (std::string address, type, name; in >> address >> type >> name;) symbols.push_back(name);
  EXPECT_THAT(symbols, ::testing::UnorderedElementsAre("trtprof_backend_open", "__itt_api_init"));
}

}  // namespace
}  // namespace trtprof
