#include "trtprof/optimize/calibrate/calibration_json.h"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/text.h"
#include "trtprof/profile/json_writer.h"

namespace trtprof {
namespace {

using Json = nlohmann::json;

constexpr double kMostFactor = 65536.0;
constexpr double kMostShift = std::numeric_limits<float>::max();

// Ends reading at the first fault; caught in calibration_from_json().
struct Fault {
  std::string message;
};

// A field of an object, with its path for messages.
class Field {
 public:
  Field(const Json& object, const std::string& place, const char* key) : place_(fmt::format("{}/{}", place, key)) {
    const auto found = object.find(key);
    value_ = found == object.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool there() const { return value_ != nullptr; }
  [[nodiscard]] const Json& list() const {
    require(value().is_array(), "a list");
    return *value_;
  }
  [[nodiscard]] std::string text() const {
    require(value().is_string(), "text");
    return value_->get<std::string>();
  }
  [[nodiscard]] bool flag() const {
    require(value().is_boolean(), "true or false");
    return value_->get<bool>();
  }
  [[nodiscard]] std::uint64_t count() const {
    require(value().is_number_unsigned(), "a whole number, not negative");
    return value_->get<std::uint64_t>();
  }
  [[nodiscard]] double number(double low, double high, const char* wanted = "a number") const {
    require(value().is_number(), wanted);
    const double number = value_->get<double>();
    require(number >= low && number <= high, wanted);
    return number + 0.0;  // no negative zero
  }
  void require(bool condition, const char* wanted) const {
    if (!condition) throw Fault{fmt::format("{} must be {}", printable(place_), wanted)};
  }
  [[nodiscard]] const std::string& place() const { return place_; }

 private:
  [[nodiscard]] const Json& value() const {
    if (value_ == nullptr) throw Fault{printable(place_) + " is missing"};
    return *value_;
  }

  std::string place_;
  const Json* value_ = nullptr;
};

void check_schema(const Json& document) {
  const bool named = document.is_object() && document.contains("schema") && document["schema"].is_object() &&
                     document["schema"].contains("name") && document["schema"]["name"] == kCalibrationSchemaName;
  if (!named) throw Fault{"it is no calibration"};
  const std::uint64_t major = Field(document["schema"], "/schema", "major").count();
  if (major != kCalibrationSchemaMajor) {
    throw Fault{fmt::format("it has schema version {}, and this program reads {}", major, kCalibrationSchemaMajor)};
  }
}

CalibratedValue read_value(const Json& json, const std::string& place) {
  constexpr double most = std::numeric_limits<float>::max();
  CalibratedValue value;
  value.threshold = Field(json, place, "threshold").number(0.0, most, "a number from 0 on that f32 has");
  value.min = Field(json, place, "min").number(-most, most, "a number that f32 has");
  const Field max(json, place, "max");
  value.max = max.number(-most, most, "a number that f32 has");
  max.require(value.max >= value.min, "no less than min");
  value.seen = Field(json, place, "seen").count();
  value.not_finite = Field(json, place, "not_finite").count();
  value.clipped = Field(json, place, "clipped").number(0.0, 1.0, "a share from 0 to 1");
  return value;
}

// By name, a number for each channel. Missing: none.
std::map<std::string, std::vector<double>> read_channels(const Json& document, const char* key, const char* numbers,
                                                         double low, double high) {
  std::map<std::string, std::vector<double>> channels;
  const Field entries(document, "", key);
  if (!entries.there()) return channels;
  for (const Json& entry : entries.list()) {
    const std::string place = fmt::format("{}/{}", entries.place(), channels.size());
    if (!entry.is_object()) throw Fault{place + " must be an object"};
    const Field name(entry, place, "name");
    const auto [added, is_new] = channels.emplace(name.text(), std::vector<double>());
    name.require(is_new, "a name that no entry before has");
    const Field values(entry, place, numbers);
    for (const Json& value : values.list()) {
      values.require(value.is_number() && value.get<double>() >= low && value.get<double>() <= high,
                     "a list of numbers that can be");
      added->second.push_back(value.get<double>() + 0.0);
    }
    values.require(!added->second.empty(), "a list that is not empty");
  }
  return channels;
}

Calibration read(const Json& document) {
  check_schema(document);
  Calibration calibration;
  const Field method(document, "", "method");
  const auto known = calibration_method_from_string(method.text());
  method.require(known.has_value(), "min-max, percentile, entropy or mse");
  calibration.method = *known;
  if (const Field percentile(document, "", "percentile"); percentile.there()) {
    calibration.percentile = percentile.number(0.0, 100.0, "a number from 0 to 100");
  }
  calibration.unsigned_activations = Field(document, "", "unsigned_activations").flag();
  calibration.data = Field(document, "", "data").text();
  calibration.inferences = Field(document, "", "inferences").count();
  if (const Field samples(document, "", "samples"); samples.there()) calibration.samples = samples.count();
  calibration.model_sha256 = Field(document, "", "model_sha256").text();
  const Field values(document, "", "values");
  for (const Json& value : values.list()) {
    const std::string place = fmt::format("{}/{}", values.place(), calibration.values.size());
    if (!value.is_object()) throw Fault{place + " must be an object"};
    const Field name(value, place, "name");
    const bool added = calibration.values.emplace(name.text(), read_value(value, place)).second;
    name.require(added, "a name that no value before has");
  }
  calibration.channel_factors = read_channels(document, "channel_factors", "factors", 1.0, kMostFactor);
  calibration.bias_shifts = read_channels(document, "bias_shifts", "shifts", -kMostShift, kMostShift);
  const Field warnings(document, "", "warnings");
  for (const Json& warning : warnings.list()) {
    warnings.require(warning.is_string(), "a list of texts");
    calibration.warnings.push_back(warning.get<std::string>());
  }
  return calibration;
}

void write_channels(JsonWriter& json, const char* key, const char* numbers,
                    const std::map<std::string, std::vector<double>>& channels) {
  json.key(key);
  json.begin_array();
  for (const auto& [name, values] : channels) {
    json.begin_object();
    json.key("name");
    json.value(std::string_view(name));
    json.key(numbers);
    json.begin_array();
    for (const double value : values) json.value(value);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_values(JsonWriter& json, const Calibration& calibration) {
  json.key("values");
  json.begin_array();
  for (const auto& [name, value] : calibration.values) {
    json.begin_object();
    json.key("name");
    json.value(std::string_view(name));
    json.key("threshold");
    json.value(value.threshold);
    json.key("min");
    json.value(value.min);
    json.key("max");
    json.value(value.max);
    json.key("seen");
    json.value(value.seen);
    json.key("not_finite");
    json.value(value.not_finite);
    json.key("clipped");
    json.value(value.clipped);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string calibration_to_json(const Calibration& calibration) {
  JsonWriter json;
  json.begin_object();
  json.key("schema");
  json.begin_object();
  json.key("name");
  json.value(kCalibrationSchemaName);
  json.key("major");
  json.value(std::int64_t{kCalibrationSchemaMajor});
  json.key("minor");
  json.value(std::int64_t{kCalibrationSchemaMinor});
  json.end_object();
  json.key("method");
  json.value(to_string(calibration.method));
  if (calibration.percentile) {
    json.key("percentile");
    json.value(*calibration.percentile);
  }
  json.key("unsigned_activations");
  json.value(calibration.unsigned_activations);
  json.key("data");
  json.value(std::string_view(calibration.data));
  json.key("inferences");
  json.value(calibration.inferences);
  if (calibration.samples) {
    json.key("samples");
    json.value(*calibration.samples);
  }
  json.key("model_sha256");
  json.value(std::string_view(calibration.model_sha256));
  write_values(json, calibration);
  write_channels(json, "channel_factors", "factors", calibration.channel_factors);
  write_channels(json, "bias_shifts", "shifts", calibration.bias_shifts);
  json.key("warnings");
  json.begin_array();
  for (const std::string& warning : calibration.warnings) json.value(std::string_view(warning));
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

Result<Calibration> calibration_from_json(std::string_view text, std::string_view source) {
  const std::string file = printable(source);
  try {
    const Json document = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    if (document.is_discarded()) return fail(fmt::format("{} is not JSON", file));
    return read(document);
  } catch (const Fault& fault) {
    return fail(fmt::format("{}: {}", file, fault.message));
  } catch (const nlohmann::json::exception& error) {
    return fail(fmt::format("{}: {}", file, printable(error.what())));
  }
}

}  // namespace trtprof
