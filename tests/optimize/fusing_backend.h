// An engine that fuses by a simple rule and whose every layer takes a scripted time, so that what a fusion is worth is
// known beforehand: a tail of its own costs `tail_seconds`.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_backend.h"

namespace trtprof::test {

struct FusingRules {
  double main_seconds = 1e-3;   // of a layer that begins with Conv or MatMul
  double tail_seconds = 2e-4;   // of any other operator that runs by itself
  double tap_seconds = 5e-5;    // of each node of a tap
  bool fuses = true;            // a node joins the layer whose result it alone reads
  bool minds_taps = true;       // false: fuses although a tap reads the tensor
  bool tells_origins = true;    // false: layers without nodes
  bool retypes_tapped = false;  // what a tap reads is written in f32, everything else in bf16
  bool tells_layer_times = true;
  double drift = 0.0;  // of all times, in parts of one for each second that passes: a machine that slows down
  std::size_t most_taps = 1000;
};

class FusingModel final : public CompiledModel {
 public:
  FusingModel(const Graph& graph, const FusingRules& rules, FakeClock clock, bool layer_timing)
      : graph_(graph), rules_(rules), clock_(std::move(clock)), layer_timing_(layer_timing) {
    make_layers();
  }

  std::vector<TensorDesc> inputs() const override {
    std::vector<TensorDesc> inputs;
    for (const ValueInfo& input : graph_.inputs) inputs.push_back({input.name, "f32", {1}, "", 4});
    return inputs;
  }
  std::vector<TensorDesc> outputs() const override { return {}; }
  Status set_input(const std::string&, const Tensor&) override { return {}; }
  Result<RunTimes> run_once() override {
    RunTimes times;
    for (const double seconds : run()) times.total += seconds;
    clock_.advance(times.total);
    return times;
  }
  Result<ProfiledRun> run_once_profiled() override {
    if (!layer_timing_) return fail("compiled without layer timing");
    ran_ = true;
    ProfiledRun result;
    auto seconds = run();
    for (const double part : seconds) result.total += part;
    clock_.advance(result.total);
    if (rules_.tells_layer_times) result.layer_seconds = std::move(seconds);
    return result;
  }
  Result<std::vector<Layer>> layers() override {
    if (!ran_) return fail("no layers before the first inference");
    return layers_;
  }
  std::vector<std::string> not_executed() override { return {}; }
  std::vector<std::optional<double>> reported_layer_seconds() override { return {}; }
  std::string timing_method() const override { return "Scripted times."; }
  std::string layer_timing_method() const override { return "Scripted layer times."; }
  Result<Tensor> output(const std::string& name) override { return fail("no output " + name); }
  void describe(Environment& environment) const override { environment.engine_name = "Fusing"; }
  std::vector<std::string> notes() const override { return {}; }
  std::vector<std::string> warnings() const override { return {}; }

 private:
  static bool is_tap(const GraphNode& node) { return node.name.starts_with("trtprof_tap"); }

  [[nodiscard]] std::vector<double> run() const {
    std::vector<double> seconds = seconds_;
    for (double& part : seconds) part *= 1.0 + rules_.drift * (clock_.now() - 100.0);
    return seconds;
  }

  [[nodiscard]] std::size_t readers_of(const std::string& tensor) const {
    return static_cast<std::size_t>(std::ranges::count_if(graph_.nodes, [&](const GraphNode& node) {
      const bool counts = !is_tap(node) || rules_.minds_taps;
      return counts && std::ranges::find(node.inputs, tensor) != node.inputs.end();
    }));
  }

  [[nodiscard]] bool is_tapped(const std::string& tensor) const {
    return std::ranges::any_of(graph_.nodes, [&](const GraphNode& node) {
      return is_tap(node) && std::ranges::find(node.inputs, tensor) != node.inputs.end();
    });
  }

  void make_layers() {
    std::vector<std::string> results;  // by layer: what it made last
    for (const GraphNode& node : graph_.nodes) {
      if (node.op_type == "Constant") continue;
      const bool main = node.op_type == "Conv" || node.op_type == "MatMul";
      std::size_t layer = layers_.size();
      // The newest one that it can join: of two operands, the later.
      for (std::size_t i = 0; i < results.size() && rules_.fuses && !main && !is_tap(node); ++i) {
        const bool reads = std::ranges::find(node.inputs, results[i]) != node.inputs.end();
        if (reads && readers_of(results[i]) == 1) layer = i;
      }
      if (layer == layers_.size()) {
        layers_.emplace_back().name = node.display_name();
        seconds_.push_back(is_tap(node) ? rules_.tap_seconds : main ? rules_.main_seconds : rules_.tail_seconds);
        results.emplace_back();
      }
      results[layer] = node.outputs.front();
      if (rules_.tells_origins) layers_[layer].origin_nodes.push_back({node.display_name(), node.op_type});
      const bool wide = rules_.retypes_tapped && is_tapped(results[layer]);
      layers_[layer].outputs = {{results[layer], wide ? "f32" : "bf16", {}, "", {}}};
    }
  }

  Graph graph_;
  FusingRules rules_;
  FakeClock clock_;
  bool layer_timing_;
  bool ran_ = false;
  std::vector<Layer> layers_;
  std::vector<double> seconds_;
};

class FusingBackend final : public Backend {
 public:
  FusingBackend(FusingRules rules, FakeClock clock) : rules_(rules), clock_(std::move(clock)) {}
  std::string name() const override { return "fusing"; }
  Result<ProbeResult> probe() override { return unavailable("nothing to probe"); }
  Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source, const CompileOptions& options) override {
    const auto taps = std::ranges::count_if(source.graph.nodes, [](const GraphNode& node) {
      return node.op_type == "Slice" && node.name.starts_with("trtprof_tap");
    });
    if (static_cast<std::size_t>(taps) > rules_.most_taps) return fail("this engine takes no such model");
    ++compiled_;
    return std::make_unique<FusingModel>(source.graph, rules_, clock_, options.layer_timing);
  }
  [[nodiscard]] int compiled() const { return compiled_; }

 private:
  FusingRules rules_;
  FakeClock clock_;
  int compiled_ = 0;
};

}  // namespace trtprof::test
