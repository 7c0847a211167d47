#include "trtprof/compare/layer_match.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

namespace trtprof {
namespace {

// Union-find over the layers of all runs, numbered through.
class Components {
 public:
  explicit Components(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }
  void join(std::size_t one, std::size_t other) {
    one = root(one);
    other = root(other);
    parent_[std::max(one, other)] = std::min(one, other);  // the earliest layer names the group
  }

 private:
  std::vector<std::size_t> parent_;
};

// What a layer is, apart from what its engine happens to call it: names like "Multiply_21864" are others at every load.
using LayerShape = std::tuple<LayerClass, std::string, std::vector<std::string>>;

std::vector<LayerShape> shape_of(const LayerRun& run) {
  std::vector<LayerShape> shape;
  for (const Layer& layer : run.layers) {
    std::vector<std::string> nodes;
    nodes.reserve(layer.origin_nodes.size());
    for (const OriginNode& node : layer.origin_nodes) nodes.push_back(node.name);
    shape.emplace_back(layer.layer_class, layer.engine_type, std::move(nodes));
  }
  return shape;
}

class Matching {
 public:
  Matching(std::span<const LayerRun* const> a, std::span<const LayerRun* const> b) : count_a_(a.size()) {
    runs_.insert(runs_.end(), a.begin(), a.end());
    runs_.insert(runs_.end(), b.begin(), b.end());
    for (const LayerRun* run : runs_) {
      first_.push_back(count_);
      count_ += run->layers.size();
    }
  }

  std::vector<LayerGroup> groups() {
    Components components(count_);
    by_origins(components);
    by_place(components);
    by_name(components);
    return collect(components);
  }

 private:
  void by_origins(Components& components) const {
    std::map<std::string_view, std::size_t> layer_of;
    each_layer([&](std::size_t number, const Layer& layer) {
      for (const OriginNode& node : layer.origin_nodes) {
        components.join(number, layer_of.try_emplace(node.name, number).first->second);
      }
    });
  }

  void by_place(Components& components) const {
    std::map<std::vector<LayerShape>, std::size_t> run_of;
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      const std::size_t like = run_of.try_emplace(shape_of(*runs_[run]), run).first->second;
      for (std::size_t i = 0; i < runs_[run]->layers.size(); ++i) components.join(first_[run] + i, first_[like] + i);
    }
  }

  void by_name(Components& components) const {
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> layer_of;
    each_layer([&](std::size_t number, const Layer& layer) {
      if (!layer.origin_nodes.empty()) return;
      components.join(number, layer_of.try_emplace({layer.engine_type, layer.name}, number).first->second);
    });
  }

  template <class Visit>
  void each_layer(Visit visit) const {
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      for (std::size_t i = 0; i < runs_[run]->layers.size(); ++i) visit(first_[run] + i, runs_[run]->layers[i]);
    }
  }

  std::vector<LayerGroup> collect(Components& components) const {
    std::map<std::size_t, LayerGroup> by_root;
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      for (std::size_t i = 0; i < runs_[run]->layers.size(); ++i) {
        LayerGroup& group = by_root[components.root(first_[run] + i)];
        group.a.resize(count_a_);
        group.b.resize(runs_.size() - count_a_);
        (run < count_a_ ? group.a[run] : group.b[run - count_a_]).push_back(i);
      }
    }
    std::vector<LayerGroup> groups;
    for (auto& [root, group] : by_root) {
      group.basis = basis_of(group);
      groups.push_back(std::move(group));
    }
    return groups;
  }

  [[nodiscard]] MatchBasis basis_of(const LayerGroup& group) const {
    const auto first_in = [&](const std::vector<std::vector<std::size_t>>& side, std::size_t offset) -> const Layer* {
      for (std::size_t run = 0; run < side.size(); ++run) {
        if (!side[run].empty()) return &runs_[offset + run]->layers[side[run].front()];
      }
      return nullptr;
    };
    const Layer* of_a = first_in(group.a, 0);
    const Layer* of_b = first_in(group.b, count_a_);
    if (of_a == nullptr || of_b == nullptr) return MatchBasis::none;
    if (!of_a->origin_nodes.empty() || !of_b->origin_nodes.empty()) return MatchBasis::origins;
    return of_a->name == of_b->name ? MatchBasis::name : MatchBasis::place;
  }

  std::vector<const LayerRun*> runs_;  // of A, then of B
  std::vector<std::size_t> first_;     // number of each run's first layer
  std::size_t count_a_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<LayerGroup> match_layers(std::span<const LayerRun* const> a, std::span<const LayerRun* const> b) {
  return Matching(a, b).groups();
}

std::string_view to_string(MatchBasis basis) {
  switch (basis) {
    case MatchBasis::origins:
      return "origins";
    case MatchBasis::place:
      return "place";
    case MatchBasis::name:
      return "name";
    case MatchBasis::none:
      break;
  }
  return "none";
}

}  // namespace trtprof
