#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/comparison_report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

constexpr std::size_t kLeastColumns = 60;
constexpr std::size_t kFigureWidth = 26;
constexpr std::size_t kTypeWidth = 15;
constexpr std::size_t kIntervalWidth = 22;
// Of a row of the layer table before its name: A, B, B - A, interval, mark, type.
constexpr std::size_t kBeforeName = 2 + 10 + 10 + 11 + 2 + 3 + kTypeWidth;
constexpr std::size_t kLeastName = 12;
constexpr std::string_view kChangeIndent = "      ";
// Settings are listed to here; a profile of another engine differs in dozens.
constexpr std::size_t kMostSettings = 16;
// Layers that take less together are shown in microseconds.
constexpr double kMilliseconds = 1e-3;

std::string_view in_words(FigureKind kind) {
  switch (kind) {
    case FigureKind::latency:
      return "latency, end to end";
    case FigureKind::compute:
      return "compute on the device";
    case FigureKind::interval:
      return "time per completion (mean)";
    case FigureKind::host_to_device:
      return "copies to the device";
    case FigureKind::device_to_host:
      return "copies from the device";
    case FigureKind::enqueue:
      return "launch by the host";
    case FigureKind::layer_sum:
      break;
  }
  return "sum of the layers";
}

std::string_view in_words(LayerChangeKind kind) {
  switch (kind) {
    case LayerChangeKind::gained:
      return "gained";
    case LayerChangeKind::lost:
      return "lost";
    case LayerChangeKind::fused_differently:
      return "fused differently";
    case LayerChangeKind::retyped:
      return "other precision";
    case LayerChangeKind::reformatted:
      return "other layout";
    case LayerChangeKind::reimplemented:
      break;
  }
  return "other implementation";
}

std::string signed_percent(double fraction) {
  return fmt::format("{:+.{}f} %", fraction * 100.0, std::abs(fraction) < 0.9995 ? 1 : 0);
}

std::string interval_text(const Interval& interval) {
  return fmt::format("[{:+.1f}, {:+.1f}]", interval.low * 100.0, interval.high * 100.0);
}

std::string percent_level(double level) {
  return fmt::format("{:.3g} %", level * 100.0);
}

// Three digits do not show a change of 1 %.
std::string four_digits(double seconds) {
  constexpr std::array<std::string_view, 4> units = {"ns", "us", "ms", "s"};
  double value = seconds * 1e9;
  std::size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(value) >= 999.95) {
    value /= 1000.0;
    ++unit;
  }
  const double magnitude = std::abs(value);
  return fmt::format("{:.{}f} {}", value, magnitude < 10.0 ? 3 : magnitude < 100.0 ? 2 : 1, units.at(unit));
}

std::string counted_units(const SideCounts& side) {
  std::string text = fmt::format("{} {}", side.launches, side.launches == 1 ? "launch" : "launches");
  if (side.builds > 1) text += fmt::format(" of {}", counted(static_cast<std::int64_t>(side.builds), "build"));
  return text;
}

std::string counts(const ChangeVerdict& verdict) {
  const bool alike = verdict.a.launches == verdict.b.launches && verdict.a.builds == verdict.b.builds;
  return alike ? counted_units(verdict.a) + " each"
               : fmt::format("{} of A, {} of B", counted_units(verdict.a), counted_units(verdict.b));
}

std::string_view relation(Outcome outcome) {
  switch (outcome) {
    case Outcome::faster:
      return "B is FASTER than A";
    case Outcome::same:
      return "B is the SAME as A";
    case Outcome::slower:
      return "B is SLOWER than A";
    case Outcome::undecided:
      break;
  }
  return "UNDECIDED, B against A";
}

class ComparisonText {
 public:
  ComparisonText(std::ostream& out, const Comparison& comparison, const ComparisonTextOptions& options)
      : out_(out),
        comparison_(comparison),
        options_(options),
        paint_(options.color),
        columns_(std::max(options.columns, kLeastColumns)) {}

  void write() {
    first_line();
    paragraph("  ", sentence(comparison_.verdict.reason));
    figures();
    if (options_.quiet) return;
    if (comparison_.layers) {
      layers(*comparison_.layers);
      layer_changes(*comparison_.layers);
    }
    settings();
    sentences("Notes", comparison_.notes);
    sentences("Warnings", comparison_.warnings);
  }

 private:
  void first_line() {
    const std::string line = verdict_line(comparison_);
    const Outcome outcome = comparison_.verdict.outcome;
    out_ << (outcome == Outcome::slower      ? paint_.alarm(line)
             : outcome == Outcome::undecided ? paint_.warning(line)
                                             : paint_.bold(line))
         << '\n';
  }

  static std::string sentence(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
      text.front() = static_cast<char>(text.front() - 32);
    return text.empty() || text.ends_with('.') ? text : text + '.';
  }

  void paragraph(std::string_view lead, std::string_view text) {
    const std::size_t indent = display_width(lead);
    out_ << lead << wrap(printable(text), columns_, indent, indent) << '\n';
  }

  void sentences(std::string_view heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    out_ << '\n' << paint_.bold(fmt::format("{}:", heading)) << '\n';
    for (const std::string& line : lines) paragraph("  - ", sentence(line));
  }

  void figures() {
    const std::string what = comparison_.per_item ? "Time of one item" : "Time";
    out_ << '\n'
         << paint_.bold(fmt::format("{:<{}}  {:>9}  {:>9}  {:>8}  {:<17} {}", what, kFigureWidth, "A", "B", "change",
                                    percent_level(comparison_.verdict.level), "verdict"))
         << '\n';
    for (const ComparedFigure& figure : comparison_.figures) {
      const ChangeVerdict& verdict = figure.verdict;
      out_ << fmt::format("{:<{}}  {:>9}  {:>9}  {:>8}  {:<17} {}\n", in_words(figure.kind), kFigureWidth,
                          four_digits(verdict.seconds_a), four_digits(verdict.seconds_b),
                          signed_percent(verdict.effect), interval_text(verdict.interval), to_string(verdict.outcome));
    }
  }

  void layers(const LayersCompared& layers) {
    in_us_ = std::max(layers.sum_a, layers.sum_b) < kMilliseconds;
    interval_width_ =
        std::ranges::any_of(layers.groups, [](const LayerComparison& group) { return group.interval.has_value(); })
            ? kIntervalWidth
            : 0;
    const std::string clear =
        interval_width_ == 0 ? "" : fmt::format("; * clear among all {} at once", layers.groups.size());
    out_ << '\n'
         << paint_.bold(fmt::format("Layers by change of their time, in {}{}:", in_us_ ? "us" : "ms", clear)) << '\n';
    out_ << fmt::format("  {:>10}{:>10}{:>11}  {:<{}}{:<3}{:<{}}{}\n", "A", "B", "B - A",
                        interval_width_ == 0 ? "" : "95 %", interval_width_, "", "Type", kTypeWidth, "Layer");
    double rest_a = layers.sum_a;
    double rest_b = layers.sum_b;
    const std::size_t shown = std::min(options_.top, layers.groups.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const LayerComparison& group = layers.groups[i];
      rest_a -= group.seconds_a;
      rest_b -= group.seconds_b;
      layer(group);
    }
    if (const std::size_t others = layers.groups.size() - shown; others > 0) {
      row(rest_a, rest_b, "", "", "", counted(static_cast<std::int64_t>(others), "other"));
    }
    row(layers.sum_a, layers.sum_b, "", "", "", "sum of the layers");
  }

  [[nodiscard]] std::string in_unit(double seconds) const {
    const std::string text = fmt::format("{:.{}f}", seconds * (in_us_ ? 1e6 : 1e3), in_us_ ? 2 : 4);
    return text.find_first_not_of("-0.") == std::string::npos && text.front() == '-' ? text.substr(1) : text;
  }
  [[nodiscard]] std::string signed_in_unit(double seconds) const {
    const std::string text = in_unit(seconds);
    return text.front() == '-' ? text : '+' + text;
  }

  void row(double a, double b, std::string_view interval, std::string_view mark, std::string_view type,
           std::string_view name) {
    const std::size_t used = kBeforeName + interval_width_;
    const std::size_t room = std::max(columns_ > used ? columns_ - used : 0, kLeastName);
    out_ << fmt::format("  {:>10}{:>10}{:>11}  {:<{}}{:<3}{:<{}}{}\n", in_unit(a), in_unit(b), signed_in_unit(b - a),
                        interval, interval_width_, mark, type, kTypeWidth, shorten_middle(name, room));
  }

  void layer(const LayerComparison& group) {
    const std::string interval = group.interval ? fmt::format("[{}, {}]", signed_in_unit(group.interval->low),
                                                              signed_in_unit(group.interval->high))
                                                : "";
    row(group.seconds_a, group.seconds_b, interval, group.clear ? "*" : "", display_name(group.layer_class),
        group.name);
    for (const LayerChange& change : group.changes) {
      const std::string text =
          change.a.empty() || change.b.empty()
              ? fmt::format("{} ({})", in_words(change.kind), change.a.empty() ? change.b : change.a)
              : fmt::format("{}: {} -> {}", in_words(change.kind), fitted(change.a), fitted(change.b));
      out_ << kChangeIndent << shorten_middle(text, columns_ - kChangeIndent.size()) << '\n';
    }
  }

  // Kernels have names of 100 characters.
  [[nodiscard]] std::string fitted(const std::string& text) const {
    constexpr std::size_t words = 26;  // "other implementation: " and " -> "
    return shorten_middle(text, (columns_ - kChangeIndent.size() - words) / 2);
  }

  void layer_changes(const LayersCompared& layers) {
    std::map<LayerChangeKind, std::size_t> kinds;
    for (const LayerComparison& group : layers.groups) {
      for (const LayerChange& change : group.changes) ++kinds[change.kind];
    }
    std::string text;
    for (const auto& [kind, count] : kinds) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, in_words(kind));
    }
    paragraph("  ", text.empty() ? "No layer is gained, lost, or made in another way."
                                 : fmt::format("Of {} groups of layers: {}.", layers.groups.size(), text));
  }

  void settings() {
    if (comparison_.settings.empty()) return;
    out_ << '\n' << paint_.bold("What differs beside the times:") << '\n';
    const auto not_set = [](const std::string& text) { return text.empty() ? std::string("(none)") : text; };
    for (std::size_t i = 0; i < std::min(kMostSettings, comparison_.settings.size()); ++i) {
      const SettingChange& change = comparison_.settings[i];
      paragraph(fmt::format("  {}: ", printable(change.name)),
                fmt::format("{} -> {}", not_set(change.a), not_set(change.b)));
    }
    if (comparison_.settings.size() > kMostSettings) {
      out_ << fmt::format("  and {} more\n", comparison_.settings.size() - kMostSettings);
    }
  }

  std::ostream& out_;
  const Comparison& comparison_;
  const ComparisonTextOptions& options_;
  Paint paint_;
  std::size_t columns_;
  std::size_t interval_width_ = 0;  // of the layer table
  bool in_us_ = false;
};

}  // namespace

std::string verdict_line(const Comparison& comparison) {
  const ChangeVerdict& verdict = comparison.verdict;
  const std::string what =
      comparison.figure == FigureKind::latency ? "median" : std::string(in_words(comparison.figure));
  return fmt::format("{}: {} {} ({}), {} -> {} {}{}, {}{}", relation(verdict.outcome), signed_percent(verdict.effect),
                     interval_text(verdict.interval), percent_level(verdict.level), four_digits(verdict.seconds_a),
                     four_digits(verdict.seconds_b), what, comparison.per_item ? " per item" : "", counts(verdict),
                     comparison.partial ? ", PARTIAL" : "");
}

void write_comparison_text(std::ostream& out, const Comparison& comparison, const ComparisonTextOptions& options) {
  ComparisonText(out, comparison, options).write();
}

}  // namespace trtprof
