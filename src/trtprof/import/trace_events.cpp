#include "trtprof/import/trace_events.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/text.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

using nlohmann::json;

// Of a name in a sentence.
constexpr std::size_t kShownColumns = 60;

std::optional<double> number_of(const json& value) {
  double number = 0.0;
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string time_fault(const json& event, std::uint64_t number, const std::string& name, const char* key) {
  const std::string text = event.contains(key) ? event.at(key).dump() : "nothing";
  return fmt::format("event {} (\"{}\") has {} where its {} should stand", number, shorten_middle(name, kShownColumns),
                     shorten_middle(text, kShownColumns),
                     std::string_view(key) == "ts" ? "start" : "duration, in microseconds,");
}

}  // namespace

Result<std::optional<TraceEvent>> complete_event(const json& event, std::uint64_t number) {
  if (!event.is_object()) return fail(fmt::format("event {} is no object", number));
  if (member_text(event, "ph") != "X") return std::optional<TraceEvent>();
  TraceEvent found;
  found.name = member_text(event, "name");
  if (found.name.size() > kLongestForeignName) {
    return fail(fmt::format("the name of event {} has {} bytes", number, found.name.size()));
  }
  found.category = member_text(event, "cat");
  found.thread = member_text(event, "pid") + '/' + member_text(event, "tid");
  const auto start = member_number(event, "ts");
  if (!start) return fail(time_fault(event, number, found.name, "ts"));
  const auto duration = member_number(event, "dur");
  if (!duration || *duration < 0.0) return fail(time_fault(event, number, found.name, "dur"));
  found.start = *start;
  found.duration = *duration;
  return std::optional(std::move(found));
}

std::optional<double> member_number(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::nullopt : number_of(*found);
}

std::string member_text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? found->dump() : "";
}

std::optional<std::vector<std::int64_t>> whole_numbers(const json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const json& element : value) {
    if (!element.is_number_integer()) return std::nullopt;
    numbers.push_back(element.get<std::int64_t>());
  }
  return numbers;
}

std::optional<std::vector<std::int64_t>> dimensions(const json& value) {
  auto numbers = whole_numbers(value);
  if (!numbers) return std::nullopt;
  for (std::int64_t& number : *numbers) number = std::max<std::int64_t>(number, -1);
  return numbers;
}

std::uint32_t TextTable::index(std::string_view text) {
  const auto [entry, added] = indices_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
  if (added) texts_.push_back(&entry->first);
  return entry->second;
}

std::int64_t LaunchTable::index(KernelLaunch launch) {
  const std::string key =
      fmt::format("{}\n{}\n{}", fmt::join(launch.grid, "x"), fmt::join(launch.block, "x"), launch.name);
  const std::uint32_t index = names_.index(key);
  if (index == launches_.size()) launches_.push_back(std::move(launch));
  return index;
}

std::vector<std::size_t> in_order(std::span<const TraceSpan> spans) {
  std::vector<std::size_t> order(spans.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (spans[a].thread != spans[b].thread) return spans[a].thread < spans[b].thread;
    if (spans[a].start != spans[b].start) return spans[a].start < spans[b].start;
    return spans[a].duration > spans[b].duration;
  });
  return order;
}

std::vector<std::size_t> parents(std::span<const TraceSpan> spans, std::span<const std::size_t> order) {
  std::vector<std::size_t> found(spans.size(), kNoParent);
  std::vector<std::size_t> open;
  for (const std::size_t i : order) {
    const TraceSpan& span = spans[i];
    while (!open.empty() && (spans[open.back()].thread != span.thread ||
                             spans[open.back()].start + spans[open.back()].duration <= span.start)) {
      open.pop_back();
    }
    if (!open.empty()) found[i] = open.back();
    open.push_back(i);
  }
  return found;
}

void make_names_unique(std::vector<Layer>& layers) {
  std::unordered_map<std::string, std::size_t> counts;
  for (const Layer& layer : layers) ++counts[layer.name];
  std::unordered_set<std::string> taken;
  for (const auto& [name, count] : counts) {
    if (count == 1) taken.insert(name);
  }
  std::unordered_map<std::string, std::size_t> given;
  for (Layer& layer : layers) {
    if (counts.at(layer.name) == 1) continue;
    std::size_t& number = given[layer.name];
    std::string name;
    do {
      name = fmt::format("{} #{}", layer.name, ++number);
    } while (!taken.insert(name).second);
    layer.name = std::move(name);
  }
}

std::string main_precision(const std::vector<Layer>& layers) {
  std::map<std::string, double> seconds;
  for (const Layer& layer : layers) {
    if (!layer.precision.empty()) seconds[layer.precision] += layer_seconds(layer).value_or(0.0);
  }
  const auto most = std::ranges::max_element(seconds, {}, &std::pair<const std::string, double>::second);
  return most == seconds.end() ? "" : most->first;
}

std::string element_type_of(std::string_view word) {
  using Names = std::pair<std::string_view, std::string_view>;
  static constexpr auto known = std::to_array<Names>({
      {"float", "f32"},          {"float32", "f32"},   {"fp32", "f32"},     {"float16", "f16"},
      {"fp16", "f16"},           {"c10::half", "f16"}, {"half", "f16"},     {"bfloat16", "bf16"},
      {"c10::bfloat16", "bf16"}, {"double", "f64"},    {"float64", "f64"},  {"int8", "i8"},
      {"signed char", "i8"},     {"c10::qint8", "i8"}, {"uint8", "u8"},     {"unsigned char", "u8"},
      {"c10::quint8", "u8"},     {"int16", "i16"},     {"short", "i16"},    {"short int", "i16"},
      {"uint16", "u16"},         {"int32", "i32"},     {"int", "i32"},      {"uint32", "u32"},
      {"int64", "i64"},          {"long", "i64"},      {"long int", "i64"}, {"uint64", "u64"},
  });
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto* const found = std::ranges::find(known, std::string_view(lower), &Names::first);
  return found == known.end() ? lower : std::string(found->second);
}

bool is_depthwise_convolution(const std::vector<TensorDesc>& inputs) {
  if (inputs.size() < 2 || inputs[0].shape.size() < 3) return false;
  const std::size_t rank = inputs[0].shape.size();
  const auto weights = std::find_if(inputs.begin() + 1, inputs.end(),
                                    [&](const TensorDesc& input) { return input.shape.size() == rank; });
  return weights != inputs.end() && weights->shape[1] == 1 && inputs[0].shape[1] > 1;
}

void most_common_first(std::vector<NsysInference>& inferences) {
  std::map<std::vector<std::int64_t>, std::size_t> counts;
  const auto kernels_of = [](const NsysInference& inference) {
    std::vector<std::int64_t> kernels;
    for (const Activity& activity : inference.activities) {
      if (activity.kernel) kernels.push_back(*activity.kernel);
    }
    return kernels;
  };
  for (const NsysInference& inference : inferences) ++counts[kernels_of(inference)];
  const auto most =
      std::ranges::max_element(counts, {}, &std::pair<const std::vector<std::int64_t>, std::size_t>::second);
  if (most == counts.end()) return;
  std::ranges::stable_partition(inferences,
                                [&](const NsysInference& inference) { return kernels_of(inference) == most->first; });
}

SampleSeries series_of_samples(std::vector<double> samples) {
  SampleSeries series;
  series.samples = std::move(samples);
  if (!series.samples.empty()) series.summary = summarize(series.samples);
  return series;
}

}  // namespace trtprof
