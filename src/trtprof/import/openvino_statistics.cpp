#include "trtprof/import/openvino_statistics.h"

#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/import/csv_lines.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/trace_events.h"

namespace trtprof {
namespace {

using nlohmann::json;

constexpr double kMillisecond = 1e-3;
constexpr std::string_view kCommandLine = "Command line parameters";
constexpr std::string_view kConfiguration = "Configuration setup";
constexpr std::string_view kResults = "Execution results";
// Names and values of one section; a file of more has another purpose.
constexpr std::size_t kMostFields = 10'000;

using Section = std::map<std::string, std::string>;

struct Statistics {
  Section options;
  Section configuration;
  Section results;
};

// By the first of the names that is there: the Python program's words, then the C++ program's in JSON and in CSV.
std::optional<double> number(const Section& section, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = section.find(name);
    if (found == section.end()) continue;
    const json value = found->second;
    return member_number(json::object({{"value", value}}), "value");
  }
  return std::nullopt;
}

std::string text(const Section& section, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = section.find(name);
    if (found != section.end()) return found->second;
  }
  return "";
}

// "latency (95 percentile) (ms)": 95; the median where no percentile is named.
double percentile_of(const Section& results) {
  for (const auto& [name, value] : results) {
    constexpr std::string_view begin = "latency (";
    if (name.starts_with(begin) && name.find(" percentile)") != std::string::npos) {
      const json which = name.substr(begin.size(), name.find(' ', begin.size()) - begin.size());
      return member_number(json::object({{"value", which}}), "value").value_or(50.0);
    }
  }
  return number(results, {"percentile_boundary", "Percentile boundary"}).value_or(50.0);
}

std::optional<double> percentile_value(const Section& results) {
  for (const auto& [name, value] : results) {
    if (name.starts_with("latency (") && name.ends_with("(ms)")) return number(results, {name.c_str()});
  }
  return number(results, {"latency_median", "Median latency (ms)"});
}

Result<Profile> profile_of(const Statistics& statistics) {
  const Section& results = statistics.results;
  if (const std::string error = text(results, {"error"}); !error.empty()) {
    return fail(fmt::format("the run failed: {}", error.substr(0, 300)));
  }
  Profile profile;
  EndToEnd& run = profile.end_to_end.emplace();
  const auto iterations = number(results, {"total number of iterations", "iterations_num"});
  const auto latency = percentile_value(results);
  const auto mean = number(results, {"avg latency", "latency_avg", "Average latency (ms)"});
  const auto min = number(results, {"min latency", "latency_min", "Min latency (ms)"});
  const auto max = number(results, {"max latency", "latency_max", "Max latency (ms)"});
  if (!iterations || *iterations < 1.0 || *iterations > 1e15 || !latency || !mean || !min || !max) {
    return fail("it has no latencies", "A run on several devices (MULTI) has a throughput alone.");
  }
  if (*min < 0.0 || *max < *min || *latency < *min || *latency > *max || *mean < *min || *mean > *max) {
    return fail(
        fmt::format("its latencies contradict each other: min {} ms, median or percentile {} ms, mean {} ms, max "
                    "{} ms",
                    *min, *latency, *mean, *max));
  }
  Summary& summary = run.total.summary.emplace();
  summary.count = static_cast<std::size_t>(*iterations);
  summary.effective_count = *iterations;
  summary.min = *min * kMillisecond;
  summary.max = *max * kMillisecond;
  summary.mean = *mean * kMillisecond;
  summary.median = *latency * kMillisecond;
  summary.p90 = summary.p95 = summary.p99 = summary.max;
  const double percentile = percentile_of(results);
  if (percentile == 50.0) {
    profile.notes.emplace_back(
        "benchmark_app gives no percentiles: the maximum stands for them, which they are not above.");
  } else {
    profile.notes.push_back(
        fmt::format("benchmark_app was asked for the {:g}th percentile, and gives no median: the mean stands for it, "
                    "and the maximum "
                    "for percentiles that are not given.",
                    percentile));
    summary.median = summary.mean;
    for (const auto& [which, target] :
         {std::pair{90.0, &summary.p90}, std::pair{95.0, &summary.p95}, std::pair{99.0, &summary.p99}}) {
      if (which <= percentile) *target = *latency * kMillisecond;
    }
  }
  run.measurement.iterations = static_cast<std::int64_t>(*iterations);
  if (const auto duration = number(results, {"total execution time (ms)", "execution_time"});
      duration && *duration >= 0.0) {
    run.measurement.duration_seconds = *duration * kMillisecond;
  }
  run.measurement.method = "Latencies as OpenVINO's benchmark_app took and summed them up.";
  return profile;
}

void fill_environment(const Statistics& statistics, Profile& profile) {
  Environment& environment = profile.environment;
  environment.engine_name = "OpenVINO";
  environment.backend = "openvino";
  const Section& setup = statistics.configuration;
  const std::string device = text(setup, {"target device", "target_device"});
  if (device.starts_with("GPU")) environment.device_kind = DeviceKind::gpu;
  for (const auto& [property, names] :
       {std::pair{"device", std::array{"target device", "target_device"}}, std::pair{"api", std::array{"API", "api"}},
        std::pair{"topology", std::array{"topology", "topology"}},
        std::pair{"infer_requests", std::array{"number of parallel infer requests", "nireq"}}}) {
    const std::string value = text(setup, {names[0], names[1]});
    if (!value.empty()) environment.properties[property] = value;
  }
  if (const auto throughput = number(statistics.results, {"throughput"})) {
    environment.properties["throughput_fps"] = fmt::format("{:g}", *throughput);
  }
  const auto streams = number(setup, {"number of CPU streams", "cpu_streams_num"});
  if (streams && *streams >= 1.0 && *streams < 1e6) environment.streams = static_cast<int>(*streams);
  const auto batch = number(setup, {"batch size", "batch_size"});
  if (batch && *batch >= 1.0 && *batch < 1e15) profile.model.batch = static_cast<std::int64_t>(*batch);
  profile.model.path = text(statistics.options, {"-m", "m", "--path_to_model"});
}

Status read_json(ForeignStream& file, Statistics& statistics) {
  JsonStream stream(file);
  json root;
  if (!stream.value(stream.next(), root)) return stream.status();
  if (stream.next() != JsonToken::end) return stream.status();
  if (!root.is_object()) return fail(fmt::format("{} is no object", file.name()));
  for (const auto& [name, section] :
       {std::pair{"cmd_options", &statistics.options}, std::pair{"configuration_setup", &statistics.configuration},
        std::pair{"execution_results", &statistics.results}}) {
    const auto found = root.find(name);
    if (found == root.end() || !found->is_object()) continue;
    for (const auto& [key, value] : found->items()) {
      if (value.is_string()) (*section)[key] = value.get<std::string>();
      if (value.is_number()) (*section)[key] = value.dump();
    }
  }
  return {};
}

Status read_csv(ForeignStream& file, Statistics& statistics) {
  LineReader lines(file.in(), kLongestForeignName);
  Section* section = nullptr;
  std::size_t fields = 0;
  for (std::string line; lines.next(line);) {
    if (line.ends_with(';')) line.pop_back();  // the C++ program ends each field with one
    const std::size_t separator = line.find(';');
    if (separator == std::string::npos) {
      if (line == kCommandLine) section = &statistics.options;
      if (line == kConfiguration) section = &statistics.configuration;
      if (line == kResults) section = &statistics.results;
      if (line == "Group Latencies") section = nullptr;
    } else if (section != nullptr) {
      if (++fields > kMostFields) return fail(fmt::format("{} has more than {} lines", file.name(), kMostFields));
      section->try_emplace(line.substr(0, separator), line.substr(separator + 1));
    }
  }
  return file.status();
}

}  // namespace

bool is_openvino_statistics(std::string_view beginning) {
  for (const std::string_view section : {kCommandLine, kConfiguration, kResults}) {
    const std::string_view rest = beginning.starts_with(section) ? beginning.substr(section.size()) : "";
    if (rest.starts_with('\n') || rest.starts_with('\r') || rest.starts_with(';')) return true;
  }
  const JsonOutline outline = json_outline(beginning);
  return outline.root == '{' && outline.has("execution_results") &&
         (outline.has("configuration_setup") || outline.has("cmd_options"));
}

Result<Imported> read_openvino_statistics(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  Statistics statistics;
  const bool is_json = json_outline(file->beginning()).root == '{';
  if (const Status read = is_json ? read_json(*file, statistics) : read_csv(*file, statistics); !read) {
    return forward_error(read);
  }
  auto profile = profile_of(statistics);
  if (!profile) return fail(fmt::format("{}: {}", file->name(), profile.error().message), profile.error().hint);
  fill_environment(statistics, *profile);
  Imported imported;
  imported.format = ForeignFormat::openvino_statistics;
  imported.path = path.string();
  imported.profile = std::move(*profile);
  return imported;
}

}  // namespace trtprof
