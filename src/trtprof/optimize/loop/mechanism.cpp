#include "trtprof/optimize/loop/mechanism.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

// A part of the bytes, or of the seconds, that is more than how a layer was cut.
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

// Counts tell where none was there before; shares of the time where some were.
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

ClaimCheck fewer_reformats(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  const bool less_time =
      b.reformats == a.reformats && b.reformat_seconds < a.reformat_seconds * (1.0 - kLess) && a.reformats > 0;
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

ClaimCheck side_by_side(const Claim& claim, const RunFacts& a, const RunFacts& b) {
  return {claim, a.threads != b.threads || a.streams != b.streams,
          fmt::format("{} streams of {} threads in all, where it was {} of {}", shown(b.streams), shown(b.threads),
                      shown(a.streams), shown(a.threads))};
}

}  // namespace

ClaimCheck check_claim(const Claim& claim, const RunFacts& a, const RunFacts& b, std::size_t reimplemented) {
  const bool of_layers = claim.kind != ClaimKind::more_side_by_side && claim.kind != ClaimKind::larger_batch;
  if (of_layers && (a.layers == 0 || b.layers == 0)) return {claim, false, "the layers are not known"};
  switch (claim.kind) {
    case ClaimKind::computes_in:
      return computes_in(claim, a, b);
    case ClaimKind::fewer_layers:
      return fewer_layers(claim, a, b);
    case ClaimKind::fewer_reformats:
      return fewer_reformats(claim, a, b);
    case ClaimKind::fewer_bytes:
      return fewer_bytes(claim, a, b);
    case ClaimKind::other_kernels:
      return {claim, reimplemented > 0,
              fmt::format("{} by another kernel",
                          counted(static_cast<std::int64_t>(reimplemented), "group") + " of layers computed")};
    case ClaimKind::more_side_by_side:
      return side_by_side(claim, a, b);
    case ClaimKind::larger_batch:
      return {claim, b.batch.value_or(1) > a.batch.value_or(1),
              fmt::format("batches of {} where it was {}", b.batch.value_or(1), a.batch.value_or(1))};
  }
  return {claim, false, {}};
}

std::vector<ClaimCheck> check_claims(std::span<const Claim> claims, const RunFacts& a, const RunFacts& b,
                                     std::size_t reimplemented) {
  std::vector<ClaimCheck> checks;
  for (const Claim& claim : claims) checks.push_back(check_claim(claim, a, b, reimplemented));
  return checks;
}

}  // namespace trtprof
