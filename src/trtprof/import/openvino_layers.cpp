#include "trtprof/import/openvino_layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/trace_events.h"

namespace trtprof {
namespace {

// "brgconv_avx512_amx_bf16" computes in bf16; "undef", "unknown_f32" say nothing.
std::string precision_of(const std::string& exec_type) {
  const std::size_t end = exec_type.rfind('_');
  if (end == std::string::npos || exec_type.starts_with("unknown")) return "";
  const std::string type = element_type_of(exec_type.substr(end + 1));
  constexpr auto known = std::to_array<std::string_view>({"f32", "f16", "bf16", "i8", "u8", "i32", "i64", "f64"});
  return std::ranges::find(known, type) == known.end() ? "" : type;
}

Layer layer_of(OpenvinoCounter& counter) {
  Layer layer;
  // The plugin's own word for its kernels of depthwise convolutions: "jit_avx512_dw_bf16".
  const bool depthwise = counter.exec_type.find("_dw_") != std::string::npos;
  layer.layer_class = class_of_openvino_type(counter.type, depthwise);
  layer.name = std::move(counter.name);
  layer.engine_type = std::move(counter.type);
  layer.precision = precision_of(counter.exec_type);
  if (counter.exec_type != "undef") layer.implementation = std::move(counter.exec_type);
  return layer;
}

}  // namespace

void OpenvinoLayers::begin_request() {
  ++requests_;
  rows_of_request_ = 0;
  sum_ = 0.0;
  seen_.clear();
}

Status OpenvinoLayers::add(OpenvinoCounter counter) {
  if (requests_ == 0) return fail("a layer stands before the header");
  if (counter.name.size() > kLongestForeignName)
    return fail(fmt::format("the name of a layer has {} bytes", counter.name.size()));
  if (!std::isfinite(counter.seconds) || counter.seconds < 0.0) {
    return fail(
        fmt::format("layer \"{}\" has a time of {} ms", shorten_middle(counter.name, 60), counter.seconds * 1e3));
  }
  constexpr std::string_view prefix = "Status.";
  if (counter.status.starts_with(prefix)) counter.status.erase(0, prefix.size());
  ++rows_of_request_;
  sum_ += counter.seconds;
  std::string key = counter.name;
  if (const std::size_t before = seen_[counter.name]++; before > 0) {
    key += fmt::format("\n{}", before);
    ++repeated_;
  }
  const auto [entry, added] = indices_.try_emplace(std::move(key), rows_.size());
  if (added) {
    if (rows_.size() == kMostForeignLayers) return fail(fmt::format("it has more than {} layers", kMostForeignLayers));
    rows_.emplace_back().layer = layer_of(counter);
  }
  Row& row = rows_[entry->second];
  // Means of benchmark_app in Python keep the status of the first request: NOT_RUN where that one took 0 us.
  row.executed = row.executed || counter.status == "EXECUTED" || counter.seconds > 0.0;
  row.seconds += counter.seconds;
  ++row.requests;
  return {};
}

void OpenvinoLayers::end_request(double total_seconds) {
  // Each row is rounded to a microsecond, and the sum in a sorted report to ten.
  const double step = 0.5e-6 * static_cast<double>(rows_of_request_) + 6e-6;
  if (std::abs(total_seconds - sum_) > step) ++wrong_totals_;
}

Result<Profile> OpenvinoLayers::finish(const std::string& source) {
  const bool any = std::ranges::any_of(rows_, [](const Row& row) { return row.executed; });
  if (!any && rows_.size() == 1) {
    return fail(fmt::format("{} holds one layer, \"{}\", and it did not run", source,
                            shorten_middle(rows_.front().layer.name, 60)),
                "benchmark_app in Python writes no more than the first layer with -report_type average_counters and "
                "-json_stats; without -json_stats, and with detailed_counters, it writes all.");
  }
  if (!any) return fail(fmt::format("{} holds no layer that ran", source));
  Profile profile;
  LayerRun& run = profile.layer_run.emplace();
  for (Row& row : rows_) {
    if (!row.executed) {
      run.not_executed.push_back(std::move(row.layer.name));
      continue;
    }
    row.layer.reported_seconds = row.seconds / static_cast<double>(row.requests);
    run.layers.push_back(std::move(row.layer));
  }
  make_names_unique(run.layers);
  run.measurement.method = requests_ == 1
                               ? "OpenVINO's own averages per layer, in whole microseconds."
                               : fmt::format(
                                     "OpenVINO's own averages per layer, in whole microseconds, and their mean over {} "
                                     "infer requests.",
                                     requests_);
  profile.environment.engine_name = "OpenVINO";
  profile.environment.backend = "openvino";
  profile.environment.precision = main_precision(run.layers);
  if (wrong_totals_ > 0) {
    profile.warnings.push_back(fmt::format(
        "The layers of {} of {} infer requests do not add up to the total that the report gives: rows are missing.",
        wrong_totals_, requests_));
  }
  if (repeated_ > 0) profile.notes.push_back(fmt::format("{} rows repeat a layer's name within a request.", repeated_));
  return profile;
}

}  // namespace trtprof
