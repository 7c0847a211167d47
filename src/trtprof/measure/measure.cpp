#include "trtprof/measure/measure.h"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/steady_time.h"
#include "trtprof/measure/sampling.h"

namespace trtprof {
namespace {

// Values the layer run keeps at most: 16 MB. A model of 100 layers at 20 us an inference would otherwise fill memory
// and its JSON file while the rule waits for a noisy machine. Not applied to a number of iterations that was asked for.
constexpr std::size_t kMaxLayerValues = 2'000'000;

// Of an optional part of RunTimes: kept when every sample had it.
class PartSeries {
 public:
  void add(const std::optional<double>& seconds) {
    if (seconds) samples_.push_back(*seconds);
    complete_ = complete_ && seconds.has_value();
  }
  [[nodiscard]] std::optional<SampleSeries> series() && {
    if (!complete_ || samples_.empty()) return std::nullopt;
    const Summary summary = summarize(samples_);
    return SampleSeries{std::move(samples_), summary};
  }

 private:
  std::vector<double> samples_;
  bool complete_ = true;
};

// The layer times of every inference, in one block.
class LayerTimes {
 public:
  void add(const std::vector<double>& layer_seconds) {
    values_.insert(values_.end(), layer_seconds.begin(), layer_seconds.end());
  }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] SampleSeries series(std::size_t layer, std::size_t layer_count) const {
    SampleSeries result;
    result.samples.reserve(values_.size() / layer_count);
    for (std::size_t i = layer; i < values_.size(); i += layer_count) result.samples.push_back(values_[i]);
    result.summary = summarize(result.samples);
    return result;
  }

 private:
  std::vector<double> values_;
};

// A run must give one time for every layer, or none at all.
Status check_layer_seconds(const std::vector<double>& seconds, const std::vector<Layer>& layers) {
  if (seconds.empty()) return {};
  if (seconds.size() != layers.size()) {
    return fail(fmt::format("the backend gave times for {} of {} layers", seconds.size(), layers.size()));
  }
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (!is_a_time(seconds[i])) {
      return fail(fmt::format("the backend gave {} s as the time of layer \"{}\"", seconds[i], layers[i].name));
    }
  }
  return {};
}

Status fill_layer_times(std::vector<Layer>& layers, const LayerTimes& times,
                        const std::vector<std::optional<double>>& reported) {
  if (!reported.empty() && reported.size() != layers.size()) {
    return fail(fmt::format("the backend reported times for {} of {} layers", reported.size(), layers.size()));
  }
  bool any = false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!reported.empty()) layers[i].reported_seconds = reported[i];
    if (times.size() > 0) layers[i].time = times.series(i, layers.size());
    any = any || layers[i].reported_seconds || layers[i].time.summary;
  }
  if (!any) return fail("the backend gave no layer times");
  return {};
}

}  // namespace

Clock steady_clock() {
  return steady_seconds;
}

MeasureOptions layer_run_defaults() {
  MeasureOptions options;
  options.stop.min_iterations = 30;
  options.stop.min_seconds = 0.5;
  options.stop.max_seconds = 7.5;
  return options;
}

Result<EndToEnd> measure_end_to_end(CompiledModel& model, const MeasureOptions& options, MeasureContext& context) {
  EndToEnd result;
  PartSeries host_to_device;
  PartSeries enqueue;
  PartSeries compute;
  PartSeries device_to_host;
  PartSeries interval;

  auto run = [&](Purpose purpose) -> Result<double> {
    const Result<RunTimes> times = model.run_once();
    if (!times) return forward_error(times);
    if (purpose == Purpose::sample) {
      host_to_device.add(times->host_to_device);
      enqueue.add(times->enqueue);
      compute.add(times->compute);
      device_to_host.add(times->device_to_host);
      if (times->interval) interval.add(times->interval);  // the first completion has none before it
    }
    return times->total;
  };
  const Series series{"end-to-end run",
                      "end to end",
                      "warming up",
                      "measuring end to end",
                      run,
                      {},
                      [&] { model.samples_begin("end to end"); },
                      [&] { model.samples_end(); }};
  auto sampled = sample(series, options, context);
  if (!sampled) return forward_error(sampled);

  result.measurement = std::move(sampled->measurement);
  result.measurement.method = model.timing_method();
  result.total = std::move(sampled->total);
  result.host_to_device = std::move(host_to_device).series();
  result.enqueue = std::move(enqueue).series();
  result.compute = std::move(compute).series();
  result.device_to_host = std::move(device_to_host).series();
  result.interval = std::move(interval).series();
  return result;
}

Result<LayerRun> measure_layers(CompiledModel& model, const MeasureOptions& options, MeasureContext& context) {
  LayerRun result;
  LayerTimes times;
  bool first = true;

  auto run = [&](Purpose purpose) -> Result<double> {
    const Result<ProfiledRun> profiled = model.run_once_profiled();
    if (!profiled) return forward_error(profiled);
    if (std::exchange(first, false)) {  // some engines decide on their layers at the first inference
      auto layers = model.layers();
      if (!layers) return forward_error(layers);
      result.layers = std::move(*layers);
    }
    if (const Status checked = check_layer_seconds(profiled->layer_seconds, result.layers); !checked) {
      return forward_error(checked);
    }
    if (purpose == Purpose::sample) times.add(profiled->layer_seconds);
    return profiled->total;
  };
  auto full = [&] { return !options.stop.iterations && times.size() >= kMaxLayerValues; };
  const Series series{"layer run", "layers", "warming up with layer timing",         "measuring layers",
                      run,         full,     [&] { model.samples_begin("layers"); }, [&] { model.samples_end(); }};
  auto sampled = sample(series, options, context);
  if (!sampled) return forward_error(sampled);

  if (const Status filled = fill_layer_times(result.layers, times, model.reported_layer_seconds()); !filled) {
    return forward_error(filled);
  }
  result.measurement = std::move(sampled->measurement);
  result.measurement.method = model.layer_timing_method();
  result.total = std::move(sampled->total);
  result.not_executed = model.not_executed();
  return result;
}

}  // namespace trtprof
