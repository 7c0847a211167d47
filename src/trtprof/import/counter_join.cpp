#include "trtprof/import/counter_join.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/text.h"
#include "trtprof/profile/kernel_name.h"

namespace trtprof {
namespace {

// Columns of a kernel's name in a sentence.
constexpr std::size_t kNameColumns = 80;

void refuse(Counters& counters, std::string reason) {
  counters.join = CounterJoin::none;
  counters.join_reason = std::move(reason);
  for (CountedKernel& kernel : counters.kernels) {
    kernel.layer.clear();
    kernel.inference = 0;
  }
}

std::string shown(const std::string& name) {
  return shorten_middle(function_name(name), kNameColumns);
}

std::string shown(const KernelLaunch& launch) {
  if (launch.grid.empty()) return shown(launch.name);
  return fmt::format("{} ({} blocks)", shown(launch.name), fmt::join(launch.grid, "x"));
}

bool same_launch(const KernelLaunch& a, const KernelLaunch& b) {
  const auto agree = [](const auto& x, const auto& y) { return x.empty() || y.empty() || x == y; };
  return agree(a.grid, b.grid) && agree(a.block, b.block) && same_function(a.name, b.name);
}

std::set<std::string_view> layer_names(const LayerRun& run) {
  std::set<std::string_view> names;
  for (const Layer& layer : run.layers) names.insert(layer.name);
  return names;
}

// A block that Myelin compiled has one range of TensorRT's, while its parts are layers of the profile: which one a
// kernel belongs to, the same kernels in the same order of the timeline tell.
void tell_parts(Counters& counters, const Timeline& timeline, const LayerRun& run) {
  const std::size_t period = timeline.kernels.size();
  std::vector<CountedKernel>& kernels = counters.kernels;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    if (!same_launch(kernels[i].launch, timeline.kernels[i % period].launch)) return;
  }
  const std::set<std::string_view> known = layer_names(run);
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const std::string& part = timeline.kernels[i % period].layer;
    if (!kernels[i].layer.empty() && !known.contains(kernels[i].layer) && known.contains(part)) kernels[i].layer = part;
  }
}

// Layers that the report's ranges name against those that the profile has.
bool check_ranges(Counters& counters, const LayerRun& run) {
  const std::set<std::string_view> known = layer_names(run);
  std::set<std::string_view> named;
  for (const CountedKernel& kernel : counters.kernels) {
    if (!kernel.layer.empty()) named.insert(kernel.layer);
  }
  std::vector<std::string> missing;
  for (const std::string_view name : named) {
    if (!known.contains(name)) missing.emplace_back(name);
  }
  if (missing.empty()) return true;
  const std::size_t found = named.size() - missing.size();
  const std::string first = shorten_middle(missing.front(), kNameColumns);
  if (2 * found < named.size()) {
    refuse(counters, fmt::format("the report is that of another engine: {} of the {} layers that its NVTX ranges name "
                                 "are in the profile; the first that is not is \"{}\"",
                                 found, named.size(), first));
    return false;
  }
  counters.notes.push_back(
      fmt::format("{} of {} layers that the report names are not among the profile's, \"{}\" for one.", missing.size(),
                  named.size(), first));
  return true;
}

bool join_by_order(Counters& counters, const Timeline& timeline) {
  const std::size_t period = timeline.kernels.size();
  std::vector<CountedKernel>& kernels = counters.kernels;
  std::size_t same = 0;
  std::size_t first_difference = kernels.size();
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    if (same_launch(kernels[i].launch, timeline.kernels[i % period].launch)) {
      ++same;
    } else {
      first_difference = std::min(first_difference, i);
    }
  }
  if (same < kernels.size()) {
    refuse(counters,
           fmt::format("the report is that of another engine: {} of {} kernels agree with the timeline's {} in order, "
                       "name and grid; the first that differs is number {}, {} in the report and {} in the timeline",
                       same, kernels.size(), period, first_difference + 1, shown(kernels[first_difference].launch),
                       shown(timeline.kernels[first_difference % period].launch)));
    return false;
  }
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    kernels[i].layer = timeline.kernels[i % period].layer;
    kernels[i].inference = static_cast<std::int64_t>(i / period);
  }
  counters.join = CounterJoin::launch_order;
  counters.join_reason.clear();
  if (kernels.size() % period != 0) {
    counters.notes.push_back(
        fmt::format("The report ends after {} of the {} kernels of an inference.", kernels.size() % period, period));
  }
  return true;
}

// Beyond this many kernels only the beginning is compared: an inference has far fewer.
constexpr std::size_t kComparedKernels = 10'000;

// How far the kernels are those of the layers' tactics, after which they are called.
struct TacticMatch {
  std::size_t tactics = 0;
  std::size_t in_order = 0;  // most that can be found in one order
  const Layer* first_missing = nullptr;
};

std::vector<std::string> compared_names(const Counters& counters) {
  std::vector<std::string> names;
  for (const CountedKernel& kernel : counters.kernels) {
    if (names.size() == kComparedKernels) break;
    names.push_back(function_name(kernel.launch.name));
  }
  return names;
}

// The longest common subsequence of tactics and kernels, row by row.
TacticMatch match_tactics(const Counters& counters, const LayerRun& run) {
  TacticMatch match;
  const std::vector<std::string> names = compared_names(counters);
  std::vector<std::size_t> longest(names.size() + 1);
  for (const Layer& layer : run.layers) {
    if (layer.implementation.empty()) continue;
    ++match.tactics;
    std::size_t diagonal = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t above = longest[i + 1];
      const bool same = names[i].starts_with(layer.implementation);
      longest[i + 1] = same ? diagonal + 1 : std::max(above, longest[i]);
      diagonal = above;
    }
    if (match.first_missing == nullptr && longest.back() < match.tactics) match.first_missing = &layer;
  }
  match.in_order = longest.back();
  return match;
}

bool refuse_without_timeline(Counters& counters, const Profile& profile) {
  const std::string ranges = counters.join_reason.empty() ? "" : counters.join_reason + ", and ";
  constexpr const char* no_timeline = "the profile has no timeline with layers to join by launch order";
  const TacticMatch match = profile.layer_run ? match_tactics(counters, *profile.layer_run) : TacticMatch{};
  if (match.first_missing == nullptr) {
    refuse(counters, ranges + no_timeline);
    return true;
  }
  refuse(counters, fmt::format("the report is that of another engine: {} of the profile's {} tactics are found in "
                               "order among the report's {} kernels; the first that is not is that of \"{}\", {}",
                               match.in_order, match.tactics, counters.kernels.size(),
                               shorten_middle(match.first_missing->name, kNameColumns),
                               shorten_middle(match.first_missing->implementation, kNameColumns)));
  return false;
}

}  // namespace

bool join_counters(Counters& counters, const Profile& profile) {
  if (counters.kernels.empty()) return true;
  if (counters.join == CounterJoin::markers) {
    if (!profile.layer_run) return true;
    if (profile.timeline && !profile.timeline->kernels.empty()) {
      tell_parts(counters, *profile.timeline, *profile.layer_run);
    }
    return check_ranges(counters, *profile.layer_run);
  }
  const bool has_layers = profile.timeline && std::ranges::any_of(profile.timeline->kernels, [](const auto& kernel) {
                            return !kernel.layer.empty();
                          });
  return has_layers ? join_by_order(counters, *profile.timeline) : refuse_without_timeline(counters, profile);
}

}  // namespace trtprof
