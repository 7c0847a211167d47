#include "trtprof/import/pytorch_operators.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace trtprof {
namespace {

// For each operator whether it is looked through; by order, so that parents come first.
std::vector<bool> transparent_operators(const PytorchEvents& events, const std::vector<std::size_t>& order,
                                        const std::vector<std::size_t>& parent) {
  std::vector<bool> has_children(parent.size());
  for (const std::size_t above : parent) {
    if (above != kNoParent) has_children[above] = true;
  }
  std::vector<bool> transparent(parent.size());
  for (const std::size_t i : order) {
    const std::string& name = events.names.text(events.operators[i].name);
    transparent[i] =
        has_children[i] && name.find("::") == std::string::npos && (parent[i] == kNoParent || transparent[parent[i]]);
  }
  return transparent;
}

// The length of the sequence that the whole is a repetition of; its own length where it is none.
std::size_t period_of(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& all) {
  std::vector<std::size_t> border(all.size() + 1, 0);  // of each beginning: its longest that is its end too
  for (std::size_t i = 1, length = 0; i < all.size(); ++i) {
    while (length > 0 && all[i] != all[length]) length = border[length];
    if (all[i] == all[length]) ++length;
    border[i + 1] = length;
  }
  const std::size_t period = all.size() - border[all.size()];
  return period > 0 && all.size() % period == 0 ? period : all.size();
}

void by_steps(PytorchEvents& events, PytorchInferences& found) {
  found.stepped = true;
  std::ranges::stable_sort(events.steps, {}, [](const PytorchEvents::Range& step) { return step.span.start; });
  for (const PytorchEvents::Range& step : events.steps) found.windows.push_back(step.span);
  for (PytorchRoot& root : found.roots) {
    const double start = events.spans[root.op].start;
    auto window = std::ranges::upper_bound(found.windows, start, {}, &TraceSpan::start);
    if (window == found.windows.begin()) continue;
    --window;
    if (start < window->start + window->duration) {
      root.inference = static_cast<std::size_t>(window - found.windows.begin());
    }
  }
}

void by_repetition(const PytorchEvents& events, PytorchInferences& found) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
  all.reserve(found.roots.size());
  for (const PytorchRoot& root : found.roots) {
    all.emplace_back(events.operators[root.op].name, events.operators[root.op].inputs);
  }
  const std::size_t period = period_of(all);
  for (std::size_t i = 0; i < found.roots.size(); ++i) {
    found.roots[i].inference = i / period;
    if (i % period == 0) found.windows.push_back(events.spans[found.roots[i].op]);
  }
  for (std::size_t i = 0; i < found.windows.size(); ++i) {
    const double end =
        i + 1 < found.windows.size() ? found.windows[i + 1].start : std::numeric_limits<double>::infinity();
    found.windows[i].duration = end - found.windows[i].start;
  }
}

// The inferences that run what most of them run.
void choose_alike(const PytorchEvents& events, PytorchInferences& found) {
  std::vector<std::vector<std::size_t>> roots(found.windows.size());
  for (std::size_t i = 0; i < found.roots.size(); ++i) {
    PytorchRoot& root = found.roots[i];
    if (root.inference == kNoParent) {
      ++found.outside;
      continue;
    }
    root.position = roots[root.inference].size();
    roots[root.inference].push_back(i);
  }
  std::map<std::vector<std::uint32_t>, std::vector<std::size_t>> kinds;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    std::vector<std::uint32_t> names;
    for (const std::size_t root : roots[i]) names.push_back(events.operators[found.roots[root].op].name);
    if (!names.empty()) kinds[std::move(names)].push_back(i);
  }
  for (const auto& [names, inferences] : kinds) {
    if (inferences.size() > found.alike.size()) found.alike = inferences;
  }
  if (!found.alike.empty()) found.sequence = roots[found.alike.front()];
}

}  // namespace

PytorchInferences find_inferences(PytorchEvents& events) {
  PytorchInferences found;
  const std::vector<std::size_t> order = in_order(events.spans);
  const std::vector<std::size_t> parent = parents(events.spans, order);
  const std::vector<bool> transparent = transparent_operators(events, order, parent);
  std::vector<bool> is_root(order.size());
  for (const std::size_t i : order) {
    is_root[i] = !transparent[i] && (parent[i] == kNoParent || transparent[parent[i]]);
    if (is_root[i]) found.roots.push_back({i, kNoParent, 0});
  }
  std::ranges::stable_sort(found.roots, {}, [&](const PytorchRoot& root) { return events.spans[root.op].start; });
  found.root_of.assign(order.size(), kNoParent);
  for (std::size_t i = 0; i < found.roots.size(); ++i) found.root_of[found.roots[i].op] = i;
  for (const std::size_t i : order) {
    if (!is_root[i] && parent[i] != kNoParent) found.root_of[i] = found.root_of[parent[i]];
  }
  events.steps.empty() ? by_repetition(events, found) : by_steps(events, found);
  choose_alike(events, found);
  return found;
}

std::vector<std::string> modules_of_roots(const PytorchEvents& events, const PytorchInferences& inferences) {
  std::vector<TraceSpan> spans;
  spans.reserve(events.modules.size() + inferences.roots.size());
  for (const PytorchEvents::Range& module : events.modules) spans.push_back(module.span);
  for (const PytorchRoot& root : inferences.roots) spans.push_back(events.spans[root.op]);
  const std::vector<std::size_t> parent = parents(spans, in_order(spans));
  std::vector<std::string> names(inferences.roots.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t above = parent[events.modules.size() + i];
    if (above < events.modules.size()) names[i] = events.names.text(events.modules[above].name);
  }
  return names;
}

std::vector<std::string> main_operators(const PytorchEvents& events, const PytorchInferences& inferences) {
  const std::vector<std::size_t> parent = parents(events.spans, in_order(events.spans));
  std::vector<double> own(events.spans.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    own[i] += events.spans[i].duration;
    if (parent[i] != kNoParent) own[parent[i]] -= events.spans[i].duration;
  }
  std::vector<std::string> names(inferences.sequence.size());
  std::vector<double> most(names.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::size_t index = inferences.root_of[i];
    if (index == kNoParent) continue;
    const PytorchRoot& root = inferences.roots[index];
    if (root.inference != inferences.alike.front() || own[i] <= most[root.position]) continue;
    most[root.position] = own[i];
    names[root.position] = events.names.text(events.operators[i].name);
  }
  return names;
}

RootsByTime::RootsByTime(const PytorchEvents& events, const PytorchInferences& inferences) {
  for (std::size_t i = 0; i < inferences.roots.size(); ++i) {
    entries_.push_back({events.spans[inferences.roots[i].op], i});
  }
  std::ranges::stable_sort(entries_, {},
                           [](const Entry& entry) { return std::tuple(entry.span.thread, entry.span.start); });
}

std::size_t RootsByTime::find(std::uint32_t thread, double moment) const {
  auto entry = std::ranges::upper_bound(entries_, std::tuple(thread, moment), {}, [](const Entry& element) {
    return std::tuple(element.span.thread, element.span.start);
  });
  if (entry == entries_.begin()) return kNoParent;
  --entry;
  const bool within = entry->span.thread == thread && moment <= entry->span.start + entry->span.duration;
  return within ? entry->root : kNoParent;
}

}  // namespace trtprof
