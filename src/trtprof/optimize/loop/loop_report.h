// What a run of the loop comes to: the guide's staircase, the Pareto table, what became of every candidate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/statistics.h"
#include "trtprof/optimize/loop/loop.h"
#include "trtprof/optimize/loop/loop_state.h"

namespace trtprof {

// One step of the staircase: the guide's "Total: 9.2 ms, 109 FPS, (14.5 - 9.2) / 14.5 = 36 %".
struct StaircaseRow {
  LoopStep step = LoopStep::fp32;
  std::string name;  // of the candidate; "given": the model as it was given
  // Of an inference, on the scale of the given model: see ratio_to_given(). With --objective throughput and several in
  // flight from one completion to the next.
  double seconds = 0.0;
  double batch = 1.0;  // items of an inference
  double items_per_second = 0.0;
  double improvement = 0.0;                 // of the time of an item over the first row: (first - row) / first
  const CandidateRecord* record = nullptr;  // null: the given model
  [[nodiscard]] double item_seconds() const { return seconds / batch; }
};

struct ParetoPoint {
  std::string name;
  std::optional<double> latency = {};       // seconds of an inference, on the scale of the given model
  std::optional<double> throughput = {};    // items a second
  const AccuracyFacts* accuracy = nullptr;  // null: the reference itself, or not known
  bool exact = false;                       // its outputs are the reference's
  // Of accuracy: top-1, else agreement, else SQNR; the same for all points. Larger is better; SQNR of what is exact is
  // infinite.
  std::optional<double> score = {};
  std::optional<std::uint64_t> file_bytes = {};
  std::optional<double> joules = {};  // an item
  bool in_gate = true;
  bool taken_back = false;  // its times are in doubt: launches of its own beside the given model did not agree
  // It is a choice (inside the gate, not taken back), and no other is at least as good in all that both know, and
  // better in one.
  bool front = false;
  [[nodiscard]] bool is_choice() const { return in_gate && !taken_back; }
};

// Times of several comparisons on one scale: the machine drifts from one to the next, so that a candidate is as its
// ratio to the one it was compared with says, and so on to the given model. Of the time of one item, where batches
// differ. nullopt: it was not measured.
[[nodiscard]] std::optional<double> ratio_to_given(const LoopState& state, const CandidateRecord& record);

// Of an inference of the given model: from the first comparison that it took part in, else from its own launch.
[[nodiscard]] std::optional<double> seconds_of_given(const LoopState& state);

// Steps in the guide's order; within a step as they were tried. The candidates that were measured; larger batches where
// they compete.
[[nodiscard]] std::vector<StaircaseRow> staircase_of(const LoopState& state);

// The given model first.
[[nodiscard]] std::vector<ParetoPoint> pareto_of(const LoopState& state);
void mark_front(std::vector<ParetoPoint>& points);

// "(14.5 - 9.2) / 14.5 = 36 %"
[[nodiscard]] std::string improvement_text(double first_seconds, double seconds);
// The same of two rows; of one item, where their batches differ.
[[nodiscard]] std::string improvement_text(const StaircaseRow& first, const StaircaseRow& row);

}  // namespace trtprof
