// `counters` and `nsys` as a user runs them, with scripts in place of the vendor's tools and a module without a GPU
// (support/fake_module).
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_tools.h"
#include "support/nsys_export.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Runs its target as Nsight Compute does, with a variable by which the program sees that it is watched.
constexpr const char* kRunTarget = R"sh(
while [ "$1" != --metrics ]; do
  if [ "$1" = --version ]; then echo 'Version 2025.3.1.0 (build 1)'; exit 0; fi
  shift
done
shift 2
echo "==PROF== Connected to process 7 ($*)"
NV_TPS_LAUNCH_TOKEN=7 "$@" || { echo "==ERROR== The application returned an error code ($?)."; exit 1; }
)sh";

class ToolCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    fs::create_directories(folder_->path() / "bin");
    ASSERT_EQ(run({"sample", "mobilenetv2", "-o", path("m.onnx"), "--width", "0.35", "--resolution", "32"}).exit_code,
              0);
  }
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }

  ProgramOptions options() const {
    return {.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines},
                            {"TRTPROF_CACHE_DIR", path("cache")},
                            {"PATH", path("bin") + ":" + std::getenv("PATH")}}};
  }
  ProgramResult run(const std::vector<std::string>& arguments) const {
    return run_tensorrt_profiling(arguments, options());
  }

  std::string engine() const {
    const auto built = run({"build", path("m.onnx"), "-o", path("m.engine"), "--backend", "tensorrt-rtx"});
    EXPECT_EQ(built.exit_code, 0) << built.err;
    return path("m.engine");
  }
  std::vector<std::string> layers_of(const std::string& engine) const {
    EXPECT_EQ(run({"profile", engine, "--iterations", "3", "--json", path("plain.json")}).exit_code, 0);
    std::vector<std::string> names;
    const Profile plain = profile(path("plain.json"));
    for (const Layer& layer : plain.layer_run->layers) names.push_back(layer.name);
    return names;
  }
  static Profile profile(const std::string& file) {
    const auto loaded = load_profile(file);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
    return loaded ? loaded->profile : Profile{};
  }
  void tool(const std::string& name, const std::string& body) const {
    write_script(folder_->path() / "bin" / name, body);
  }
  // A report with a kernel for each layer, in its NVTX range.
  std::string report(const std::vector<std::string>& layers) const {
    std::ofstream out(path("report.csv"));
    out << "\"ID\",\"Kernel Name\",\"thread Domain:Push/Pop_Range:PL_Type:PL_Value:CLR_Type:Color:Msg_Type:Msg\","
           "\"gpu__time_duration.sum\",\"sm__throughput.avg.pct_of_peak_sustained_elapsed\"\n\"\",\"\",\"\",\"ns\",\"%"
           "\"\n";
    for (std::size_t i = 0; i < layers.size(); ++i) {
      out << fmt::format(
          "\"{0}\",\"kernel_{0}\",\"7  \"\"tensorrt_profiling:inference:none:none:none:none:none:none\"\"  "
          "\"\"TensorRT:{1}:none:none:none:none:none:none\"\"\",\"2000\",\"25\"\n",
          i, layers[i]);
    }
    return path("report.csv");
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-tool-commands");
};

// ---- counters of an engine

TEST_F(ToolCommands, KernelsOfAnEngineAreCountedAndJoinedToItsLayers) {
  const std::string file = engine();
  const auto layers = layers_of(file);
  tool("ncu", kRunTarget + ("cat '" + report(layers) + "'"));
  const auto counted = run({"counters", file, "--json", path("c.json"), "--verbose"});
  ASSERT_EQ(counted.exit_code, 0) << counted.err;
  EXPECT_THAT(counted.out, AllOf(HasSubstr("Hardware Counters: Nsight Compute 2025.3.1.0"),
                                 HasSubstr("by the NVTX ranges around their launches"), HasSubstr("Compute by layer"),
                                 HasSubstr("25.0%"), HasSubstr("kernel_0")));
  // The program ran under the tool as a watched run, and its report went there.
  EXPECT_THAT(counted.err,
              AllOf(HasSubstr("==PROF== Connected to process 7 (" + std::string(kProgram) + " profile " + file),
                    HasSubstr("Nsight Compute is watching"), Not(HasSubstr("c.json"))));
  const Profile saved = profile(path("c.json"));
  ASSERT_TRUE(saved.counters && saved.layer_run);
  EXPECT_EQ(saved.counters->join, CounterJoin::markers);
  ASSERT_THAT(saved.counters->kernels, SizeIs(layers.size()));
  EXPECT_EQ(saved.counters->kernels[1].layer, layers[1]);
  EXPECT_FALSE(saved.layer_run->layers.empty());
  EXPECT_THAT(saved.environment.command_line, Contains("counters"));
}

TEST_F(ToolCommands, AModelIsBuiltBeforeItIsCountedAndItsOptionsReachTheRun) {
  tool("ncu", kRunTarget + ("cat '" + report({"a"}) + "'"));
  const auto counted = run({"counters", path("m.onnx"), "--backend", "tensorrt-rtx", "--batch=1", "--seed", "5", "-v"});
  ASSERT_EQ(counted.exit_code, 0) << counted.err;
  EXPECT_THAT(counted.err, HasSubstr(" profile " + path("m.onnx") + " --backend tensorrt-rtx --batch=1 --seed 5"));
  EXPECT_THAT(counted.err, HasSubstr("another engine"));  // the report's layer is none of the model's
}

TEST_F(ToolCommands, WithoutPermissionForCountersItExitsWith4) {
  const std::string file = engine();
  tool("ncu", "echo '==ERROR== ERR_NVGPUCTRPERM - The user does not have permission'; exit 0");
  const auto refused = run({"counters", file});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("ERR_NVGPUCTRPERM"), HasSubstr("NVreg_RestrictProfilingToAdminUsers=0")));
}

TEST_F(ToolCommands, AFailureOfTheRunUnderTheToolIsTold) {
  const std::string file = engine();
  tool("ncu", "export TRTPROF_FAKE_DEVICES=0" + std::string(kRunTarget));
  const auto failed = run({"counters", file});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("Nsight Compute ended with exit code 1: no usable NVIDIA GPU"));
}

TEST_F(ToolCommands, AToolThatHangsIsEndedInTime) {
  const std::string file = engine();
  tool("ncu", "trap '' INT; sleep 100");
  const auto hung = run({"counters", file, "--timeout", "0.5"});
  EXPECT_EQ(hung.exit_code, 1);
  EXPECT_THAT(hung.err, HasSubstr("was not done after 0.5 s"));
  EXPECT_LT(hung.seconds, 30.0);
}

TEST_F(ToolCommands, CtrlCReachesTheTool) {
  const std::string file = engine();
  tool("ncu", "trap 'echo stopped > " + path("stopped") +
                  "; exit 130' INT; echo ==PROF== started; while :; do sleep 0.1; done");
  ProgramOptions interrupted = options();
  interrupted.signal_after_seconds = 0.2;
  interrupted.signal_after_text = "==PROF== started";
  const auto stopped = run_tensorrt_profiling({"counters", file, "--verbose"}, interrupted);
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_TRUE(fs::exists(path("stopped")));
}

// ---- reports that are there

TEST_F(ToolCommands, AReportIsReadWithoutATool) {
  const std::string real = std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_weak.ncu_raw.csv";
  const auto read = run({"counters", real, "--json", path("r.json")});
  ASSERT_EQ(read.exit_code, 0) << read.err;
  EXPECT_THAT(read.out, AllOf(HasSubstr("NVIDIA H200"), HasSubstr("Compute by kernel"), HasSubstr("Memory by kernel"),
                              HasSubstr("Kernels are not tied to layers")));
  const Profile saved = profile(path("r.json"));
  EXPECT_FALSE(saved.layer_run);
  EXPECT_THAT(saved.counters->kernels, SizeIs(70));
}

TEST_F(ToolCommands, AReportIsJoinedToASavedProfile) {
  const auto layers = layers_of(engine());
  const auto joined = run({"counters", path("plain.json"), "--import", report(layers), "--json", path("j.json"), "-q"});
  ASSERT_EQ(joined.exit_code, 0) << joined.err;
  EXPECT_THAT(joined.out, AllOf(HasSubstr("Compute by layer"), Not(HasSubstr("Kernels in launch order"))));
  EXPECT_EQ(profile(path("j.json")).counters->kernels.at(0).layer, layers.at(0));

  const std::string other = std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_weak.ncu_raw.csv";
  const auto refused = run({"counters", path("plain.json"), "--import", other});
  EXPECT_EQ(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("warning: kernels are not joined to layers"));
}

TEST_F(ToolCommands, AReportWithTensorRtsRangesIsJoinedToItsProfile) {
  const std::string recorded = std::string(kDataDir) + "/tensorrt-10.6/";
  const auto joined = run({"counters", recorded + "mnv2_b1_fp16_counted.profile.json", "--import",
                           recorded + "mnv2_b1_fp16_nvtx.ncu_raw.csv", "--json", path("j.json")});
  ASSERT_EQ(joined.exit_code, 0) << joined.err;
  EXPECT_THAT(joined.out,
              AllOf(HasSubstr("Kernels are tied to layers by the NVTX ranges around their launches."),
                    HasSubstr("  pool                                           1     5.89    0.3%    0.0%"),
                    HasSubstr("  Inference                                     55   250.91    5.1%    0.6%")));
  const Profile saved = profile(path("j.json"));
  EXPECT_EQ(saved.counters->join, CounterJoin::markers);
  ASSERT_THAT(saved.counters->kernels, SizeIs(55));
  EXPECT_EQ(saved.counters->kernels[53].layer, "pool");
}

TEST_F(ToolCommands, ReportsOfTheToolGoThroughIt) {
  report({"a"});
  // What 2025.3 says to it; the ranges are in the report.
  const std::string refusal =
      "case \"$*\" in *--nvtx*) echo 'Invalid option --nvtx specified for --import'; exit 1;; esac; ";
  tool("ncu", refusal + "[ \"$1\" = --import ] && [ \"$2\" = '" + path("x.ncu-rep") + "' ] && cat '" +
                  path("report.csv") + "'");
  std::ofstream(path("x.ncu-rep")) << "binary";
  const auto read = run({"counters", path("x.ncu-rep")});
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_THAT(read.out, HasSubstr("kernel_0"));
}

TEST_F(ToolCommands, WhatContradictsItselfIsAUsageError) {
  layers_of(engine());
  const std::string csv = report({"a"});
  EXPECT_EQ(run({"counters", path("plain.json")}).exit_code, 2);
  EXPECT_EQ(run({"counters", csv, "--import", csv}).exit_code, 2);
  EXPECT_EQ(run({"counters", path("m.engine"), "--device", "all"}).exit_code, 2);
  EXPECT_EQ(run({"counters", path("m.onnx"), "--backend", "openvino", "--import", csv}).exit_code, 2);
  EXPECT_EQ(run({"counters", path("m.onnx"), "--sort", "time"}).exit_code, 2);
  std::ofstream(path("text.csv")) << "a,b\n";
  EXPECT_EQ(run({"counters", path("text.csv")}).exit_code, 1);
  EXPECT_EQ(run({"counters", path("none.csv")}).exit_code, 1);
}

// ---- a CPU

constexpr const char* kFakePerf = R"sh(
[ "$1" = --version ] && { echo "perf version 6.1.187"; exit 0; }
while [ $# -gt 0 ]; do
  case $1 in -o) out=$2;; --control) pipes=${2#fifo:};; esac
  shift
done
trap 'printf "800.5,msec,task-clock,1,100.00,,\n4000000,,cycles,1,100.00,,\n6000000,,instructions,1,100.00,,\n1000,,branches,1,100.00,,\n20,,branch-misses,1,100.00,,\n<not supported>,,LLC-loads,0,100.00,,\n" > "$out"; exit 0' INT
exec 3<>"${pipes%%,*}" 4<>"${pipes##*,}"
while :; do if read -r order <&3; then printf 'ack\n' >&4; fi; done
)sh";

TEST_F(ToolCommands, OnACpuPerfCountsTheInferences) {
  tool("perf", kFakePerf);
  const auto counted =
      run({"counters", path("m.onnx"), "--backend", "openvino", "--iterations", "4", "--json", path("p.json")});
  ASSERT_EQ(counted.exit_code, 0) << counted.err;
  EXPECT_THAT(counted.out,
              AllOf(HasSubstr("Hardware Counters: perf 6.1.187"), HasSubstr("Per inference"), HasSubstr("1.50 a cycle"),
                    HasSubstr("2.00% of branches"), HasSubstr("does not count LLC-loads")));
  const Profile saved = profile(path("p.json"));
  ASSERT_TRUE(saved.counters);
  EXPECT_EQ(saved.counters->totals.at("inferences"), 4.0);
  EXPECT_EQ(saved.counters->totals.at("cycles"), 4e6);
  EXPECT_TRUE(saved.end_to_end && saved.layer_run);
}

TEST_F(ToolCommands, PerfWithoutPermissionExitsWith4) {
  tool("perf", "echo 'Error:' >&2; echo 'No permission to enable cycles event.' >&2; exit 255");
  const auto refused = run({"counters", path("m.onnx"), "--backend", "openvino"});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, HasSubstr("kernel.perf_event_paranoid"));
}

// ---- nsys

TEST_F(ToolCommands, AnExportOfNsightSystemsBecomesATimeline) {
  write_nsys_export(path("x.sqlite"));
  const auto read = run({"nsys", path("x.sqlite"), "--json", path("n.json")});
  ASSERT_EQ(read.exit_code, 0) << read.err;
  const Profile saved = profile(path("n.json"));
  ASSERT_TRUE(saved.timeline);
  EXPECT_EQ(saved.timeline->join, KernelJoin::markers);
  ASSERT_THAT(saved.timeline->kernels, SizeIs(3));
  EXPECT_EQ(saved.timeline->kernels[0].layer, "conv1 + relu1");
  EXPECT_THAT(saved.timeline->span.samples, SizeIs(2));
  EXPECT_NEAR(saved.timeline->span.samples.at(0), 16e-6, 1e-12);
  EXPECT_EQ(saved.environment.device_name, "NVIDIA Synthetic");
}

TEST_F(ToolCommands, AnEngineIsRecordedByNsightSystems) {
  const std::string file = engine();
  write_nsys_export(path("export"));
  tool(
      "nsys",
      "for a; do [ \"$last\" = --output ] && out=$a; last=$a; done\ncase $1 in profile) touch \"$out\";; export) cp '" +
          path("export") + "' \"$out\";; esac");
  const auto recorded = run({"nsys", file, "--json", path("n.json")});
  ASSERT_EQ(recorded.exit_code, 0) << recorded.err;
  const Profile saved = profile(path("n.json"));
  EXPECT_TRUE(saved.timeline && saved.layer_run);
  EXPECT_EQ(saved.timeline->source, "Nsight Systems export");
}

TEST_F(ToolCommands, NsightSystemsIsForGpus) {
  tool("nsys", "exit 0");
  EXPECT_EQ(run({"nsys", path("m.onnx"), "--backend", "openvino"}).exit_code, 4);
}

}  // namespace
}  // namespace trtprof::test
