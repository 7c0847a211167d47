#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/images/preprocess.h"

namespace trtprof {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostSide = 65535;

// Ends reading at the first fault; caught in preprocess_from_json().
struct Fault {
  std::string message;
};

void require(bool condition, std::string_view key, std::string_view wanted) {
  if (!condition) throw Fault{fmt::format("'{}' is to be {}", key, wanted)};
}

void check_keys(const Json& object, std::string_view of, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    throw Fault{fmt::format("{} has no '{}': {}", of, printable(key), fmt::join(known, ", "))};
  }
}

std::uint32_t side(const Json& object, std::string_view of, const char* key) {
  const bool good = object.contains(key) && object[key].is_number_unsigned() && object[key].get<std::uint64_t>() >= 1 &&
                    object[key].get<std::uint64_t>() <= kMostSide;
  require(good, fmt::format("{}/{}", of, key), fmt::format("a number of pixels, 1 to {}", kMostSide));
  return object[key].get<std::uint32_t>();
}

ImageSize size_of(const Json& object, std::string_view of) {
  return {side(object, of, "width"), side(object, of, "height")};
}

void read_resize(const Json& json, Preprocess& preprocess) {
  require(json.is_object(), "resize", "an object");
  check_keys(json, "resize", {"shortest_side", "width", "height"});
  if (!json.contains("shortest_side")) {
    preprocess.resize = size_of(json, "resize");
    return;
  }
  require(json.size() == 1, "resize", "either the shortest_side, or width and height");
  preprocess.shortest_side = side(json, "resize", "shortest_side");
}

// The value of a key whose values have names.
template <class Value>
Value choice(const Json& json, const char* key, std::initializer_list<std::pair<std::string_view, Value>> choices) {
  std::string wanted;
  for (const auto& [name, value] : choices) {
    if (json.is_string() && json.get_ref<const std::string&>() == name) return value;
    wanted += (wanted.empty() ? "" : " or ") + std::string(name);
  }
  throw Fault{fmt::format("'{}' is to be {}", key, wanted)};
}

float number(const Json& json, std::string_view key) {
  const double value = json.is_number() ? json.get<double>() : NAN;
  require(std::isfinite(static_cast<float>(value)), key, "a number");
  return static_cast<float>(value);
}

std::vector<float> numbers(const Json& json, std::string_view key, std::size_t channels) {
  if (json.is_number()) return {number(json, key)};
  const std::string wanted = fmt::format("one number, or one for each of {} channels", channels);
  require(json.is_array() && json.size() == channels, key, wanted);
  std::vector<float> values;
  for (const Json& value : json) values.push_back(number(value, key));
  return values;
}

Preprocess read(const Json& json) {
  if (!json.is_object()) throw Fault{"it is no object"};
  check_keys(json, "the preprocessing",
             {"resize", "interpolation", "crop", "channels", "layout", "scale", "mean", "std"});
  Preprocess preprocess;
  if (json.contains("resize")) read_resize(json["resize"], preprocess);
  if (json.contains("interpolation")) {
    preprocess.interpolation =
        choice<Interpolation>(json["interpolation"], "interpolation",
                              {{"bilinear", Interpolation::bilinear}, {"bicubic", Interpolation::bicubic}});
  }
  if (json.contains("crop")) {
    require(json["crop"].is_object(), "crop", "an object");
    check_keys(json["crop"], "crop", {"width", "height"});
    preprocess.crop = size_of(json["crop"], "crop");
  }
  if (json.contains("channels")) {
    preprocess.channels =
        choice<ChannelOrder>(json["channels"], "channels",
                             {{"RGB", ChannelOrder::rgb}, {"BGR", ChannelOrder::bgr}, {"grey", ChannelOrder::grey}});
  }
  if (json.contains("layout")) {
    preprocess.channels_last = choice<bool>(json["layout"], "layout", {{"NCHW", false}, {"NHWC", true}});
  }
  if (json.contains("scale")) {
    preprocess.scale = json["scale"] == "1/255" ? 1.0F / 255.0F : number(json["scale"], "scale");
    require(preprocess.scale != 0.0F, "scale", "other than zero, which makes all images the same");
  }
  if (json.contains("mean")) preprocess.mean = numbers(json["mean"], "mean", preprocess.channel_count());
  if (json.contains("std")) preprocess.std = numbers(json["std"], "std", preprocess.channel_count());
  for (const float std : preprocess.std) require(std > 0.0F, "std", "above zero");
  return preprocess;
}

}  // namespace

Result<Preprocess> preprocess_from_json(std::string_view text, std::string_view source) {
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

Result<Preprocess> load_preprocess(const std::filesystem::path& path) {
  const auto text = read_file(path, kMostFileBytes);
  if (!text) return forward_error(text);
  return preprocess_from_json(*text, path.string());
}

}  // namespace trtprof
