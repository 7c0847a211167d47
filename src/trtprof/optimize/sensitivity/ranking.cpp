#include "trtprof/optimize/sensitivity/ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace trtprof::sensitivity {
namespace {

// Groups that follow one another in the graph, converted at once.
struct Block {
  std::vector<std::size_t> groups;
  std::optional<TrialScore> score;
  std::string failure;
  [[nodiscard]] bool divides() const { return groups.size() > 1 && score; }
};

class Ranker {
 public:
  Ranker(Trials& trials, double share) : trials_(trials), share_(share) {}

  Result<Ranking> run() {
    std::vector<std::size_t> all(trials_.groups().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (all.empty()) return Ranking{};
    if (const Status tried = try_block(all); !tried) return forward_error(tried);
    if (!blocks_.front().score) return fail(blocks_.front().failure);
    const double each = trials_.last_seconds() * static_cast<double>(all.size());
    const Status done = trials_.seconds() + each <= share_ * trials_.budget() ? try_each(all) : divide();
    if (!done) return forward_error(done);
    return ranking();
  }

 private:
  Status try_block(std::vector<std::size_t> groups) {
    const auto done = static_cast<double>(blocks_.size());
    trials_.say("measuring which layers lose most", done / static_cast<double>(trials_.groups().size()));
    auto score = trials_.converted_alone(groups);
    if (!score && score.error().code == ErrorCode::interrupted) return forward_error(score);
    Block block{std::move(groups), {}, {}};
    if (score) {
      block.score = *score;
    } else {
      block.failure = score.error().message;
    }
    blocks_.push_back(std::move(block));
    return {};
  }

  Status try_each(const std::vector<std::size_t>& all) {
    if (all.size() == 1) return {};
    blocks_.clear();
    for (const std::size_t group : all) {
      if (!trials_.time_left(share_) || trials_.stopped()) {
        out_of_time_ = true;
        blocks_.push_back({{group}, {}, {}});
        continue;
      }
      if (const Status tried = try_block({group}); !tried) return tried;
    }
    return {};
  }

  Status divide() {
    const auto loss = [](const Block& block) { return block.divides() ? block.score->error : -1.0; };
    while (true) {
      const auto worst = std::ranges::max_element(blocks_, {}, loss);
      if (!worst->divides()) return {};
      if (!trials_.time_left(share_)) break;
      const std::vector<std::size_t> groups = std::move(worst->groups);
      blocks_.erase(worst);
      const auto middle = groups.begin() + static_cast<std::ptrdiff_t>(groups.size() / 2);
      if (const Status tried = try_block({groups.begin(), middle}); !tried) return tried;
      if (const Status tried = try_block({middle, groups.end()}); !tried) return tried;
    }
    out_of_time_ = true;
    return {};
  }

  [[nodiscard]] Ranking ranking() const {
    Ranking ranking;
    ranking.out_of_time = out_of_time_;
    for (const Block& block : blocks_) {
      for (const std::size_t group : block.groups) {
        ranking.groups.push_back({group, {trials_.groups()[group], block.score, block.groups.size(), block.failure}});
      }
    }
    // Errors add up like noise: of several together each has its part of the square.
    const auto own = [](const GroupSensitivity& found) {
      return found.score ? found.score->error / std::sqrt(static_cast<double>(found.together)) : -1.0;
    };
    const auto worse = [&](const RankedGroup& a, const RankedGroup& b) {
      const double first = own(a.found);
      const double second = own(b.found);
      return first != second ? first > second : a.group < b.group;
    };
    std::ranges::sort(ranking.groups, worse);
    return ranking;
  }

  Trials& trials_;
  double share_;
  std::vector<Block> blocks_;
  bool out_of_time_ = false;
};

}  // namespace

Result<Ranking> rank_groups(Trials& trials, double share) {
  return Ranker(trials, share).run();
}

}  // namespace trtprof::sensitivity
