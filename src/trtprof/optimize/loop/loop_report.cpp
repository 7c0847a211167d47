#include "trtprof/optimize/loop/loop_report.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

// TF32 is how matrix units multiply f32: the type of the tensors is f32.
bool is_f32(std::string_view precision) {
  return precision == "f32" || precision == "tf32" || precision == "f32 and tf32";
}

bool computes_in_f32(const RunFacts& facts) {
  if (facts.heavy_layers.empty()) return is_f32(facts.precision);
  return std::ranges::all_of(facts.heavy_layers, [](const auto& layers) { return is_f32(layers.first); });
}

StaircaseRow row_of(const LoopState& state, const CandidateRecord* record, double given) {
  StaircaseRow row;
  row.record = record;
  row.step = record == nullptr ? LoopStep::fp32 : record->candidate.step;
  row.name = record == nullptr ? "given" : record->candidate.name;
  row.seconds = given * (record == nullptr ? 1.0 : ratio_to_given(state, *record).value_or(1.0));
  const auto batch = static_cast<double>(state.baseline->facts.batch.value_or(1));
  row.items_per_second = row.seconds > 0.0 ? batch / row.seconds : 0.0;
  return row;
}

std::optional<double> score_of(const AccuracyFacts* facts) {
  if (facts == nullptr) return std::nullopt;
  if (facts->top1) return facts->top1;
  if (facts->agreement && !facts->random_data) return facts->agreement;
  return facts->sqnr_db;
}

// A record without an accuracy of its own has that of what it was compared with.
const AccuracyFacts* accuracy_of(const LoopState& state, const CandidateRecord* record) {
  while (record != nullptr) {
    if (record->accuracy) return &*record->accuracy;
    record = state.find(record->started->against);
  }
  return state.baseline && state.baseline->accuracy ? &*state.baseline->accuracy : nullptr;
}

// An accuracy of the reference itself, on the data of another point.
std::optional<double> reference_score(const LoopState& state) {
  for (const CandidateRecord& record : state.records) {
    if (!record.accuracy) continue;
    if (record.accuracy->reference_top1) return record.accuracy->reference_top1;
    if (record.accuracy->agreement && !record.accuracy->random_data) return 1.0;
  }
  return std::nullopt;
}

ParetoPoint point_of(std::string name, const RunFacts& facts, double scale) {
  ParetoPoint point;
  point.name = std::move(name);
  if (facts.latency) point.latency = *facts.latency * scale;
  if (const auto throughput = throughput_of(facts)) point.throughput = *throughput / scale;
  point.file_bytes = facts.file_bytes;
  if (facts.joules) point.joules = *facts.joules / static_cast<double>(facts.batch.value_or(1));
  return point;
}

// -1: a is better, 1: b is, 0: alike or not known of both.
int order(std::optional<double> a, std::optional<double> b, bool smaller_is_better) {
  if (!a || !b || *a == *b) return 0;
  return (*a < *b) == smaller_is_better ? -1 : 1;
}

bool dominates(const ParetoPoint& a, const ParetoPoint& b) {
  const auto bytes = [](const ParetoPoint& point) {
    return point.file_bytes ? std::optional(static_cast<double>(*point.file_bytes)) : std::nullopt;
  };
  bool better = false;
  for (const int each :
       {order(a.latency, b.latency, true), order(a.throughput, b.throughput, false), order(a.score, b.score, false),
        order(bytes(a), bytes(b), true), order(a.joules, b.joules, true)}) {
    if (each > 0) return false;
    better = better || each < 0;
  }
  return better;
}

}  // namespace

std::optional<double> ratio_to_given(const LoopState& state, const CandidateRecord& record) {
  double ratio = 1.0;
  const CandidateRecord* at = &record;
  while (at != nullptr) {
    if (at->looks.empty() || !at->started) return std::nullopt;
    ratio *= 1.0 + at->looks.back().effect;
    at = state.find(at->started->against);
  }
  return ratio;
}

std::optional<double> seconds_of_given(const LoopState& state) {
  for (const CandidateRecord& record : state.records) {
    if (record.started && record.started->against.empty() && !record.looks.empty()) {
      const LookFacts& look = record.looks.back();
      return look.seconds_a;
    }
  }
  return state.baseline ? state.baseline->facts.latency : std::nullopt;
}

std::vector<StaircaseRow> staircase_of(const LoopState& state) {
  const auto given = seconds_of_given(state);
  if (!given || !state.baseline) return {};
  std::vector<StaircaseRow> rows;
  for (const CandidateRecord& record : state.records) {
    if (!record.looks.empty() && record.candidate.step != LoopStep::batch)
      rows.push_back(row_of(state, &record, *given));
  }
  StaircaseRow of_given = row_of(state, nullptr, *given);
  const bool first_is_fp32 = computes_in_f32(state.baseline->facts);
  if (!first_is_fp32) of_given.step = LoopStep::half;
  std::ranges::stable_sort(rows, {}, &StaircaseRow::step);
  const auto before = std::ranges::find_if(rows, [&](const StaircaseRow& row) { return row.step > LoopStep::fp32; });
  rows.insert(first_is_fp32 ? rows.begin() : before, of_given);
  for (StaircaseRow& row : rows) row.improvement = 1.0 - row.seconds / rows.front().seconds;
  return rows;
}

std::vector<ParetoPoint> pareto_of(const LoopState& state) {
  std::vector<ParetoPoint> points;
  if (!state.baseline) return points;
  const auto first = std::ranges::find_if(state.records, [](const CandidateRecord& record) {
    return record.started && record.started->against.empty() && !record.looks.empty();
  });
  const RunFacts& given = first == state.records.end() ? state.baseline->facts : first->looks.back().a;
  points.push_back(point_of("given", given, 1.0));
  points.back().accuracy = accuracy_of(state, nullptr);
  points.back().score = points.back().accuracy == nullptr ? reference_score(state) : score_of(points.back().accuracy);
  points.back().in_gate = points.back().accuracy == nullptr || points.back().accuracy->passed;
  for (const CandidateRecord& record : state.records) {
    if (record.looks.empty()) continue;
    const LookFacts& look = record.looks.back();
    // What this comparison measured of A beside what A is on the scale of the given model.
    const CandidateRecord* against = state.find(record.started->against);
    const double of_a = against == nullptr ? 1.0 : ratio_to_given(state, *against).value_or(1.0);
    const double base = seconds_of_given(state).value_or(look.seconds_a);
    const double scale = look.seconds_a > 0.0 ? base * of_a / look.seconds_a : 1.0;
    ParetoPoint point = point_of(record.candidate.name, look.b, scale);
    point.accuracy = accuracy_of(state, &record);
    point.score = point.accuracy == nullptr ? reference_score(state) : score_of(point.accuracy);
    point.in_gate = point.accuracy == nullptr || point.accuracy->passed;
    points.push_back(std::move(point));
  }
  mark_front(points);
  return points;
}

void mark_front(std::vector<ParetoPoint>& points) {
  for (ParetoPoint& point : points) {
    point.front = point.in_gate && std::ranges::none_of(points, [&](const ParetoPoint& other) {
                    return &other != &point && other.in_gate && dominates(other, point);
                  });
  }
}

std::string improvement_text(double first_seconds, double seconds) {
  return fmt::format("({} - {}) / {} = {:.0f} %", format_milliseconds(first_seconds), format_milliseconds(seconds),
                     format_milliseconds(first_seconds), (1.0 - seconds / first_seconds) * 100.0);
}

}  // namespace trtprof
