#include "trtprof/optimize/accuracy/accuracy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/accuracy/class_scores.h"

namespace trtprof {
namespace {

struct OutputPair {
  std::string reference;
  std::string other;
};

Result<std::vector<OutputPair>> pair_outputs(const CompiledModel& reference, const CompiledModel& other,
                                             std::vector<std::string>& warnings) {
  const auto of_reference = reference.outputs();
  const auto of_other = other.outputs();
  std::vector<OutputPair> pairs;
  for (const TensorDesc& output : of_reference) {
    const auto same = std::ranges::find(of_other, output.name, &TensorDesc::name);
    if (same != of_other.end()) pairs.push_back({output.name, output.name});
  }
  if (!pairs.empty()) {
    for (const TensorDesc& output : of_reference) {
      const auto paired = std::ranges::find(pairs, output.name, &OutputPair::reference);
      if (paired == pairs.end()) {
        warnings.push_back(
            fmt::format("output '{}' of the reference is not compared: the other model has none of that "
                        "name",
                        printable(output.name)));
      }
    }
    return pairs;
  }
  if (of_reference.size() != of_other.size()) {
    return fail(fmt::format("the models have no output of the same name, and {} and {} outputs", of_reference.size(),
                            of_other.size()));
  }
  for (std::size_t i = 0; i < of_reference.size(); ++i) pairs.push_back({of_reference[i].name, of_other[i].name});
  warnings.emplace_back("outputs are compared by their place: none has the same name in both models");
  return pairs;
}

Result<std::size_t> batch_of(const CompiledModel& model) {
  std::optional<std::int64_t> batch;
  for (const TensorDesc& input : model.inputs()) {
    if (input.shape.empty()) continue;
    if (batch && *batch != input.shape.front()) {
      return fail("the inputs have different leading dimensions, so that no batch can be told");
    }
    batch = input.shape.front();
  }
  if (!batch || *batch < 1) return fail("no input has a leading dimension to lay samples along");
  return static_cast<std::size_t>(*batch);
}

Status run_batch(CompiledModel& model, const DataSet& data, std::size_t first) {
  for (const TensorDesc& input : model.inputs()) {
    const auto tensor = data.batch(input, first);
    if (!tensor) return forward_error(tensor);
    if (const Status set = model.set_input(input.name, *tensor); !set) return set;
  }
  const auto times = model.run_once();
  return times ? Status{} : forward_error(times);
}

class LabelCounter {
 public:
  LabelCounter(const std::vector<std::int64_t>& labels, AccuracyOptions options)
      : labels_(labels), options_(std::move(options)) {}

  // Only rows that are one for each sample can be classes of samples.
  Status add(const OutputPair& pair, const Tensor& reference, const Tensor& other, std::size_t first,
             std::size_t samples) {
    const auto layout = class_layout(reference.shape, options_.class_axis);
    if (!layout) return forward_error(layout);
    const std::size_t leading = reference.shape.empty() ? 1 : static_cast<std::size_t>(reference.shape.front());
    const bool asked = options_.label_output.empty() || options_.label_output == pair.reference;
    if (!asked || layout->classes < 2 || layout->rows != leading) return {};
    if (accuracy_.output.empty()) accuracy_.output = pair.reference;
    if (accuracy_.output != pair.reference) return {};
    const auto a = numbers_of(reference);
    const auto b = numbers_of(other);
    if (!a || !b) return {};
    std::size_t at = first;
    Status status;
    for_each_row(*layout, samples, leading, [&](std::size_t row) {
      const std::int64_t label = labels_[at++];
      if (static_cast<std::size_t>(label) >= layout->classes) {
        status = fail(fmt::format("label {} is none of the {} classes of output '{}'", label, layout->classes,
                                  printable(pair.reference)));
        return;
      }
      add_row(*a, *b, *layout, row, static_cast<std::size_t>(label));
    });
    return status;
  }

  [[nodiscard]] std::optional<LabelAccuracy> accuracy() const {
    return accuracy_.samples == 0 ? std::nullopt : std::optional(accuracy_);
  }

 private:
  static bool score(const std::vector<double>& scores, const ClassLayout& layout, std::size_t row, std::size_t label,
                    LabelScore& into) {
    const bool right = top_class(scores, layout, row) == label;
    into.top1 += right ? 1U : 0U;
    constexpr std::size_t five = 5;
    if (layout.classes > five) {
      into.top5 = into.top5.value_or(0) + (is_among_first(scores, layout, row, label, five) ? 1U : 0U);
    }
    return right;
  }

  void add_row(const std::vector<double>& a, const std::vector<double>& b, const ClassLayout& layout, std::size_t row,
               std::size_t label) {
    const bool reference = score(a, layout, row, label, accuracy_.reference);
    const bool other = score(b, layout, row, label, accuracy_.other);
    ++accuracy_.samples;
    ++accuracy_.top1.total;
    accuracy_.top1.only_first_right += reference && !other ? 1U : 0U;
    accuracy_.top1.only_second_right += other && !reference ? 1U : 0U;
  }

  const std::vector<std::int64_t>& labels_;
  AccuracyOptions options_;
  LabelAccuracy accuracy_;
};

// The engine may be to blame: there are graphs that one computes wrongly.
void warn_of_other_answers(AccuracyResult& result) {
  for (const OutputError& output : result.outputs) {
    if (!output.sqnr_db || *output.sqnr_db >= 0.0) continue;
    result.warnings.push_back(
        fmt::format("OUTPUT '{}' HAS NOTHING TO DO WITH THE REFERENCE'S: the difference is larger than the answer "
                    "(SQNR {:.1f} dB); "
                    "another --backend tells whether it is the model or the engine",
                    printable(output.output), *output.sqnr_db));
  }
}

}  // namespace

Result<AccuracyResult> measure_accuracy(CompiledModel& reference, CompiledModel& other, const DataSet& data,
                                        const AccuracyOptions& options, Progress& progress, const StopFlag& stop) {
  AccuracyResult result;
  result.warnings = data.warnings();
  result.random_data = data.is_random();
  if (result.random_data) {
    result.warnings.emplace_back("the samples are random: how near the answers to real data are is not known from it");
  }
  const auto pairs = pair_outputs(reference, other, result.warnings);
  if (!pairs) return forward_error(pairs);
  const auto batch = batch_of(reference);
  if (!batch) return forward_error(batch);
  const auto batch_of_other = batch_of(other);
  if (!batch_of_other) return forward_error(batch_of_other);
  if (*batch != *batch_of_other) {
    return fail(fmt::format("the models run batches of {} and {}", *batch, *batch_of_other));
  }
  std::vector<OutputErrorCollector> errors;
  for (const OutputPair& pair : *pairs) errors.emplace_back(pair.reference, options.class_axis);
  std::optional<LabelCounter> labels;
  if (data.labels()) labels.emplace(*data.labels(), options);
  progress.phase("comparing outputs");
  for (std::size_t first = 0; first < data.size(); first += *batch) {
    if (stop.requested()) {
      result.partial = true;
      break;
    }
    for (CompiledModel* model : {&reference, &other}) {
      if (const Status ran = run_batch(*model, data, first); !ran) return forward_error(ran);
    }
    const std::size_t samples = std::min(*batch, data.size() - first);
    for (std::size_t i = 0; i < pairs->size(); ++i) {
      const auto a = reference.output((*pairs)[i].reference);
      if (!a) return forward_error(a);
      const auto b = other.output((*pairs)[i].other);
      if (!b) return forward_error(b);
      if (const Status added = errors[i].add(*a, *b, samples); !added) return forward_error(added);
      if (!labels) continue;
      if (const Status added = labels->add((*pairs)[i], *a, *b, first, samples); !added) return forward_error(added);
    }
    result.samples += samples;
    progress.update(static_cast<double>(result.samples) / static_cast<double>(data.size()),
                    fmt::format("{} of {} samples", result.samples, data.size()));
  }
  for (const OutputErrorCollector& error : errors) result.outputs.push_back(error.error());
  warn_of_other_answers(result);
  if (labels) result.labels = labels->accuracy();
  if (labels && !result.labels && !result.partial) {
    result.warnings.emplace_back("there are labels, and no output has a row of classes for each sample");
  }
  return result;
}

Result<GateVerdict> judge(const AccuracyResult& result, const AccuracyGates& gates) {
  GateVerdict verdict;
  if (gates.min_agreement) {
    bool any = false;
    for (const OutputError& output : result.outputs) {
      if (!output.agreement || output.agreement->rows == 0) continue;
      any = true;
      const double share = static_cast<double>(output.agreement->top1) / static_cast<double>(output.agreement->rows);
      if (share < *gates.min_agreement) {
        verdict.failures.push_back(fmt::format("output '{}' agrees in {:.3f} % of {} rows, less than {:g} %",
                                               printable(output.output), share * 100, output.agreement->rows,
                                               *gates.min_agreement * 100));
      }
    }
    if (!any) return usage_error("no output has classes whose agreement could be asked for");
  }
  if (gates.max_drop_points) {
    if (!result.labels) return usage_error("the data has no labels that a drop of accuracy could be measured on");
    const double drop = paired_drop(result.labels->top1) * 100;
    const Interval interval = paired_drop_interval(result.labels->top1);
    if (drop > *gates.max_drop_points) {
      verdict.failures.push_back(
          fmt::format("top-1 accuracy drops by {:.3f} points, more than {:g}", drop, *gates.max_drop_points));
    } else if (interval.high * 100 > *gates.max_drop_points) {
      verdict.doubts.push_back(
          fmt::format("top-1 accuracy drops by {:.3f} points, and {} samples cannot exclude {:.3f}", drop,
                      result.labels->samples, interval.high * 100));
    }
  }
  verdict.passed = verdict.failures.empty();
  return verdict;
}

}  // namespace trtprof
