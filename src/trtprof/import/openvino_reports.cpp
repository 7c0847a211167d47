#include "trtprof/import/openvino_reports.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/text.h"
#include "trtprof/import/csv_lines.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/metric_units.h"
#include "trtprof/import/openvino_layers.h"
#include "trtprof/import/trace_events.h"

namespace trtprof {
namespace {

constexpr std::size_t kQuotedColumns = 80;  // of what the file says, in messages

using nlohmann::json;
using Fields = std::vector<std::string>;

constexpr double kMillisecond = 1e-3;
// The columns of a row behind the layer's name: status, type, exec type, real time, CPU time; sorted reports add a
// share.
constexpr std::size_t kColumns = 6;
constexpr std::string_view kFirstColumns = "layerName";

// A record's fields by the separator of its report: ";" as benchmark_app writes it, "," in the sorted report of the
// Python program, either or a tabulator where a spreadsheet wrote it again.
std::optional<Fields> fields_of(const std::string& record, char separator) {
  if (separator == ',') return csv_fields(record);
  Fields fields(1);
  for (const char c : record) {
    if (c == separator) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (fields.size() > 1 && fields.back().empty()) fields.pop_back();  // the C++ program ends each field with one
  return fields;
}

class CsvReader {
 public:
  Status read(std::istream& in) {
    LineReader lines(in, kLongestForeignName * 2);
    std::string record;
    for (std::string line; lines.next(line);) {
      record += record.empty() ? line : '\n' + line;
      if (record.starts_with(kFirstColumns) && record.size() > kFirstColumns.size()) {
        separator_ = record[kFirstColumns.size()];
      }
      const auto fields = fields_of(record, separator_);
      if (!fields && record.size() < kLongestForeignName) continue;  // a quoted field goes on
      if (!fields) return fail("a quoted field has no end");
      if (Status taken = take(record, *fields); !taken) return taken;
      record.clear();
    }
    if (!record.empty() || !ended_) return fail("it ends in the middle of a report: the file is cut off");
    return {};
  }

  [[nodiscard]] bool sorted() const { return sorted_; }

  OpenvinoLayers layers;

 private:
  Status take(const std::string& record, const Fields& fields) {
    if (record.starts_with(kFirstColumns)) {
      layers.begin_request();
      ended_ = false;
      sorted_ = fields.size() > kColumns;
      return {};
    }
    constexpr std::string_view total = "Total time: ";
    if (record.starts_with(total)) {  // "Total time: 0.78 milliseconds", beneath a sorted report
      const std::size_t end = record.find(" milliseconds");
      return take_total(record.substr(total.size(), end == std::string::npos ? end : end - total.size()));
    }
    if (ended_ || record.find_first_not_of(" \t;,") == std::string::npos) return {};  // between reports
    if (fields.size() >= kColumns - 1 && fields.front() == "Total" && fields[1].empty()) return take_total(fields[4]);
    return take_layer(record, fields);
  }

  Status take_total(const std::string& text) {
    ended_ = true;
    const auto milliseconds = parse(text);
    if (!milliseconds) return fail(fmt::format("its total is \"{}\"", shorten_middle(text, kQuotedColumns)));
    layers.end_request(*milliseconds * kMillisecond);
    return {};
  }

  // The name is whatever stands before the last columns: separators in it are not marked.
  Status take_layer(const std::string& record, const Fields& fields) {
    const std::size_t behind = kColumns - 1 + (sorted_ ? 1 : 0);
    if (fields.size() <= behind)
      return fail(fmt::format("the line \"{}\" has too few columns", shorten_middle(record, kQuotedColumns)));
    const std::size_t first = fields.size() - behind;
    OpenvinoCounter counter;
    counter.name = fields.front();
    for (std::size_t i = 1; i < first; ++i) counter.name += separator_ + fields[i];
    counter.status = fields[first];
    counter.type = fields[first + 1];
    counter.exec_type = fields[first + 2];
    const auto milliseconds = parse(fields[first + 3]);
    if (!milliseconds) return fail(fmt::format("the line \"{}\" has no time", shorten_middle(record, kQuotedColumns)));
    counter.seconds = *milliseconds * kMillisecond;
    return layers.add(std::move(counter));
  }

  [[nodiscard]] std::optional<double> parse(const std::string& text) {
    style_.observe(text);
    const auto comma = text.find(',');
    const bool decimal = comma != std::string::npos && text.find('.') == std::string::npos &&
                         text.find(',', comma + 1) == std::string::npos;
    if (decimal) return style_of_comma_.parse(text);
    return style_.parse(text);
  }

  static NumberStyle comma_style() {
    NumberStyle style;
    style.observe("0,5000");
    return style;
  }

  char separator_ = ';';
  bool sorted_ = false;
  bool ended_ = true;  // the last report has its total
  NumberStyle style_;
  NumberStyle style_of_comma_ = comma_style();
};

Status take_request(const json& request, OpenvinoLayers& layers, bool& sorted) {
  const auto nodes = request.is_object() ? request.find("nodes") : request.end();
  if (!request.is_object() || nodes == request.end() || !nodes->is_array())
    return fail("a request has no list of nodes");
  layers.begin_request();
  for (const json& node : *nodes) {
    if (!node.is_object()) return fail("a node is no object");
    sorted = sorted || node.contains("%");
    const auto time = member_number(node, "real_time");
    if (!time)
      return fail(fmt::format("node \"{}\" has no time", shorten_middle(member_text(node, "name"), kQuotedColumns)));
    if (Status added =
            layers.add({member_text(node, "name"), member_text(node, "status"), member_text(node, "node_type"),
                        member_text(node, "exec_type"), *time * kMillisecond});
        !added) {
      return added;
    }
  }
  if (const auto total = member_number(request, "total_real_time")) layers.end_request(*total * kMillisecond);
  return {};
}

Status read_json(ForeignStream& file, OpenvinoLayers& layers, bool& sorted) {
  JsonStream stream(file);
  if (stream.next() != JsonToken::begin_object) return stream.status();
  for (JsonToken token = stream.next(); token == JsonToken::key; token = stream.next()) {
    const std::string key = stream.text();
    token = stream.next();
    const bool list = key == "detailed_performance" && token == JsonToken::begin_array;
    if (!list && key != "avg_performance") {
      if (!stream.skip(token)) return stream.status();
      continue;
    }
    if (list) token = stream.next();
    while (token != JsonToken::end_array) {
      json value;
      if (!stream.value(token, value)) return stream.status();
      if (Status taken = take_request(value, layers, sorted); !taken) {
        return fail(fmt::format("{}: {}", file.name(), taken.error().message));
      }
      if (!list) break;
      token = stream.next();
    }
  }
  return stream.status();
}

}  // namespace

bool is_openvino_counters(std::string_view beginning) {
  for (const std::string_view header :
       {"layerName;execStatus;layerType;", "layerName,execStatus,layerType,", "layerName\texecStatus\tlayerType\t"}) {
    if (beginning.starts_with(header)) return true;
  }
  const JsonOutline outline = json_outline(beginning);
  return outline.root == '{' && (outline.has("detailed_performance") || outline.has("avg_performance"));
}

Result<Imported> read_openvino_counters(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  CsvReader csv;
  bool sorted = false;
  if (file->beginning().starts_with(kFirstColumns)) {
    const Status read = csv.read(file->in());
    if (const Status intact = file->status(); !intact) return forward_error(intact);
    if (!read) return fail(fmt::format("{}: {}", file->name(), read.error().message), read.error().hint);
    sorted = csv.sorted();
  } else if (const Status read = read_json(*file, csv.layers, sorted); !read) {
    return forward_error(read);
  }
  auto profile = csv.layers.finish(file->name());
  if (!profile) return forward_error(profile);
  if (sorted) {
    profile->notes.emplace_back("The report is sorted by time: the layers' order is not that of execution.");
  }
  Imported imported;
  imported.format = ForeignFormat::openvino_counters;
  imported.path = path.string();
  imported.profile = std::move(*profile);
  for (const Layer& layer : imported.profile.layer_run->layers) imported.layer_names.push_back(layer.name);
  return imported;
}

}  // namespace trtprof
