// The report of the guide, column by column.
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof::text_report {
namespace {

// Measured on the guide's sample: the name begins in column 1, the type in column 41, the time ends in column 66 and
// the share in column 78, decimals under decimals.
constexpr std::size_t kRuleWidth = 80;
constexpr std::size_t kNameWidth = 40;
constexpr std::size_t kTimeEnd = 66;
constexpr std::size_t kShareWidth = 12;
constexpr std::size_t kTitleIndent = 14;
constexpr std::string_view kHeader =
    "Layer Name                              Type                Time (ms)   % of Total";
// Beside the longest display name of a class (14 columns) and a space.
constexpr std::size_t kMaxTimeWidth = 11;
// The Top list has no columns to keep, and is where a name that the table had to shorten is read; the limit is for
// names that would fill a screen.
constexpr std::size_t kTopNameWidth = 120;

constexpr std::string_view kUnknown = "-";

struct Row {
  const Layer* layer = nullptr;
  std::optional<double> seconds;
};

std::string time_text(double seconds) {
  std::string text;
  for (int decimals = 4; decimals >= 0; --decimals) {
    text = format_milliseconds(seconds, decimals);
    if (text.size() <= kMaxTimeWidth) {
      break;
    }
  }
  return text;
}

std::string share_text(double seconds, double total) {
  return total > 0.0 ? format_percent(seconds / total) : std::string(kUnknown);
}

std::string table_line(std::string_view name, std::string_view type, std::string_view time, std::string_view share) {
  const std::size_t time_width = std::max(kTimeEnd - kNameWidth - display_width(type), time.size() + 1);
  return fmt::format("{} {}{:>{}}{:>{}}", fit_left(name, kNameWidth - 1), type, time, time_width, share, kShareWidth);
}

std::vector<Row> rows_of(const LayerRun& run) {
  std::vector<Row> rows;
  rows.reserve(run.layers.size());
  for (const Layer& layer : run.layers) {
    rows.push_back({&layer, layer_seconds(layer)});
  }
  return rows;
}

bool slower(const Row& a, const Row& b) {
  return a.seconds.value_or(-1.0) > b.seconds.value_or(-1.0);
}

void sort_rows(std::vector<Row>& rows, LayerOrder order) {
  const auto type = [](const Row& row) { return display_name(row.layer->layer_class); };
  switch (order) {
    case LayerOrder::execution:
      return;
    case LayerOrder::time:
      std::ranges::stable_sort(rows, slower);
      return;
    case LayerOrder::name:
      std::ranges::stable_sort(
          rows, [](const Row& a, const Row& b) { return readable_name(*a.layer) < readable_name(*b.layer); });
      return;
    case LayerOrder::type:  // within a type, what costs most first
      std::ranges::stable_sort(
          rows, [&](const Row& a, const Row& b) { return type(a) != type(b) ? type(a) < type(b) : slower(a, b); });
      return;
  }
}

void write_rows(std::ostream& out, const std::vector<Row>& rows, double total) {
  for (const Row& row : rows) {
    out << table_line(readable_name(*row.layer), display_name(row.layer->layer_class),
                      row.seconds ? time_text(*row.seconds) : std::string(kUnknown),
                      row.seconds ? share_text(*row.seconds, total) : std::string(kUnknown))
        << '\n';
  }
}

void write_totals(std::ostream& out, const Profile& profile, double total, const Paint& paint) {
  const char* device = profile.environment.device_kind == DeviceKind::cpu ? "CPU" : "GPU";
  out << paint.bold(table_line("total_time_sum", "(all layers)", time_text(total), share_text(total, total))) << '\n'
      << std::string(kRuleWidth, '-') << '\n'
      << paint.bold(fmt::format("Total {} Execution Time: {} ms", device, format_milliseconds(total)))
      << (profile.partial ? paint.alarm(" (PARTIAL)") : "") << "\n\n";
}

void write_top(std::ostream& out, std::vector<Row> rows, double total, int top, const Paint& paint) {
  std::erase_if(rows, [](const Row& row) { return row.seconds.value_or(0.0) <= 0.0; });
  std::ranges::stable_sort(rows, slower);
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(std::max(top, 0))));
  if (rows.empty()) {
    return;
  }
  out << paint.bold(fmt::format("🔥 Top {} Time-Consuming Layers (Optimization Candidates):", rows.size())) << '\n';
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    out << fmt::format("  {}. [{}] {} ({}) - {} ms\n", i + 1, share_text(*row.seconds, total),
                       shorten_middle(readable_name(*row.layer), kTopNameWidth), display_name(row.layer->layer_class),
                       format_milliseconds(*row.seconds));
  }
  out << '\n';
}

}  // namespace

void write_layer_table(std::ostream& out, const Profile& profile, const TextReportOptions& options,
                       const Paint& paint) {
  const std::string double_rule(kRuleWidth, '=');
  const std::string rule(kRuleWidth, '-');
  const std::string& engine = profile.environment.engine_name;
  const std::string title = (engine.empty() ? "" : printable(engine) + ' ') + "Layer Profiling Results";
  out << double_rule << '\n' << std::string(kTitleIndent, ' ') << paint.bold(title) << '\n' << double_rule << '\n';
  if (!profile.layer_run) {
    out << "No layer times: this profile has no layer run.\n" << double_rule << '\n';
    return;
  }
  std::vector<Row> rows = rows_of(*profile.layer_run);
  const double total = layer_sum(*profile.layer_run);
  out << kHeader << '\n' << rule << '\n';
  sort_rows(rows, options.order);
  write_rows(out, rows, total);
  write_totals(out, profile, total, paint);
  write_top(out, rows_of(*profile.layer_run), total, options.top, paint);
  out << double_rule << '\n';
}

}  // namespace trtprof::text_report
