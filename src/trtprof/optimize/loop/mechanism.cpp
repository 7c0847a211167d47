#include "trtprof/optimize/loop/mechanism.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

// A part of the bytes that is more than how a layer was cut.
constexpr double kLess = 0.02;

bool is_of(const std::string& precision, const std::string& type) {
  if (type == "half") return precision == "f16" || precision == "bf16";
  if (type == "int8") return precision == "i8" || precision == "u8";
  return precision == type;
}

std::string shown_type(const std::string& type) {
  if (type == "half") return "f16 or bf16";
  return type == "int8" ? "int8" : type;
}

template <class Value>
Value total_of(const std::map<std::string, Value>& by_precision, const std::string& type) {
  Value total = {};
  for (const auto& [precision, value] : by_precision) {
    if (type.empty() || is_of(precision, type)) total += value;
  }
  return total;
}

// By their number: the layers of one layer run take now more, now less of its time.
ClaimCheck computes_in(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  const std::size_t before = total_of(a.heavy_layers, claim.type);
  const std::size_t after = total_of(b.heavy_layers, claim.type);
  ClaimCheck check = {claim, after > before, {}};
  check.text = fmt::format("{} of {} convolutions and matrix products compute in {}, where {} of {} did", after,
                           total_of(b.heavy_layers, ""), shown_type(claim.type), before, total_of(a.heavy_layers, ""));
  return check;
}

ClaimCheck fewer_layers(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  return {claim, b.layers < a.layers,
          fmt::format("{} where there were {}", counted(static_cast<std::int64_t>(b.layers), "layer"), a.layers)};
}

ClaimCheck fewer_reformats(const Claim& claim, const RunFacts& a, const RunFacts& b,
                           const std::optional<PartTime>& time) {
  const bool less_time = b.reformats == a.reformats && time && time->outcome == Outcome::faster;
  return {claim, b.reformats < a.reformats || less_time,
          fmt::format("{} in {}, where it was {} in {}", counted(static_cast<std::int64_t>(b.reformats), "reformat"),
                      format_duration(b.reformat_seconds), a.reformats, format_duration(a.reformat_seconds))};
}

ClaimCheck fewer_bytes(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  if (a.tensor_bytes <= 0.0 || b.tensor_bytes <= 0.0) return {claim, false, "the engine does not tell its tensors"};
  return {
      claim, b.tensor_bytes < a.tensor_bytes * (1.0 - kLess),
      fmt::format("layers read and write {} where it was {}", format_bytes(static_cast<std::uint64_t>(b.tensor_bytes)),
                  format_bytes(static_cast<std::uint64_t>(a.tensor_bytes)))};
}

std::string shown(const std::optional<int>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}

// What the engine ran, and not what it was asked for: an option that it ignored changes neither.
bool more_items_a_second(const RunFacts& a, const RunFacts& b) {
  const auto before = throughput_of(a);
  const auto after = throughput_of(b);
  return before && after && *after > *before;
}

std::string shown_throughputs(const RunFacts& a, const RunFacts& b) {
  const auto text = [](const RunFacts& facts) {
    const auto items = throughput_of(facts);
    return items ? fmt::format("{:.1f}", *items) : std::string("unknown");
  };
  return fmt::format("{} items/s where it was {}", text(b), text(a));
}

ClaimCheck side_by_side(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  const bool other = a.threads != b.threads || a.streams != b.streams;
  const bool same_work = a.batch.value_or(1) == b.batch.value_or(1);
  return {claim, other && same_work && more_items_a_second(a, b),
          fmt::format("{} streams of {} threads in all, where it was {} of {}, {}", shown(b.streams), shown(b.threads),
                      shown(a.streams), shown(a.threads), shown_throughputs(a, b))};
}

// The layers have more to read and write, where the engine tells.
ClaimCheck larger_batch(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  const bool larger = b.batch.value_or(1) > a.batch.value_or(1);
  const bool more_work = a.tensor_bytes <= 0.0 || b.tensor_bytes <= 0.0 || b.tensor_bytes > a.tensor_bytes;
  return {claim, larger && more_work && more_items_a_second(a, b),
          fmt::format("batches of {} where it was {}, {}", b.batch.value_or(1), a.batch.value_or(1),
                      shown_throughputs(a, b))};
}

ClaimCheck faster_depthwise(const Claim& claim, const std::optional<PartTime>& time) {
  if (!time) return {claim, false, "what depthwise convolutions take is not known of all launches"};
  return {claim, time->outcome == Outcome::faster,
          fmt::format("depthwise convolutions take {} where it was {}", format_duration(time->seconds_b),
                      format_duration(time->seconds_a))};
}

}  // namespace

ClaimCheck check_claim(const Claim& claim, const RunFacts& a, const RunFacts& b, const SeenChanges& seen) {
  const bool of_layers = claim.kind != ClaimKind::more_side_by_side && claim.kind != ClaimKind::larger_batch;
  if (of_layers && (a.layers == 0 || b.layers == 0)) return {claim, false, "the layers are not known"};
  switch (claim.kind) {
    case ClaimKind::computes_in:
      return computes_in(claim, a, b);
    case ClaimKind::fewer_layers:
      return fewer_layers(claim, a, b);
    case ClaimKind::fewer_reformats:
      return fewer_reformats(claim, a, b, seen.reformatting);
    case ClaimKind::fewer_bytes:
      return fewer_bytes(claim, a, b);
    case ClaimKind::other_kernels:
      return {claim, seen.reimplemented > 0,
              fmt::format("{} by another kernel",
                          counted(static_cast<std::int64_t>(seen.reimplemented), "group") + " of layers computed")};
    case ClaimKind::more_side_by_side:
      return side_by_side(claim, a, b);
    case ClaimKind::larger_batch:
      return larger_batch(claim, a, b);
    case ClaimKind::faster_depthwise:
      return faster_depthwise(claim, seen.depthwise);
  }
  return {claim, false, {}};
}

std::vector<ClaimCheck> check_claims(std::span<const Claim> claims, const RunFacts& a, const RunFacts& b,
                                     const SeenChanges& seen) {
  std::vector<ClaimCheck> checks;
  for (const Claim& claim : claims) {
    const bool counts = !claim.variant_of || total_of(a.heavy_layers, *claim.variant_of) > 0;
    if (counts) checks.push_back(check_claim(claim, a, b, seen));
  }
  return checks;
}

}  // namespace trtprof
