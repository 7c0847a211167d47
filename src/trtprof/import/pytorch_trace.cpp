#include "trtprof/import/pytorch_trace.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/nsys_import.h"
#include "trtprof/import/pytorch_events.h"
#include "trtprof/import/pytorch_operators.h"
#include "trtprof/import/trace_events.h"

namespace trtprof {
namespace {

using nlohmann::json;

constexpr double kMicrosecond = 1e-6;
// Times kept: of layers in inferences.
constexpr std::size_t kMostTimes = std::size_t{32} << 20;

bool between_host_and_device(const Activity& activity) {
  return activity.kind == ActivityKind::copy && activity.name != "device to device";
}

class Reader {
 public:
  Status add(const json& event) { return events_.add(event); }

  // A member of the root object beside the events.
  void add_fact(const std::string& key, const json& value) {
    Environment& environment = profile_.environment;
    if (key == "host_name" && value.is_string()) environment.hostname = value.get<std::string>();
    for (const char* version : {"cuda_driver_version", "cuda_runtime_version", "cupti_version"}) {
      if (key == version && value.is_number_integer()) environment.properties[version] = value.dump();
    }
    if (key != "deviceProperties" || !value.is_array() || value.empty() || !value.front().is_object()) return;
    const json& device = value.front();
    environment.device_name = member_text(device, "name");
    const std::string major = member_text(device, "computeMajor");
    if (!major.empty()) {
      environment.properties["compute_capability"] = major + '.' + member_text(device, "computeMinor");
    }
    const std::string processors = member_text(device, "numSms");
    if (!processors.empty()) environment.properties["multiprocessor_count"] = processors;
  }

  Result<Profile> finish() {
    if (events_.operators.empty()) {
      return fail("it holds no operators", "torch.profiler records them with ProfilerActivity.CPU.");
    }
    inferences_ = find_inferences(events_);
    if (inferences_.alike.empty()) return fail("none of its operators ran within a step of the profiler");
    if (inferences_.sequence.size() * inferences_.alike.size() > kMostTimes) {
      return fail(fmt::format("its {} operators in {} inferences are more than can be kept",
                              inferences_.sequence.size(), inferences_.alike.size()));
    }
    for (std::size_t i = 0; i < inferences_.alike.size(); ++i) place_of_.emplace(inferences_.alike[i], i);
    describe_layers();
    on_device() ? fill_device() : fill_host();
    say_how_it_was_read();
    Environment& environment = profile_.environment;
    environment.engine_name = "PyTorch";
    environment.backend = "pytorch";
    environment.device_kind = on_device() ? DeviceKind::gpu : DeviceKind::cpu;
    if (!on_device()) environment.device_name.clear();
    environment.precision = main_precision(profile_.layer_run->layers);
    return std::move(profile_);
  }

 private:
  [[nodiscard]] bool on_device() const { return !events_.device.empty(); }
  [[nodiscard]] const std::string& name_of(std::size_t root) const {
    return events_.names.text(events_.operators[inferences_.roots[root].op].name);
  }
  // Index of its inference among those that count; nullopt: none.
  [[nodiscard]] std::optional<std::size_t> place(std::size_t inference) const {
    const auto found = place_of_.find(inference);
    return found == place_of_.end() ? std::nullopt : std::optional(found->second);
  }

  void describe_layers() {
    const std::vector<std::string> modules = modules_of_roots(events_, inferences_);
    const std::vector<std::string> main = main_operators(events_, inferences_);
    std::vector<Layer>& layers = profile_.layer_run.emplace().layers;
    for (std::size_t i = 0; i < inferences_.sequence.size(); ++i) {
      const std::size_t root = inferences_.sequence[i];
      Layer& layer = layers.emplace_back();
      layer.engine_type = name_of(root);
      layer.name = modules[root].empty() ? layer.engine_type : modules[root] + '/' + layer.engine_type;
      const std::uint32_t inputs = events_.operators[inferences_.roots[root].op].inputs;
      if (inputs != kNoInputs) layer.inputs = events_.inputs[inputs];
      if (!layer.inputs.empty()) layer.precision = layer.inputs.front().element_type;
      const bool depthwise = is_depthwise_convolution(layer.inputs) || main[i].find("depthwise") != std::string::npos;
      layer.layer_class = class_of_pytorch_operator(layer.engine_type, depthwise);
      if (main[i] != layer.engine_type) layer.implementation = main[i];
    }
    make_names_unique(layers);
    times_.assign(layers.size(), std::vector<double>(inferences_.alike.size()));
  }

  void fill_host() {
    for (const PytorchRoot& root : inferences_.roots) {
      const auto inference = place(root.inference);
      if (inference) times_[root.position][*inference] += events_.spans[root.op].duration * kMicrosecond;
    }
    LayerRun& run = *profile_.layer_run;
    for (std::size_t i = 0; i < run.layers.size(); ++i) run.layers[i].time = series_of_samples(std::move(times_[i]));
    run.total = series_of_samples(host_totals());
    run.measurement.method = "Each sample is an operator's time on the host, by PyTorch's profiler.";
    run.measurement.iterations = static_cast<std::int64_t>(inferences_.alike.size());
  }

  [[nodiscard]] std::vector<double> host_totals() const {
    std::vector<double> totals(inferences_.alike.size());
    std::vector<double> end(totals.size());
    for (const PytorchRoot& root : inferences_.roots) {
      const TraceSpan& span = events_.spans[root.op];
      if (const auto inference = place(root.inference)) {
        end[*inference] = std::max(end[*inference], span.start + span.duration);
      }
    }
    for (std::size_t i = 0; i < totals.size(); ++i) {
      const TraceSpan& window = inferences_.windows[inferences_.alike[i]];
      totals[i] = (inferences_.stepped ? window.duration : end[i] - window.start) * kMicrosecond;
    }
    return totals;
  }

  // Where each piece of the device's work comes from: the call with its number, else the operator that it names.
  struct Source {
    std::size_t root = kNoParent;
    std::size_t call = kNoParent;
  };

  [[nodiscard]] std::vector<Source> sources() const {
    std::unordered_map<std::int64_t, std::size_t> calls;
    for (std::size_t i = 0; i < events_.calls.size(); ++i) {
      if (const auto number = events_.calls[i].activity.correlation) calls.emplace(*number, i);
    }
    std::unordered_map<std::int64_t, std::size_t> operators;
    for (std::size_t i = 0; i < events_.operators.size(); ++i) {
      if (events_.operators[i].id) operators.emplace(*events_.operators[i].id, i);
    }
    const RootsByTime roots(events_, inferences_);
    std::vector<Source> found(events_.device.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const PytorchEvents::Device& work = events_.device[i];
      const auto call = work.activity.correlation ? calls.find(*work.activity.correlation) : calls.end();
      if (call != calls.end()) {
        found[i].call = call->second;
        found[i].root = roots.find(events_.calls[call->second].thread, events_.calls[call->second].activity.start);
      }
      const auto op = work.id ? operators.find(*work.id) : operators.end();
      if (found[i].root == kNoParent && op != operators.end()) found[i].root = inferences_.root_of[op->second];
    }
    return found;
  }

  // The inference within whose window a moment on the host lies.
  [[nodiscard]] std::size_t inference_at(double moment) const {
    auto window = std::ranges::upper_bound(inferences_.windows, moment, {}, &TraceSpan::start);
    if (window == inferences_.windows.begin()) return kNoParent;
    --window;
    return moment <= window->start + window->duration ? static_cast<std::size_t>(window - inferences_.windows.begin())
                                                      : kNoParent;
  }

  void fill_device() {
    const std::vector<Source> from = sources();
    NsysTrace trace;
    trace.source = "PyTorch's profiler (Kineto, CUPTI)";
    trace.device_name = profile_.environment.device_name;
    trace.inferences.resize(inferences_.alike.size());
    std::vector<std::unordered_map<std::string, double>> kernels(times_.size());
    std::vector<bool> worked(times_.size());
    std::size_t outside = 0;
    std::size_t alone = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      Activity activity = events_.device[i].activity;
      const double launched = from[i].call == kNoParent ? activity.start : events_.calls[from[i].call].activity.start;
      const PytorchRoot* root = from[i].root == kNoParent ? nullptr : &inferences_.roots[from[i].root];
      const auto inference = place(root != nullptr ? root->inference : inference_at(launched));
      if (!inference) {
        ++outside;
        continue;
      }
      if (root == nullptr) {
        ++alone;
      } else {
        activity.layer = profile_.layer_run->layers[root->position].name;
        if (!between_host_and_device(activity)) {
          const double seconds = (activity.end - activity.start) * kMicrosecond;
          times_[root->position][*inference] += seconds;
          kernels[root->position][activity.name] += seconds;
          worked[root->position] = true;
        }
      }
      add_activity(trace, *inference, activity);
    }
    add_calls(trace);
    keep_device_layers(kernels, worked);
    finish_timeline(std::move(trace));
    if (outside > 0)
      note(fmt::format("{} pieces of the device's work are of no inference, and were left out.", outside));
    if (alone > 0)
      note(fmt::format("{} pieces of the device's work were launched by no operator, and are in no layer.", alone));
  }

  static void add_activity(NsysTrace& trace, std::size_t inference, Activity activity) {
    activity.start *= kMicrosecond;
    activity.end *= kMicrosecond;
    activity.inference = static_cast<std::int64_t>(inference);
    trace.inferences[inference].activities.push_back(std::move(activity));
  }

  void add_calls(NsysTrace& trace) const {
    for (const PytorchEvents::Call& call : events_.calls) {
      if (const auto inference = place(inference_at(call.activity.start))) {
        add_activity(trace, *inference, call.activity);
      }
    }
  }

  // Operators that launched nothing are no layers of the device.
  void keep_device_layers(const std::vector<std::unordered_map<std::string, double>>& kernels,
                          const std::vector<bool>& worked) {
    LayerRun& run = *profile_.layer_run;
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
      if (!worked[i]) continue;
      Layer& layer = layers.emplace_back(std::move(run.layers[i]));
      layer.time = series_of_samples(std::move(times_[i]));
      const auto longest = std::ranges::max_element(kernels[i], {}, &std::pair<const std::string, double>::second);
      layer.implementation = longest->first;
    }
    if (const std::size_t silent = run.layers.size() - layers.size(); silent > 0) {
      note(
          fmt::format("{} operators of an inference ran on the host alone, or only copied to or from it, and are no "
                      "layers.",
                      silent));
    }
    run.layers = std::move(layers);
    run.measurement.method =
        "Each sample is the time of what an operator launched on the device, by PyTorch's profiler.";
    run.measurement.iterations = static_cast<std::int64_t>(inferences_.alike.size());
  }

  void finish_timeline(NsysTrace trace) {
    std::unordered_set<std::string> layers;
    for (const Layer& layer : profile_.layer_run->layers) layers.insert(layer.name);
    std::unordered_map<std::int64_t, std::pair<double, std::size_t>> calls;  // start, and kernels of each
    for (const PytorchEvents::Call& call : events_.calls) {
      if (call.activity.correlation) calls[*call.activity.correlation] = {call.activity.start * kMicrosecond, 0};
    }
    for (NsysInference& inference : trace.inferences) {
      std::ranges::stable_sort(inference.activities, {}, &Activity::start);
      bool each = true;
      for (Activity& activity : inference.activities) {
        if (!layers.contains(activity.layer)) activity.layer.clear();
        if (activity.kind != ActivityKind::kernel) continue;
        const auto call = activity.correlation ? calls.find(*activity.correlation) : calls.end();
        each = each && call != calls.end() && ++call->second.second == 1;
        if (each) inference.launch_delays.push_back(std::max(0.0, activity.start - call->second.first));
      }
      if (!each) inference.launch_delays.clear();
    }
    most_common_first(trace.inferences);
    trace.launches = events_.launches.take();
    trace.join = KernelJoin::markers;
    profile_.timeline = timeline_of(std::move(trace));
    profile_.timeline->measurement.method = "Each sample is an inference as PyTorch's profiler recorded it.";
  }

  void say_how_it_was_read() {
    const std::size_t count = inferences_.windows.size();
    if (!inferences_.stepped) {
      note(count == 1
               ? "The trace marks no steps (profiler.step() does), and its operators do not repeat: all were taken "
                 "for one inference."
               : fmt::format("The trace marks no steps (profiler.step() does): its sequence of {} operators comes "
                             "{} times, which were taken for inferences.",
                             inferences_.sequence.size(), count));
    }
    if (const std::size_t others = count - inferences_.alike.size(); others > 0) {
      note(fmt::format("{} of {} steps ran other operators than the rest, and were left out.", others, count));
    }
    if (inferences_.outside > 0) {
      note(fmt::format("{} operators ran outside of the steps, and were left out.", inferences_.outside));
    }
    if (events_.inputs.empty()) note("The trace has no shapes and types (record_shapes=True records them).");
  }

  void note(std::string sentence) { profile_.notes.push_back(std::move(sentence)); }

  Profile profile_;
  PytorchEvents events_;
  PytorchInferences inferences_;
  std::unordered_map<std::size_t, std::size_t> place_of_;  // of inferences that count
  std::vector<std::vector<double>> times_;                 // by layer
};

}  // namespace

bool is_pytorch_trace(std::string_view beginning) {
  const JsonOutline outline = json_outline(beginning);
  if (outline.root == '{') return outline.has("traceEvents") && outline.has("schemaVersion");
  return outline.root == '[' && outline.element_has("ph") &&
         beginning.find("\"CPU functions\"") != std::string_view::npos;
}

Result<Imported> read_pytorch_trace(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  JsonStream stream(*file);
  Reader reader;
  const auto named = [&](const Error& error) {
    return fail(fmt::format("{}: {}", file->name(), error.message), error.hint);
  };
  const auto element = [&](json&& event) -> Status {
    if (Status added = reader.add(event); !added) return named(added.error());
    return {};
  };
  const auto member = [&](const std::string& key, json&& value) -> Status {
    reader.add_fact(key, value);
    return {};
  };
  const bool bare = json_outline(file->beginning()).root == '[';
  if (const Status read = for_each_element(stream, bare ? "" : "traceEvents", element, member); !read) {
    return forward_error(read);
  }
  auto profile = reader.finish();
  if (!profile) return named(profile.error());
  Imported imported;
  imported.format = ForeignFormat::pytorch_trace;
  imported.path = path.string();
  imported.profile = std::move(*profile);
  imported.notes = stream.notes();
  for (const Layer& layer : imported.profile.layer_run->layers) imported.layer_names.push_back(layer.name);
  return imported;
}

}  // namespace trtprof
