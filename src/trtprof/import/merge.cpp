// merge_imported(): one profile of what several files of one engine tell.
#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/import/counter_join.h"
#include "trtprof/import/foreign.h"
#include "trtprof/import/merge_facts.h"
#include "trtprof/import/merge_layers.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr std::size_t kNameColumns = 80;
// Runs of one engine differ by launch mode and clocks; what differs by more is said.
constexpr double kSameTime = 0.10;
// The sum of the layers against the compute time: beyond these something else was measured, or of something else. Gaps
// between launches make the one end, parallel streams and the profiler's own cost the other.
constexpr double kLeastShare = 0.25;
constexpr double kMostShare = 4.0;

std::string_view name_of(ForeignFormat format) {
  for (const Importer& importer : all_importers()) {
    if (importer.format == format) return importer.name;
  }
  return to_string(format);
}

std::optional<double> compute_of(const EndToEnd& run) {
  return run.compute ? median_of(*run.compute) : median_of(run.total);
}

// Samples before summaries, this program's before others', then the longer run.
std::tuple<bool, bool, std::int64_t> quality(const Imported& imported) {
  const EndToEnd& run = *imported.profile.end_to_end;
  return {!run.total.samples.empty(), imported.format == ForeignFormat::profile,
          run.measurement.iterations.value_or(0)};
}

class Merge {
 public:
  explicit Merge(std::vector<Imported> given) : given_(std::move(given)) {
    // What a profile of this program says comes first: it says most.
    std::ranges::stable_partition(given_, [](const Imported& i) { return i.format == ForeignFormat::profile; });
  }

  Result<Profile> run() {
    if (const Status same = check(); !same) return forward_error(same);
    for (const Imported& imported : given_) {
      fill_facts(imported.profile, merged_);
      take_notes(imported);
    }
    if (const Status layers = merge_layer_runs(having(&Profile::layer_run), merged_); !layers)
      return forward_error(layers);
    take_end_to_end();
    if (const Status timeline = take_timeline(); !timeline) return forward_error(timeline);
    if (const Status counters = take_counters(); !counters) return forward_error(counters);
    take_first(&Profile::telemetry);
    judge_sum();
    return std::move(merged_);
  }

 private:
  Status check() const {
    for (std::size_t i = 0; i < given_.size(); ++i) {
      for (std::size_t k = i + 1; k < given_.size(); ++k) {
        const SourcedProfile a{&given_[i].profile, printable(given_[i].path)};
        const SourcedProfile b{&given_[k].profile, printable(given_[k].path)};
        if (Status same = check_facts(a, b); !same) return same;
      }
    }
    return {};
  }

  template <class Part>
  [[nodiscard]] std::vector<const Imported*> having(std::optional<Part> Profile::* part) const {
    std::vector<const Imported*> with;
    for (const Imported& imported : given_) {
      if (imported.profile.*part) with.push_back(&imported);
    }
    return with;
  }

  template <class Part>
  void take_first(std::optional<Part> Profile::* part) {
    if (const auto with = having(part); !with.empty()) merged_.*part = with.front()->profile.*part;
  }

  void take_notes(const Imported& imported) {
    const std::string file = printable(imported.path);
    merged_.partial = merged_.partial || imported.profile.partial;
    if (imported.format != ForeignFormat::profile || given_.size() > 1) {
      merged_.notes.push_back(fmt::format("Imported from {} ({}).", file, name_of(imported.format)));
    }
    for (const auto* notes : {&imported.notes, &imported.profile.notes}) {
      for (const std::string& note : *notes) add_once(merged_.notes, note);
    }
    for (const std::string& warning : imported.profile.warnings) add_once(merged_.warnings, warning);
    const bool nameless = imported.layer_names.empty() && imported.profile.model.inputs.empty() &&
                          !imported.profile.counters && !imported.profile.timeline;
    if (nameless && given_.size() > 1) {
      merged_.notes.push_back(
          fmt::format("Nothing in {} names the engine: that it belongs to the other files is taken "
                      "on trust.",
                      file));
    }
  }

  static void add_once(std::vector<std::string>& texts, const std::string& text) {
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
  }

  void take_end_to_end() {
    const auto with = having(&Profile::end_to_end);
    if (with.empty()) return;
    const Imported* best =
        *std::ranges::max_element(with, [](const Imported* a, const Imported* b) { return quality(*a) < quality(*b); });
    merged_.end_to_end = best->profile.end_to_end;
    EndToEnd& run = *merged_.end_to_end;
    for (const Imported* other : with) {
      if (other == best) continue;
      const EndToEnd& theirs = *other->profile.end_to_end;
      const auto ours = compute_of(run);
      const auto seconds = compute_of(theirs);
      const bool apart = ours && seconds && std::abs(*seconds - *ours) > kSameTime * *ours;
      const bool one_run = run.measurement.iterations && run.measurement.iterations == theirs.measurement.iterations;
      if (apart) {
        merged_.notes.push_back(
            fmt::format("The compute median is {:.4f} ms in {} and {:.4f} ms in {}, which were two "
                        "runs: the former was taken.",
                        *ours * 1e3, printable(best->path), *seconds * 1e3, printable(other->path)));
      } else if (one_run) {  // the log of the run tells what its time stamps are too coarse for
        if (!run.enqueue) run.enqueue = theirs.enqueue;
        if (!run.measurement.warmup_iterations)
          run.measurement.warmup_iterations = theirs.measurement.warmup_iterations;
        if (!run.measurement.warmup_seconds) run.measurement.warmup_seconds = theirs.measurement.warmup_seconds;
      }
    }
  }

  // One of this program has layers by the engine's own markers; one of Nsight Systems may not.
  Status take_timeline() {
    const auto with = having(&Profile::timeline);
    if (with.empty()) return {};
    const Imported* first = with.front();
    merged_.timeline = first->profile.timeline;
    if (with.size() > 1) {
      merged_.notes.push_back(
          fmt::format("Of {} timelines that of {} was taken.", with.size(), printable(first->path)));
    }
    return merged_.layer_run && first->format != ForeignFormat::profile ? check_kernels(*first) : Status{};
  }

  // The layers that the markers name against those that the other files have.
  Status check_kernels(const Imported& traced) const {
    std::unordered_set<std::string_view> known;
    for (const Layer& layer : merged_.layer_run->layers) known.insert(layer.name);
    std::unordered_set<std::string_view> named;
    std::string_view strange;
    std::size_t missing = 0;
    for (const TimelineKernel& kernel : traced.profile.timeline->kernels) {
      if (kernel.layer.empty() || !named.insert(kernel.layer).second || known.contains(kernel.layer)) continue;
      if (missing++ == 0) strange = kernel.layer;
    }
    if (missing * 2 <= named.size()) return {};
    const auto layered = having(&Profile::layer_run);
    return contradiction(
        printable(layered.front()->path), printable(traced.path),
        fmt::format("{} of the {} layers that the kernels of the latter name are in the former; \"{}\" "
                    "is not",
                    named.size() - missing, named.size(), shorten_middle(strange, kNameColumns)));
  }

  Status take_counters() {
    const auto with = having(&Profile::counters);
    if (with.empty()) return {};
    const Imported* first = with.front();
    merged_.counters = first->profile.counters;
    if (with.size() > 1) {
      merged_.notes.push_back(
          fmt::format("Of {} files with counters {} was taken.", with.size(), printable(first->path)));
    }
    if (first->format == ForeignFormat::profile || join_counters(*merged_.counters, merged_)) return {};
    const auto layered = having(&Profile::layer_run);
    const std::string& other = layered.empty() ? having(&Profile::timeline).front()->path : layered.front()->path;
    return contradiction(printable(other), printable(first->path), merged_.counters->join_reason);
  }

  void judge_sum() {
    if (!merged_.layer_run || !merged_.end_to_end || given_.size() < 2) return;
    const auto compute = compute_of(*merged_.end_to_end);
    const double sum = layer_sum(*merged_.layer_run);
    if (!compute || *compute <= 0.0 || sum <= 0.0) return;
    if (sum < kLeastShare * *compute || sum > kMostShare * *compute) {
      merged_.warnings.push_back(
          fmt::format("the layers add up to {:.4f} ms and the compute median is {:.4f} ms: the "
                      "files may be of two engines",
                      sum * 1e3, *compute * 1e3));
    }
  }

  std::vector<Imported> given_;
  Profile merged_;
};

}  // namespace

Result<Profile> merge_imported(std::vector<Imported> given) {
  if (given.size() == 1 && given.front().format == ForeignFormat::profile) {
    Profile profile = std::move(given.front().profile);
    for (std::string& note : given.front().notes) profile.notes.push_back(std::move(note));
    return profile;
  }
  return Merge(std::move(given)).run();
}

}  // namespace trtprof
