#include "trtprof/diagnose/rules/copies.h"

#include <cstdint>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// Where the engine does not tell what it copied, it is what goes in and comes out.
std::optional<double> bytes_of(const std::vector<TensorDesc>& tensors) {
  double bytes = 0.0;
  for (const TensorDesc& tensor : tensors) {
    if (!tensor.bytes) return std::nullopt;
    bytes += static_cast<double>(*tensor.bytes);
  }
  return tensors.empty() ? std::nullopt : std::optional(bytes);
}

// Of one direction, of all kinds of memory.
struct Traced {
  double seconds = 0.0;
  double bytes = 0.0;
  double count = 0.0;
  bool pageable = false;
};

std::optional<Traced> traced(const Profile& profile, std::string_view what) {
  if (!profile.timeline) return std::nullopt;
  Traced sum;
  for (const TimelineTransfer& transfer : profile.timeline->transfers) {
    if (transfer.what != what) continue;
    sum.seconds += median_of(transfer.time).value_or(0.0);
    sum.bytes += transfer.bytes;
    sum.count += transfer.count;
    sum.pageable = sum.pageable || transfer.memory == "pageable";
  }
  return sum.count > 0.0 ? std::optional(sum) : std::nullopt;
}

// By the end-to-end run's clock.
std::optional<double> timed(const Profile& profile, bool in) {
  if (!profile.end_to_end) return std::nullopt;
  const auto& series = in ? profile.end_to_end->host_to_device : profile.end_to_end->device_to_host;
  return series ? median_of(*series) : std::nullopt;
}

}  // namespace

std::optional<double> Copies::rate() const {
  return bytes && *bytes > 0.0 && seconds > 0.0 ? std::optional(*bytes / seconds) : std::nullopt;
}

std::vector<Copies> copies_of(const Subject& subject) {
  const Profile& profile = subject.profile;
  std::vector<Copies> all;
  for (const bool in : {true, false}) {
    Copies copies;
    copies.direction = in ? "to the device" : "from the device";
    const std::optional<double> seconds = timed(profile, in);
    const auto seen = traced(profile, in ? "host to device" : "device to host");
    if (!seconds && !seen) continue;
    copies.seconds = seconds ? *seconds : seen->seconds;
    copies.pageable = (seen && seen->pageable) || copies_as_run(profile).find("pageable") != std::string::npos;
    if (seen) copies.count = seen->count;
    copies.bytes = seen ? std::optional(seen->bytes) : bytes_of(in ? profile.model.inputs : profile.model.outputs);
    if (subject.ceilings != nullptr) {
      copies.page_locked_rate =
          subject.ceilings->find(in ? CeilingKind::host_to_device_rate : CeilingKind::device_to_host_rate);
      copies.pageable_rate = subject.ceilings->find(in ? CeilingKind::pageable_host_to_device_rate
                                                       : CeilingKind::pageable_device_to_host_rate);
    }
    all.push_back(copies);
  }
  return all;
}

std::string copies_as_run(const Profile& profile) {
  const auto found = profile.environment.properties.find("transfers");
  return found == profile.environment.properties.end() ? std::string() : found->second;
}

std::string format_rate(double bytes_per_second) {
  return format_bytes(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
}

std::string sentence_of(const std::vector<Copies>& copies) {
  std::string text;
  for (const Copies& each : copies) {
    if (!text.empty()) text += ", ";
    if (each.bytes) text += format_bytes(static_cast<std::uint64_t>(*each.bytes)) + " ";
    text += fmt::format("{} in {}", each.direction, format_duration(each.seconds));
    if (const auto rate = each.rate()) text += fmt::format(" ({})", format_rate(*rate));
  }
  return text;
}

}  // namespace trtprof::rules
