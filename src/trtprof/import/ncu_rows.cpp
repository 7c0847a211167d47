#include "trtprof/import/ncu_rows.h"

#include <utility>

#include "trtprof/import/csv_lines.h"

namespace trtprof {
namespace {

// Lines that a quoted field may go on for.
constexpr int kMaxContinuation = 64;

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
  auto fields = csv_fields(line);
  if (!fields) {
    pending_ = line;
    continued_ = 0;
    return true;
  }
  return finish_row(*fields);
}

bool NcuRowFinder::continue_row(const std::string& line) {
  // The next row rather than more of this one, which was then cut off.
  if (begins_ncu_row(line, false)) {
    const auto fields = csv_fields(line);
    if (fields && fields->size() == columns_->count) {
      pending_.clear();
      handler_.cut_row();
      return finish_row(*fields);
    }
  }
  pending_ += '\n';
  pending_ += line;
  if (auto fields = csv_fields(pending_)) {
    pending_.clear();
    return finish_row(*fields);
  }
  if (++continued_ > kMaxContinuation) {
    pending_.clear();
    handler_.cut_row();
  }
  return true;
}

bool NcuRowFinder::finish_row(const NcuFields& fields) {
  if (fields.size() != columns_->count) {
    handler_.cut_row();
    return true;
  }
  const bool units = expect_units_ && fields[*columns_->id].empty();
  expect_units_ = false;
  return handler_.row(fields, units);
}

}  // namespace trtprof
