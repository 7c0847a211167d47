#include "trtprof/import/ncu_csv.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Result<NcuImport> parse(const std::string& text) {
  std::istringstream in(text);
  return parse_ncu_csv(in, "report.csv");
}

NcuImport parsed(const std::string& text) {
  auto import = parse(text);
  EXPECT_TRUE(import) << (import ? "" : import.error().message);
  return import.value_or(NcuImport{});
}

std::optional<double> value(const NcuImport& import, std::size_t kernel, const std::string& metric) {
  const auto& metrics = import.counters.metrics;
  const auto found = std::ranges::find(metrics, metric);
  if (found == metrics.end()) return std::nullopt;
  return import.counters.kernels.at(kernel).values.at(static_cast<std::size_t>(found - metrics.begin()));
}

const std::string kHeader =
    R"csv("ID","Process ID","Kernel Name","Block Size","Grid Size","CC","gpu__time_duration.sum","dram__bytes_read.sum")csv";
const std::string kUnits = R"csv("","","","","","","usecond","Kbyte")csv";

std::string row(int id, const std::string& name, const std::string& time = "1.50", const std::string& bytes = "2.25") {
  return fmt::format(R"csv("{}","7","{}","(128, 1, 1)","(1, 4, 1)","9.0","{}","{}")csv", id, name, time, bytes);
}

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += line + '\n';
  return text;
}

// ---- a report of an H200, 2238 columns

class RealReport : public ::testing::Test {
 protected:
  static std::string path() { return std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_weak.ncu_raw.csv"; }
};

TEST_F(RealReport, HasItsKernelsInLaunchOrder) {
  const auto import = read_ncu_csv(path());
  ASSERT_TRUE(import) << import.error().message;
  const auto& kernels = import->counters.kernels;
  ASSERT_THAT(kernels, SizeIs(70));
  EXPECT_THAT(kernels[0].launch.name, HasSubstr("f32f32_f32f32_f32_nchwkcrs_nchw_tilesize64x128x8"));
  EXPECT_THAT(kernels[0].launch.grid, ElementsAre(1, 196, 1));
  EXPECT_THAT(kernels[0].launch.block, ElementsAre(128, 1, 1));
  EXPECT_EQ(kernels[55].launch.name, "__myl_Cas_0x096c0b97f52c4bf5b6208611cc0fcdb5");
  EXPECT_EQ(kernels[56].launch.name, kernels[0].launch.name);  // the next inference
  EXPECT_EQ(import->device_name, "NVIDIA H200");
  EXPECT_EQ(import->device_properties.at("compute_capability"), "9.0");
  EXPECT_EQ(import->device_properties.at("multiprocessor_count"), "132");
  EXPECT_EQ(import->device_properties.at("l2_cache_size"), "62914560");
  EXPECT_THAT(import->device_properties, SizeIs(5));
}

TEST_F(RealReport, IsInBaseUnits) {
  const auto import = read_ncu_csv(path());
  ASSERT_TRUE(import);
  const CountedKernel& kernel = import->counters.kernels.at(24);
  EXPECT_DOUBLE_EQ(kernel.seconds.value(), 6272e-9);
  EXPECT_EQ(kernel.launch.registers_per_thread, 88);
  EXPECT_EQ(kernel.launch.dynamic_shared_bytes, 65536U);
  EXPECT_EQ(kernel.launch.theoretical_occupancy, 0.1875);
  EXPECT_EQ(value(*import, 24, "dram__bytes_read.sum"), 250880.0);
  EXPECT_EQ(value(*import, 24, "dram__bytes.sum.per_second"), 40e9);
  EXPECT_EQ(value(*import, 24, "sm__throughput.avg.pct_of_peak_sustained_elapsed"), 0.36);
  EXPECT_EQ(value(*import, 0, "dram__cycles_elapsed.avg.per_second"), 3195562435.5);
  EXPECT_EQ(value(*import, 0, "derived_tempMetric4"), std::nullopt);  // "nan"
  EXPECT_EQ(value(*import, 0, "launch__func_cache_config"), std::nullopt);
}

TEST_F(RealReport, KeepsNoMetricThatIsNotANumber) {
  const auto import = read_ncu_csv(path());
  ASSERT_TRUE(import);
  const auto& metrics = import->counters.metrics;
  EXPECT_THAT(metrics, AllOf(Contains("lts__t_sector_hit_rate.pct"), Not(Contains("launch__func_cache_config"))));
  EXPECT_THAT(metrics, Not(Contains(::testing::StartsWith("device__attribute_"))));
  for (const CountedKernel& kernel : import->counters.kernels) EXPECT_EQ(kernel.values.size(), metrics.size());
}

TEST_F(RealReport, TellsWhatTheToolWarnedOf) {
  const auto import = read_ncu_csv(path());
  ASSERT_TRUE(import);
  EXPECT_THAT(import->counters.notes, ElementsAre(HasSubstr("Running with unmodified GPU clocks"),
                                                  HasSubstr("Unable to access the following 6")));
  EXPECT_EQ(import->counters.join, CounterJoin::none);
  EXPECT_EQ(import->counters.join_reason, "the report has no NVTX ranges (ncu --nvtx writes them)");
}

TEST_F(RealReport, IsAProfileOfKernelsAlone) {
  auto import = read_ncu_csv(path());
  ASSERT_TRUE(import);
  const Profile profile = kernel_profile(std::move(*import));
  EXPECT_FALSE(profile.layer_run);
  EXPECT_FALSE(profile.end_to_end);
  EXPECT_EQ(profile.environment.device_kind, DeviceKind::gpu);
  EXPECT_EQ(profile.environment.device_name, "NVIDIA H200");
  const auto again = profile_from_json(profile_to_json(profile), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->profile, profile);
}

TEST_F(RealReport, CutAnywhereIsReadAsFarAsItGoesOrRefused) {
  const auto text = read_file(path());
  ASSERT_TRUE(text);
  for (const double part : {0.01, 0.05, 0.08, 0.1, 0.33, 0.5, 0.999}) {
    const auto import = parse(text->substr(0, static_cast<std::size_t>(part * static_cast<double>(text->size()))));
    if (!import) {
      EXPECT_THAT(import.error().message, HasSubstr("report of Nsight Compute")) << part;
      continue;
    }
    EXPECT_LT(import->counters.kernels.size(), 70U);
    EXPECT_THAT(import->counters.notes, Contains("1 row of the report was cut short and left out.")) << part;
  }
}

// ---- a report with TensorRT's ranges, which carry payloads in JSON

class ReportWithRanges : public ::testing::Test {
 protected:
  static std::string path() { return std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_nvtx.ncu_raw.csv"; }
};

TEST_F(ReportWithRanges, EveryKernelHasItsLayer) {
  const auto import = read_ncu_csv(path());
  ASSERT_TRUE(import) << import.error().message;
  const auto& kernels = import->counters.kernels;
  ASSERT_THAT(kernels, SizeIs(55));
  EXPECT_EQ(import->counters.join, CounterJoin::markers);
  EXPECT_EQ(kernels[0].layer, "Reformatting CopyNode for Input Tensor 0 to stem/conv + stem/bn + stem/relu6");
  EXPECT_EQ(kernels[9].layer, "block3/project/conv + block3/project/bn + block3/add");
  EXPECT_EQ(kernels[53].layer, "pool");
  EXPECT_EQ(kernels[54].layer, "{ForeignNode[flatten...(Unnamed Layer* 155) [ElementWise]]}");
  for (const CountedKernel& kernel : kernels) {
    EXPECT_NE(kernel.layer, "");
    EXPECT_EQ(kernel.inference, 0);
    EXPECT_THAT(kernel.launch.grid, SizeIs(3));
    EXPECT_GT(kernel.seconds.value(), 0.0);
  }
  EXPECT_THAT(import->counters.notes, ElementsAre(HasSubstr("Running with unmodified GPU clocks")));
}

TEST_F(ReportWithRanges, HasItsFigures) {
  const auto import = read_ncu_csv(path());
  ASSERT_TRUE(import);
  EXPECT_EQ(import->device_name, "NVIDIA H200");
  EXPECT_EQ(import->device_properties.at("multiprocessor_count"), "132");
  const CountedKernel& last = import->counters.kernels.at(54);
  EXPECT_THAT(last.launch.name, HasSubstr("sm50_xmma_cublas_gemvx_f16f16_f32_f32"));
  EXPECT_THAT(last.launch.grid, ElementsAre(250, 1, 1));
  EXPECT_THAT(last.launch.block, ElementsAre(32, 4, 1));
  EXPECT_DOUBLE_EQ(last.seconds.value(), 5760e-9);
  EXPECT_EQ(last.launch.registers_per_thread, 162);
  EXPECT_EQ(value(*import, 54, "dram__bytes_read.sum"), 2585600.0);
  EXPECT_EQ(value(*import, 54, "lts__t_sectors.sum"), 149005.0);
  EXPECT_EQ(value(*import, 54, "l1tex__t_sector_hit_rate.pct"), 43.79);
  EXPECT_EQ(value(*import, 54, "profiler__replayer_passes"), 16.0);
}

TEST_F(ReportWithRanges, CutWithinARowIsReadUpToIt) {
  const auto text = read_file(path());
  ASSERT_TRUE(text);
  const std::size_t row = text->find("\n\"40\",") + 1;
  for (const std::size_t length : {1U, 40U, 200U, 700U, 1500U, 2000U}) {
    const auto import = parse(text->substr(0, row + length));
    ASSERT_TRUE(import) << import.error().message;
    EXPECT_THAT(import->counters.kernels, SizeIs(40)) << length;
  }
}

// ---- forms

TEST(NcuCsv, ChatterOfToolAndProgramIsNoRow) {
  const auto import =
      parsed(lines({"==PROF== Connected to process 7 (/opt/probe)", "latency median 4.7 ms", kHeader, kUnits,
                    row(0, "a"), "12, 13, said the program", "==PROF== Profiling \"b\" - 1: 0%....50%",
                    "\"quoted\", it said", row(1, "b"), "==WARNING== Note: slow", "0.1194 2.7% /features/2"}));
  ASSERT_THAT(import.counters.kernels, SizeIs(2));
  EXPECT_EQ(import.counters.kernels[1].launch.name, "b");
  EXPECT_DOUBLE_EQ(import.counters.kernels[1].seconds.value(), 1.5e-6);
  EXPECT_EQ(value(import, 1, "dram__bytes_read.sum"), 2250.0);
  EXPECT_THAT(import.counters.notes, Contains("Nsight Compute: slow"));
}

TEST(NcuCsv, ReportsFollowEachOther) {
  const std::string other = R"csv("ID","Kernel Name","gpu__time_duration.sum","x__y.sum")csv";
  const auto import =
      parsed(lines({kHeader, kUnits, row(0, "a"), "", other, R"("","","ns","")", R"("0","b","1500","3")"}));
  ASSERT_THAT(import.counters.kernels, SizeIs(2));
  EXPECT_DOUBLE_EQ(import.counters.kernels[0].seconds.value(), 1.5e-6);
  EXPECT_DOUBLE_EQ(import.counters.kernels[1].seconds.value(), 1.5e-6);
  EXPECT_EQ(value(import, 0, "x__y.sum"), std::nullopt);
  EXPECT_EQ(value(import, 1, "x__y.sum"), 3.0);
  EXPECT_EQ(value(import, 1, "dram__bytes_read.sum"), std::nullopt);
}

TEST(NcuCsv, NumbersOfOtherLocales) {
  const auto german = parsed(lines({kHeader, kUnits, row(0, "a", "1.234", "4.567"), row(1, "b", "1,50", "2.345,25")}));
  EXPECT_DOUBLE_EQ(german.counters.kernels[0].seconds.value(), 1234e-6);  // learnt from the second row
  EXPECT_DOUBLE_EQ(german.counters.kernels[1].seconds.value(), 1.5e-6);
  EXPECT_EQ(value(german, 1, "dram__bytes_read.sum"), 2345250.0);
}

TEST(NcuCsv, MissingValuesAreMissing) {
  const auto import =
      parsed(lines({kHeader, kUnits, row(0, "a", "n/a", "1"), row(1, "b", "", "-1"), row(2, "c", "nan", "1")}));
  EXPECT_EQ(import.counters.kernels[0].seconds, std::nullopt);
  EXPECT_EQ(value(import, 1, "dram__bytes_read.sum"), std::nullopt);
  EXPECT_THAT(import.counters.metrics, ElementsAre("dram__bytes_read.sum"));  // no kernel has a time
}

TEST(NcuCsv, QuotedFieldsHoldCommasQuotesAndLines) {
  const auto import =
      parsed(lines({kHeader, kUnits, row(0, R"csv(void f<a, ""b"">(int,\n"" ""))csv"), row(1, "two\nlines")}));
  ASSERT_THAT(import.counters.kernels, SizeIs(2));
  EXPECT_EQ(import.counters.kernels[1].launch.name, "two\nlines");
}

TEST(NcuCsv, ARowThatIsCutShortTakesNoOtherWithIt) {
  const std::string cut = R"csv("1","7","half a na)csv";
  const auto import = parsed(lines({kHeader, kUnits, row(0, "a"), cut, row(2, "c"), R"csv("3","7")csv", row(4, "e")}));
  ASSERT_THAT(import.counters.kernels, SizeIs(3));
  EXPECT_THAT(import.counters.notes, Contains("2 rows of the report were cut short and left out."));
}

TEST(NcuCsv, UnitsThatAreNotKnownAreToldOf) {
  const auto import = parsed(lines({kHeader, R"csv("","","","","","","ns","furlong")csv", row(0, "a")}));
  EXPECT_EQ(value(import, 0, "dram__bytes_read.sum"), 2.25);
  EXPECT_THAT(import.counters.notes, Contains("Values in units that are not known were kept as printed: furlong."));
}

TEST(NcuCsv, TheDetailsPage) {
  const std::string header =
      R"csv("ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value","Rule Name","Rule Type","Rule Description")csv";
  const auto metric = [](int id, const std::string& section, const std::string& name, const std::string& unit,
                         const std::string& number) {
    return fmt::format(
        R"csv("{0}","7","p","h","k{0}","1","7","(64, 1, 1)","(2, 1, 1)","0","9.0","{1}","{2}","{3}","{4}","","","")csv",
        id, section, name, unit, number);
  };
  const auto import = parsed(lines(
      {"==PROF== Connected", header, metric(0, "GPU Speed Of Light Throughput", "Duration", "us", "2.50"),
       metric(0, "GPU Speed Of Light Throughput", "Memory Throughput", "%", "12.5"),
       R"csv("0","7","p","h","k0","1","7","(64, 1, 1)","(2, 1, 1)","0","9.0","SpeedOfLight","","","","Bottleneck","OPT","low, ""very"" low")csv",
       metric(0, "Memory Workload Analysis", "Memory Throughput", "Gbyte/s", "1,200.25"),
       metric(0, "Launch Statistics", "Registers Per Thread", "register/thread", "40"),
       metric(1, "GPU Speed Of Light Throughput", "Duration", "us", "3.00"),
       metric(1, "Launch Statistics", "Waves Per SM", "", "0.5"),
       R"csv("2","7","p","h","k2","1","7","(64, 1, 1)","(2, 1, 1)","0","9.0","Launch Statistics","Waves Per SM","","0.75",)csv",
       R"csv("2","7","p","h","k2","1","7","(64, 1, 1)","(2, 1, 1)","0","9.0","Launch Statistics","Threads","",)csv"}));
  ASSERT_THAT(import.counters.kernels, SizeIs(3));
  EXPECT_EQ(value(import, 2, "Launch Statistics: Waves Per SM"), 0.75);  // without the columns of rules
  EXPECT_THAT(import.counters.notes, ElementsAre("1 row of the report was cut short and left out."));
  EXPECT_DOUBLE_EQ(import.counters.kernels[0].seconds.value(), 2.5e-6);
  EXPECT_EQ(import.counters.kernels[0].launch.registers_per_thread, 40);
  EXPECT_EQ(value(import, 0, "dram__bytes.sum.per_second"), 1.20025e12);
  EXPECT_EQ(value(import, 0, "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed"), 12.5);
  EXPECT_EQ(value(import, 1, "Launch Statistics: Waves Per SM"), 0.5);
  EXPECT_EQ(value(import, 0, "Launch Statistics: Waves Per SM"), std::nullopt);
}

// ---- NVTX

std::string nvtx_row(int id, const std::string& ranges) {
  return fmt::format(R"csv("{}","k{}","{}","1")csv", id, id, ranges);
}
std::string range(const std::string& text) {
  return "  \"\"" + text + ":none:none:none:none:none:none\"\"";
}
const std::string kNvtxHeader =
    R"csv("ID","Kernel Name","thread Domain:Push/Pop_Range:PL_Type:PL_Value:CLR_Type:Color:Msg_Type:Msg","a__b.sum")csv";
const std::string kNvtxUnits = R"csv("","","","")csv";
const std::string kInference = "7" + range("tensorrt_profiling:inference");

TEST(NcuCsv, TensorRtsRangesTellTheLayers) {
  const std::string enqueue = kInference + range("TensorRT:ExecutionContext::enqueue");
  const auto import =
      parsed(lines({kNvtxHeader, kNvtxUnits, nvtx_row(0, enqueue + range("TensorRT:a + b")),
                    nvtx_row(1, enqueue + range("TensorRT:a + b")), nvtx_row(2, enqueue + range("TensorRT:c")),
                    nvtx_row(3, enqueue + range("TensorRT:a + b")), nvtx_row(4, enqueue)}));
  const auto& kernels = import.counters.kernels;
  EXPECT_EQ(import.counters.join, CounterJoin::markers);
  EXPECT_EQ(import.counters.join_reason, "");
  ASSERT_THAT(kernels, SizeIs(5));
  EXPECT_EQ(kernels[1].layer, "a + b");
  EXPECT_EQ(kernels[2].layer, "c");
  EXPECT_EQ(kernels[2].inference, 0);
  EXPECT_EQ(kernels[3].inference, 1);  // the first layer again
  EXPECT_EQ(kernels[4].layer, "");
  EXPECT_THAT(import.counters.notes, Contains("1 of 5 kernels lie in no layer's range."));
}

TEST(NcuCsv, KernelsOutsideOfTheMeasuredInferencesAreLeftOut) {
  const std::string layer = range("TensorRT:a");
  const auto import = parsed(lines({kNvtxHeader, kNvtxUnits, nvtx_row(0, "7" + layer), nvtx_row(1, kInference + layer),
                                    nvtx_row(2, ""), nvtx_row(3, kInference + layer)}));
  ASSERT_THAT(import.counters.kernels, SizeIs(2));
  EXPECT_EQ(import.counters.kernels[0].launch.name, "k1");
  EXPECT_EQ(import.counters.kernels[1].launch.name, "k3");
  EXPECT_THAT(import.counters.notes,
              Contains("2 of 4 kernels ran outside of the measured inferences and were left out."));
}

TEST(NcuCsv, RangesThatCannotBeReadAreToldOf) {
  const std::string header =
      R"csv("ID","Kernel Name","thread Domain:Push/Pop_Range:PL_Type","Grid Size","Block Size","a__b.sum")csv";
  const auto kernel = [](int id, const std::string& ranges) {
    return fmt::format(R"csv("{}","k{}","{}","(1, 1, 1)","(32, 1, 1)","1")csv", id, id, ranges);
  };
  const std::string odd = kernel(0, "7" + range(R"(TensorRT:say "hi")"));
  const std::string units = R"csv("","","","","","")csv";
  const auto import = parsed(lines({header, units, odd, kernel(1, kInference + range("TensorRT:a")), kernel(2, "7")}));
  ASSERT_THAT(import.counters.kernels, SizeIs(2));
  EXPECT_EQ(import.counters.kernels[0].layer, "");
  EXPECT_EQ(import.counters.kernels[1].layer, "a");
  EXPECT_THAT(import.counters.notes,
              ElementsAre("The NVTX ranges of 1 of 3 kernels could not be read.",
                          "1 of 3 kernels ran outside of the measured inferences and were left out.",
                          "1 of 2 kernels lie in no layer's range."));
  EXPECT_EQ(parsed(lines({header, units, odd})).counters.join_reason, "the report's NVTX ranges could not be read");
}

TEST(NcuCsv, RangesOfOthersAreNoJoin) {
  const auto import = parsed(lines({kNvtxHeader, kNvtxUnits, nvtx_row(0, "7" + range("mine:x"))}));
  EXPECT_EQ(import.counters.join, CounterJoin::none);
  EXPECT_EQ(import.counters.join_reason, "none of the report's NVTX ranges is that of a TensorRT layer");
}

// ---- what is no report

TEST(NcuCsv, WithoutAReportTheToolIsQuoted) {
  const auto import =
      parse("==PROF== Connected to process 7\n==ERROR== ERR_NVGPUCTRPERM - The user does not have permission\n");
  ASSERT_FALSE(import);
  EXPECT_EQ(import.error().message,
            "report.csv holds no report of Nsight Compute; the tool said: ERR_NVGPUCTRPERM - The user does not have "
            "permission");
  EXPECT_THAT(import.error().hint, HasSubstr("--csv --page raw"));
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("a,b\n1,2\n"));
  EXPECT_FALSE(parse(std::string("\0\1\2\3", 4)));
}

TEST(NcuCsv, AReportWithoutKernelsIsNone) {
  const auto import = parse(lines({kHeader, kUnits, "==WARNING== No kernels were profiled."}));
  ASSERT_FALSE(import);
  EXPECT_EQ(import.error().message,
            "report.csv holds a report of Nsight Compute without a kernel; the tool said: No kernels were profiled.");
}

TEST(NcuCsv, FilesThatCannotBeRead) {
  const auto folder = TemporaryFolder::create("trtprof-ncu-csv");
  ASSERT_TRUE(folder);
  EXPECT_THAT(read_ncu_csv(folder->path()).error().message, HasSubstr("is a folder"));
  EXPECT_THAT(read_ncu_csv(folder->path() / "none.csv").error().message, HasSubstr("cannot be opened"));
  std::ofstream(folder->path() / "wide.csv") << "\xff\xfe\"\0";
  EXPECT_THAT(read_ncu_csv(folder->path() / "wide.csv").error().message, HasSubstr("is in UTF-16"));
}

}  // namespace
}  // namespace trtprof::test
