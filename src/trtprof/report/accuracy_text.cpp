#include <algorithm>
#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/accuracy_report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

std::string share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : format_percent(static_cast<double>(part) / static_cast<double>(whole), 3);
}

std::string describe(const AccuracySide& side) {
  const Environment& environment = side.environment;
  return fmt::format("{}, {} {} on {}{}", text_report::describe_model(side.model), printable(environment.engine_name),
                     printable(environment.engine_version.substr(0, environment.engine_version.find('-'))),
                     printable(environment.device_name),
                     environment.precision.empty() ? "" : ", precision " + printable(environment.precision));
}

std::string describe_data(const AccuracyDocument& document) {
  const std::string samples = counted(static_cast<std::int64_t>(document.result.samples), "sample");
  if (document.result.random_data) return fmt::format("{}, random (seed {})", samples, document.data.seed);
  return fmt::format("{}, {}{}", printable(document.data.path), samples, document.result.labels ? " with labels" : "");
}

using Row = std::vector<std::string>;

void write_table(std::ostream& out, const std::vector<Row>& rows, const Paint& paint) {
  constexpr std::size_t widest_name = 40;
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  widths.front() = std::min(widths.front(), widest_name);
  for (const Row& row : rows) {
    std::string line = fit_left(row.front(), std::max<std::size_t>(widths.front(), 3));
    for (std::size_t i = 1; i < row.size(); ++i) {
      line += std::string(2 + widths[i] - display_width(row[i]), ' ') + row[i];
    }
    out << (&row == &rows.front() ? paint.bold(line) : line) << '\n';
  }
}

std::string number(const std::optional<double>& value, const char* format) {
  return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

Row row_of(const OutputError& error) {
  const std::string sqnr = error.identical ? "identical" : number(error.sqnr_db, "{:.1f} dB");
  Row row = {printable(error.output),
             number(error.cosine, "{:.7f}"),
             number(error.lowest_cosine, "{:.7f}"),
             sqnr,
             number(error.max_absolute, "{:.3g}"),
             error.max_relative ? format_percent(*error.max_relative, 3) : "-",
             number(error.mean_absolute, "{:.3g}"),
             "-",
             "-"};
  if (error.agreement) {
    row[7] = share(error.agreement->top1, error.agreement->rows);
    if (error.agreement->top5) row[8] = share(*error.agreement->top5, error.agreement->rows);
  }
  return row;
}

void write_not_finite(std::ostream& out, const OutputError& error, const Paint& paint) {
  const std::uint64_t any = error.nan_other + error.nan_reference + error.infinite_other + error.infinite_reference;
  if (any == 0) return;
  out << paint.alarm(fmt::format("'{}': {} NaN and {} infinities, in the reference {} and {}", printable(error.output),
                                 error.nan_other, error.infinite_other, error.nan_reference, error.infinite_reference))
      << '\n';
}

std::string with_interval(std::uint64_t right, std::uint64_t samples) {
  const Interval interval = wilson_interval(right, samples);
  return fmt::format("{} ({:.2f} to {:.2f})", share(right, samples), interval.low * 100, interval.high * 100);
}

void write_labels(std::ostream& out, const LabelAccuracy& labels, const Paint& paint) {
  out << '\n'
      << paint.bold(fmt::format("Against the labels, by output '{}' (95 % intervals):", printable(labels.output)))
      << '\n';
  std::vector<Row> rows = {{"", "reference", "model"}};
  rows.push_back({"top-1", with_interval(labels.reference.top1, labels.samples),
                  with_interval(labels.other.top1, labels.samples)});
  if (labels.reference.top5 && labels.other.top5) {
    rows.push_back({"top-5", with_interval(*labels.reference.top5, labels.samples),
                    with_interval(*labels.other.top5, labels.samples)});
  }
  write_table(out, rows, paint);
  const Interval drop = paired_drop_interval(labels.top1);
  out << fmt::format(
      "Drop of top-1: {:.3f} points ({:.3f} to {:.3f}); {} right in the reference alone, {} in the model "
      "alone; McNemar p = {:.3g}\n",
      paired_drop(labels.top1) * 100, drop.low * 100, drop.high * 100, labels.top1.only_first_right,
      labels.top1.only_second_right, mcnemar_p(labels.top1));
}

void write_gates(std::ostream& out, const AccuracyDocument& document, const Paint& paint) {
  if (!document.gates.min_agreement && !document.gates.max_drop_points) return;
  out << '\n' << (document.verdict.passed ? "Gates: passed" : paint.alarm("Gates: failed")) << '\n';
  for (const std::string& failure : document.verdict.failures) out << "  " << paint.alarm(failure) << '\n';
  for (const std::string& doubt : document.verdict.doubts) out << "  " << paint.warning(doubt) << '\n';
}

}  // namespace

void write_accuracy_text(std::ostream& out, const AccuracyDocument& document, bool color) {
  const Paint paint(color);
  out << paint.bold("Accuracy against a reference") << (document.result.partial ? "  PARTIAL: interrupted" : "")
      << '\n';
  text_report::write_key_values(out,
                                {{"Model", describe(document.model)},
                                 {"Reference", describe(document.reference)},
                                 {"Data", describe_data(document)}},
                                "");
  out << '\n';
  std::vector<Row> rows = {
      {"Output", "cosine", "lowest", "SQNR", "max error", "of largest", "mean error", "same top-1", "in top-5"}};
  for (const OutputError& error : document.result.outputs) rows.push_back(row_of(error));
  write_table(out, rows, paint);
  for (const OutputError& error : document.result.outputs) write_not_finite(out, error, paint);
  if (document.result.labels) write_labels(out, *document.result.labels, paint);
  write_gates(out, document, paint);
}

}  // namespace trtprof
