#include "trtprof/compare/setting_changes.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/statistics.h"
#include "trtprof/profile/telemetry_values.h"

namespace trtprof {
namespace {

// A clock that differs by less is the same one, sampled.
constexpr double kSameClock = 0.02;
constexpr std::size_t kShownHash = 12;
// Settings of the process and not of what it measures: they differ at every launch.
const std::set<std::string_view> kOfTheProcess = {"PCI bus id"};

std::string shown(const std::optional<int>& number) {
  return number ? std::to_string(*number) : "";
}

std::string inputs_of(const ModelInfo& model) {
  std::vector<std::string> inputs;
  inputs.reserve(model.inputs.size());
  for (const TensorDesc& input : model.inputs) {
    inputs.push_back(fmt::format("{}:{}:{}", input.name, format_shape(input.shape), input.element_type));
  }
  return fmt::format("{}", fmt::join(inputs, ", "));
}

// What --seed was; 1 where it was not given.
std::string seed_of(const Environment& environment) {
  const std::vector<std::string>& line = environment.command_line;
  if (line.empty()) return "";
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == "--seed" && i + 1 < line.size()) return line[i + 1];
    if (line[i].starts_with("--seed=")) return line[i].substr(7);
  }
  return "1";
}

std::optional<double> clock_of(std::span<const Profile> side, std::initializer_list<std::string_view> quantities) {
  std::vector<double> medians;
  for (const Profile& profile : side) {
    if (!profile.telemetry) continue;
    const auto sampled = first_sampled(*profile.telemetry, quantities);
    if (sampled && !sampled->values.empty()) medians.push_back(median(sampled->values));
  }
  return medians.empty() ? std::nullopt : std::optional(median(medians));
}

class Changes {
 public:
  void add(std::string_view name, std::string a, std::string b) {
    if (a != b) changes_.push_back({std::string(name), std::move(a), std::move(b)});
  }
  // Where both tell it.
  void add_known(std::string_view name, std::string a, std::string b) {
    if (!a.empty() && !b.empty()) add(name, std::move(a), std::move(b));
  }
  void add_clock(std::string_view name, std::optional<double> a, std::optional<double> b) {
    if (a && b && std::abs(*b / *a - 1.0) > kSameClock) add(name, format_clock(*a), format_clock(*b));
  }
  std::vector<SettingChange> take() && { return std::move(changes_); }

 private:
  std::vector<SettingChange> changes_;
};

void compare_machines(Changes& changes, const Environment& a, const Environment& b) {
  changes.add_known("machine", a.hostname, b.hostname);
  changes.add_known("operating system", a.operating_system, b.operating_system);
  changes.add_known("CPU", a.cpu_model, b.cpu_model);
  changes.add_known("device", a.device_name, b.device_name);
  changes.add_known("backend", a.backend, b.backend);
  changes.add_known("engine", a.engine_name, b.engine_name);
  changes.add_known("engine version", a.engine_version, b.engine_version);
  changes.add_known("version of this program", fmt::format("{} {}", a.tool_version, a.tool_commit),
                    fmt::format("{} {}", b.tool_version, b.tool_commit));
}

void compare_runs(Changes& changes, const Environment& a, const Environment& b) {
  changes.add("precision", a.precision, b.precision);
  changes.add("threads", shown(a.threads), shown(b.threads));
  changes.add("streams", shown(a.streams), shown(b.streams));
  changes.add_known("seed of the inputs", seed_of(a), seed_of(b));
  std::set<std::string> names;
  for (const auto* properties : {&a.properties, &b.properties}) {
    for (const auto& [name, value] : *properties) names.insert(name);
  }
  const auto value_of = [](const Environment& environment, const std::string& name) {
    const auto found = environment.properties.find(name);
    return found == environment.properties.end() ? std::string() : found->second;
  };
  for (const std::string& name : names) {
    if (!kOfTheProcess.contains(name)) changes.add(name, value_of(a, name), value_of(b, name));
  }
}

void compare_models(Changes& changes, const ModelInfo& a, const ModelInfo& b) {
  const auto content = [](const ModelInfo& model) {
    return model.sha256.empty() ? "" : fmt::format("{} (sha256 {})", model.path, model.sha256.substr(0, kShownHash));
  };
  if (a.sha256 != b.sha256) changes.add_known("model", content(a), content(b));
  changes.add_known("format", a.format, b.format);
  changes.add("batch", a.batch ? std::to_string(*a.batch) : "", b.batch ? std::to_string(*b.batch) : "");
  changes.add_known("inputs", inputs_of(a), inputs_of(b));
}

}  // namespace

std::vector<SettingChange> setting_changes(std::span<const Profile> a, std::span<const Profile> b) {
  Changes changes;
  compare_models(changes, a.front().model, b.front().model);
  compare_runs(changes, a.front().environment, b.front().environment);
  compare_machines(changes, a.front().environment, b.front().environment);
  changes.add_clock("SM clock", clock_of(a, {"sm_clock"}), clock_of(b, {"sm_clock"}));
  changes.add_clock("memory clock", clock_of(a, {"memory_clock"}), clock_of(b, {"memory_clock"}));
  changes.add_clock("CPU clock", clock_of(a, {"cpu_clock"}), clock_of(b, {"cpu_clock"}));
  return std::move(changes).take();
}

std::vector<SettingChange> mixed_launches(std::span<const Profile> side) {
  for (const Profile& other : side.subspan(1)) {
    const Profile& first = side.front();
    Changes changes;
    compare_machines(changes, first.environment, other.environment);
    changes.add("precision", first.environment.precision, other.environment.precision);
    changes.add("threads", shown(first.environment.threads), shown(other.environment.threads));
    changes.add("streams", shown(first.environment.streams), shown(other.environment.streams));
    changes.add_known("format", first.model.format, other.model.format);
    changes.add_known("graph", first.model.graph_name, other.model.graph_name);
    changes.add_known("inputs", inputs_of(first.model), inputs_of(other.model));
    // A model is one file; engines may be builds of one.
    if (first.model.format == "onnx") changes.add_known("model", first.model.sha256, other.model.sha256);
    std::vector<SettingChange> found = std::move(changes).take();
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace trtprof
