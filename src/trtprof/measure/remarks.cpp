#include "trtprof/measure/remarks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "trtprof/base/two_modes.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

// Below this many samples there is no 95 % interval of the median, see median_interval().
constexpr std::size_t kFewestForInterval = 6;
// Tukey's outer fences hold all but two in a million samples of a normal distribution, and the long right tail of an
// undisturbed machine puts some per mille outside. One in a hundred is a disturbance, and moves p99.
constexpr double kNotableOutlierShare = 0.01;
// What the project promises of the layer sum; beyond it the reader is told why.
constexpr double kLayerSumTolerance = 0.10;
// The first samples are compared with the rest from this many on: a tenth of them still has a median of its own.
constexpr std::size_t kFewestForBeginning = 50;

std::string milliseconds(double seconds) {
  return fmt::format("{:.4g} ms", seconds * 1e3);
}
std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100);
}

void remark_on_precision(const std::string& name, const MeasurementInfo& measurement, const Summary& summary,
                         Remarks& remarks) {
  if (!measurement.stop_reason || *measurement.stop_reason == StopReason::converged) return;
  const double seconds = measurement.duration_seconds.value_or(0.0);
  if (summary.count < kFewestForInterval) {
    remarks.warnings.push_back(
        fmt::format("{}: {} samples in {:.2f} s are too few to say how well the median is known; an interval takes {}",
                    name, summary.count, seconds, kFewestForInterval));
    return;
  }
  if (!(summary.median > 0.0)) {
    remarks.warnings.push_back(fmt::format("{}: the median time is 0 s, below the resolution of the clock", name));
    return;
  }
  const double achieved = measurement.achieved_relative_half_width.value_or(0.0);
  const double target = measurement.target_relative_half_width.value_or(achieved);
  if (achieved <= target) return;
  const std::string known = fmt::format("{}: the median of {} samples in {:.2f} s is known to +-{} only (wanted: +-{})",
                                        name, summary.count, seconds, percent(achieved), percent(target));
  remarks.warnings.push_back(known + (*measurement.stop_reason == StopReason::max_duration
                                          ? ": the machine is too noisy to trust differences below that"
                                          : ": do not trust differences below that"));
}

// By how much the first tenth of the samples is slower than the rest.
std::optional<double> slow_beginning(const std::vector<double>& samples) {
  if (samples.size() < kFewestForBeginning) return std::nullopt;
  const std::span<const double> all(samples);
  const std::size_t tenth = samples.size() / 10;
  const double rest = median(all.subspan(tenth));
  if (!(rest > 0.0)) return std::nullopt;
  return median(all.first(tenth)) / rest - 1.0;
}

void remark_on_warmup(const std::string& name, const MeasurementInfo& measurement, const SampleSeries& series,
                      Remarks& remarks) {
  if (measurement.warmup_steady.value_or(true)) return;
  std::string text =
      fmt::format("{}: times were still falling when warm-up ended after {} inferences in {:.2f} s", name,
                  measurement.warmup_iterations.value_or(0), measurement.warmup_seconds.value_or(0.0));
  if (const auto slower = slow_beginning(series.samples); slower && *slower > 0.0) {
    text += fmt::format("; the first tenth of the samples is {} slower than the rest", percent(*slower));
  }
  remarks.warnings.push_back(text);
}

void remark_on_outliers(const std::string& name, const Summary& summary, Remarks& remarks) {
  const double share =
      static_cast<double>(summary.outliers) / static_cast<double>(std::max<std::size_t>(summary.count, 1));
  if (share <= kNotableOutlierShare) return;
  remarks.notes.push_back(
      fmt::format("{}: {} of {} samples ({}) lie beyond Tukey's outer fences, up to {}: something interferes now and "
                  "then; they are counted, not dropped",
                  name, summary.outliers, summary.count, percent(share), milliseconds(summary.max)));
}

void remark_on_modes(const std::string& name, const std::vector<double>& samples, Remarks& remarks) {
  const auto modes = find_two_modes(samples);
  if (!modes) return;
  remarks.notes.push_back(fmt::format(
      "{}: the times fall into two groups, about {} ({}) and about {} ({}): the machine or the model has two "
      "states, and the median describes one of them",
      name, milliseconds(modes->fast), percent(1.0 - modes->slow_share), milliseconds(modes->slow),
      percent(modes->slow_share)));
}

void remark_on_series(const std::string& name, const MeasurementInfo& measurement, const SampleSeries& series,
                      Remarks& remarks) {
  if (!series.summary) return;
  remark_on_precision(name, measurement, *series.summary, remarks);
  remark_on_warmup(name, measurement, series, remarks);
  remark_on_outliers(name, *series.summary, remarks);
  remark_on_modes(name, series.samples, remarks);
}

// Where the distance comes from, as far as the layer run's own total tells.
std::string explain_distance(double sum, double end_to_end, const SampleSeries& layer_total) {
  if (!layer_total.summary) return "";
  const double total = layer_total.summary->median;
  const double cost = total / end_to_end - 1.0;
  const double outside = total - sum;
  std::string text = fmt::format(": with layer timing an inference takes {} ({} {})", milliseconds(total),
                                 percent(std::abs(cost)), cost >= 0.0 ? "more" : "less");
  if (outside >= 0.0) {
    text += fmt::format(", of which {} lie between the layers or outside them", milliseconds(outside));
  } else {
    text += fmt::format(", and the layers add up to {} more than that: they overlap, or are timed by another clock",
                        milliseconds(-outside));
  }
  return text;
}

// Copies are no layers: on a device with memory of its own its compute is what the layers make up.
void remark_on_layer_sum(const EndToEnd& end_to_end, const LayerRun& run, Remarks& remarks) {
  const bool parts = end_to_end.compute && end_to_end.compute->summary;
  const std::optional<Summary>& reference = parts ? end_to_end.compute->summary : end_to_end.total.summary;
  const double sum = layer_sum(run);
  if (!(sum > 0.0) || !reference || !(reference->median > 0.0)) return;
  const double whole = reference->median;
  const double distance = sum / whole - 1.0;
  if (std::abs(distance) <= kLayerSumTolerance) return;
  remarks.warnings.push_back(fmt::format("the layers add up to {}, {} {} than the {} median of {}{}", milliseconds(sum),
                                         percent(std::abs(distance)), distance > 0.0 ? "more" : "less",
                                         parts ? "compute" : "end-to-end", milliseconds(whole),
                                         explain_distance(sum, whole, run.total)));
}

void add_missing(std::vector<std::string>& sentences, const std::vector<std::string>& more) {
  for (const std::string& sentence : more) {
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(sentence);
  }
}

}  // namespace

void add_remarks(Profile& profile, const Remarks& remarks) {
  add_missing(profile.notes, remarks.notes);
  add_missing(profile.warnings, remarks.warnings);
}

Remarks profile_remarks(const Profile& profile) {
  Remarks remarks;
  if (profile.end_to_end) {
    remark_on_series("end to end", profile.end_to_end->measurement, profile.end_to_end->total, remarks);
  }
  if (profile.layer_run) {
    remark_on_series("layer run", profile.layer_run->measurement, profile.layer_run->total, remarks);
  }
  // Under the load of several requests an inference takes longer than its layers alone: nothing to remark on. One
  // stream of a device whose next inference is queued early is no such load.
  const bool loaded = profile.end_to_end && profile.end_to_end->interval &&
                      !(profile.end_to_end->compute && profile.environment.streams == 1);
  if (profile.end_to_end && profile.layer_run && !loaded) {
    remark_on_layer_sum(*profile.end_to_end, *profile.layer_run, remarks);
  }
  return remarks;
}

}  // namespace trtprof
