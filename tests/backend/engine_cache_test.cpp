#include "trtprof/backend/engine_cache.h"

#include <cstdlib>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/engine_fixture.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class EngineCache : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    for (const char* name : {"TRTPROF_CACHE_DIR", "XDG_CACHE_HOME", "HOME"}) ::unsetenv(name);
  }
  void TearDown() override {
    if (home_.empty()) return;
    ::setenv("HOME", home_.c_str(), 1);
  }

  std::string path_of(const EngineCacheKey& key) const {
    const auto path = cached_engine_path("/cache", "/models/my model.onnx", key);
    EXPECT_TRUE(path) << (path ? "" : path.error().message);
    return path ? path->string() : "";
  }

  // An engine in the cache as build_engine_file() leaves it.
  fs::path write_engine(const EngineCacheKey& key) const {
    fs::path path = folder_->path() / "m.engine";
    const std::string plan = test::plan_bytes("ftrt", {10, 6, 0, 26}, 200);
    EngineRecord record;
    record.engine = {sha256_of(plan), plan.size()};
    record.model.sha256 = key.model_sha256;
    record.builder.backend = key.backend;
    record.builder.version = key.engine_version;
    record.builder.device = key.device_name;
    record.builder.compute_capability = key.compute_capability;
    record.options = key.options;
    EXPECT_TRUE(write_file(path, plan));
    EXPECT_TRUE(write_file(sidecar_path(path), engine_record_to_json(record)));
    return path;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-engine-cache");
  std::string home_ = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  EngineCacheKey key_{std::string(64, 'a'), "tensorrt", "10.6.0.26", "NVIDIA H200", "9.0", {}};
};

TEST_F(EngineCache, TheFolderIsTheUsersChoiceThenTheDesktopsThenHome) {
  EXPECT_THAT(engine_cache_folder().error().hint, HasSubstr("TRTPROF_CACHE_DIR"));
  ::setenv("HOME", "/h", 1);
  EXPECT_EQ(engine_cache_folder(), fs::path("/h/.cache/tensorrt_profiling/engines"));
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(engine_cache_folder(), fs::path("/h/.cache/tensorrt_profiling/engines"));
  ::setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(engine_cache_folder(), fs::path("/x/tensorrt_profiling/engines"));
  ::setenv("TRTPROF_CACHE_DIR", "/t", 1);
  EXPECT_EQ(engine_cache_folder(), fs::path("/t/engines"));
}

TEST_F(EngineCache, AnEngineIsNamedAfterItsModelAndItsKey) {
  EXPECT_THAT(path_of(key_), MatchesRegex("/cache/my_model-[0-9a-f]+\\.engine"));
  EXPECT_EQ(path_of(key_), path_of(key_));
}

TEST_F(EngineCache, EveryPartOfTheKeyMakesAnotherEngine) {
  std::set<std::string> paths = {path_of(key_)};
  const auto add = [&](const std::function<void(EngineCacheKey&)>& change) {
    EngineCacheKey key = key_;
    change(key);
    EXPECT_TRUE(paths.insert(path_of(key)).second);
  };
  add([](EngineCacheKey& key) { key.model_sha256.back() = 'b'; });
  add([](EngineCacheKey& key) { key.backend = "tensorrt-rtx"; });
  add([](EngineCacheKey& key) { key.engine_version = "10.7.0.1"; });
  add([](EngineCacheKey& key) { key.device_name = "NVIDIA L4"; });
  add([](EngineCacheKey& key) { key.compute_capability = "10.0"; });
  add([](EngineCacheKey& key) { key.options.tf32 = false; });
  add([](EngineCacheKey& key) { key.options.profiles = {{{"x", {{1}, {1}, {1}}}}}; });
  add([](EngineCacheKey& key) { key.options.profiles = {{{"x", {{1}, {1}, {2}}}}}; });
}

TEST_F(EngineCache, PlacesAreNoPartOfTheKey) {
  EngineCacheKey key = key_;
  key.options.device = "cuda:1";
  key.options.timing_cache = "somewhere";
  EXPECT_EQ(path_of(key), path_of(key_));
}

TEST_F(EngineCache, FilesCountByTheirContent) {
  const fs::path plugin = folder_->path() / "libp.so";
  key_.options.plugins = {plugin};
  EXPECT_FALSE(cached_engine_path("/cache", "m.onnx", key_));
  ASSERT_TRUE(write_file(plugin, "one"));
  const std::string first = path_of(key_);
  ASSERT_TRUE(write_file(plugin, "two"));
  EXPECT_NE(path_of(key_), first);
}

TEST_F(EngineCache, AHitIsAnEngineWhoseRecordAgrees) {
  const fs::path path = write_engine(key_);
  const auto hit = find_cached_engine(path, key_);
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->path, path);
  EngineCacheKey other = key_;
  other.options.refit = true;
  EXPECT_FALSE(find_cached_engine(path, other));
  other = key_;
  other.device_name = "NVIDIA L4";
  EXPECT_FALSE(find_cached_engine(path, other));
}

TEST_F(EngineCache, WhatIsDamagedOrHalfThereIsAMiss) {
  const fs::path path = write_engine(key_);
  ASSERT_TRUE(write_file(path, test::plan_bytes("ftrt", {10, 6, 0, 26}, 201)));
  EXPECT_FALSE(find_cached_engine(path, key_));
  write_engine(key_);
  fs::remove(sidecar_path(path));
  EXPECT_FALSE(find_cached_engine(path, key_));
  EXPECT_FALSE(find_cached_engine(folder_->path() / "none", key_));
}

}  // namespace
}  // namespace trtprof
