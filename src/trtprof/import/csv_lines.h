// CSV inside the output of a tool: lines come one at a time from a stream of any length, and most of them may be no
// CSV.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

// Lines without their ends ("\n", "\r\n"), the mark at the beginning of UTF-8 files left out. A line longer than the
// limit is cut there: no file of any kind can make this take all memory.
class LineReader {
 public:
  explicit LineReader(std::istream& in, std::size_t longest = std::size_t{64} << 20) : in_(in), longest_(longest) {}
  // False at the end.
  bool next(std::string& line);
  // The last line had no end: the file may have been cut off within it.
  [[nodiscard]] bool unfinished() const { return unfinished_; }

 private:
  std::istream& in_;
  std::size_t longest_;
  bool first_ = true;
  bool unfinished_ = false;
};

// RFC 4180 fields of a record. nullopt: a quoted field is still open at its end, and the next line belongs to it.
[[nodiscard]] std::optional<std::vector<std::string>> csv_fields(std::string_view record);

}  // namespace trtprof
