// profile_from_json(): strict about what it knows, tolerant of what a newer minor version added.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/text.h"
#include "trtprof/profile/enum_names.h"
#include "trtprof/profile/profile_fields.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof {
namespace {

using Json = nlohmann::json;

// A document from elsewhere may carry any number of unknown fields; a reader of notes wants a few.
constexpr std::size_t kMaxNotes = 20;
// Columns of a key or of a parser's message quoted in an error.
constexpr std::size_t kMaxQuoted = 160;
// Of a shape; the only integers in arrays are those of shapes.
constexpr std::int64_t kUnknownDimension = -1;
constexpr const char* kHowProfilesAreMade = "profiles are written by `tensorrt_profiling profile MODEL --json FILE`";

// Ends reading at the first fault; caught in profile_from_json().
struct Fault {
  std::string message;  // follows the name of the document: " is not a profile", ": /partial is missing"
  std::string hint;
};

// Where a value is: a chain of stack frames, made text only when something is to be said.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;
  std::optional<std::size_t> index;

  [[nodiscard]] Place operator/(std::string_view child) const { return {this, child, std::nullopt}; }
  [[nodiscard]] Place operator/(std::size_t child) const { return {this, {}, child}; }

  // RFC 6901. With `any_index`, "*" for indices: the same for a field of every layer.
  [[nodiscard]] std::string pointer(bool any_index = false) const {
    if (parent == nullptr) {
      return "";
    }
    std::string text = parent->pointer(any_index) + '/';
    if (index) {
      return text + (any_index ? std::string("*") : std::to_string(*index));
    }
    for (const char c : key) {
      text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return text;
  }
};

std::string excerpt(std::string_view text) {
  return shorten_middle(text, kMaxQuoted);
}

[[noreturn]] void fault(const Place& place, const std::string& what) {
  const std::string pointer = place.pointer();
  throw Fault{fmt::format(": {} {}", pointer.empty() ? "the document" : excerpt(pointer), what), {}};
}

[[noreturn]] void wrong_type(const Place& place, const char* wanted, const Json& value) {
  const char* article = value.is_null() ? "" : value.is_object() || value.is_array() ? "an " : "a ";
  fault(place, fmt::format("must be {}, but is {}{}", wanted, article, value.type_name()));
}

// What was ignored, one entry for a field however many layers have it.
class Ignored {
 public:
  void add(const Place& place, std::string what) {
    const auto [entry, added] = entries_.try_emplace(place.pointer(true) + what);
    if (added) {
      entry->second = {excerpt(place.pointer()), std::move(what), 0};
      order_.push_back(&entry->second);
    }
    ++entry->second.count;
  }

  [[nodiscard]] std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    for (const Entry* entry : order_) {
      if (notes.size() == kMaxNotes) {
        notes.push_back(fmt::format("{} more unknown fields were ignored", order_.size() - kMaxNotes));
        break;
      }
      notes.push_back(entry->count == 1
                          ? fmt::format("{} {}", entry->pointer, entry->what)
                          : fmt::format("{} {} ({} such places)", entry->pointer, entry->what, entry->count));
    }
    return notes;
  }

 private:
  struct Entry {
    std::string pointer;
    std::string what;
    std::size_t count = 0;
  };
  std::map<std::string, Entry> entries_;
  std::vector<const Entry*> order_;
};

struct Context {
  bool newer_minor = false;
  Ignored ignored;
};

void read(const Json& value, const Place& place, Context&, std::string& text) {
  if (!value.is_string()) {
    wrong_type(place, "a string", value);
  }
  text = value.get_ref<const std::string&>();
}

void read(const Json& value, const Place& place, Context&, bool& flag) {
  if (!value.is_boolean()) {
    wrong_type(place, "true or false", value);
  }
  flag = value.get<bool>();
}

// Every number of a profile with a fraction is a time, a count or a ratio: none can be below zero.
void read(const Json& value, const Place& place, Context&, double& number) {
  if (!value.is_number()) {
    wrong_type(place, "a number", value);
  }
  number = value.get<double>();
  if (number < 0.0) {
    fault(place, fmt::format("is {}, but cannot be negative", number));
  }
}

// An element of an array of numbers of which some are not known.
void read(const Json& value, const Place& place, Context& context, std::optional<double>& number) {
  number.reset();
  if (!value.is_null()) {
    read(value, place, context, number.emplace());
  }
}

// Counts and sizes: zero or more.
template <class Integer>
  requires std::is_integral_v<Integer>
void read(const Json& value, const Place& place, Context&, Integer& number, std::int64_t lowest = 0) {
  if (value.is_number_float()) {
    fault(place, fmt::format("must be an integer, but is {}", value.get<double>()));
  }
  if (!value.is_number_integer()) {
    wrong_type(place, "an integer", value);
  }
  if (!value.is_number_unsigned() && value.get<std::int64_t>() < lowest) {
    fault(place, lowest == 0 ? fmt::format("is {}, but cannot be negative", value.get<std::int64_t>())
                             : fmt::format("is {}, but cannot be below {}", value.get<std::int64_t>(), lowest));
  }
  constexpr auto highest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > highest) {
    fault(place, fmt::format("is {}, but cannot be above {}", value.get<std::uint64_t>(), highest));
  }
  number = value.get<Integer>();
}

template <class Enum>
void read_enum(const Json& value, const Place& place, Context& context, Enum& target,
               std::optional<Enum> (*from_string)(std::string_view)) {
  std::string name;
  read(value, place, context, name);
  const std::optional<Enum> known = from_string(name);
  if (!known) {
    fault(place, fmt::format(R"(is "{}", which is none of its values)", excerpt(name)));
  }
  target = *known;
}

void read(const Json& value, const Place& place, Context& context, DeviceKind& kind) {
  read_enum(value, place, context, kind, device_kind_from_string);
}

void read(const Json& value, const Place& place, Context& context, StopReason& reason) {
  read_enum(value, place, context, reason, stop_reason_from_string);
}

void read(const Json& value, const Place& place, Context& context, OriginSource& source) {
  read_enum(value, place, context, source, origin_source_from_string);
}

void read(const Json& value, const Place& place, Context& context, KernelJoin& join) {
  read_enum(value, place, context, join, kernel_join_from_string);
}

void read(const Json& value, const Place& place, Context& context, CounterJoin& join) {
  read_enum(value, place, context, join, counter_join_from_string);
}

void read(const Json& value, const Place& place, Context& context, ActivityKind& kind) {
  read_enum(value, place, context, kind, activity_kind_from_string);
}

// A minor version may add classes; such a layer keeps its engine's type and becomes `other`.
void read(const Json& value, const Place& place, Context& context, LayerClass& layer_class) {
  if (context.newer_minor && value.is_string() && !layer_class_from_string(value.get_ref<const std::string&>())) {
    context.ignored.add(place, fmt::format(R"(is "{}", a class this version does not know, and was read as "{}")",
                                           excerpt(value.get_ref<const std::string&>()), to_string(LayerClass::other)));
    layer_class = LayerClass::other;
    return;
  }
  read_enum(value, place, context, layer_class, layer_class_from_string);
}

template <class Object>
  requires std::is_class_v<Object>
void read(const Json& value, const Place& place, Context& context, Object& object);

template <class Element>
void read(const Json& value, const Place& place, Context& context, std::vector<Element>& elements) {
  if (!value.is_array()) {
    wrong_type(place, "an array", value);
  }
  elements.resize(value.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if constexpr (std::is_integral_v<Element>) {
      read(value[i], place / i, context, elements[i], kUnknownDimension);
    } else {
      read(value[i], place / i, context, elements[i]);
    }
  }
}

template <class Value>
void read(const Json& value, const Place& place, Context& context, std::map<std::string, Value>& map) {
  if (!value.is_object()) {
    wrong_type(place, "an object", value);
  }
  for (const auto& item : value.items()) {
    read(item.value(), place / std::string_view(item.key()), context, map[item.key()]);
  }
}

// The archive that profile_fields.h is called with on the way in.
class FieldReader {
 public:
  FieldReader(const Json& object, const Place& place, Context& context)
      : object_(object), place_(place), context_(context) {}

  template <class Value>
  void operator()(const char* name, Value& value) {
    const auto found = find(name);
    if (found == object_.end()) {
      fault(place_ / std::string_view(name), "is missing");
    }
    read(*found, place_ / std::string_view(name), context_, value);
  }

  template <class Value>
  void operator()(const char* name, std::optional<Value>& value) {
    const auto found = find(name);
    if (found != object_.end() && !found->is_null()) {
      read(*found, place_ / std::string_view(name), context_, value.emplace());
    }
  }

  // Marks a field as known that is read elsewhere.
  void known(const char* name) { (void)find(name); }

  void note_unknown() {
    if (found_ == object_.size()) {
      return;
    }
    for (const auto& item : object_.items()) {
      if (std::ranges::find(names_, item.key()) == names_.end()) {
        context_.ignored.add(place_ / std::string_view(item.key()), "is not known to this version and was ignored");
      }
    }
  }

 private:
  Json::const_iterator find(const char* name) {
    names_.emplace_back(name);
    const auto found = object_.find(name);
    found_ += found == object_.end() ? 0U : 1U;
    return found;
  }

  const Json& object_;
  const Place& place_;
  Context& context_;
  std::vector<std::string_view> names_;
  std::size_t found_ = 0;
};

void check(const Place& place, const SampleSeries& series) {
  if (series.summary && !series.samples.empty() && series.summary->count != series.samples.size()) {
    fault(place / "summary" / "count",
          fmt::format("is {}, but there are {} samples", series.summary->count, series.samples.size()));
  }
}

void check(const Place& place, const Counters& counters) {
  for (std::size_t i = 0; i < counters.kernels.size(); ++i) {
    if (counters.kernels[i].values.size() != counters.metrics.size()) {
      fault(place / "kernels" / i / "values", fmt::format("has {} values, but there are {} metrics",
                                                          counters.kernels[i].values.size(), counters.metrics.size()));
    }
  }
}

template <class Object>
  requires std::is_class_v<Object>
void read(const Json& value, const Place& place, Context& context, Object& object) {
  if (!value.is_object()) {
    wrong_type(place, "an object", value);
  }
  FieldReader reader(value, place, context);
  if constexpr (std::is_same_v<Object, Profile>) {
    reader.known("schema");
  }
  profile_fields::fields(reader, object);
  reader.note_unknown();
  if constexpr (std::is_same_v<Object, SampleSeries> || std::is_same_v<Object, Counters>) {
    check(place, object);
  }
}

struct SchemaVersion {
  std::string name;
  int major = 0;
  int minor = 0;
};

template <class Archive>
void fields(Archive& archive, SchemaVersion& schema) {
  archive("name", schema.name);
  archive("major", schema.major);
  archive("minor", schema.minor);
}

// Comes first: what follows is only as this version describes it if the major version is this one's.
SchemaVersion read_schema(const Json& document, const Place& root, Context& context) {
  const auto found = document.is_object() ? document.find("schema") : document.end();
  if (found == document.end() || !found->is_object()) {
    throw Fault{" is not a profile: it has no object /schema", kHowProfilesAreMade};
  }
  SchemaVersion schema;
  const Place place = root / "schema";
  FieldReader reader(*found, place, context);
  fields(reader, schema);
  reader.note_unknown();
  if (schema.name != kProfileSchemaName) {
    throw Fault{
        fmt::format(R"( is not a profile: /schema/name is "{}", not "{}")", excerpt(schema.name), kProfileSchemaName),
        kHowProfilesAreMade};
  }
  if (schema.major != kProfileSchemaMajor) {
    throw Fault{
        fmt::format(" has profile schema version {}.{}, {} than the version {}.x that this program reads", schema.major,
                    schema.minor, schema.major > kProfileSchemaMajor ? "newer" : "older", kProfileSchemaMajor),
        schema.major > kProfileSchemaMajor ? "read it with a newer tensorrt_profiling, or measure again with this one"
                                           : "measure again with this tensorrt_profiling"};
  }
  return schema;
}

LoadedProfile read_document(const Json& document) {
  const Place root;
  Context context;
  const SchemaVersion schema = read_schema(document, root, context);
  context.newer_minor = schema.minor > kProfileSchemaMinor;
  LoadedProfile loaded;
  read(document, root, context, loaded.profile);
  loaded.profile.schema_major = schema.major;
  loaded.profile.schema_minor = std::min(schema.minor, kProfileSchemaMinor);
  loaded.notes = context.ignored.notes();
  return loaded;
}

// nlohmann's "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without its brackets.
std::string without_tag(std::string_view what) {
  const std::size_t end = what.find("] ");
  return excerpt(end == std::string_view::npos ? what : what.substr(end + 2));
}

}  // namespace

Result<LoadedProfile> profile_from_json(std::string_view text, std::string_view source) {
  const std::string name = printable(source);
  if (text.empty()) {
    return fail(name + " is empty, not a profile");
  }
  try {
    return read_document(Json::parse(text.begin(), text.end()));
  } catch (const Fault& found) {
    return fail(name + found.message, found.hint);
  } catch (const Json::exception& error) {
    return fail(name + " is not valid JSON: " + without_tag(error.what()));
  }
}

}  // namespace trtprof
