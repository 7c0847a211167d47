#include "trtprof/ceilings/measured.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "trtprof/base/file.h"
#include "trtprof/ceilings/ceilings_json.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

Environment cpu() {
  Environment environment;
  environment.device_kind = DeviceKind::cpu;
  environment.device_name = "A CPU (R)";
  environment.engine_name = "OpenVINO";
  environment.engine_version = "2026.4";
  environment.threads = 2;
  environment.logical_cpus = 4;
  environment.memory_bytes = 1 << 30;
  return environment;
}

Environment gpu() {
  Environment environment;
  environment.device_kind = DeviceKind::gpu;
  environment.device_name = "NVIDIA H200";
  environment.engine_name = "TensorRT";
  environment.properties = {{"compute capability", "9.0"}, {"multiprocessors", "132"}, {"CUDA driver", "13.0"}};
  return environment;
}

MeasuredCeilings measured() {
  MeasuredCeilings result;
  result.ceilings = {
      "A CPU (R)",
      {"A CPU (R)"},
      {{CeilingKind::memory_bandwidth, 2.15e10, CeilingBasis::measured, "copies", CeilingSpread{2e10, 2.2e10, 5}}}};
  result.missing = {{CeilingKind::bf16_peak, "computes in f32"}};
  result.notes = {"A note."};
  return result;
}

// Counts how often it is asked to measure.
class MeasuringBackend final : public Backend {
 public:
  std::string name() const override { return "fake"; }
  Result<ProbeResult> probe() override { return ProbeResult{}; }
  Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& /*source*/,
                                                 const CompileOptions& /*options*/) override {
    return fail("it compiles nothing");
  }
  Result<Environment> describe_device(const std::string& /*device*/) override { return environment; }
  Result<MeasuredCeilings> measure_ceilings(const CeilingsRequest& /*request*/, Progress& /*progress*/,
                                            const StopFlag& /*stop*/) override {
    ++times;
    return result;
  }
  Environment environment = cpu();
  Result<MeasuredCeilings> result = measured();
  int times = 0;
};

class Measured : public testing::Test {
 protected:
  Result<DeviceMeasurement> measure(bool anew = false) {
    NoProgress progress;
    const StopFlag stop;
    return measure_device(backend_, {{}, {"tensorrt_profiling", "ceilings"}, anew, folder()}, progress, stop);
  }
  [[nodiscard]] fs::path folder() const { return temporary_->path() / "ceilings"; }
  MeasuringBackend backend_;

 private:
  Result<TemporaryFolder> temporary_ = TemporaryFolder::create("measured");
};

TEST_F(Measured, OnceAndThenFromTheCache) {
  const auto first = measure();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->from_cache);
  EXPECT_THAT(first->not_kept, IsEmpty());
  EXPECT_TRUE(fs::is_regular_file(first->file));
  EXPECT_EQ(first->file.filename().string().substr(0, 10), "A_CPU__R_-");
  const auto second = measure();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->from_cache);
  EXPECT_EQ(second->file, first->file);
  EXPECT_EQ(second->record.measured.ceilings, measured().ceilings);
  EXPECT_EQ(second->record.measured.missing, measured().missing);
  EXPECT_EQ(second->record.measured.notes, measured().notes);
  EXPECT_EQ(second->record.measured_at, first->record.measured_at);
  EXPECT_EQ(backend_.times, 1);
  ASSERT_TRUE(measure(true));
  EXPECT_EQ(backend_.times, 2);
}

TEST_F(Measured, AnotherEngineDriverOrSizeIsMeasuredAnew) {
  for (Environment environment : {cpu(), gpu()}) {
    const auto key = ceilings_key(environment);
    ASSERT_TRUE(key);
    for (const auto& [name, value] : *key) {
      CeilingsKey other = *key;
      other[name] += "0";
      EXPECT_NE(ceilings_cache_path(folder(), *key), ceilings_cache_path(folder(), other)) << name;
    }
  }
  ASSERT_TRUE(measure());
  backend_.environment.threads = 1;
  ASSERT_TRUE(measure());
  EXPECT_EQ(backend_.times, 2);
}

TEST_F(Measured, WhatAGpuCanDoDependsOnNoEngine) {
  Environment other = gpu();
  other.engine_name = "TensorRT-RTX";
  other.engine_version = "1.7";
  other.threads = 8;
  EXPECT_EQ(ceilings_key(other), ceilings_key(gpu()));
  other.properties.erase("CUDA driver");
  EXPECT_EQ(ceilings_key(other), std::nullopt);
}

TEST_F(Measured, WhatTheUserStoppedIsNotKept) {
  backend_.result->partial = true;
  const auto stopped = measure();
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(stopped->record.measured.partial);
  EXPECT_TRUE(stopped->file.empty());
  EXPECT_FALSE(fs::exists(folder()));
}

TEST_F(Measured, ADamagedFileIsMeasuredAnew) {
  const auto first = measure();
  ASSERT_TRUE(first);
  const auto whole = read_file(first->file);
  ASSERT_TRUE(whole);
  std::string foreign = *whole;
  foreign.replace(foreign.find("2026.4"), 6, "2025.1");
  for (const std::string& text : {std::string("{"), whole->substr(0, whole->size() / 2), foreign}) {
    ASSERT_TRUE(write_file(first->file, text));
    const auto again = measure();
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->from_cache) << text;
  }
}

TEST_F(Measured, AFolderThatCannotBeMadeIsSaid) {
  ASSERT_TRUE(write_file(folder(), "a file is in the way"));
  const auto unkept = measure();
  ASSERT_TRUE(unkept);
  EXPECT_TRUE(unkept->file.empty());
  EXPECT_THAT(unkept->not_kept, HasSubstr("cannot be made"));
}

TEST_F(Measured, ADeviceThatDoesNotTellEnoughIsMeasuredEachTime) {
  backend_.environment.threads.reset();
  const auto unkept = measure();
  ASSERT_TRUE(unkept);
  EXPECT_THAT(unkept->not_kept, HasSubstr("does not tell enough"));
}

TEST_F(Measured, BackendsThatDoNotMeasureSaySo) {
  backend_.result = unavailable("no nvcc");
  const auto failed = measure();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
}

TEST(MeasuredJson, IsATableOfCeilingsToo) {
  const CeilingsRecord record = {{{"device", "A CPU (R)"}}, "2026-01-31T23:59:59Z", "0.1.0", measured()};
  const auto table = ceilings_from_json(record_to_json(record), "t.json");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->front(), measured().ceilings);
  EXPECT_FALSE(record_from_json(
      R"({"schema": {"name": "trtprof-ceilings", "major": 1}, "devices": [{"device": "A", "names": [], "figures": [
          {"kind": "fp32_peak", "value": 1, "basis": "measured", "source": "s"}]}]})",
      "t.json"));
}

}  // namespace
}  // namespace trtprof
