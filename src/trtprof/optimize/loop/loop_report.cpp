#include "trtprof/optimize/loop/loop_report.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

// TF32 is how matrix units multiply f32: the type of the tensors is f32.
bool is_f32(std::string_view precision) {
  return precision == "f32" || precision == "tf32" || precision == "f32 and tf32";
}

bool is_int8(std::string_view precision) {
  return precision == "i8" || precision == "u8" || precision == "int8";
}

// What the step of the given model is, by what its convolutions and matrix products compute in; where the layers are
// not known, by what the engine says, as "f16 and i8".
LoopStep step_of(const RunFacts& facts) {
  std::vector<std::string_view> precisions;
  precisions.reserve(facts.heavy_layers.size());
  for (const auto& [precision, layers] : facts.heavy_layers) precisions.emplace_back(precision);
  if (precisions.empty() && is_f32(facts.precision)) return LoopStep::fp32;
  constexpr std::string_view between = " and ";
  for (std::string_view rest = facts.heavy_layers.empty() ? std::string_view(facts.precision) : std::string_view();
       !rest.empty();) {
    const std::size_t end = rest.find(between);
    precisions.push_back(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + between.size());
  }
  const bool int8 = std::ranges::any_of(precisions, is_int8);
  const bool half = std::ranges::any_of(precisions, [](auto each) { return !is_int8(each) && !is_f32(each); });
  if (int8) return half ? LoopStep::mixed : LoopStep::int8;
  return half ? LoopStep::half : LoopStep::fp32;
}

double items_of(const std::optional<std::int64_t>& batch) {
  return static_cast<double>(std::max<std::int64_t>(batch.value_or(1), 1));
}

// The first comparison that the given model took part in; null: there is none.
const LookFacts* look_of_given(const LoopState& state) {
  const auto first = std::ranges::find_if(state.records, [](const CandidateRecord& record) {
    return record.started && record.started->against.empty() && !record.looks.empty();
  });
  return first == state.records.end() ? nullptr : &first->looks.back();
}

const RunFacts& facts_of(const LoopState& state, const CandidateRecord* record) {
  if (record != nullptr) return record->looks.back().b;
  const LookFacts* look = look_of_given(state);
  return look == nullptr ? state.baseline->facts : look->a;
}

// Of an inference of the record (null: the given model), on the scale of the given model. Of the figure that the
// comparisons judged.
double inference_seconds(const LoopState& state, const CandidateRecord* record, double given) {
  if (record == nullptr) return given;
  const double batches =
      items_of(record->looks.back().b.batch) / items_of(facts_of(state, nullptr).batch);  // ratios are of one item
  return given * ratio_to_given(state, *record).value_or(1.0) * batches;
}

StaircaseRow row_of(const LoopState& state, const CandidateRecord* record, double given) {
  StaircaseRow row;
  row.record = record;
  row.step = record == nullptr ? step_of(state.baseline->facts) : record->candidate.step;
  row.name = record == nullptr ? "given" : record->candidate.name;
  row.seconds = inference_seconds(state, record, given);
  row.batch = items_of(facts_of(state, record).batch);
  row.items_per_second = row.seconds > 0.0 ? row.batch / row.seconds : 0.0;
  return row;
}

// The measure of accuracy that all points have: what the data lets be told.
enum class Measure { none, top1, agreement, sqnr };

Measure measure_of(const AccuracyFacts& facts) {
  if (facts.top1) return Measure::top1;
  if (facts.agreement && !facts.random_data) return Measure::agreement;
  return facts.sqnr_db ? Measure::sqnr : Measure::none;
}

struct Scoring {
  Measure measure = Measure::none;
  std::optional<double> reference_top1;
};

Scoring scoring_of(const LoopState& state) {
  Scoring scoring;
  const auto see = [&](const AccuracyFacts& facts) {
    if (scoring.measure == Measure::none) scoring.measure = measure_of(facts);
    if (!scoring.reference_top1) scoring.reference_top1 = facts.reference_top1;
  };
  if (state.baseline->accuracy) see(*state.baseline->accuracy);
  for (const CandidateRecord& record : state.records) {
    if (record.accuracy) see(*record.accuracy);
  }
  return scoring;
}

// Of outputs that are the reference's bit for bit.
std::optional<double> exact_score(const Scoring& scoring) {
  switch (scoring.measure) {
    case Measure::none:
      return std::nullopt;
    case Measure::top1:
      return scoring.reference_top1;
    case Measure::agreement:
      return 1.0;
    case Measure::sqnr:
      return std::numeric_limits<double>::infinity();
  }
  return std::nullopt;
}

std::optional<double> score_of(const AccuracyFacts& facts, const Scoring& scoring) {
  switch (scoring.measure) {
    case Measure::none:
      return std::nullopt;
    case Measure::top1:
      return facts.top1;
    case Measure::agreement:
      return facts.agreement;
    case Measure::sqnr:
      return facts.sqnr_db;
  }
  return std::nullopt;
}

// A record without an accuracy of its own has that of what it was compared with.
const AccuracyFacts* accuracy_of(const LoopState& state, const CandidateRecord* record) {
  while (record != nullptr) {
    if (record->accuracy) return &*record->accuracy;
    record = state.find(record->started->against);
  }
  return state.baseline && state.baseline->accuracy ? &*state.baseline->accuracy : nullptr;
}

using Figure = std::optional<double> (*)(const RunFacts&);

// B over A of the medians, from comparison to comparison: for a figure that was not the one that is judged.
std::optional<double> medians_to_given(const LoopState& state, const CandidateRecord* record, Figure figure) {
  double ratio = 1.0;
  for (; record != nullptr; record = state.find(record->started->against)) {
    const auto a = figure(record->looks.back().a);
    const auto b = figure(record->looks.back().b);
    if (!a || !b || !(*a > 0.0)) return std::nullopt;
    ratio *= *b / *a;
  }
  return ratio;
}

std::optional<double> scaled(const LoopState& state, const CandidateRecord* record, Figure figure) {
  const auto given = figure(facts_of(state, nullptr));
  const auto ratio = medians_to_given(state, record, figure);
  return given && ratio ? std::optional(*given * *ratio) : std::nullopt;
}

// What the comparisons judged is as the staircase has it, on the same scale.
void set_times(ParetoPoint& point, const LoopState& state, const CandidateRecord* record) {
  const LookFacts* look = look_of_given(state);
  const auto given = seconds_of_given(state);
  const RunFacts& facts = facts_of(state, record);
  const auto seconds = given ? std::optional(inference_seconds(state, record, *given)) : std::nullopt;
  const bool of_interval = look != nullptr && look->figure == FigureKind::interval;
  point.latency = of_interval ? scaled(state, record, [](const RunFacts& of) { return of.latency; }) : seconds;
  const bool one_in_flight = !facts.interval && !facts_of(state, nullptr).interval;
  if (!of_interval && !one_in_flight) {
    point.throughput = scaled(state, record, throughput_of);
  } else if (seconds && *seconds > 0.0) {
    point.throughput = items_of(facts.batch) / *seconds;
  }
}

ParetoPoint point_of(const LoopState& state, const CandidateRecord* record, const Scoring& scoring) {
  const RunFacts& facts = facts_of(state, record);
  ParetoPoint point;
  point.name = record == nullptr ? "given" : record->candidate.name;
  set_times(point, state, record);
  point.file_bytes = facts.file_bytes;
  if (facts.joules) point.joules = *facts.joules / items_of(facts.batch);
  point.accuracy = accuracy_of(state, record);
  // Where none was measured it is the given model, which is the reference as long as it computes in f32.
  point.exact =
      point.accuracy == nullptr ? step_of(state.baseline->facts) == LoopStep::fp32 : point.accuracy->identical;
  if (point.exact) {
    point.score = exact_score(scoring);
  } else if (point.accuracy != nullptr) {
    point.score = score_of(*point.accuracy, scoring);
  }
  point.in_gate = point.accuracy == nullptr || point.accuracy->passed;
  point.taken_back = record != nullptr && record->taken_back();
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
  if (const LookFacts* look = look_of_given(state)) return inference_seconds_a(*look);
  return state.baseline ? state.baseline->facts.latency : std::nullopt;
}

std::vector<StaircaseRow> staircase_of(const LoopState& state) {
  const auto given = seconds_of_given(state);
  if (!given || !state.baseline) return {};
  std::vector<StaircaseRow> rows;
  for (const CandidateRecord& record : state.records) {
    // A batch that does not compete is for the Pareto table.
    const bool is_step = record.candidate.step != LoopStep::batch || record.candidate.competes;
    if (!record.looks.empty() && is_step) rows.push_back(row_of(state, &record, *given));
  }
  const StaircaseRow of_given = row_of(state, nullptr, *given);
  std::ranges::stable_sort(rows, {}, &StaircaseRow::step);
  const auto before = std::ranges::find_if(rows, [&](const StaircaseRow& row) { return row.step > LoopStep::fp32; });
  rows.insert(of_given.step == LoopStep::fp32 ? rows.begin() : before, of_given);
  for (StaircaseRow& row : rows) row.improvement = 1.0 - row.item_seconds() / rows.front().item_seconds();
  return rows;
}

std::vector<ParetoPoint> pareto_of(const LoopState& state) {
  std::vector<ParetoPoint> points;
  if (!state.baseline) return points;
  const Scoring scoring = scoring_of(state);
  points.push_back(point_of(state, nullptr, scoring));
  for (const CandidateRecord& record : state.records) {
    if (!record.looks.empty()) points.push_back(point_of(state, &record, scoring));
  }
  mark_front(points);
  return points;
}

void mark_front(std::vector<ParetoPoint>& points) {
  for (ParetoPoint& point : points) {
    point.front = point.is_choice() && std::ranges::none_of(points, [&](const ParetoPoint& other) {
                    return &other != &point && other.is_choice() && dominates(other, point);
                  });
  }
}

std::string improvement_text(double first_seconds, double seconds) {
  return fmt::format("({} - {}) / {} = {:.0f} %", format_milliseconds(first_seconds), format_milliseconds(seconds),
                     format_milliseconds(first_seconds), (1.0 - seconds / first_seconds) * 100.0);
}

std::string improvement_text(const StaircaseRow& first, const StaircaseRow& row) {
  if (first.batch == row.batch) return improvement_text(first.seconds, row.seconds);
  return improvement_text(first.item_seconds(), row.item_seconds()) + " of the time of an item";
}

}  // namespace trtprof
