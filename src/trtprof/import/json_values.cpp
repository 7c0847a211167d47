// Whole values and long arrays of a JsonStream.
#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/import/json_stream.h"

namespace trtprof {
namespace {

using nlohmann::json;

// Ends as soon as the reading fails.
class Elements {
 public:
  Elements(JsonStream& stream, const std::function<Status(json&&)>& take) : stream_(stream), take_(take) {}

  // Behind the array's opening bracket.
  Status run() {
    for (JsonToken token = stream_.next(); token != JsonToken::end_array; token = stream_.next()) {
      json value;
      if (!stream_.value(token, value)) return stream_.status();
      if (Status taken = take_(std::move(value)); !taken) return taken;
    }
    return {};
  }

 private:
  JsonStream& stream_;
  const std::function<Status(json&&)>& take_;
};

void add_once(std::vector<std::string>& keys, const std::string& key) {
  constexpr std::size_t enough = 256;
  if (keys.size() < enough && std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

}  // namespace

bool JsonStream::skip(JsonToken token) {
  std::size_t open_levels = 0;
  for (;; token = next()) {
    switch (token) {
      case JsonToken::failed:
      case JsonToken::end:
        return false;
      case JsonToken::begin_object:
      case JsonToken::begin_array:
        ++open_levels;
        break;
      case JsonToken::end_object:
      case JsonToken::end_array:
        --open_levels;
        break;
      default:
        break;
    }
    if (open_levels == 0 && token != JsonToken::key) return true;
  }
}

bool JsonStream::value(JsonToken token, json& into) {
  const std::uint64_t start = position();
  std::vector<json*> open_values;
  std::string key;
  std::size_t count = 0;
  into = nullptr;
  const auto place = [&](json&& value) -> json& {
    if (open_values.empty()) return into = std::move(value);
    json& parent = *open_values.back();
    if (parent.is_object()) return parent[key] = std::move(value);
    return parent.emplace_back(std::move(value));
  };
  for (;; token = next()) {
    if (++count > limits_.nodes || position() - start > limits_.value) {
      refuse(fmt::format("one of its values takes more than {} bytes or has more than {} parts", limits_.value,
                         limits_.nodes));
    }
    if (!status_) return false;
    switch (token) {
      case JsonToken::failed:
      case JsonToken::end:
        return false;
      case JsonToken::key:
        key = text_;
        continue;
      case JsonToken::begin_object:
        open_values.push_back(&place(json::object()));
        continue;
      case JsonToken::begin_array:
        open_values.push_back(&place(json::array()));
        continue;
      case JsonToken::end_object:
      case JsonToken::end_array:
        open_values.pop_back();
        break;
      case JsonToken::text:
        place(text_);
        break;
      case JsonToken::number:
        place(integer_ ? json(*integer_) : json(number_));
        break;
      case JsonToken::boolean:
        place(boolean_);
        break;
      case JsonToken::null:
        place(nullptr);
        break;
    }
    if (open_values.empty()) return true;
  }
}

Status for_each_element(JsonStream& stream, std::string_view array, const std::function<Status(json&&)>& element,
                        const std::function<Status(const std::string&, json&&)>& member) {
  Elements elements(stream, element);
  const JsonToken root = stream.next();
  if (root == JsonToken::failed) return stream.status();
  if (root != (array.empty() ? JsonToken::begin_array : JsonToken::begin_object)) {
    stream.refuse(fmt::format("it begins with no {}", array.empty() ? "array" : "object"));
    return stream.status();
  }
  if (array.empty()) {
    if (Status read = elements.run(); !read) return read;
    return stream.next() == JsonToken::end ? Status{} : stream.status();
  }
  bool found = false;
  for (JsonToken token = stream.next(); token == JsonToken::key; token = stream.next()) {
    const std::string key = stream.text();
    token = stream.next();
    if (key == array && token == JsonToken::begin_array) {
      found = true;
      if (Status read = elements.run(); !read) return read;
    } else if (member) {
      json value;
      if (!stream.value(token, value)) return stream.status();
      if (Status taken = member(key, std::move(value)); !taken) return taken;
    } else if (!stream.skip(token)) {
      return stream.status();
    }
  }
  if (stream.status() && stream.next() == JsonToken::end && !found) {
    stream.refuse(fmt::format("it has no list \"{}\"", array));
  }
  return stream.status();
}

bool JsonOutline::has(std::string_view key) const {
  return std::ranges::find(keys, key) != keys.end();
}

bool JsonOutline::element_has(std::string_view key) const {
  return std::ranges::find(element_keys, key) != element_keys.end();
}

JsonOutline json_outline(std::string_view beginning) {
  JsonOutline outline;
  std::istringstream in{std::string(beginning)};
  JsonStream stream(in, "");
  std::string nesting;
  for (JsonToken token = stream.next(); token != JsonToken::failed && token != JsonToken::end; token = stream.next()) {
    if (token == JsonToken::begin_object || token == JsonToken::begin_array) {
      nesting += token == JsonToken::begin_object ? '{' : '[';
      if (nesting.size() == 1) outline.root = nesting.front();
    } else if (token == JsonToken::end_object || token == JsonToken::end_array) {
      nesting.pop_back();
    } else if (token == JsonToken::key) {
      if (nesting == "{") add_once(outline.keys, stream.text());
      if (nesting == "[{" || nesting == "{[{") add_once(outline.element_keys, stream.text());
    }
    if (nesting.empty()) break;
  }
  return outline;
}

}  // namespace trtprof
