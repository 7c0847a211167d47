#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/copies.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/diagnose/time_shares.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// From here on an inference is copying rather than computing, as Pattern::transfer_bound has it.
constexpr double kMost = 0.5;
// Severity::critical begins here; less is said of copies that have no fault of their own only as a reason.
constexpr double kMuch = 0.2;
// Compute sets the pace of inferences that complete within 10 % of its time: copies lie beside it.
constexpr double kBeside = 1.1;
// Of what overlap could save: on an H200 copies on streams of their own save 87 % to 99 % of it.
constexpr double kOverlapUsed = 0.5;
// Inferences that complete later than their parts add up to wait for something else.
constexpr double kSomethingElse = 1.05;
// Page-locked copies of 19 MB reach 87 % to 105 % of the rate of copies of 50 MB on an H200. Below 70 % the link is not
// what the device has, or is shared.
constexpr double kFarFromRate = 0.7;
constexpr double kReached = 0.87;
// The rate of a shorter copy is that of starting it: one takes 1 us to 1.5 us on an H200, in which 80 kB are copied.
constexpr double kLongCopy = 1e6;
constexpr double kShortCopy = 64.0 * 1024.0;

struct Facts {
  explicit Facts(const Subject& of)
      : subject(of),
        parts(parts_of(of.profile, *of.account)),
        copies(copies_of(of)),
        as_run(copies_as_run(of.profile)) {
    pageable = std::ranges::any_of(copies, &Copies::pageable);
    blocking = as_run.find("blocking") != std::string::npos || calls_block();
    longest = parts.inside;
    for (const Copies& each : copies) longest = std::max(longest, each.seconds);
  }

  // cudaMemcpy, cuMemcpyHtoD_v2: whatever is not asynchronous.
  [[nodiscard]] bool calls_block() const {
    if (!subject.profile.timeline) return false;
    return std::ranges::any_of(subject.profile.timeline->calls, [](const TimelineCall& call) {
      return call.name.find("Memcpy") != std::string::npos && call.name.find("Async") == std::string::npos;
    });
  }
  [[nodiscard]] double share(double seconds) const { return seconds / parts.end_to_end; }
  [[nodiscard]] Severity severity(double gain) const { return severity_of(gain, parts.end_to_end); }
  [[nodiscard]] bool beside_compute() const { return parts.interval && *parts.interval <= kBeside * parts.inside; }
  [[nodiscard]] std::string how_often() const {
    return parts.interval ? fmt::format(" An inference completes every {}.", format_duration(*parts.interval)) : "";
  }

  const Subject& subject;
  InferenceParts parts;
  std::vector<Copies> copies;
  std::string as_run;
  bool pageable = false;
  bool blocking = false;
  double longest = 0.0;  // part of an inference
};

void look_at_share(const Facts& facts, std::vector<Finding>& findings) {
  const double share = facts.share(facts.parts.transfers);
  if (share < kMuch || (share < kMost && facts.beside_compute())) return;
  Finding finding;
  finding.title = fmt::format("copies between host and device take {} of an inference", format_percent(share, 1));
  finding.explanation = fmt::format("{}; compute takes {}.{}", sentence_of(facts.copies),
                                    format_duration(facts.parts.inside), facts.how_often());
  finding.evidence = {{"copies, of end to end", share, "1", {}}, {"compute", facts.parts.inside, "s", {}}};
  for (const Copies& each : facts.copies) {
    finding.evidence.push_back({fmt::format("copies {}", each.direction), each.seconds, "s", {}});
    if (each.bytes) finding.evidence.push_back({fmt::format("copied {}", each.direction), *each.bytes, "B", {}});
  }
  finding.gain =
      Gain{0.0, facts.parts.transfers, GainBasis::bound,
           "all of the copies' time: nothing is copied where inputs are made and outputs used on the device"};
  finding.severity = facts.severity(facts.parts.transfers);
  finding.action =
      "Copy less: send inputs in the type of their source (8-bit images rather than floats) and convert them on the "
      "device, prepare inputs and evaluate outputs there, leave on the device what the next model reads, fetch only "
      "outputs that are used.";
  finding.commands = measured_again(facts.subject.profile, {"--no-transfers"}, {"--pageable", "--sync-transfers"});
  findings.push_back(std::move(finding));
}

// At the rates that page-locked memory reaches; a direction without figures stays as it is.
struct PageLocked {
  double ideal = 0.0;
  double longest = 0.0;  // of one direction
  double saved = 0.0;
  std::string rates;
};

PageLocked page_locked(const std::vector<Copies>& copies) {
  PageLocked result;
  for (const Copies& each : copies) {
    double ideal = each.seconds;
    if (each.pageable && each.bytes && each.page_locked_rate != nullptr) {
      ideal = std::min(ideal, *each.bytes / each.page_locked_rate->value);
      result.rates += fmt::format("{}{} {}", result.rates.empty() ? "" : ", ",
                                  format_rate(each.page_locked_rate->value), each.direction);
    }
    result.ideal += ideal;
    result.longest = std::max(result.longest, ideal);
    result.saved += each.seconds - ideal;
  }
  return result;
}

void look_at_memory(const Facts& facts, std::vector<Finding>& findings) {
  if (!facts.pageable || facts.share(facts.parts.transfers) < kWorthSaying) return;
  Finding finding;
  finding.title = fmt::format("copies from and to pageable memory take {} of an inference",
                              format_percent(facts.share(facts.parts.transfers), 1));
  finding.explanation = fmt::format(
      "{}. The driver copies pageable memory through a page-locked buffer of its own, and the host waits for it, so "
      "that "
      "copies do not lie beside compute.{}",
      sentence_of(facts.copies), facts.how_often());
  const PageLocked best = page_locked(facts.copies);
  for (const Copies& each : facts.copies) {
    if (const auto rate = each.rate()) {
      finding.evidence.push_back({fmt::format("rate {}", each.direction), *rate, "B/s", {}});
    }
    if (each.page_locked_rate != nullptr) {
      finding.evidence.push_back(
          {fmt::format("rate of page-locked memory {}", each.direction), each.page_locked_rate->value, "B/s", {}});
    }
  }
  if (!best.rates.empty() && facts.share(best.saved) < kWorthSaying) return;
  if (!best.rates.empty()) {
    // Medians of parts need not add up to that of the whole: the larger of both ways of telling bounds it.
    const double whole = facts.parts.end_to_end - facts.parts.inside - best.ideal;
    const double careful = facts.parts.transfers - best.ideal / kReached;
    finding.gain =
        Gain{std::max(careful, 0.0), std::max(best.saved, whole), GainBasis::bound,
             fmt::format("the same bytes at the rates that page-locked memory reaches with this device ({}), "
                         "and at 87 % of them",
                         best.rates)};
    finding.severity = facts.severity(finding.gain->high);
  } else {
    finding.explanation += " What page-locked memory reaches with this device is not known.";
  }
  finding.action =
      "Allocate inputs and outputs of the host with cudaHostAlloc, or register them with cudaHostRegister, and copy "
      "with "
      "cudaMemcpyAsync.";
  finding.commands = measured_again(facts.subject.profile, {}, {"--pageable"});
  findings.push_back(std::move(finding));
}

// Copies and compute of different inferences one after another, though the device could do them at once.
void look_at_overlap(const Facts& facts, std::vector<Finding>& findings) {
  const InferenceParts& parts = facts.parts;
  const bool alone = facts.blocking || !parts.interval;
  const double sum = parts.inside + parts.transfers;
  const double pace = std::min(parts.interval.value_or(parts.end_to_end), parts.end_to_end);
  // Pageable memory is not copied beside anything: what is advised there is page-locked, with copies as fast as those.
  const double longest = facts.pageable ? std::max(parts.inside, page_locked(facts.copies).longest) : facts.longest;
  const double gain = pace - longest;
  if (parts.transfers <= 0.0 || facts.share(gain) < kWorthSaying) return;
  if (!alone) {
    const bool other = facts.pageable || parts.paced_by_launches() || *parts.interval > kSomethingElse * sum;
    if (other || sum - pace >= kOverlapUsed * (sum - facts.longest)) return;
  }
  Finding finding;
  const std::string copies = format_duration(parts.transfers);
  finding.title = facts.blocking    ? fmt::format("blocking copies: compute waits for {} of copies", copies)
                  : !parts.interval ? fmt::format("one inference at a time: compute waits for {} of copies", copies)
                                    : fmt::format("{} of copies lie hardly beside compute", copies);
  finding.explanation = fmt::format(
      "{}, compute {}: {} in all, and an inference completes every {}. The device copies in both directions beside "
      "computing.",
      sentence_of(facts.copies), format_duration(parts.inside), format_duration(sum), format_duration(pace));
  finding.evidence = {{"copies", parts.transfers, "s", {}},
                      {"compute", parts.inside, "s", {}},
                      {"time from one completion to the next", pace, "s", {}}};
  finding.gain =
      Gain{0.0, gain, GainBasis::bound,
           fmt::format("with copies {}beside compute an inference completes every {} at best, its longest part, "
                       "rather than every {}; {}",
                       facts.pageable ? "of page-locked memory " : "", format_duration(longest), format_duration(pace),
                       facts.pageable ? "the latency of one inference alone shrinks by what the copies do"
                                      : "the latency of one inference alone stays")};
  finding.severity = facts.severity(gain);
  finding.action = facts.pageable
                       ? "Use page-locked memory first, then cudaMemcpyAsync on streams of their own, with a second "
                         "set of inputs and outputs: the next inference's copies run beside this one's compute."
                       : "Copy with cudaMemcpyAsync on streams of their own, with a second set of inputs and outputs: "
                         "the next inference's copies run beside this one's compute.";
  finding.commands = measured_again(facts.subject.profile, {}, {"--sync-transfers", "--no-overlap", "--pageable"});
  findings.push_back(std::move(finding));
}

void look_at_rate(const Facts& facts, std::vector<Finding>& findings) {
  for (const Copies& each : facts.copies) {
    const CeilingFigure* limit = each.pageable ? each.pageable_rate : each.page_locked_rate;
    const auto rate = each.rate();
    if (limit == nullptr || !rate || *rate >= kFarFromRate * limit->value) continue;
    if (*each.bytes / std::max(each.count.value_or(1.0), 1.0) < kLongCopy) continue;
    const double gain = each.seconds - *each.bytes / limit->value;
    if (facts.share(gain) < kWorthSaying) continue;
    Finding finding;
    finding.title = fmt::format("copies {} run at {} of the {} that such memory reaches", each.direction,
                                format_rate(*rate), format_rate(limit->value));
    finding.explanation = fmt::format(
        "{}: {} of what was reached with this device ({}). A link of fewer lanes, host memory of another processor's "
        "node, or another process's copies make it so.",
        sentence_of({each}), format_percent(*rate / limit->value, 1), limit->source);
    finding.evidence = {{fmt::format("rate {}", each.direction), *rate, "B/s", {}},
                        {fmt::format("rate reached {}", each.direction), limit->value, "B/s", {}}};
    finding.gain = Gain{0.0, gain, GainBasis::bound, "the same bytes at the rate that was reached with this device"};
    finding.severity = facts.severity(gain);
    finding.action =
        "Look at the link's width and generation (nvidia-smi -q), and bind the process to the "
        "processor that the device hangs on (numactl --cpunodebind).";
    finding.commands = measured_again(facts.subject.profile, {});
    findings.push_back(std::move(finding));
  }
}

void look_at_count(const Facts& facts, std::vector<Finding>& findings) {
  if (!facts.subject.profile.timeline) return;
  for (const TimelineTransfer& transfer : facts.subject.profile.timeline->transfers) {
    if (transfer.what != "host to device" && transfer.what != "device to host") continue;
    if (transfer.count < 2.0 || transfer.bytes / transfer.count > kShortCopy) continue;
    const double seconds = median_of(transfer.time).value_or(0.0);
    const double gain = seconds * (1.0 - 1.0 / transfer.count);
    if (facts.share(gain) < kWorthSaying) continue;
    Finding finding;
    finding.title =
        fmt::format("{:.0f} copies of {} each from {} an inference", transfer.count,
                    format_bytes(static_cast<std::uint64_t>(transfer.bytes / transfer.count)), transfer.what);
    finding.explanation = fmt::format(
        "They take {}, {} each, which is the time to start a copy: {} in one copy would take about as long as one of "
        "them. Each is a call of the host, too.",
        format_duration(seconds), format_duration(seconds / transfer.count),
        format_bytes(static_cast<std::uint64_t>(transfer.bytes)));
    finding.evidence = {{fmt::format("copies from {}, an inference", transfer.what), transfer.count, "1", {}},
                        {fmt::format("copied from {}", transfer.what), transfer.bytes, "B", {}},
                        {fmt::format("copies from {}", transfer.what), seconds, "s", {}}};
    finding.gain = Gain{0.0, gain, GainBasis::bound, "all of these copies but one"};
    finding.severity = facts.severity(gain);
    finding.action =
        "Put the tensors into one allocation on both sides, one behind the other, and copy it at once; or have the "
        "model "
        "take and return one tensor.";
    finding.commands = measured_again(facts.subject.profile, {"--trace copies.trace.json"});
    findings.push_back(std::move(finding));
  }
}

}  // namespace

RuleAnswer transfers(const Subject& subject) {
  if (subject.profile.environment.device_kind == DeviceKind::cpu) {
    return RuleAnswer::no("it ran on a CPU, in the host's own memory: nothing is copied to a device");
  }
  if (subject.inference_seconds() <= 0.0) return RuleAnswer::not_known("the profile holds no time of an inference");
  if (subject.account->of_layer_run) {
    return RuleAnswer::not_known(
        "the profile holds no end-to-end run: the share of copies is not known of an inference without layer timing");
  }
  const Facts facts(subject);
  if (facts.copies.empty()) {
    return RuleAnswer::no(facts.as_run == "none" ? "it was measured without copies (--no-transfers)"
                                                 : "the profile tells no time of copies: neither its end-to-end run "
                                                   "has them apart, nor is there a timeline");
  }
  RuleAnswer answer;
  look_at_share(facts, answer.findings);
  look_at_memory(facts, answer.findings);
  look_at_overlap(facts, answer.findings);
  look_at_rate(facts, answer.findings);
  look_at_count(facts, answer.findings);
  if (!answer.findings.empty()) return answer;
  std::string reason = fmt::format("copies take {} of an inference: {}",
                                   format_percent(facts.share(facts.parts.transfers), 1), sentence_of(facts.copies));
  if (!facts.as_run.empty()) reason += fmt::format(" ({})", facts.as_run);
  if (facts.beside_compute()) {
    reason +=
        fmt::format("; they lie beside the compute of others: an inference completes every {}, its compute takes {}",
                    format_duration(*facts.parts.interval), format_duration(facts.parts.inside));
  }
  return RuleAnswer::no(std::move(reason));
}

}  // namespace trtprof::rules
