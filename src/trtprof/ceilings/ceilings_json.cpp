#include "trtprof/ceilings/ceilings_json.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

constexpr std::size_t kQuotedColumns = 80;  // of what the file says, in messages

using nlohmann::json;

// A text member that must be there and not be empty; nullptr otherwise.
const std::string* text_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end()) return nullptr;
  const auto* text = found->get_ptr<const json::string_t*>();
  return text != nullptr && !text->empty() ? text : nullptr;
}

const json* array_of(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

// {"low": ..., "high": ..., "samples": ...}; nullopt: there is none.
Result<std::optional<CeilingSpread>> spread_of(const json& object, std::string_view where, std::string_view kind) {
  const auto found = object.find("spread");
  if (found == object.end()) return std::nullopt;
  const auto number = [&](const char* key) {
    const auto member = found->is_object() ? found->find(key) : found->end();
    const bool good = found->is_object() && member != found->end() && member->is_number();
    return good ? member->get<double>() : -1.0;
  };
  const double low = number("low");
  const double high = number("high");
  const double samples = number("samples");
  constexpr double kMostSamples = 1e9;
  if (!(low > 0.0) || !(high >= low) || !std::isfinite(high) || !(samples >= 1.0 && samples <= kMostSamples)) {
    return fail(fmt::format("{}: the spread of {} is no 'low', 'high' and 'samples'", where, kind));
  }
  return CeilingSpread{low, high, static_cast<std::size_t>(samples)};
}

Result<CeilingFigure> figure_of(const json& object, std::string_view where) {
  const std::string* kind_name = text_of(object, "kind");
  if (kind_name == nullptr) return fail(fmt::format("{}: a figure has no kind", where));
  const auto kind = ceiling_kind_from_string(*kind_name);
  if (!kind)
    return fail(fmt::format("{}: '{}' is no kind of ceiling", where, shorten_middle(*kind_name, kQuotedColumns)));
  const auto value = object.find("value");
  if (value == object.end() || !value->is_number() || !(value->get<double>() > 0.0) ||
      !std::isfinite(value->get<double>())) {
    return fail(fmt::format("{}: the value of {} is no number above 0", where, *kind_name));
  }
  const std::string* basis = text_of(object, "basis");
  if (basis == nullptr || (*basis != "measured" && *basis != "datasheet")) {
    return fail(fmt::format("{}: the basis of {} is neither 'measured' nor 'datasheet'", where, *kind_name));
  }
  const std::string* source = text_of(object, "source");
  if (source == nullptr) return fail(fmt::format("{}: {} has no source", where, *kind_name));
  Result<std::optional<CeilingSpread>> spread = spread_of(object, where, *kind_name);
  if (!spread) return forward_error(spread);
  return CeilingFigure{*kind, value->get<double>(),
                       *basis == "measured" ? CeilingBasis::measured : CeilingBasis::datasheet, *source, *spread};
}

Result<DeviceCeilings> device_of(const json& object, std::string_view source) {
  const std::string* device = text_of(object, "device");
  if (device == nullptr) return fail(fmt::format("{}: a device has no name", source));
  const std::string where = fmt::format("{}: {}", source, shorten_middle(*device, kQuotedColumns));
  DeviceCeilings ceilings;
  ceilings.device = *device;
  const json* names = array_of(object, "names");
  const json* figures = array_of(object, "figures");
  if (names == nullptr || figures == nullptr || figures->empty()) {
    return fail(fmt::format("{}: it needs an array 'names' and an array 'figures' that is not empty", where));
  }
  for (const json& name : *names) {
    if (!name.is_string() || name.get_ref<const std::string&>().empty()) {
      return fail(fmt::format("{}: a name is no text", where));
    }
    ceilings.names.push_back(name.get<std::string>());
  }
  for (const json& entry : *figures) {
    Result<CeilingFigure> figure = figure_of(entry, where);
    if (!figure) return forward_error(figure);
    const bool twice = std::ranges::any_of(ceilings.figures, [&](const CeilingFigure& other) {
      return other.kind == figure->kind && other.basis == figure->basis;
    });
    if (twice) {
      return fail(fmt::format("{}: {} is told twice as {}", where, to_string(figure->kind), to_string(figure->basis)));
    }
    ceilings.figures.push_back(*std::move(figure));
  }
  return ceilings;
}

}  // namespace

Result<std::vector<DeviceCeilings>> ceilings_from_json(std::string_view text, std::string_view source) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(fmt::format("{}: not JSON", source));
  const auto schema = document.is_object() ? document.find("schema") : document.end();
  const std::string* name = document.is_object() && schema != document.end() ? text_of(*schema, "name") : nullptr;
  if (name == nullptr || *name != kCeilingsSchemaName) {
    return fail(fmt::format("{}: not a table of ceilings (no schema '{}')", source, kCeilingsSchemaName));
  }
  if (schema->value("major", json(0)) != json(1)) {
    return fail(fmt::format("{}: a table of ceilings of another major version than 1", source));
  }
  const json* devices = array_of(document, "devices");
  if (devices == nullptr) return fail(fmt::format("{}: no array 'devices'", source));
  std::vector<DeviceCeilings> table;
  std::set<std::string> names;
  for (const json& entry : *devices) {
    Result<DeviceCeilings> device = device_of(entry, source);
    if (!device) return forward_error(device);
    for (const std::string& each : device->names) {
      if (!names.insert(each).second)
        return fail(fmt::format("{}: two devices are named '{}'", source, shorten_middle(each, kQuotedColumns)));
    }
    table.push_back(*std::move(device));
  }
  return table;
}

void write_device(JsonWriter& writer, const DeviceCeilings& device) {
  writer.begin_object();
  writer.key("device");
  writer.value(device.device);
  writer.key("names");
  writer.begin_array();
  for (const std::string& name : device.names) writer.value(name);
  writer.end_array();
  writer.key("figures");
  writer.begin_array();
  for (const CeilingFigure& figure : device.figures) {
    writer.begin_object();
    writer.key("kind");
    writer.value(to_string(figure.kind));
    writer.key("value");
    writer.value(figure.value);
    writer.key("basis");
    writer.value(to_string(figure.basis));
    writer.key("source");
    writer.value(figure.source);
    if (figure.spread) {
      writer.key("spread");
      writer.begin_object();
      writer.key("low");
      writer.value(figure.spread->low);
      writer.key("high");
      writer.value(figure.spread->high);
      writer.key("samples");
      writer.value(std::uint64_t{figure.spread->samples});
      writer.end_object();
    }
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

void write_ceilings_schema(JsonWriter& writer) {
  writer.key("schema");
  writer.begin_object();
  writer.key("name");
  writer.value(std::string_view(kCeilingsSchemaName));
  writer.key("major");
  writer.value(std::int64_t{1});
  writer.end_object();
}

}  // namespace trtprof
