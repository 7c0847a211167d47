// Trace events as they are written, one a line, and the rows that they lie in. Private to report/.
#pragma once

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trtprof {

// The "args" of an event, in the order they are added.
class TraceArguments {
 public:
  TraceArguments& add(std::string_view key, std::string_view text);
  TraceArguments& add(std::string_view key, const char* text) { return add(key, std::string_view(text)); }
  TraceArguments& add(std::string_view key, double number);
  TraceArguments& add(std::string_view key, std::integral auto number) { return add_text(key, std::to_string(number)); }
  TraceArguments& add(std::string_view key, const std::vector<std::string>& texts);
  [[nodiscard]] std::string json() const { return '{' + members_ + '}'; }
  [[nodiscard]] bool empty() const { return members_.empty(); }

 private:
  TraceArguments& add_text(std::string_view key, const std::string& json);
  std::string members_;
};

// Where an event lies: processes hold threads in these viewers, whatever they stand for.
struct TraceRow {
  std::int64_t process = 0;
  std::int64_t thread = 0;
};

// Times are whole nanoseconds, so that what follows without a gap does not overlap after rounding.
[[nodiscard]] std::int64_t trace_nanoseconds(double seconds);

class TraceEvents {
 public:
  // Begins the document; the destructor ends it.
  TraceEvents(std::ostream& out, const TraceArguments& other_data);
  TraceEvents(const TraceEvents&) = delete;
  TraceEvents& operator=(const TraceEvents&) = delete;
  ~TraceEvents();

  void process(std::int64_t process, std::string_view name);
  // A slice on `track` of `process`; slices of a track come by start, what contains another before it.
  TraceRow slice(std::int64_t process, const std::string& track, std::string_view name, std::string_view category,
                 std::int64_t start, std::int64_t end, const TraceArguments& arguments);
  // An arrow from the slice that is open in `from` at `start` to the one that begins in `to` at `end`.
  void flow(std::string_view name, const TraceRow& from, std::int64_t start, const TraceRow& to, std::int64_t end);
  void counter(std::int64_t process, std::string_view name, std::int64_t at, std::string_view unit, double value);

 private:
  struct Row {
    TraceRow place;
    std::vector<std::int64_t> open;  // ends of the slices that are open, outermost first
  };
  Row& row_for(std::int64_t process, const std::string& track, std::int64_t start, std::int64_t end);
  void begin_event();
  void metadata(const TraceRow& row, std::string_view what, const TraceArguments& arguments);

  std::ostream& out_;
  bool first_ = true;
  std::int64_t threads_ = 0;
  std::int64_t flows_ = 0;
  std::map<std::pair<std::int64_t, std::string>, std::vector<Row>> tracks_;
};

}  // namespace trtprof
