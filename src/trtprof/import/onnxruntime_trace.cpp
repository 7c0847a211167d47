#include "trtprof/import/onnxruntime_trace.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/nsys_import.h"
#include "trtprof/import/onnxruntime_nodes.h"
#include "trtprof/import/trace_events.h"

namespace trtprof {
namespace {

using nlohmann::json;

constexpr double kMicrosecond = 1e-6;
// The profiler stops at this many.
constexpr std::uint64_t kMostEvents = 1'000'000;
// Times kept: of layers in inferences.
constexpr std::size_t kMostTimes = std::size_t{32} << 20;

struct NodeTime {
  std::uint32_t layer = 0;
  std::uint32_t name = 0;
};

struct KernelTime {
  Activity activity;             // times in microseconds
  std::size_t node = kNoParent;  // index of the node's time
};

// Inferences, of which several may run at once.
class Runs {
 public:
  explicit Runs(std::vector<TraceSpan> spans) : spans_(std::move(spans)) {
    std::ranges::stable_sort(spans_, {}, &TraceSpan::start);
  }
  [[nodiscard]] const std::vector<TraceSpan>& spans() const { return spans_; }
  // The one within which `start` lies; of several that of the same thread.
  [[nodiscard]] std::optional<std::size_t> find(double start, std::optional<std::uint32_t> thread) const {
    constexpr std::size_t most_at_once = 64;
    auto run = std::ranges::upper_bound(spans_, start, {}, &TraceSpan::start);
    std::optional<std::size_t> found;
    std::size_t count = 0;
    for (std::size_t looked = 0; run != spans_.begin() && looked < most_at_once; ++looked) {
      --run;
      if (run->start + run->duration < start) continue;
      ++count;
      found = static_cast<std::size_t>(run - spans_.begin());
      if (thread && run->thread == *thread) return found;
    }
    return count == 1 ? found : std::nullopt;
  }

 private:
  std::vector<TraceSpan> spans_;
};

class Reader {
 public:
  Status add(const json& value) {
    auto event = complete_event(value, ++events_);
    if (!event) return forward_error(event);
    if (!*event) return {};
    static const json none = json::object();
    const auto found = value.find("args");
    const json& args = found != value.end() && found->is_object() ? *found : none;
    if ((*event)->category == "Session") add_session_event(**event);
    if ((*event)->category == "Node") return add_node(**event, args);
    if ((*event)->category == "Kernel") add_kernel(**event, args);
    return {};
  }

  Result<Profile> finish() {
    whole_runs_ = !runs_.empty();
    const Runs runs(std::move(whole_runs_ ? runs_ : executions_));
    if (runs.spans().empty() || nodes_.layers().empty()) {
      return fail("it holds no inference: nothing ran between the session's creation and the end of its profiling");
    }
    if (nodes_.layers().size() * runs.spans().size() > kMostTimes) {
      return fail(fmt::format("its {} nodes in {} inferences are more than can be kept", nodes_.layers().size(),
                              runs.spans().size()));
    }
    nodes_.name_layers();
    LayerRun& run = profile_.layer_run.emplace();
    fill_times(runs);
    run.layers = std::move(nodes_.layers());
    run.measurement.iterations = static_cast<std::int64_t>(runs.spans().size());
    run.measurement.method =
        "Each sample is a node's time in one call of Run(), by ONNX Runtime's profiler, in whole microseconds.";
    if (kernels_.empty() && !nodes_.any_on_gpu()) run.total = run_times(runs);
    fill_environment();
    return std::move(profile_);
  }

 private:
  void add_session_event(const TraceEvent& event) {
    const TraceSpan span{threads_.index(event.thread), event.start, event.duration};
    if (event.name == "model_run") runs_.push_back(span);
    if (event.name.ends_with("Executor::Execute")) {
      executions_.push_back(span);
      // The parallel executor of recent versions calls itself the sequential one.
      if (event.name.starts_with("Parallel")) profile_.environment.properties["execution_mode"] = "parallel";
    }
  }

  Status add_node(const TraceEvent& event, const json& args) {
    constexpr std::string_view end = "_kernel_time";
    if (!event.name.ends_with(end)) return {};  // "_fence_before", "_fence_after" of old versions
    const std::string_view name = std::string_view(event.name).substr(0, event.name.size() - end.size());
    const std::uint32_t layer = nodes_.index(name, args);
    if (nodes_.layers().size() > kMostForeignLayers)
      return fail(fmt::format("it has more than {} nodes", kMostForeignLayers));
    spans_.push_back({threads_.index(event.thread), event.start, event.duration});
    times_.push_back({layer, names_.index(event.name)});
    return {};
  }

  // A kernel stands behind the event of the node that launched it, and names it.
  void add_kernel(const TraceEvent& event, const json& args) {
    KernelTime kernel;
    kernel.activity = device_activity(event.name, args, launches_);
    kernel.activity.start = event.start;
    kernel.activity.end = event.start + event.duration;
    const std::string parent = member_text(args, "parent_name");
    const std::string op = member_text(args, "op_name");
    if (!times_.empty() && !(parent.empty() && op.empty())) {
      const NodeTime& last = times_.back();
      const bool same =
          parent.empty() ? nodes_.layers()[last.layer].engine_type == op : names_.text(last.name) == parent;
      if (same) kernel.node = times_.size() - 1;
    }
    kernels_.push_back(std::move(kernel));
  }

  void fill_times(const Runs& runs) {
    std::vector<std::optional<std::size_t>> run_of(spans_.size());
    std::vector<double> seconds(nodes_.layers().size() * runs.spans().size());
    const auto at = [&](std::size_t node) -> double& {
      return seconds[times_[node].layer * runs.spans().size() + *run_of[node]];
    };
    const std::vector<std::size_t> parent = parents(spans_, in_order(spans_));
    std::set<std::uint32_t> threads;
    std::size_t outside = 0;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      run_of[i] = runs.find(spans_[i].start, spans_[i].thread);
      if (!run_of[i]) ++outside;
      threads.insert(spans_[i].thread);
    }
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      if (!run_of[i] || (!kernels_.empty() && nodes_.on_gpu(times_[i].layer))) continue;
      at(i) += spans_[i].duration * kMicrosecond;
      const std::size_t above = parent[i];
      if (above == kNoParent || run_of[above] != run_of[i]) continue;
      if (kernels_.empty() || !nodes_.on_gpu(times_[above].layer)) at(above) -= spans_[i].duration * kMicrosecond;
    }
    for (const KernelTime& kernel : kernels_) {
      if (kernel.node == kNoParent || !run_of[kernel.node] || !nodes_.on_gpu(times_[kernel.node].layer)) continue;
      at(kernel.node) += (kernel.activity.end - kernel.activity.start) * kMicrosecond;
    }
    keep_samples(seconds, runs.spans().size());
    if (!kernels_.empty()) fill_timeline(runs, run_of);
    say_of_threads(runs, threads.size(), outside);
  }

  void keep_samples(std::vector<double>& seconds, std::size_t runs) {
    for (std::size_t i = 0; i < nodes_.layers().size(); ++i) {
      const auto first = seconds.begin() + static_cast<std::ptrdiff_t>(i * runs);
      std::vector<double> samples(first, first + static_cast<std::ptrdiff_t>(runs));
      for (double& sample : samples) sample = std::max(0.0, sample);
      nodes_.layers()[i].time = series_of_samples(std::move(samples));
    }
  }

  void fill_timeline(const Runs& runs, const std::vector<std::optional<std::size_t>>& run_of) {
    NsysTrace trace;
    trace.source = "ONNX Runtime's profiler of the CUDA provider";
    trace.inferences.resize(runs.spans().size());
    std::size_t apart = 0;
    std::size_t alone = 0;
    for (KernelTime& kernel : kernels_) {
      const bool owned = kernel.node != kNoParent;
      const auto run = owned ? run_of[kernel.node] : runs.find(kernel.activity.start, std::nullopt);
      if (!run) {
        ++apart;
        continue;
      }
      Activity& activity = kernel.activity;
      if (owned) activity.layer = nodes_.layers()[times_[kernel.node].layer].name;
      if (!owned && activity.kind == ActivityKind::kernel) ++alone;
      activity.start *= kMicrosecond;
      activity.end *= kMicrosecond;
      activity.inference = static_cast<std::int64_t>(*run);
      trace.inferences[*run].activities.push_back(std::move(activity));
    }
    for (NsysInference& inference : trace.inferences) {
      std::ranges::stable_sort(inference.activities, {}, &Activity::start);
    }
    trace.launches = launches_.take();
    most_common_first(trace.inferences);
    trace.join = KernelJoin::markers;
    profile_.timeline = timeline_of(std::move(trace));
    profile_.timeline->measurement.method =
        "Each sample is one call of Run(), by ONNX Runtime's profiler, in whole microseconds.";
    if (apart > 0) note(fmt::format("{} kernels ran in no inference and were left out.", apart));
    if (alone > 0) note(fmt::format("{} kernels are of no node, and in no layer's time.", alone));
  }

  void say_of_threads(const Runs& runs, std::size_t threads, std::size_t outside) {
    if (outside > 0) note(fmt::format("{} node times lie in no inference, or in several, and were left out.", outside));
    if (threads > 1) {
      note(fmt::format("Nodes ran on {} threads: side by side their times add up to more than an inference.", threads));
    }
    if (!whole_runs_) {
      note("The trace has no times of whole inferences: those of the executor stand for them.");
    }
    if (runs.spans().size() == 1)
      note("One inference was profiled, and its first one: what it sets up is in its times.");
  }

  [[nodiscard]] static SampleSeries run_times(const Runs& runs) {
    std::vector<double> samples;
    for (const TraceSpan& span : runs.spans()) samples.push_back(span.duration * kMicrosecond);
    return series_of_samples(std::move(samples));
  }

  void fill_environment() {
    Environment& environment = profile_.environment;
    environment.engine_name = "ONNX Runtime";
    environment.backend = "onnxruntime";
    environment.device_kind = nodes_.any_on_gpu() ? DeviceKind::gpu : DeviceKind::cpu;
    environment.threads = nodes_.threads();
    environment.precision = main_precision(profile_.layer_run->layers);
    environment.properties["execution_providers"] = nodes_.providers();
    if (nodes_.any_on_gpu() && kernels_.empty()) {
      profile_.warnings.emplace_back(
          "Nodes on the GPU have the time that the host took to launch them: the trace holds no kernels, which ONNX "
          "Runtime records where it was built with CUDA profiling.");
    }
    for (std::string& sentence : nodes_.notes()) note(std::move(sentence));
    if (events_ >= kMostEvents) {
      profile_.warnings.push_back(fmt::format(
          "The trace holds {} events, where ONNX Runtime stops recording: inferences after that are missing.",
          events_));
    }
  }

  void note(std::string sentence) { profile_.notes.push_back(std::move(sentence)); }

  Profile profile_;
  std::uint64_t events_ = 0;
  TextTable threads_;
  TextTable names_;
  LaunchTable launches_;
  OnnxRuntimeNodes nodes_;
  std::vector<TraceSpan> runs_;
  std::vector<TraceSpan> executions_;
  bool whole_runs_ = false;       // inferences are those, not the executor's times
  std::vector<TraceSpan> spans_;  // of nodes
  std::vector<NodeTime> times_;   // of the same nodes
  std::vector<KernelTime> kernels_;
};

}  // namespace

bool is_onnxruntime_trace(std::string_view beginning) {
  const JsonOutline outline = json_outline(beginning);
  if (outline.root != '[' || !outline.element_has("cat") || !outline.element_has("ts")) return false;
  constexpr auto signs = std::to_array<std::string_view>(
      {"\"session_initialization\"", "\"model_loading_", "\"model_run\"", "_kernel_time\""});
  return std::ranges::any_of(signs,
                             [&](std::string_view sign) { return beginning.find(sign) != std::string_view::npos; });
}

Result<Imported> read_onnxruntime_trace(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  JsonStream stream(*file);
  Reader reader;
  const auto named = [&](const Error& error) {
    return fail(fmt::format("{}: {}", file->name(), error.message), error.hint);
  };
  const Status read = for_each_element(stream, "", [&](json&& event) -> Status {
    if (Status added = reader.add(event); !added) return named(added.error());
    return {};
  });
  if (!read) return forward_error(read);
  auto profile = reader.finish();
  if (!profile) return named(profile.error());
  Imported imported;
  imported.format = ForeignFormat::onnxruntime_trace;
  imported.path = path.string();
  imported.profile = std::move(*profile);
  imported.notes = stream.notes();
  for (const Layer& layer : imported.profile.layer_run->layers) imported.layer_names.push_back(layer.name);
  return imported;
}

}  // namespace trtprof
