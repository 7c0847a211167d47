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

// What the lines of a file are, told one by one.
struct NcuRowHandler {
  std::function<bool(const NcuFields&, const NcuColumns&)> header;  // false: enough
  std::function<bool(const NcuFields&, bool units)> row;            // false: enough
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
  bool finish_row(const NcuFields& fields);

  NcuRowHandler handler_;
  std::optional<NcuColumns> columns_;
  bool expect_units_ = false;
  std::string pending_;
  int continued_ = 0;
};

}  // namespace trtprof
