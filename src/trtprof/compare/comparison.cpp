#include "trtprof/compare/comparison.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/compare/comparability.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

using Side = std::span<const Profile>;

// Number of each profile's build, in the order in which they first come.
std::vector<std::size_t> builds_of(Side side) {
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> builds;
  for (const Profile& profile : side) {
    const bool built = profile.model.format != "onnx" && !profile.model.sha256.empty();
    builds.push_back(numbers.try_emplace(built ? profile.model.sha256 : "", numbers.size()).first->second);
  }
  return builds;
}

// nullopt where a launch lacks it: a side is not judged by part of it.
std::optional<std::vector<LaunchFigure>> figures_of(Side side, FigureKind kind, double items) {
  const std::vector<std::size_t> builds = builds_of(side);
  std::vector<LaunchFigure> figures;
  for (std::size_t i = 0; i < side.size(); ++i) {
    auto figure = figure_of(side[i], kind);
    if (!figure) return std::nullopt;
    figure->value /= items;
    figure->build = builds[i];
    figures.push_back(*figure);
  }
  return figures;
}

// What identifies a sentence although its figures differ from launch to launch.
std::string without_digits(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) kept += c;
  }
  return kept;
}

// Each sentence of a side's profiles once, with the number of launches that have it.
void carry_over(Side side, std::string_view name, std::vector<std::string>& warnings) {
  std::map<std::string, std::pair<std::string, std::size_t>> seen;
  std::vector<std::string> order;
  for (const Profile& profile : side) {
    for (const std::string& warning : profile.warnings) {
      const std::string key = without_digits(warning);
      auto& [text, count] = seen[key];
      if (count++ == 0) {
        text = warning;
        order.push_back(key);
      }
    }
  }
  for (const std::string& key : order) {
    const auto& [text, count] = seen[key];
    warnings.push_back(side.size() == 1 ? fmt::format("{}: {}", name, text)
                                        : fmt::format("{} ({} of {} launches): {}", name, count, side.size(), text));
  }
}

class Comparing {
 public:
  Comparing(Side a, Side b, const CompareOptions& options) : a_(a), b_(b), options_(options) {}

  Result<Comparison> run() {
    if (a_.empty() || b_.empty()) return usage_error("a comparison needs a profile on each side");
    const auto comparable = check_comparable(a_, b_);
    if (!comparable) return forward_error(comparable);
    paired_ = took_turns(a_, b_);
    if (const Status judged = judge_figures(*comparable); !judged) return forward_error(judged);
    compare_layer_runs();
    result_.settings = setting_changes(a_, b_);
    remark();
    return std::move(result_);
  }

 private:
  Status judge_figures(const Comparability& work) {
    result_.per_item = work.batch_a.has_value();
    const JudgeOptions judging = {options_.threshold, options_.level, paired_, options_.launch_spread};
    for (const FigureKind kind : all_figures()) {
      const auto a = figures_of(a_, kind, work.batch_a.value_or(1.0));
      const auto b = figures_of(b_, kind, work.batch_b.value_or(1.0));
      if (a && b) result_.figures.push_back({kind, judge(*a, *b, judging)});
    }
    const auto chosen = std::ranges::find_if(result_.figures, [&](const ComparedFigure& each) {
      if (options_.figure) return each.kind == *options_.figure;
      return each.kind == FigureKind::latency || each.kind == FigureKind::compute || each.kind == FigureKind::layer_sum;
    });
    if (chosen == result_.figures.end()) {
      return fail(options_.figure
                      ? fmt::format("A and B do not both tell the figure '{}'", to_string(*options_.figure))
                      : std::string("A and B have no time in common: neither end to end nor layer by layer"));
    }
    std::rotate(result_.figures.begin(), chosen, chosen + 1);
    result_.figure = result_.figures.front().kind;
    result_.verdict = result_.figures.front().verdict;
    return {};
  }

  void compare_layer_runs() {
    const auto runs_of = [](Side side) {
      std::vector<const LayerRun*> runs;
      for (const Profile& profile : side) {
        if (profile.layer_run && !profile.layer_run->layers.empty()) runs.push_back(&*profile.layer_run);
      }
      return runs;
    };
    const std::vector<const LayerRun*> a = runs_of(a_);
    const std::vector<const LayerRun*> b = runs_of(b_);
    if (a.empty() || b.empty()) return;
    result_.layers = compare_layers(a, b, paired_ && a.size() == a_.size() && b.size() == b_.size());
  }

  void remark() {
    std::vector<std::string>& notes = result_.notes;
    std::vector<std::string>& warnings = result_.warnings;
    if (result_.per_item) {
      notes.push_back(
          fmt::format("A runs batches of {}, B of {}: figures are of one item, times of layers of a whole "
                      "inference",
                      *a_.front().model.batch, *b_.front().model.batch));
    }
    if (paired_) notes.emplace_back("launches of A and B took turns and are compared in pairs");
    remark_machines();
    remark_builds();
    for (const auto& [side, name] : {std::pair(a_, "A"), std::pair(b_, "B")}) {
      const auto partial = std::ranges::count_if(side, [](const Profile& profile) { return profile.partial; });
      if (partial == 0) continue;
      result_.partial = true;
      warnings.push_back(fmt::format("{}: {} not measured to the end", name,
                                     partial == 1 ? "a launch was" : fmt::format("{} launches were", partial)));
    }
    carry_over(a_, "A", warnings);
    carry_over(b_, "B", warnings);
  }

  void remark_machines() {
    const Environment& a = a_.front().environment;
    const Environment& b = b_.front().environment;
    if (!a.device_name.empty() && !b.device_name.empty() && a.device_name != b.device_name) {
      result_.notes.push_back(fmt::format("A ran on {}, B on {}: the verdict is on both, device and program",
                                          a.device_name, b.device_name));
    } else if (!a.hostname.empty() && !b.hostname.empty() && a.hostname != b.hostname) {
      result_.notes.emplace_back("A and B ran on different machines");
    }
    if (!paired_ && a_.size() + b_.size() > 2) {
      result_.notes.emplace_back(
          "launches of A and B did not take turns: what the machine did meanwhile is in the "
          "verdict");
    }
  }

  void remark_builds() {
    const ChangeVerdict& verdict = result_.verdict;
    if (verdict.a.builds > 1 || verdict.b.builds > 1) return;
    const bool engines = a_.front().model.format == "tensorrt-engine" || b_.front().model.format == "tensorrt-engine";
    if (engines) {
      result_.notes.emplace_back(
          "the verdict is on these engines: another build of the same model may be faster or "
          "slower");
    }
  }

  Side a_;
  Side b_;
  const CompareOptions& options_;
  bool paired_ = false;
  Comparison result_;
};

}  // namespace

bool took_turns(Side a, Side b) {
  if (a.size() != b.size() || a.size() < 2) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Environment& of_a = a[i].environment;
    const Environment& of_b = b[i].environment;
    if (of_a.started_at.empty() || of_b.started_at.empty() || of_a.hostname != of_b.hostname) return false;
    if (i == 0) continue;
    // ISO 8601 in one time zone: order of text is order of time.
    const auto before = std::max(a[i - 1].environment.started_at, b[i - 1].environment.started_at);
    if (std::min(of_a.started_at, of_b.started_at) < before) return false;
  }
  return true;
}

Result<Comparison> compare_profiles(Side a, Side b, const CompareOptions& options) {
  return Comparing(a, b, options).run();
}

}  // namespace trtprof
