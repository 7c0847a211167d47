#include "trtprof/import/openvino_reports.h"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/import/openvino_statistics.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- what benchmark_app writes of a real model

struct OpenvinoCase {
  std::string name;
  std::vector<std::string> options;
  std::string report;
  std::string total;  // what stands before each total in the report
};

void PrintTo(const OpenvinoCase& one, std::ostream* out) {
  *out << one.name;
}

class OpenvinoRealReport : public ::testing::TestWithParam<OpenvinoCase> {
 protected:
  void SetUp() override {
    std::vector<std::string> command = {std::filesystem::path(kPython).parent_path() / "benchmark_app",
                                        "-m",
                                        std::string(kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx",
                                        "-d",
                                        "CPU",
                                        "-shape",
                                        "[1,3,48,192]",
                                        "-niter",
                                        "12",
                                        "-api",
                                        "async",
                                        "-nireq",
                                        "2",
                                        "-report_folder",
                                        folder_->path().string()};
    command.insert(command.end(), GetParam().options.begin(), GetParam().options.end());
    const auto run = run_program(command);
    ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
    printed_ = run.out + run.err;
  }
  // The number behind a word of what benchmark_app printed; of a time in milliseconds, where it may be in microseconds.
  [[nodiscard]] double printed(const std::string& name) const {
    const std::size_t at = printed_.rfind(name);
    EXPECT_NE(at, std::string::npos) << name;
    const std::string line = printed_.substr(at + name.size(), printed_.find('\n', at) - at - name.size());
    return std::stod(line) * (line.find("us") != std::string::npos ? 1e-3 : 1.0);
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-openvino");
  std::string printed_;
};

double total_in(const std::string& text, const std::string& before) {
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return std::stod(text.substr(at + before.size()));
}

TEST_P(OpenvinoRealReport, LayersAddUpToWhatItSays) {
  const std::filesystem::path path = folder_->path() / GetParam().report;
  const auto text = read_file(path);
  ASSERT_TRUE(text);
  ASSERT_TRUE(is_openvino_counters(text->substr(0, std::size_t{64} << 10)));
  const auto imported = read_openvino_counters(path);
  ASSERT_TRUE(imported) << imported.error().message;
  const Profile& profile = imported->profile;
  const LayerRun& run = *profile.layer_run;
  EXPECT_THAT(profile.warnings, IsEmpty());
  double expected = 0.0;
  std::size_t requests = 0;
  for (std::size_t at = text->find(GetParam().total); at != std::string::npos;
       at = text->find(GetParam().total, at + 1)) {
    expected += total_in(text->substr(at), GetParam().total);
    ++requests;
  }
  ASSERT_GT(requests, 0U);
  // Rows are whole microseconds, and the total is their sum: a sorted report gives it in tens of them, others exactly.
  EXPECT_NEAR(layer_sum(run) * 1e3, expected / static_cast<double>(requests), 0.00501);
  // 84 ran; counters are whole microseconds, and one of 0 is not told from a layer that did not run.
  EXPECT_GE(run.layers.size(), 50U);
  EXPECT_THAT(run.not_executed, Not(IsEmpty()));
  std::size_t depthwise = 0;
  for (const Layer& layer : run.layers) {
    EXPECT_TRUE(layer.reported_seconds) << layer.name;
    EXPECT_NE(layer.layer_class, LayerClass::other) << layer.engine_type;
    depthwise += layer.layer_class == LayerClass::depthwise_convolution ? 1U : 0U;
  }
  EXPECT_EQ(depthwise, 11U);
  EXPECT_EQ(profile.environment.engine_name, "OpenVINO");
  EXPECT_NE(profile.environment.precision, "");
  const auto again = profile_from_json(profile_to_json(profile), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->profile, profile);
}

TEST_P(OpenvinoRealReport, StatisticsAreWhatItPrints) {
  const bool in_json = std::filesystem::exists(folder_->path() / "benchmark_report.json");
  const std::filesystem::path path = folder_->path() / (in_json ? "benchmark_report.json" : "benchmark_report.csv");
  const auto text = read_file(path);
  ASSERT_TRUE(text);
  ASSERT_TRUE(is_openvino_statistics(*text));
  const auto imported = read_openvino_statistics(path);
  ASSERT_TRUE(imported) << imported.error().message;
  const EndToEnd& run = imported->profile.end_to_end.value();
  const Summary& summary = run.total.summary.value();
  EXPECT_NEAR(summary.median * 1e3, printed("Median:"), 0.0051);
  EXPECT_NEAR(summary.mean * 1e3, printed("Average:"), 0.0051);
  EXPECT_NEAR(summary.min * 1e3, printed("Min:"), 0.0051);
  EXPECT_NEAR(summary.max * 1e3, printed("Max:"), 0.0051);
  EXPECT_EQ(static_cast<double>(summary.count), printed("Count:"));
  EXPECT_NEAR(run.measurement.duration_seconds.value() * 1e3, printed("Duration:"), 0.0051);
  EXPECT_EQ(imported->profile.model.batch, 1);
  EXPECT_EQ(imported->profile.environment.properties.at("infer_requests"), "2");
  EXPECT_NEAR(std::stod(imported->profile.environment.properties.at("throughput_fps")), printed("Throughput:"), 0.1);
  EXPECT_THAT(imported->profile.notes, Contains(HasSubstr("no percentiles")));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, OpenvinoRealReport,
    ::testing::Values(
        OpenvinoCase{
            "average", {"-report_type", "average_counters"}, "benchmark_average_counters_report.csv", "Total;;;;"},
        OpenvinoCase{
            "detailed", {"-report_type", "detailed_counters"}, "benchmark_detailed_counters_report.csv", "Total;;;;"},
        OpenvinoCase{"detailed_json",
                     {"-report_type", "detailed_counters", "-json_stats", "true"},
                     "benchmark_detailed_counters_report.json",
                     "\"total_real_time\": \""},
        OpenvinoCase{"sorted",
                     {"-report_type", "detailed_counters", "-pc", "-pcsort", "sort"},
                     "benchmark_sorted_report.csv",
                     "Total time: "},
        OpenvinoCase{"unsorted_json",
                     {"-report_type", "detailed_counters", "-pc", "-pcsort", "no_sort", "-json_stats", "true"},
                     "benchmark_sorted_report.json",
                     "\"total_real_time\": \""}),
    [](const auto& name) { return name.param.name; });

// The Python program's fault: of the mean counters in JSON it writes the first layer alone.
TEST(OpenvinoAverageJson, TellsWhereTheLayersAre) {
  const auto folder = TemporaryFolder::create("trtprof-openvino");
  const auto run = run_program({std::filesystem::path(kPython).parent_path() / "benchmark_app", "-m",
                                std::string(kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx", "-d", "CPU",
                                "-shape", "[1,3,48,192]", "-niter", "4", "-report_type", "average_counters",
                                "-json_stats", "true", "-report_folder", folder->path().string()});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const auto imported = read_openvino_counters(folder->path() / "benchmark_average_counters_report.json");
  ASSERT_FALSE(imported);
  EXPECT_THAT(imported.error().message, HasSubstr("holds one layer"));
  EXPECT_THAT(imported.error().hint, HasSubstr("detailed_counters"));
}

// ---- reports written by hand, by the C++ program's source: a separator ends each line too, more digits, plain
// statuses

class OpenvinoReport : public ::testing::Test {
 protected:
  Result<Imported> read(const std::string& text) {
    const std::filesystem::path path = folder_->path() / "report.csv";
    std::ofstream(path, std::ios::binary) << text;
    return is_openvino_statistics(text) ? read_openvino_statistics(path) : read_openvino_counters(path);
  }
  Imported imported(const std::string& text) {
    auto result = read(text);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result.value_or(Imported{});
  }
  std::string refused(const std::string& text) {
    const auto result = read(text);
    EXPECT_FALSE(result);
    return result ? "" : result.error().message;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-openvino");
};

const std::string kHeader = "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)";

TEST_F(OpenvinoReport, OfTheCppProgram) {
  const std::string request = kHeader + ";\nstem;EXECUTED;Convolution;jit_avx2_f32;1.500000;1.500000;\n" +
                              "relu;OPTIMIZED_OUT;Relu;undef;0.000000;0.000000;\nTotal;;;;1.500;1.500;\n\n";
  const Imported found = imported(request + request);
  EXPECT_THAT(found.layer_names, ElementsAre("stem"));
  EXPECT_THAT(found.profile.layer_run->not_executed, ElementsAre("relu"));
  EXPECT_DOUBLE_EQ(found.profile.layer_run->layers[0].reported_seconds.value(), 1.5e-3);
  EXPECT_EQ(found.profile.layer_run->layers[0].precision, "f32");
  EXPECT_THAT(found.profile.layer_run->measurement.method, HasSubstr("2 infer requests"));
  EXPECT_THAT(found.profile.warnings, IsEmpty());
}

TEST_F(OpenvinoReport, SortedOfTheCppProgram) {
  const Imported found =
      imported(kHeader + "; %;\nstem;EXECUTED;Convolution;jit_avx2_f32;1.500000;1.500000;75.000;\n" +
               "fc;EXECUTED;FullyConnected;gemm_f32;0.500000;0.500000;25.000;\n" + "Total;;;;2.000;2.000;100.000;\n\n");
  EXPECT_THAT(found.layer_names, ElementsAre("stem", "fc"));
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("sorted by time")));
}

TEST_F(OpenvinoReport, WrittenAgainWithDecimalCommas) {
  const Imported found = imported(kHeader + "\r\na;EXECUTED;Relu;jit_f32;0,125;0,125\r\nTotal;;;;0,125;0,125\r\n");
  EXPECT_DOUBLE_EQ(found.profile.layer_run->layers.at(0).reported_seconds.value(), 0.125e-3);
  EXPECT_THAT(found.profile.warnings, IsEmpty());
}

TEST_F(OpenvinoReport, NamesMayHoldTheSeparator) {
  const Imported found = imported(kHeader + "\na;b;EXECUTED;Relu;jit_f32;0.125;0.125\nTotal;;;;0.125;0.125\n");
  EXPECT_THAT(found.layer_names, ElementsAre("a;b"));
}

TEST_F(OpenvinoReport, RowsThatAreMissingAreSeenByTheTotal) {
  const Imported found = imported(kHeader + "\na;EXECUTED;Relu;jit_f32;0.125;0.125\nTotal;;;;0.525;0.525\n");
  EXPECT_THAT(found.profile.warnings, Contains(HasSubstr("rows are missing")));
}

// The mean of several requests has the status of the first: NOT_RUN where that one's counter was 0 us.
TEST_F(OpenvinoReport, ALayerWithATimeRanWhateverItsStatus) {
  const Imported found = imported(kHeader + "\na;Status.EXECUTED;Relu;jit_f32;0.125;0.125\n" +
                                  "b;Status.NOT_RUN;HSwish;jit_f32;0.007;0.007\n" +
                                  "c;Status.NOT_RUN;Relu;undef;0.000;0.000\nTotal;;;;0.132;0.132\n");
  EXPECT_THAT(found.layer_names, ElementsAre("a", "b"));
  EXPECT_THAT(found.profile.layer_run->not_executed, ElementsAre("c"));
  EXPECT_DOUBLE_EQ(layer_sum(*found.profile.layer_run), 0.132e-3);
  EXPECT_THAT(found.profile.warnings, IsEmpty());
}

TEST_F(OpenvinoReport, RefusesWhatIsBroken) {
  EXPECT_THAT(refused(kHeader + "\na;EXECUTED;Relu;jit_f32;0.125;0.125\n"), HasSubstr("cut off"));
  EXPECT_THAT(refused(kHeader + "\na;EXECUTED;Relu;jit"), HasSubstr("report.csv"));
  EXPECT_THAT(refused(kHeader + "\na;EXECUTED;Relu;jit_f32;-1;0.125\nTotal;;;;0.1;0.1\n"), HasSubstr("time of -1"));
  EXPECT_THAT(refused(kHeader + "\na;EXECUTED;Relu;jit_f32;nan;0.125\nTotal;;;;0.1;0.1\n"), HasSubstr("has no time"));
  EXPECT_THAT(refused(kHeader + "\nTotal;;;;0.000;0.000\n"), HasSubstr("no layer that ran"));
  EXPECT_THAT(refused(R"({"detailed_performance": [{"nodes": 3}]})"), HasSubstr("no list of nodes"));
  EXPECT_THAT(refused(R"({"detailed_performance": [{"nodes": [)"), HasSubstr("report.csv"));
}

TEST_F(OpenvinoReport, StatisticsOfTheCppProgram) {
  const Imported found = imported(
      R"({"cmd_options": {"m": "model.xml"}, "configuration_setup": {"target_device": "CPU", "nireq": 4, "batch_size": 8,
          "cpu_streams_num": "4"}, "execution_results": {"iterations_num": 1000, "execution_time": 2500.5,
          "latency_median": 9.0, "percentile_boundary": 95, "latency_avg": 7.5, "latency_min": 5.0, "latency_max": 20.25,
          "throughput": 3199.36}})");
  const Summary& summary = found.profile.end_to_end->total.summary.value();
  EXPECT_EQ(summary.count, 1000U);
  EXPECT_DOUBLE_EQ(summary.median, 7.5e-3);
  EXPECT_DOUBLE_EQ(summary.p95, 9e-3);
  EXPECT_DOUBLE_EQ(summary.p99, 20.25e-3);
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("95th percentile")));
  EXPECT_EQ(found.profile.environment.streams, 4);
  EXPECT_EQ(found.profile.model.batch, 8);
  EXPECT_EQ(found.profile.model.path, "model.xml");
}

TEST_F(OpenvinoReport, WhatTheFileSaysIsPrintableInTheMessage) {
  const std::string header = "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)\n";
  const std::string odd = "a\x1b[2J\xff";
  for (const std::string& line : {odd, odd + ";EXECUTED;" + odd + ";" + odd + ";" + odd + ";0.1",
                                  "x;EXECUTED;Relu;undef;0.1;0.1\nTotal;;;;" + odd + ";0.1"}) {
    const std::string message = refused(header + line + "\n");
    EXPECT_THAT(message, HasSubstr("[2J"));
    EXPECT_EQ(message, printable(message));
  }
}

TEST_F(OpenvinoReport, StatisticsThatContradictThemselves) {
  EXPECT_THAT(refused(R"({"cmd_options": {}, "execution_results": {"iterations_num": 3, "latency_median": 9,
                          "latency_avg": 7, "latency_min": 8, "latency_max": 9}})"),
              HasSubstr("contradict"));
  EXPECT_THAT(refused(R"({"cmd_options": {}, "execution_results": {"error": "no such device"}})"),
              HasSubstr("no such device"));
  EXPECT_THAT(refused(R"({"cmd_options": {}, "execution_results": {"throughput": "3"}})"), HasSubstr("no latencies"));
}

}  // namespace
}  // namespace trtprof::test
