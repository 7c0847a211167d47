#include "trtprof/import/csv_lines.h"

namespace trtprof {

bool LineReader::next(std::string& line) {
  line.clear();
  std::streambuf& buffer = *in_.rdbuf();
  using Traits = std::istream::traits_type;
  bool any = false;
  unfinished_ = true;
  for (auto c = buffer.sbumpc(); !Traits::eq_int_type(c, Traits::eof()); c = buffer.sbumpc()) {
    any = true;
    if (c == '\n') {
      unfinished_ = false;
      break;
    }
    if (line.size() < longest_) line += Traits::to_char_type(c);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (first_ && line.starts_with(mark)) line.erase(0, mark.size());
  first_ = false;
  return any;
}

std::optional<std::vector<std::string>> csv_fields(std::string_view record) {
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < record.size() && record[i + 1] == '"') {
        field += c;
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else {
      field += c;
    }
  }
  if (quoted) return std::nullopt;
  fields.push_back(std::move(field));
  return fields;
}

}  // namespace trtprof
