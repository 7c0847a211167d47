#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/optimize/loop/event_fields.h"
#include "trtprof/optimize/loop/journal.h"

namespace trtprof {
namespace {

using Json = nlohmann::ordered_json;

// In the order of LoopEvent::what.
constexpr auto kEventNames = std::to_array<std::string_view>(
    {"baseline", "started", "made", "accuracy", "look", "decided", "confirmation_look", "confirmed"});

constexpr auto kOutcomes = std::to_array({Outcome::faster, Outcome::same, Outcome::slower, Outcome::undecided});

std::optional<LoopStep> from_text(std::string_view text, LoopStep) {
  return loop_step_from_string(text);
}
std::optional<ClaimKind> from_text(std::string_view text, ClaimKind) {
  return claim_kind_from_string(text);
}
std::optional<DecisionKind> from_text(std::string_view text, DecisionKind) {
  return decision_kind_from_string(text);
}
std::optional<FigureKind> from_text(std::string_view text, FigureKind) {
  return figure_from_string(text);
}
std::optional<Outcome> from_text(std::string_view text, Outcome) {
  for (const Outcome outcome : kOutcomes) {
    if (to_string(outcome) == text) return outcome;
  }
  return std::nullopt;
}

template <class Value>
concept Plain = std::is_arithmetic_v<Value> || std::is_same_v<Value, std::string>;

// Left out: what is not known.
class Writer {
 public:
  template <class Value>
  void operator()(const char* key, Value& value) {
    if constexpr (requires { value.has_value(); }) {
      if (value) json_[key] = of(*value);
    } else {
      json_[key] = of(value);
    }
  }

  template <class Value>
  static Json of(Value& value) {
    if constexpr (Plain<Value>) {
      return Json(value);
    } else if constexpr (std::is_enum_v<Value>) {
      return Json(std::string(to_string(value)));
    } else if constexpr (requires { typename Value::mapped_type; }) {
      Json object = Json::object();
      for (const auto& [name, each] : value) object[name] = each;
      return object;
    } else if constexpr (requires { value.push_back(value.front()); }) {
      Json array = Json::array();
      for (auto& each : value) array.push_back(of(each));
      return array;
    } else {
      Writer inner;
      loop_fields::visit(inner, value);
      return std::move(inner.json_);
    }
  }

 private:
  Json json_ = Json::object();
};

// Throws nlohmann's exceptions, caught in event_from_json_line().
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  template <class Value>
  void operator()(const char* key, Value& value) {
    if constexpr (requires { value.has_value(); }) {
      if (json_.contains(key)) read(json_.at(key), value.emplace());
    } else {
      read(json_.at(key), value);
    }
  }

  template <class Value>
  static void read(const Json& json, Value& value) {
    if constexpr (Plain<Value>) {
      // Infinity and NaN are null in JSON.
      if constexpr (std::is_floating_point_v<Value>) {
        if (json.is_null()) return;
      }
      json.get_to(value);
    } else if constexpr (std::is_enum_v<Value>) {
      const auto read = from_text(json.get<std::string>(), value);
      if (!read) throw Json::other_error::create(501, "'" + json.get<std::string>() + "' is not known", &json);
      value = *read;
    } else if constexpr (requires { typename Value::mapped_type; }) {
      for (const auto& [name, each] : json.items()) each.get_to(value[name]);
    } else if constexpr (requires { value.push_back(value.front()); }) {
      for (const Json& each : json) read(each, value.emplace_back());
    } else {
      Reader inner(json);
      loop_fields::visit(inner, value);
    }
  }

 private:
  const Json& json_;
};

template <std::size_t index = 0>
bool read_what(const std::string& name, const Json& json, decltype(LoopEvent::what)& what) {
  if constexpr (index == std::variant_size_v<decltype(LoopEvent::what)>) {
    return false;
  } else {
    if (kEventNames.at(index) != name) return read_what<index + 1>(name, json, what);
    Reader::read(json, what.emplace<index>());
    return true;
  }
}

}  // namespace

std::string to_json_line(const LoopEvent& event) {
  Json json = Json::object();
  json["event"] = kEventNames.at(event.what.index());
  if (!event.candidate.empty()) json["candidate"] = event.candidate;
  json["seconds"] = event.seconds;
  LoopEvent copy = event;  // the fields are named for readers and writers alike, and readers need them writable
  json["what"] = std::visit([](auto& what) { return Writer::of(what); }, copy.what);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<LoopEvent> event_from_json_line(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    LoopEvent event;
    event.candidate = json.value("candidate", "");
    event.seconds = json.at("seconds").get<double>();
    const auto name = json.at("event").get<std::string>();
    if (!read_what(name, json.at("what"), event.what)) return fail(fmt::format("'{}' is no event", name));
    return event;
  } catch (const Json::exception& error) {
    return fail(error.what());
  }
}

}  // namespace trtprof
