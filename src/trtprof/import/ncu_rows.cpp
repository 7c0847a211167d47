#include "trtprof/import/ncu_rows.h"

#include <algorithm>
#include <utility>

#include "trtprof/import/csv_lines.h"
#include "trtprof/import/nvtx_ranges.h"

namespace trtprof {
namespace {

// Lines that a quoted field may go on for.
constexpr int kMaxContinuation = 64;
constexpr std::string_view kBetween = "\",\"";

bool has_readable_ranges(const NcuFields& fields, const NcuColumns& columns) {
  return std::ranges::all_of(columns.nvtx, [&](std::size_t i) {
    return parse_nvtx_cell(fields[i], i == columns.start_stop ? NvtxCell::start_stop : NvtxCell::push_pop).has_value();
  });
}

// A field or a payload goes on.
bool is_open(std::string_view row) {
  const auto plain = without_bare_payloads(row);
  return !plain || !csv_fields(*plain);
}

// A row of which all but its ranges is valid, by its columns from both ends. Grid and block tell whether it is.
std::optional<NcuFields> fields_around_ranges(std::string_view row, const NcuColumns& columns) {
  if (columns.nvtx.empty() || !columns.grid || !columns.block) return std::nullopt;
  const auto [first, last] = std::ranges::minmax(columns.nvtx);
  if (last - first + 1 != columns.nvtx.size() || first == 0 || last + 1 >= columns.count) return std::nullopt;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < first && begin != std::string_view::npos; ++i) begin = row.find(kBetween, begin + 1);
  std::size_t end = row.size();
  for (std::size_t i = last + 1; i < columns.count && end != 0 && end != std::string_view::npos; ++i) {
    end = row.rfind(kBetween, end - 1);
  }
  if (begin == std::string_view::npos || end == std::string_view::npos || end <= begin) return std::nullopt;
  const auto left = csv_fields(row.substr(0, begin + 1));
  const auto right = csv_fields(row.substr(end + 2));
  if (!left || !right || left->size() != first || right->size() != columns.count - last - 1) return std::nullopt;
  NcuFields fields = *left;
  fields.resize(last + 1);
  fields.insert(fields.end(), right->begin(), right->end());
  if (parse_dimensions(fields[*columns.grid]).empty() || parse_dimensions(fields[*columns.block]).empty()) {
    return std::nullopt;
  }
  return fields;
}

}  // namespace

bool NcuRowFinder::line(const std::string& line) {
  if (!pending_.empty()) return continue_row(line);
  if (line.find("Kernel Name") != std::string::npos && line.find("ID") != std::string::npos) {
    if (const auto fields = csv_fields(line)) {
      if (auto columns = ncu_columns(*fields)) {
        columns_ = std::move(*columns);
        expect_units_ = !columns_->details();
        return handler_.header(*fields, *columns_);
      }
    }
  }
  if (columns_ && begins_ncu_row(line, expect_units_)) return begin_row(line);
  if (line.starts_with("==")) handler_.message(line);
  return true;
}

void NcuRowFinder::end() {
  if (!pending_.empty()) handler_.cut_row();
}

bool NcuRowFinder::begin_row(const std::string& line) {
  if (const auto row = read(line)) return hand_on(*row);
  if (!is_open(line)) {
    handler_.cut_row();
    return true;
  }
  pending_ = line;
  continued_ = 0;
  return true;
}

bool NcuRowFinder::continue_row(const std::string& line) {
  // The next row rather than more of this one, which was then cut off.
  if (begins_ncu_row(line, false)) {
    if (const auto row = read(line)) {
      pending_.clear();
      handler_.cut_row();
      return hand_on(*row);
    }
  }
  pending_ += '\n';
  pending_ += line;
  if (const auto row = read(pending_)) {
    pending_.clear();
    return hand_on(*row);
  }
  if (!is_open(pending_) || ++continued_ > kMaxContinuation) {
    pending_.clear();
    handler_.cut_row();
  }
  return true;
}

std::optional<NcuRowFinder::Row> NcuRowFinder::read(std::string_view text) const {
  const bool details = columns_->details();
  // The details page leaves out the columns of rules behind a metric: `...,"12.5",`.
  if (text.starts_with('"') && !text.ends_with('"') && !(details && text.ends_with("\","))) return std::nullopt;
  const auto plain = without_bare_payloads(text);
  auto fields = plain ? csv_fields(*plain) : std::nullopt;
  if (fields && details && fields->size() == *columns_->metric_value + 2 && fields->back().empty()) {
    fields->resize(columns_->count);
  }
  if (fields && fields->size() == columns_->count && has_readable_ranges(*fields, *columns_)) {
    const bool units = expect_units_ && (*fields)[*columns_->id].empty();
    return Row{std::move(*fields), units ? NcuRowKind::units : NcuRowKind::kernel};
  }
  fields = fields_around_ranges(text, *columns_);
  if (!fields) return std::nullopt;
  return Row{std::move(*fields), NcuRowKind::kernel_without_ranges};
}

bool NcuRowFinder::hand_on(const Row& row) {
  expect_units_ = false;
  return handler_.row(row.fields, row.kind);
}

}  // namespace trtprof
