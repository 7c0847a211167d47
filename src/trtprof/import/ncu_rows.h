// The rows of Nsight Compute's reports among all that a tool and its target print.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/import/ncu_columns.h"

namespace trtprof {

using NcuFields = std::vector<std::string>;

enum class NcuRowKind {
  units,
  kernel,
  kernel_without_ranges,  // its cells of NVTX ranges are no CSV, and empty here
};

// What the lines of a file are, told one by one.
struct NcuRowHandler {
  std::function<bool(const NcuFields&, const NcuColumns&)> header;  // false: enough
  std::function<bool(const NcuFields&, NcuRowKind)> row;            // false: enough
  std::function<void(std::string_view)> message = [](std::string_view) {};
  std::function<void()> cut_row = [] {};
};

// Told the lines of a file one by one. A quoted field may go on over some lines; a row that is cut short takes no other
// with it.
class NcuRowFinder {
 public:
  explicit NcuRowFinder(NcuRowHandler handler) : handler_(std::move(handler)) {}

  // False: the handler has enough.
  bool line(const std::string& line);
  void end();

 private:
  bool begin_row(const std::string& line);
  bool continue_row(const std::string& line);
  struct Row {
    NcuFields fields;
    NcuRowKind kind = NcuRowKind::kernel;
  };
  // nullopt: no whole row.
  [[nodiscard]] std::optional<Row> read(std::string_view text) const;
  bool hand_on(const Row& row);

  NcuRowHandler handler_;
  std::optional<NcuColumns> columns_;
  bool expect_units_ = false;
  std::string pending_;
  int continued_ = 0;
};

}  // namespace trtprof
