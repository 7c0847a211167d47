#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/two_modes.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/diagnose/time_shares.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// What `profile` measures to unless told otherwise; runs that end a tenth above it are as good as there.
constexpr double kWanted = 0.01;
constexpr double kAsGoodAs = 1.1;
// Two medians of independent runs differ by the root of two intervals (their half-widths add up as variances do).
constexpr double kTwoRuns = std::numbers::sqrt2;
// As in the program's own remarks: one in a hundred is a disturbance and moves p99.
constexpr double kManyOutliers = 0.01;
// The layer sum's tolerance.
constexpr double kTimingCost = 0.1;

struct Run {
  std::string_view name;
  const MeasurementInfo& measurement;
  const SampleSeries& series;
  std::string_view what;  // that conclusions are drawn about
};

std::vector<Run> runs_of(const Profile& profile) {
  std::vector<Run> runs;
  if (profile.end_to_end) {
    runs.push_back({"end to end", profile.end_to_end->measurement, profile.end_to_end->total, "whole inferences"});
  }
  if (profile.layer_run) {
    runs.push_back({"layer run", profile.layer_run->measurement, profile.layer_run->total, "layers"});
  }
  if (profile.timeline) {
    runs.push_back({"timeline", profile.timeline->measurement, profile.timeline->span, "kernels and gaps"});
  }
  return runs;
}

// Half the width of the median's 95 % interval, of the median.
std::optional<double> half_width(const Run& run) {
  if (run.measurement.achieved_relative_half_width) return run.measurement.achieved_relative_half_width;
  const auto summary = summary_of(run.series);
  if (!summary || !summary->median_interval || !(summary->median > 0.0)) return std::nullopt;
  return (summary->median_interval->high - summary->median_interval->low) / 2.0 / summary->median;
}

Finding finding_of(const Profile& profile, double doubt, std::string title, std::string explanation) {
  Finding finding;
  finding.severity = severity_of(doubt, 1.0);
  finding.title = std::move(title);
  finding.explanation = std::move(explanation);
  finding.action = "Measure longer, on a machine that does nothing else; on a GPU at a locked clock.";
  finding.commands = measured_again(profile, {"--duration 60"}, {"--iterations"});
  return finding;
}

// "end to end to +-6.4%, layer run to +-9.7%": what one run has beside the others.
void also(std::string& text, std::string more) {
  text += fmt::format("{}{}", text.empty() ? "" : ", ", std::move(more));
}

void look_at_precision(const Profile& profile, const std::vector<Run>& runs, std::vector<Finding>& findings) {
  std::string known;
  std::string chance;
  std::vector<Evidence> evidence;
  double worst = 0.0;
  for (const Run& run : runs) {
    const auto width = half_width(run);
    const double wanted = std::max(run.measurement.target_relative_half_width.value_or(kWanted), kWanted);
    if (!width || *width <= kAsGoodAs * wanted) continue;
    also(known, fmt::format("{} to +-{}", run.name, format_percent(*width, 1)));
    also(chance, fmt::format("of {} below {}", run.what, format_percent(std::min(kTwoRuns * *width, 1.0), 1)));
    evidence.push_back({fmt::format("half width of the median's 95 % interval, {}", run.name), *width, "1", {}});
    worst = std::max(worst, *width);
  }
  if (evidence.empty()) return;
  Finding finding = finding_of(profile, worst, "medians are not known well: " + known,
                               fmt::format("+-{} was wanted. Of two runs like this one, differences {} may be chance.",
                                           format_percent(kWanted, 1), chance));
  finding.evidence = std::move(evidence);
  findings.push_back(std::move(finding));
}

void look_at_warmup(const Profile& profile, const std::vector<Run>& runs, std::vector<Finding>& findings) {
  std::string which;
  std::vector<Evidence> evidence;
  for (const Run& run : runs) {
    if (run.measurement.warmup_steady.value_or(true)) continue;
    const double seconds = run.measurement.warmup_seconds.value_or(0.0);
    also(which,
         fmt::format("{} after {} in {}", run.name, counted(run.measurement.warmup_iterations.value_or(0), "inference"),
                     format_duration(seconds)));
    evidence.push_back({fmt::format("warm-up that was not enough, {}", run.name), seconds, "s", {}});
  }
  if (evidence.empty()) return;
  Finding finding = finding_of(
      profile, kWanted, "times were still falling when warm-up ended",
      fmt::format("Warm-up ended before they were steady: {}; the first samples are slower than the rest.", which));
  finding.evidence = std::move(evidence);
  finding.action =
      "Warm up longer, and find what changes meanwhile: clocks, memory that is touched for the first time.";
  finding.commands = measured_again(profile, {"--warmup 5000"});
  findings.push_back(std::move(finding));
}

void look_at_outliers(const Profile& profile, const std::vector<Run>& runs, std::vector<Finding>& findings) {
  std::string shares;
  std::string details;
  std::vector<Evidence> evidence;
  double worst = 0.0;
  for (const Run& run : runs) {
    const auto summary = summary_of(run.series);
    if (!summary || summary->count == 0 || !(summary->median > 0.0)) continue;
    const double share = static_cast<double>(summary->outliers) / static_cast<double>(summary->count);
    // They move the mean, and with it throughput: by how much is the doubt.
    const double moved = std::abs(summary->mean / summary->median - 1.0);
    if (share <= kManyOutliers || moved < kWanted) continue;
    also(shares, fmt::format("{} of the {}'s", format_percent(share, 1), run.name));
    also(details, fmt::format("{} of {} ({}), up to {} beside a median of {}, the mean {} off it", summary->outliers,
                              summary->count, run.name, format_duration(summary->max), format_duration(summary->median),
                              format_percent(moved, 1)));
    evidence.push_back({fmt::format("outliers, {}", run.name), share, "1", {}});
    evidence.push_back({fmt::format("mean off the median, {}", run.name), moved, "1", {}});
    worst = std::max(worst, moved);
  }
  if (evidence.empty()) return;
  Finding finding = finding_of(
      profile, worst, fmt::format("{} samples are outliers", shares),
      fmt::format("Beyond Tukey's outer fences lie {}. Medians bear them; means and p99 are theirs.", details));
  finding.evidence = std::move(evidence);
  findings.push_back(std::move(finding));
}

void look_at_modes(const Profile& profile, const Run& run, std::vector<Finding>& findings) {
  const auto modes = find_two_modes(run.series.samples);
  if (!modes || !(modes->fast > 0.0)) return;
  const double apart = modes->slow / modes->fast - 1.0;
  Finding finding = finding_of(
      profile, apart, fmt::format("{}: times fall into two groups {} apart", run.name, format_percent(apart, 1)),
      fmt::format(
          "{} of the samples are about {}, {} about {}: the machine or the model has two states, and the median is "
          "that of one of them. A run that meets the other differs by {} with nothing changed.",
          format_percent(1.0 - modes->slow_share, 1), format_duration(modes->fast),
          format_percent(modes->slow_share, 1), format_duration(modes->slow), format_percent(apart, 1)));
  finding.evidence = {{fmt::format("distance of two groups, {}", run.name), apart, "1", {}},
                      {fmt::format("samples in the slower group, {}", run.name), modes->slow_share, "1", {}}};
  findings.push_back(std::move(finding));
}

// With kernels' timestamps nothing is concluded from the engine's layer timing.
void look_at_layer_timing(const Subject& subject, std::vector<Finding>& findings) {
  const Profile& profile = subject.profile;
  if (!profile.layer_run || !profile.end_to_end || subject.account == nullptr) return;
  if (subject.roofline != nullptr && subject.roofline->from_timeline) return;
  const double whole = parts_of(profile, *subject.account).inside;
  const double sum = layer_sum(*profile.layer_run);
  const bool side_by_side = profile.end_to_end->interval && !profile.end_to_end->compute;
  if (!(whole > 0.0) || side_by_side || sum <= (1.0 + kTimingCost) * whole) return;
  const double added = sum / whole - 1.0;
  Finding finding = finding_of(
      profile, added, fmt::format("layer timing adds {} to the layers' times", format_percent(added, 1)),
      fmt::format(
          "The layers add up to {}, in an inference whose compute takes {} undisturbed. Timing costs each layer "
          "about the same, {} here, so that short ones look longer than they are beside long ones.",
          format_duration(sum), format_duration(whole),
          format_duration((sum - whole) / static_cast<double>(profile.layer_run->layers.size()))));
  finding.severity = std::max(finding.severity, Severity::major);  // layers are in doubt, whole inferences are not
  finding.evidence = {{"layers, of compute", sum / whole, "1", {}}};
  finding.action = "Conclude nothing from a layer of a few times that cost; kernels' own timestamps do not have it.";
  finding.commands = measured_again(profile, {}, {"--no-timeline"});
  findings.push_back(std::move(finding));
}

void look_at_records(const Profile& profile, std::vector<Finding>& findings) {
  if (!profile.timeline) return;
  const Timeline& timeline = *profile.timeline;
  if (timeline.lost_records == 0 && timeline.different_inferences == 0) return;
  const auto traced = timeline.measurement.iterations.value_or(0) + timeline.different_inferences;
  const double doubt =
      traced > 0 ? static_cast<double>(timeline.different_inferences) / static_cast<double>(traced) : kWanted;
  Finding finding = finding_of(
      profile, std::max(doubt, kWanted), "the timeline is not complete",
      fmt::format("{} were lost, and {} ran other kernels than the first one.",
                  counted(timeline.lost_records, "record"), counted(timeline.different_inferences, "inference")));
  finding.evidence = {{"lost records", static_cast<double>(timeline.lost_records), "1", {}},
                      {"inferences of other kernels", static_cast<double>(timeline.different_inferences), "1", {}}};
  findings.push_back(std::move(finding));
}

// What only the program saw while it measured, in its own words.
void look_at_machine(const Profile& profile, std::vector<Finding>& findings) {
  for (const std::string& warning : profile.warnings) {
    if (!warning.starts_with("the load average") && !warning.starts_with("this program is")) continue;
    Finding finding = finding_of(profile, kWanted, "the machine was not left alone with the measurement", warning);
    finding.evidence = {{"warnings of the run", 1.0, "", {}}};
    if (warning.starts_with("this program is")) finding.title = "it was not measured with a release build";
    findings.push_back(std::move(finding));
  }
  if (profile.partial) {
    Finding finding = finding_of(profile, kWanted, "the measurement was interrupted",
                                 "The run ended before it was done: there are fewer samples than were wanted.");
    const auto samples = profile.end_to_end ? profile.end_to_end->total.samples.size() : 0;
    finding.evidence = {{"samples end to end", static_cast<double>(samples), "", {}}};
    findings.push_back(std::move(finding));
  }
}

std::string how_well(const std::vector<Run>& runs) {
  std::string text;
  for (const Run& run : runs) {
    const auto width = half_width(run);
    if (!width) continue;
    text +=
        fmt::format("{}{} to +-{}", text.empty() ? "medians are known: " : ", ", run.name, format_percent(*width, 2));
  }
  return text.empty() ? "the profile holds too few samples, or too few facts about them, to tell" : text;
}

}  // namespace

RuleAnswer noisy_measurement(const Subject& subject) {
  const Profile& profile = subject.profile;
  const std::vector<Run> runs = runs_of(profile);
  if (runs.empty()) return RuleAnswer::not_known("the profile holds no run");
  RuleAnswer answer;
  look_at_precision(profile, runs, answer.findings);
  look_at_warmup(profile, runs, answer.findings);
  look_at_outliers(profile, runs, answer.findings);
  for (const Run& run : runs) look_at_modes(profile, run, answer.findings);
  look_at_layer_timing(subject, answer.findings);
  look_at_records(profile, answer.findings);
  look_at_machine(profile, answer.findings);
  std::ranges::stable_sort(answer.findings, {}, &Finding::severity);
  if (answer.findings.empty()) answer.why_not = how_well(runs);
  return answer;
}

}  // namespace trtprof::rules
