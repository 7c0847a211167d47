#include "trtprof/report/trace_events.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trtprof {
namespace {

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string microseconds(std::int64_t nanoseconds) {
  return fmt::format("{}{}.{:03}", nanoseconds < 0 ? "-" : "", std::abs(nanoseconds / 1000),
                     std::abs(nanoseconds % 1000));
}

}  // namespace

TraceArguments& TraceArguments::add_text(std::string_view key, const std::string& json) {
  members_ += fmt::format("{}{}: {}", members_.empty() ? "" : ", ", json_text(key), json);
  return *this;
}

TraceArguments& TraceArguments::add(std::string_view key, std::string_view text) {
  return add_text(key, json_text(text));
}

TraceArguments& TraceArguments::add(std::string_view key, double number) {
  return add_text(key, std::isfinite(number) ? nlohmann::json(number).dump() : "null");
}

TraceArguments& TraceArguments::add(std::string_view key, const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + json_text(text);
  return add_text(key, '[' + list + ']');
}

std::int64_t trace_nanoseconds(double seconds) {
  // Of a profile that was written by hand: a century either way, whose difference is a number of nanoseconds still.
  constexpr double most = 4e9;
  return std::llround(std::clamp(seconds, -most, most) * 1e9);
}

TraceEvents::TraceEvents(std::ostream& out, const TraceArguments& other_data) : out_(out) {
  out_ << "{\n\"displayTimeUnit\": \"ns\",\n\"otherData\": " << other_data.json() << ",\n\"traceEvents\": [";
}

TraceEvents::~TraceEvents() {
  out_ << "\n]\n}\n";
}

void TraceEvents::begin_event() {
  out_ << (first_ ? "\n" : ",\n");
  first_ = false;
}

void TraceEvents::metadata(const TraceRow& row, std::string_view what, const TraceArguments& arguments) {
  begin_event();
  out_ << fmt::format(R"({{"ph": "M", "name": {}, "pid": {}, "tid": {}, "args": {}}})", json_text(what), row.process,
                      row.thread, arguments.json());
}

void TraceEvents::process(std::int64_t process, std::string_view name) {
  metadata({process, 0}, "process_name", TraceArguments().add("name", name));
  metadata({process, 0}, "process_sort_index", TraceArguments().add("sort_index", process));
}

TraceEvents::Row& TraceEvents::row_for(std::int64_t process, const std::string& track, std::int64_t start,
                                       std::int64_t end) {
  std::vector<Row>& rows = tracks_[{process, track}];
  for (Row& row : rows) {
    while (!row.open.empty() && row.open.back() <= start) row.open.pop_back();
    if (row.open.empty() || end <= row.open.back()) return row;
  }
  Row& row = rows.emplace_back();
  row.place = {process, ++threads_};
  const std::string name = rows.size() == 1 ? track : fmt::format("{} ({})", track, rows.size());
  metadata(row.place, "thread_name", TraceArguments().add("name", name));
  metadata(row.place, "thread_sort_index", TraceArguments().add("sort_index", row.place.thread));
  return row;
}

TraceRow TraceEvents::slice(std::int64_t process, const std::string& track, std::string_view name,
                            std::string_view category, std::int64_t start, std::int64_t end,
                            const TraceArguments& arguments) {
  Row& row = row_for(process, track, start, end);
  row.open.push_back(end);
  begin_event();
  out_ << fmt::format(R"({{"ph": "X", "name": {}, "cat": {}, "pid": {}, "tid": {}, "ts": {}, "dur": {}, "args": {}}})",
                      json_text(name), json_text(category), process, row.place.thread, microseconds(start),
                      microseconds(std::max(end - start, std::int64_t{0})), arguments.json());
  return row.place;
}

void TraceEvents::flow(std::string_view name, const TraceRow& from, std::int64_t start, const TraceRow& to,
                       std::int64_t end) {
  ++flows_;
  begin_event();
  out_ << fmt::format(R"({{"ph": "s", "name": {0}, "cat": {0}, "id": {1}, "pid": {2}, "tid": {3}, "ts": {4}}})",
                      json_text(name), flows_, from.process, from.thread, microseconds(start));
  begin_event();
  out_ << fmt::format(
      R"({{"ph": "f", "bp": "e", "name": {0}, "cat": {0}, "id": {1}, "pid": {2}, "tid": {3}, "ts": {4}}})",
      json_text(name), flows_, to.process, to.thread, microseconds(end));
}

void TraceEvents::counter(std::int64_t process, std::string_view name, std::int64_t at, std::string_view unit,
                          double value) {
  begin_event();
  out_ << fmt::format(R"({{"ph": "C", "name": {}, "pid": {}, "tid": 0, "ts": {}, "args": {}}})", json_text(name),
                      process, microseconds(at), TraceArguments().add(unit, value).json());
}

}  // namespace trtprof
