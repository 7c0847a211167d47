#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"
#include "support/nsys_export.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/import/foreign.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Imported imported(std::string_view name) {
  auto read = import_file(real_file(name));
  EXPECT_TRUE(read) << read.error().message;
  return std::move(*read);
}

Result<Profile> merged(const std::vector<std::string_view>& names) {
  std::vector<Imported> given;
  for (const std::string_view name : names) given.push_back(imported(name));
  return merge_imported(std::move(given));
}

std::string refusal(const std::vector<std::string_view>& names) {
  const auto profile = merged(names);
  return profile ? "" : profile.error().message;
}

// What a run of this program holds of the engine whose exports lie beside it: TensorRT's own reports of its layers.
Profile measured_by_this_program() {
  const std::string inspector = text_of_file(real_file("mnv2_b1_fp16.inspector.json"));
  LayerRun run;
  run.layers = *tensorrt_layers(inspector, {}, "inspector");
  std::vector<std::string> reported;
  std::vector<std::vector<double>> samples;
  std::ifstream in(real_file("mnv2_b1_fp16.layer_times.tsv"));
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    reported.push_back(line.substr(0, tab));
    std::istringstream numbers(line.substr(tab + 1));
    std::vector<double>& series = samples.emplace_back();
    for (std::string number; std::getline(numbers, number, ',');) series.push_back(std::stod(number) * 1e-3);
  }
  const auto places = join_profiler_names(run.layers, reported);
  for (std::size_t i = 0; i < places.size(); ++i) {
    run.layers[places[i]].time = {samples[i], summarize(samples[i])};
  }
  run.measurement.iterations = 100;
  Profile profile;
  profile.environment.engine_name = "TensorRT";
  profile.environment.engine_version = "10.6.0.26";
  profile.environment.device_kind = DeviceKind::gpu;
  profile.environment.device_name = "NVIDIA H200";
  profile.model.batch = 1;
  profile.layer_run = std::move(run);
  return profile;
}

std::vector<std::string> shapes_and_types(const Layer& layer) {
  std::vector<std::string> all;
  for (const auto* tensors : {&layer.inputs, &layer.outputs}) {
    for (const TensorDesc& tensor : *tensors) {
      all.push_back(fmt::format("{} {} {}", tensor.name, tensor.element_type, fmt::join(tensor.shape, "x")));
    }
  }
  return all;
}

TEST(Merge, MakesOneProfileOfTheExportsOfARun) {
  const auto profile =
      merged({"mnv2_b64_fp16_stream_notransfer.profile.json", "mnv2_b64_fp16_stream_notransfer.layers.json",
              "mnv2_b64_fp16_stream_notransfer.times.json.gz", "mnv2_b64_fp16_stream_notransfer.log"});
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->environment.engine_version, "10.6.0.26");
  EXPECT_EQ(profile->environment.device_name, "NVIDIA H200");
  EXPECT_EQ(profile->environment.precision, "f16");
  EXPECT_EQ(profile->model.batch, 64);
  EXPECT_EQ(profile->model.inputs[0].element_type, "f16");
  ASSERT_THAT(profile->layer_run->layers, SizeIs(57));
  for (const Layer& layer : profile->layer_run->layers) {
    EXPECT_FALSE(layer.engine_type.empty()) << layer.name;  // from the inspector
    EXPECT_TRUE(layer.reported_seconds) << layer.name;      // from the times of the layers
  }
  EXPECT_EQ(profile->layer_run->measurement.iterations.value_or(0) > 0, true);
  EXPECT_THAT(profile->end_to_end->total.samples, SizeIs(1938));
  EXPECT_TRUE(profile->end_to_end->enqueue);
  EXPECT_EQ(profile->end_to_end->measurement.warmup_iterations, 472);  // from the log of the same run
  EXPECT_THAT(profile->warnings, IsEmpty());
  EXPECT_THAT(profile->notes, Contains(AllOf(HasSubstr("What the layers are is from"), HasSubstr("layers.json"),
                                             HasSubstr("profile.json"))));
  const auto again = profile_from_json(profile_to_json(*profile), "merged");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->profile == *profile);
}

TEST(Merge, DoesNotDependOnTheOrderOfTheFiles) {
  std::vector<std::string_view> names = {"mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_graph.log",
                                         "mnv2_b1_fp16_graph.profile.json"};
  std::sort(names.begin(), names.end());
  const auto first = merged(names);
  ASSERT_TRUE(first) << first.error().message;
  while (std::next_permutation(names.begin(), names.end())) {
    const auto other = merged(names);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_TRUE(other->layer_run == first->layer_run);
    EXPECT_TRUE(other->end_to_end == first->end_to_end);
    EXPECT_TRUE(other->environment == first->environment);
    EXPECT_TRUE(other->model.inputs == first->model.inputs);
  }
}

// The same reports of TensorRT's IProfiler, once with trtexec's sums and once with this program's samples.
TEST(Merge, AgreesWithAProfileOfThisProgram) {
  ForeignFiles files;
  const auto own = import_file(files.write("own.json", profile_to_json(measured_by_this_program())));
  ASSERT_TRUE(own) << own.error().message;
  const auto exports = merged({"mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_graph.profile.json"});
  ASSERT_TRUE(exports) << exports.error().message;
  const std::vector<Layer>& mine = own->profile.layer_run->layers;
  const std::vector<Layer>& theirs = exports->layer_run->layers;
  ASSERT_EQ(mine.size(), theirs.size());
  for (std::size_t i = 0; i < mine.size(); ++i) {
    EXPECT_EQ(mine[i].name, theirs[i].name);
    EXPECT_EQ(mine[i].layer_class, theirs[i].layer_class);
    EXPECT_EQ(mine[i].implementation, theirs[i].implementation);
    EXPECT_EQ(mine[i].precision, theirs[i].precision);
    // A context of its own lets trtexec's inspector tell layouts too.
    EXPECT_EQ(shapes_and_types(mine[i]), shapes_and_types(theirs[i])) << mine[i].name;
    EXPECT_TRUE(mine[i].origin_nodes == theirs[i].origin_nodes) << mine[i].name;
  }
  std::vector<Imported> both;
  both.push_back(*own);
  both.push_back(imported("mnv2_b1_fp16_graph.profile.json"));
  both.push_back(imported("mnv2_b1_fp16_graph.layers.json"));
  both.push_back(imported("mnv2_b1_fp16_graph.log"));
  const auto all = merge_imported(both);
  ASSERT_TRUE(all) << all.error().message;
  for (std::size_t i = 0; i < mine.size(); ++i) {
    EXPECT_TRUE(all->layer_run->layers[i].time == mine[i].time) << mine[i].name;  // samples stay
    EXPECT_TRUE(all->layer_run->layers[i].inputs == theirs[i].inputs) << mine[i].name;
  }
  // Two runs, one in a CUDA graph and one on a stream: 0.301 and 0.377 ms in all.
  std::vector<double> ratios;
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const double exported = *layer_seconds(theirs[i]);
    if (exported > 0.0) ratios.push_back(*layer_seconds(mine[i]) / exported);  // a shape call takes no time
  }
  EXPECT_THAT(median(ratios), DoubleNear(1.0, 0.35));
  ASSERT_TRUE(all->end_to_end);  // what it lacked comes from the log
  EXPECT_EQ(all->environment.properties.at("CUDA graph"), "on");
  EXPECT_THAT(all->notes,
              Contains(AllOf(HasSubstr("The layers add up to"), HasSubstr("the times are those of the former"))));
}

TEST(Merge, RefusesFilesOfTwoEnginesAndSaysWhatDiffers) {
  EXPECT_THAT(refusal({"mnv2_b1_fp16_graph.layers.json", "mnv2_b64_fp16_stream_notransfer.profile.json"}),
              AllOf(HasSubstr("mnv2_b1_fp16_graph.layers.json and"),
                    HasSubstr("are not of one engine: they have 57 and 57 layers, of which 56 are in both"),
                    HasSubstr("mnv2_b64_fp16_stream_notransfer.profile.json has layer")));
  EXPECT_THAT(refusal({"mnv2_b1_fp16_graph.layers.json", "mnv2_b64_fp16_stream_notransfer.log"}),
              HasSubstr("the shape of input \"input\" is 1x3x224x224 in the one and 64x3x224x224 in the other"));
  EXPECT_THAT(refusal({"mnv2_b64_fp16_stream_notransfer.layers.json", "mnv2_b64_fp32.inspector.json"}),
              HasSubstr("the precision is f16 in the one and"));
  EXPECT_THAT(refusal({"mnv2_b1_fp16_graph.log", "mnv2_b64_fp16_stream_notransfer.log"}),
              HasSubstr("the shape of input"));
  EXPECT_THAT(refusal({"mnv2_b1_fp16_counted.profile.json", "mnv2_b1_fp16_graph.profile.json"}),
              HasSubstr("of which 1 are in both"));
}

TEST(Merge, RefusesAnotherDeviceVersionOrEngine) {
  const auto with = [](const std::function<void(Environment&)>& change) {
    std::vector<Imported> given = {imported("mnv2_b1_fp16_graph.log"), imported("mnv2_b1_fp16_graph.layers.json")};
    change(given[1].profile.environment);
    const auto profile = merge_imported(given);
    return profile ? std::string() : profile.error().message;
  };
  EXPECT_EQ(with([](Environment&) {}), "");
  EXPECT_EQ(with([](Environment& e) { e.engine_version = "10.6.0"; }), "");
  EXPECT_THAT(with([](Environment& e) { e.engine_version = "10.8.0"; }),
              HasSubstr("the version of TensorRT is 10.6.0.26 in the one and 10.8.0 in the other"));
  EXPECT_THAT(with([](Environment& e) { e.device_name = "Tesla T4"; }), HasSubstr("the device is NVIDIA H200"));
  EXPECT_THAT(with([](Environment& e) { e.engine_name = "OpenVINO"; }), HasSubstr("the engine is TensorRT"));
}

TEST(Merge, RefusesKernelsAndShapesThatDiffer) {
  const auto with = [](const std::function<void(Layer&)>& change) {
    std::vector<Imported> given = {imported("mnv2_b1_fp16_graph.layers.json"), imported("mnv2_b1_fp16.inspector.json")};
    change(given[1].profile.layer_run->layers[1]);
    const auto profile = merge_imported(given);
    return profile ? std::string() : profile.error().message;
  };
  EXPECT_EQ(with([](Layer&) {}), "");
  EXPECT_THAT(with([](Layer& l) { l.implementation = "other_kernel"; }),
              AllOf(HasSubstr("the kernel of layer"), HasSubstr("other_kernel")));
  EXPECT_THAT(with([](Layer& l) { l.precision = "i8"; }), HasSubstr("the precision of layer"));
  EXPECT_THAT(with([](Layer& l) { l.outputs[0].shape[1] = 7; }), HasSubstr("the shape of an output of layer"));
}

TEST(Merge, JoinsCountersOfTheSameEngineAndRefusesThoseOfAnother) {
  const auto profile = merged({"mnv2_b1_fp16_counted.profile.json", "mnv2_b1_fp16_nvtx.ncu_raw.csv"});
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->counters->join, CounterJoin::markers);
  EXPECT_TRUE(std::ranges::all_of(profile->counters->kernels, [](const CountedKernel& k) { return !k.layer.empty(); }));
  EXPECT_THAT(refusal({"mnv2_b1_fp16_counted.profile.json", "mnv2_b1_fp16_weak.ncu_raw.csv"}),
              HasSubstr("are not of one engine: the report is that of another engine"));
  EXPECT_THAT(refusal({"mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_weak.ncu_raw.csv"}),
              HasSubstr("of the profile's 54 tactics are found in order"));
}

TEST(Merge, RefusesATimelineThatNamesOtherLayers) {
  ForeignFiles files;
  const auto path = files.folder() / "export.sqlite";
  write_nsys_export(path, "");
  std::vector<Imported> given = {imported("mnv2_b1_fp16_graph.layers.json")};
  given.push_back(*import_file(path));
  const auto profile = merge_imported(given);
  ASSERT_FALSE(profile);
  EXPECT_THAT(profile.error().message, HasSubstr("layers that the kernels of the latter name are in the former"));
}

TEST(Merge, SaysWhatIsTakenOnTrustAndWhatIsOdd) {
  // Nothing in a file of times names its engine: these are of batch 64, the layers of batch 1.
  auto profile = merged({"mnv2_b1_fp16_graph.profile.json", "mnv2_b64_fp16_stream_notransfer.times.json.gz"});
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_THAT(profile->notes, Contains(HasSubstr("is taken on trust")));
  std::vector<Imported> given = {imported("mnv2_b1_fp16_graph.profile.json"), imported("mnv2_b1_fp16_graph.log")};
  for (Layer& layer : given[0].profile.layer_run->layers) *layer.reported_seconds *= 10.0;
  profile = merge_imported(given);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_THAT(profile->warnings, Contains(HasSubstr("the files may be of two engines")));
}

TEST(Merge, TakesTheLongerOfTwoExports) {
  std::vector<Imported> given = {imported("mnv2_b1_fp16_graph.profile.json"),
                                 imported("mnv2_b1_fp16_graph.profile.json")};
  given[1].profile.layer_run->measurement.iterations = 9999;
  for (Layer& layer : given[1].profile.layer_run->layers) *layer.reported_seconds *= 2.0;
  const auto profile = merge_imported(given);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->layer_run->measurement.iterations, 9999);
  EXPECT_DOUBLE_EQ(layer_sum(*profile->layer_run), layer_sum(*given[1].profile.layer_run));
}

TEST(Merge, LeavesAProfileAloneAsItIs) {
  const auto profile = merged({"mnv2_b1_fp16_counted.profile.json"});
  ASSERT_TRUE(profile);
  EXPECT_TRUE(*profile == load_profile(real_file("mnv2_b1_fp16_counted.profile.json"))->profile);
  const auto alone = merged({"mnv2_b1_fp16_graph.profile.json"});
  ASSERT_TRUE(alone);
  EXPECT_THAT(alone->notes, Contains(HasSubstr("(trtexec --exportProfile).")));
}

// "{ForeignNode[...]}" is one layer to IProfiler, and several to the inspector.
TEST(Merge, JoinsBlocksThatTheInspectorTellsInParts) {
  ForeignFiles files;
  std::vector<Imported> given;
  given.push_back(*import_file(
      files.write("layers.json", R"({"Layers": [{"Name": "conv", "LayerType": "CaskConvolution", "TacticName": "k"},
      {"Name": "a_myl1_1", "LayerType": "kgen", "TacticName": "p"}, {"Name": "b_myl1_2", "LayerType": "kgen", "TacticName": "q"}, {"Name": "fc", "LayerType": "CaskConvolution"}], "Bindings": []})")));
  given.push_back(*import_file(
      files.write("profile.json", R"([{"count": 5},{"name":"conv","averageMs":1,"medianMs":1,"percentage":1},
      {"name":"{ForeignNode[a...b]}","averageMs":2,"medianMs":2,"percentage":1},{"name":"fc","averageMs":3,"medianMs":3,"percentage":1}])")));
  const auto profile = merge_imported(given);
  ASSERT_TRUE(profile) << profile.error().message;
  std::vector<std::string> names;
  for (const Layer& layer : profile->layer_run->layers) names.push_back(layer.name);
  EXPECT_THAT(names, ::testing::ElementsAre("conv", "{ForeignNode[a...b]}", "fc"));
  EXPECT_THAT(layer_sum(*profile->layer_run), DoubleNear(6e-3, 1e-12));
}

}  // namespace
}  // namespace trtprof::test
