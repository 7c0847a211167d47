#include "command_line.h"

#include <variant>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options.h"
#include "trtprof/base/file.h"

namespace trtprof::cli {
namespace {

using ::testing::HasSubstr;

Settings parsed(const std::vector<std::string>& arguments) {
  auto result = parse_command_line(arguments);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return std::get<Settings>(*result);
}

Error refused(const std::vector<std::string>& arguments) {
  auto result = parse_command_line(arguments);
  if (result) {
    ADD_FAILURE() << "was accepted";
    return {};
  }
  EXPECT_EQ(result.error().code, ErrorCode::usage);
  return result.error();
}

TEST(CommandLine, AFileAloneIsProfiled) {
  const Settings settings = parsed({"model.onnx"});
  EXPECT_EQ(settings.command, "profile");
  EXPECT_EQ(settings.operands, std::vector<std::string>{"model.onnx"});
}

TEST(CommandLine, ProfileMayBeSpelledOut) {
  const Settings settings = parsed({"profile", "model.onnx"});
  EXPECT_EQ(settings.command, "profile");
  EXPECT_EQ(settings.operands, std::vector<std::string>{"model.onnx"});
}

TEST(CommandLine, OptionsMayStandBeforeAndAfterTheFile) {
  const Settings settings = parsed({"--top", "7", "model.onnx", "--iterations=50", "-q"});
  EXPECT_EQ(settings.report.top, 7);
  EXPECT_EQ(settings.iterations, 50);
  EXPECT_TRUE(settings.report.quiet);
  EXPECT_EQ(settings.operands, std::vector<std::string>{"model.onnx"});
}

TEST(CommandLine, EveryProfileOptionReachesItsSetting) {
  const Settings s =
      parsed({"m.onnx",       "--backend",  "openvino",  "--device",   "cpu",       "--precision", "bf16",
              "--hint",       "throughput", "--threads", "3",          "--streams", "2",           "--shape",
              "x:1x3x48x192", "--shape",    "a:b:2",     "--input",    "x:x.npy",   "--seed",      "9",
              "--duration",   "2.5",        "--warmup",  "0",          "--sort",    "time",        "--json",
              "p.json",       "--csv",      "p.csv",     "--no-color", "--verbose"});
  EXPECT_EQ(s.backend, "openvino");
  EXPECT_EQ(s.device, "cpu");
  EXPECT_EQ(s.precision, "bf16");
  EXPECT_EQ(s.hint, PerformanceHint::throughput);
  EXPECT_EQ(s.threads, 3);
  EXPECT_EQ(s.streams, 2);
  EXPECT_EQ(s.shapes.by_input.at("x"), (std::vector<std::int64_t>{1, 3, 48, 192}));
  EXPECT_EQ(s.shapes.by_input.at("a:b"), (std::vector<std::int64_t>{2}));
  ASSERT_EQ(s.inputs.size(), 1U);
  EXPECT_EQ(s.inputs[0].input, "x");
  EXPECT_EQ(s.inputs[0].path, "x.npy");
  EXPECT_EQ(s.seed, 9U);
  EXPECT_EQ(s.duration, 2.5);
  EXPECT_EQ(s.warmup, 0);
  EXPECT_EQ(s.report.order, LayerOrder::time);
  EXPECT_EQ(s.json, "p.json");
  EXPECT_EQ(s.csv, "p.csv");
  EXPECT_TRUE(s.no_color);
  EXPECT_TRUE(s.verbose);
}

TEST(CommandLine, EveryBuildOptionReachesItsSetting) {
  const Settings s = parsed({"build",
                             "m.onnx",
                             "-o",
                             "m.engine",
                             "--weak",
                             "fp16,int8",
                             "--calibration",
                             "min-max",
                             "--calibration-data",
                             "a.npz",
                             "--calibration-data",
                             "b.npz",
                             "--calibration-cache",
                             "c.cache",
                             "--no-tf32",
                             "--optimization-level",
                             "5",
                             "--workspace",
                             "4GiB",
                             "--timing-cache",
                             "t.cache",
                             "--min-shape",
                             "x:1x3",
                             "--opt-shape",
                             "x:2x3",
                             "--max-shape",
                             "x:4x3",
                             "--max-shape",
                             "y:7",
                             "--hardware-compatibility",
                             "ampere+",
                             "--version-compatible",
                             "--exclude-lean-runtime",
                             "--sparsity",
                             "--strip-weights",
                             "--refit",
                             "--profiling-verbosity",
                             "names",
                             "--plugin",
                             "p.so",
                             "--plugin",
                             "q.so",
                             "--device",
                             "cuda:1",
                             "--backend",
                             "tensorrt-10",
                             "--seed",
                             "3"});
  EXPECT_EQ(s.output, "m.engine");
  EXPECT_EQ(s.build.options.weak,
            (WeakTyping{true, true, {WeakCalibrationMethod::min_max, {"a.npz", "b.npz"}, "c.cache"}}));
  EXPECT_FALSE(s.build.options.tf32);
  EXPECT_EQ(s.build.options.optimization_level, 5);
  EXPECT_EQ(s.build.options.workspace_bytes, std::uint64_t{4} << 30U);
  EXPECT_EQ(s.build.timing_cache, "t.cache");
  EXPECT_EQ(s.build.min_shapes.by_input.at("x"), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(s.build.opt_shapes.by_input.at("x"), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(s.build.max_shapes.by_input.at("y"), (std::vector<std::int64_t>{7}));
  EXPECT_EQ(s.build.options.hardware_compatibility, HardwareCompatibility::ampere_plus);
  EXPECT_TRUE(s.build.options.version_compatible);
  EXPECT_TRUE(s.build.options.exclude_lean_runtime);
  EXPECT_TRUE(s.build.options.sparse_weights);
  EXPECT_TRUE(s.build.options.strip_weights);
  EXPECT_TRUE(s.build.options.refit);
  EXPECT_EQ(s.build.options.profiling_verbosity, ProfilingVerbosity::names);
  EXPECT_EQ(s.plugins, (std::vector<std::filesystem::path>{"p.so", "q.so"}));
  EXPECT_EQ(s.device, "cuda:1");
  EXPECT_EQ(s.backend, "tensorrt-10");
  EXPECT_EQ(s.seed, 3U);
  EXPECT_EQ(parsed({"build", "m.onnx", "-o", "e", "--compute-capability", "8.9", "--compute-capability", "12.0"})
                .build.options.compute_capabilities,
            (std::vector<std::string>{"8.9", "12.0"}));
  EXPECT_TRUE(parsed({"build", "m.onnx", "-o", "e", "--no-timing-cache"}).build.no_timing_cache);
}

TEST(CommandLine, LaunchSwitchesReachTheirSettings) {
  EXPECT_EQ(parsed({"m.engine"}).launch, LaunchOptions{});
  EXPECT_EQ(
      parsed({"m.engine", "--no-graph", "--sync-transfers", "--pageable", "--cold-l2", "--spin"}).launch,
      (LaunchOptions{.graph = false, .synchronous_transfers = true, .pageable = true, .cold_l2 = true, .spin = true}));
  EXPECT_EQ(parsed({"m.engine", "--no-overlap"}).launch, (LaunchOptions{.overlap = false}));
  const Settings s = parsed({"m.engine", "--no-transfers", "--model", "m.onnx", "--allow-engine-code"});
  EXPECT_FALSE(s.launch.transfers);
  EXPECT_EQ(s.model, "m.onnx");
  EXPECT_TRUE(s.allow_engine_code);
}

TEST(CommandLine, ContradictionsOfEngines) {
  const auto build = [](std::vector<std::string> options) {
    options.insert(options.begin(), {"build", "m.onnx", "-o", "m.engine"});
    return refused(options).message;
  };
  EXPECT_THAT(build({"--calibration", "min-max"}), HasSubstr("--calibration is for --weak int8"));
  EXPECT_THAT(build({"--weak", "fp16", "--calibration-data", "a.npz"}), HasSubstr("--calibration-data is for"));
  EXPECT_THAT(build({"--weak", "fp8"}), HasSubstr("--weak wants fp16, int8"));
  EXPECT_THAT(build({"--weak", "fp16,"}), HasSubstr("--weak wants"));
  EXPECT_THAT(build({"--weak", "fp16", "--backend", "tensorrt-11"}), HasSubstr("contradict"));
  EXPECT_THAT(build({"--weak", "fp16", "--backend", "tensorrt-rtx"}), HasSubstr("contradict"));
  EXPECT_THAT(build({"--compute-capability", "8.9", "--backend", "tensorrt"}), HasSubstr("contradict"));
  EXPECT_THAT(build({"--compute-capability", "89"}), HasSubstr("--compute-capability wants"));
  EXPECT_THAT(build({"--compute-capability", "8.9", "--compute-capability", "8.9"}), HasSubstr("twice"));
  EXPECT_THAT(build({"--exclude-lean-runtime"}), HasSubstr("--version-compatible"));
  EXPECT_THAT(build({"--timing-cache", "t", "--no-timing-cache"}), HasSubstr("contradict"));
  EXPECT_THAT(build({"--shape", "x:1", "--max-shape", "x:4"}), HasSubstr("--shape fixes"));
  EXPECT_THAT(build({"--optimization-level", "6"}), HasSubstr("--optimization-level wants 5 or less"));
  for (const std::string size : {"0", "-1", "4XB", "GiB", "1e30", "nan", "4 GiB!"})
    EXPECT_THAT(build({"--workspace", size}), HasSubstr("--workspace wants a size")) << size;
  EXPECT_THAT(refused({"m.engine", "--no-transfers", "--pageable"}).message, HasSubstr("contradict"));
  EXPECT_THAT(refused({"m.engine", "--no-transfers", "--sync-transfers"}).message, HasSubstr("contradict"));
  EXPECT_THAT(refused({"build", "m.onnx"}).message, HasSubstr("--output"));
}

TEST(CommandLine, BatchMeansTheSampleOrTheModel) {
  EXPECT_EQ(parsed({"m.onnx", "--batch", "8"}).shapes.batch, 8);
  EXPECT_EQ(parsed({"sample", "mobilenetv2", "-o", "m.onnx", "--batch", "8"}).sample.batch, 8);
  EXPECT_EQ(parsed({"sample", "mobilenetv2", "-o", "m.onnx", "--batch", "dynamic"}).sample.batch, std::nullopt);
}

TEST(CommandLine, CommandLineIsKeptForTheReport) {
  EXPECT_EQ(parsed({"m.onnx", "--top", "3"}).command_line,
            (std::vector<std::string>{"tensorrt_profiling", "m.onnx", "--top", "3"}));
}

TEST(CommandLine, UnknownOptionNamesTheNearest) {
  const Error error = refused({"m.onnx", "--iteration", "5"});
  EXPECT_THAT(error.message, HasSubstr("--iteration"));
  EXPECT_THAT(error.hint, HasSubstr("--iterations"));
}

TEST(CommandLine, OptionOfAnotherCommandIsUnknown) {
  EXPECT_THAT(refused({"m.onnx", "--resolution", "64"}).message, HasSubstr("unknown option '--resolution'"));
}

TEST(CommandLine, CountsMustBePositive) {
  for (const std::string option : {"--iterations", "--top", "--batch", "--threads", "--streams"}) {
    for (const std::string value : {"0", "-3", "1.5", "many", "99999999999999999999"}) {
      EXPECT_THAT(refused({"m.onnx", option, value}).message, HasSubstr(option)) << value;
    }
  }
  EXPECT_THAT(refused({"m.onnx", "--warmup", "-1"}).message, HasSubstr("--warmup wants 0 or more"));
  for (const std::string value : {"0", "-1", "nan", "inf", "1s"})
    EXPECT_THAT(refused({"m.onnx", "--duration", value}).message, HasSubstr("--duration")) << value;
}

TEST(CommandLine, ChoicesAreListedWhenMissed) {
  const Error error = refused({"m.onnx", "--sort", "size"});
  EXPECT_THAT(error.message, HasSubstr("execution, time, name, type"));
}

TEST(CommandLine, ValuesMissingOrTwice) {
  EXPECT_THAT(refused({"m.onnx", "--top"}).message, HasSubstr("--top needs a value"));
  EXPECT_THAT(refused({"m.onnx", "--top", "1", "--top", "2"}).message, HasSubstr("--top is given twice"));
  EXPECT_THAT(refused({"m.onnx", "--shape", "x:1", "--shape", "x:2"}).message, HasSubstr("--shape"));
}

TEST(CommandLine, Contradictions) {
  EXPECT_THAT(refused({"m.onnx", "--iterations", "5", "--duration", "1"}).message, HasSubstr("contradict"));
  EXPECT_THAT(refused({"m.onnx", "--json", "a", "--csv", "a"}).message, HasSubstr("same file"));
  EXPECT_THAT(refused({"m.onnx", "--csv", "a", "--trace", "a"}).message, HasSubstr("--csv and --trace name the same"));
  EXPECT_THAT(refused({"m.onnx", "--no-timeline", "--trace", "a"}).message, HasSubstr("contradict"));
}

TEST(CommandLine, NoReportTakesThePlaceOfWhatIsRead) {
  const auto folder = TemporaryFolder::create("trtprof-command-line").value();
  const auto file = [&](const std::string& name) {
    const std::string path = (folder.path() / name).string();
    EXPECT_TRUE(write_file(path, name).has_value());
    return path;
  };
  const std::string model = file("m.onnx");
  const std::string data = file("d.npz");
  const std::string other_name = (folder.path() / "." / "m.onnx").string();
  for (const std::string option : {"--json", "--csv", "--trace"}) {
    EXPECT_THAT(refused({"profile", model, option, other_name}).message, HasSubstr(option + " names"));
  }
  EXPECT_THAT(refused({"profile", model, "--input", data, "--json", data}).message, HasSubstr("which is read"));
  EXPECT_THAT(refused({"optimize", model, "-o", "o", "--data", data, "--json", data}).message, HasSubstr("--json"));
  EXPECT_THAT(refused({"optimize", model, "--data", data, "-o", data}).message, HasSubstr("--output names"));
  EXPECT_THAT(refused({"convert", data, "-o", data}).message, HasSubstr("--output names"));
  EXPECT_EQ(parsed({"optimize", model, "-o", model}).output, model) << "in place";
}

TEST(CommandLine, OperandsAreCounted) {
  EXPECT_THAT(refused({}).message, HasSubstr("no model"));
  EXPECT_THAT(refused({"profile"}).message, HasSubstr("needs a MODEL"));
  EXPECT_THAT(refused({"a.onnx", "b.onnx"}).message, HasSubstr("'b.onnx' is one too many"));
  EXPECT_THAT(refused({"sample", "mobilenetv2"}).message, HasSubstr("--output"));
}

// "--refit" is in "--refit-from", and not a word of it.
bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (end == text.size() ||
        std::string_view("abcdefghijklmnopqrstuvwxyz-").find(text[end]) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

TEST(CommandLine, HelpIsMadeFromTheTable) {
  for (const Command& command : commands()) {
    const auto result = parse_command_line({std::string{command.name}, "--help"});
    ASSERT_TRUE(result);
    const std::string text = std::get<Answer>(*result).text;
    for (const Option& option : options()) {
      EXPECT_EQ(takes(option, command.name), has_word(text, std::string{option.name}))
          << option.name << " of " << command.name;
      const std::string heading = fmt::format("\n{}:\n", option.section);
      EXPECT_EQ(text.find(heading), text.rfind(heading)) << "two sections of one name in " << command.name;
    }
  }
}

TEST(OptionTable, RowsAreComplete) {
  for (const Option& option : options()) {
    EXPECT_EQ(option.name.substr(0, 2), "--");
    EXPECT_NE(option.apply, nullptr) << option.name;
    EXPECT_FALSE(option.help.empty()) << option.name;
    EXPECT_FALSE(option.section.empty()) << option.name;
    EXPECT_FALSE(option.commands.empty()) << option.name;
    EXPECT_EQ(option.choices.empty(), option.completion != Completion::choices) << option.name;
    for (const std::string_view command : option.commands) EXPECT_NE(find_command(command), nullptr) << command;
  }
}

}  // namespace
}  // namespace trtprof::cli
