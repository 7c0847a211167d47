// A module of TensorRT with NVIDIA's library, as `tools/deps.sh tensorrt` brings it, on a machine that shows no GPU.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/plans.h"
#include "test_paths.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/file.h"

namespace trtprof::test {

// A test says the same with a GPU as without one.
inline constexpr std::pair<const char*, const char*> kNoGpu = {"CUDA_VISIBLE_DEVICES", "-1"};

class TensorrtModule : public ::testing::Test {
 protected:
  TensorrtModule(std::string module, std::string tag, EngineVersion version)
      : module_(std::move(module)), tag_(std::move(tag)), version_(version) {}

  void SetUp() override {
    ::setenv(kNoGpu.first, kNoGpu.second, 1);
    ::setenv("TRTPROF_BACKEND_PATH", kBuildDir, 1);
    ASSERT_TRUE(folder_.has_value());
    auto loaded = load_backend(module_);
    if (!loaded) GTEST_SKIP() << "the headers are not here (tools/deps.sh gpu): " << loaded.error().message;
    backend_.emplace(std::move(*loaded));
    const std::string refusal = refusal_of(plan_bytes(tag_, version_, 100)).message;
    if (refusal.find("not on this machine") != std::string::npos) {
      GTEST_SKIP() << "the library is not here (tools/deps.sh tensorrt): " << refusal;
    }
  }

  Backend& backend() { return **backend_; }
  std::filesystem::path path(const std::string& name) const { return folder_->path() / name; }

  // Why an engine file with this content is not loaded: without a GPU none is.
  Error refusal_of(const std::string& plan, bool allow_engine_code = false) {
    EXPECT_TRUE(write_file(path("refused.engine"), plan).has_value());
    CompileOptions options;
    options.allow_engine_code = allow_engine_code;
    const auto compiled = backend().compile({{}, {}, path("refused.engine")}, options);
    EXPECT_FALSE(compiled.has_value());
    return compiled ? Error{} : compiled.error();
  }

 private:
  std::string module_;
  std::string tag_;
  EngineVersion version_;
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-tensorrt-test");
  std::optional<LoadedBackend> backend_;
};

}  // namespace trtprof::test
