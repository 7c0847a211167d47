#include "trtprof/import/trtexec_times.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/statistics.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/trtexec_names.h"

namespace trtprof {
namespace {

using nlohmann::json;

SampleSeries series_of(std::vector<double> samples) {
  SampleSeries series;
  if (!samples.empty()) series.summary = summarize(samples);
  series.samples = std::move(samples);
  return series;
}

// trtexec writes numbers with six digits: the step between two time stamps of this size.
double step_of(double milliseconds) {
  constexpr int digits = 6;
  return milliseconds <= 0.0 ? 0.0 : std::pow(10.0, std::floor(std::log10(milliseconds)) + 1 - digits);
}

// A difference of time stamps is worth something when it is this many of their steps.
constexpr double kStepsOfADifference = 10.0;

class Reader {
 public:
  Reader(JsonStream& stream, const std::filesystem::path& path)
      : stream_(stream), imported_(tensorrt_file(ForeignFormat::trtexec_times, path)) {}

  Result<Imported> read() {
    Status read = for_each_element(stream_, "", [this](json&& element) { return take(element); });
    if (read && latency_.empty()) {
      stream_.refuse(unusable_ == 0 ? "it has no inferences"
                                    : "none of its inferences has times that are numbers and not negative");
      read = stream_.status();
    }
    if (!read) return forward_error(read);
    for (std::string& note : stream_.notes()) imported_.notes.push_back(std::move(note));
    finish();
    return std::move(imported_);
  }

 private:
  // Each of these is in every version; "endToEndMs" was in 8.x alone.
  static constexpr std::array kParts = {"latencyMs", "h2dMs", "computeMs", "d2hMs"};
  static constexpr std::array kStamps = {"startEnqMs", "endEnqMs", "startH2dMs", "endD2hMs"};

  Status take(const json& element) {
    std::array<double, kParts.size()> parts{};
    std::array<double, kStamps.size()> stamps{};
    bool usable = true;
    const auto get = [&](const char* key, double& value) {
      const auto found = element.find(key);
      if (found == element.end() || !found->is_number()) return false;
      value = found->get<double>();
      usable = usable && is_time(value);
      return true;
    };
    if (!element.is_object()) return refuse("an element of its list is no object");
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      if (!get(kParts[i], parts[i])) return refuse(fmt::format("an inference has no number \"{}\"", kParts[i]));
    }
    for (std::size_t i = 0; i < kStamps.size(); ++i) {
      if (!get(kStamps[i], stamps[i])) return refuse(fmt::format("an inference has no number \"{}\"", kStamps[i]));
    }
    if (!usable || stamps[1] < stamps[0] || stamps[3] < stamps[2]) {
      ++unusable_;
      return {};
    }
    latency_.push_back(parts[0] * kMillisecond);
    to_device_.push_back(parts[1] * kMillisecond);
    compute_.push_back(parts[2] * kMillisecond);
    to_host_.push_back(parts[3] * kMillisecond);
    enqueue_.push_back((stamps[1] - stamps[0]) * kMillisecond);
    ends_.push_back(stamps[3] * kMillisecond);
    first_start_ = latency_.size() == 1 ? stamps[2] : std::min(first_start_, stamps[2]);
    last_stamp_ = std::max(last_stamp_, stamps[3]);
    return {};
  }

  Status refuse(std::string sentence) {
    stream_.refuse(std::move(sentence));
    return stream_.status();
  }

  void finish() {
    std::vector<std::string>& notes = imported_.notes;
    if (unusable_ > 0) {
      notes.push_back(fmt::format(
          "{} of {} inferences have times that are negative, no numbers, or end before they begin, and were left out.",
          unusable_, unusable_ + latency_.size()));
    }
    EndToEnd run;
    run.measurement.iterations = static_cast<std::int64_t>(latency_.size());
    run.measurement.duration_seconds = (last_stamp_ - first_start_) * kMillisecond;
    run.measurement.method =
        "Each sample is copies to the device, compute and copies back, added up, by CUDA events: "
        "trtexec's latency.";
    const auto is_zero = [](double seconds) { return seconds == 0.0; };
    if (std::ranges::all_of(to_device_, is_zero) && std::ranges::all_of(to_host_, is_zero)) {
      notes.emplace_back("Nothing was copied to the device or back: trtexec ran without data transfers.");
    } else {
      run.host_to_device = series_of(std::move(to_device_));
      run.device_to_host = series_of(std::move(to_host_));
    }
    const double step = step_of(last_stamp_) * kMillisecond;
    add_enqueue(run, step);
    add_interval(run, step);
    run.total = series_of(std::move(latency_));
    run.compute = series_of(std::move(compute_));
    imported_.profile.end_to_end = std::move(run);
  }

  // Of two time stamps, since the file has no such number.
  void add_enqueue(EndToEnd& run, double step) {
    SampleSeries enqueue = series_of(std::move(enqueue_));
    if (enqueue.summary->median >= kStepsOfADifference * step) {
      run.enqueue = std::move(enqueue);
      return;
    }
    imported_.notes.push_back(
        fmt::format("How long enqueuing takes is not told: trtexec writes time stamps to {:g} us here, and it is less "
                    "than {:g} of that.",
                    step * 1e6, kStepsOfADifference));
  }

  // Several inferences are on their way at once, so that latency says nothing of throughput.
  void add_interval(EndToEnd& run, double step) {
    std::ranges::sort(ends_);
    std::vector<double> between;
    for (std::size_t i = 1; i < ends_.size(); ++i) between.push_back(ends_[i] - ends_[i - 1]);
    if (between.empty()) return;
    run.interval = series_of(std::move(between));
    if (run.interval->summary->median < kStepsOfADifference * step) {
      imported_.notes.push_back(
          fmt::format("Single intervals between inferences are known to {:g} us only, as trtexec "
                      "writes its time stamps; their mean is not touched by that.",
                      step * 1e6));
    }
  }

  JsonStream& stream_;
  Imported imported_;
  std::vector<double> latency_;
  std::vector<double> to_device_;
  std::vector<double> compute_;
  std::vector<double> to_host_;
  std::vector<double> enqueue_;
  std::vector<double> ends_;
  double first_start_ = 0.0;  // milliseconds
  double last_stamp_ = 0.0;
  std::size_t unusable_ = 0;
};

}  // namespace

bool is_trtexec_times(std::string_view beginning) {
  const JsonOutline outline = json_outline(beginning);
  return outline.root == '[' && outline.element_has("startEnqMs") && outline.element_has("computeMs");
}

Result<Imported> read_trtexec_times(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  JsonStream stream(*file);
  return Reader(stream, path).read();
}

}  // namespace trtprof
