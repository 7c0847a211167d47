#include "trtprof/import/trtexec_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/import/csv_lines.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/trtexec_lines.h"
#include "trtprof/import/trtexec_names.h"

namespace trtprof {
namespace {

constexpr std::string_view kRunning = "&&&& RUNNING TensorRT.trtexec";
constexpr std::size_t kLongestLine = std::size_t{2} << 20;  // a name and what stands around it
constexpr std::size_t kMostWarnings = 20;
constexpr std::size_t kQuotedColumns = 200;

std::string on_off(std::string_view value) {
  return value == "Enabled" ? "on" : "off";
}

// One run of trtexec.
class Run {
 public:
  explicit Run(const std::filesystem::path& path) : imported_(tensorrt_file(ForeignFormat::trtexec_log, path)) {}

  // "&&&& RUNNING TensorRT.trtexec [TensorRT v100600] [b26] # ./trtexec --loadEngine=b1.engine"
  void begin(std::string_view line) {
    const auto between = [&](std::string_view open, char close) -> std::string_view {
      const std::size_t at = line.find(open);
      if (at == std::string_view::npos) return {};
      const std::string_view rest = line.substr(at + open.size());
      return rest.substr(0, rest.find(close));
    };
    version_ = version_text(between("[TensorRT v", ']'));
    build_ = between("] [b", ']');
    const std::size_t command = line.find(" # ");
    if (command != std::string_view::npos) take_command(line.substr(command + 3));
  }

  Status take(const TrtexecLine& line) {
    if (line.severity == 'W') take_warning(line.text);
    if (line.severity != 'I') return {};
    if (line.text.starts_with("=== ")) {
      begin_section(line.text);
      return {};
    }
    if (in_table_) return take_table(line.text);
    if (const auto binding = trtexec_binding(line.text)) {
      take_binding(*binding);
    } else if (const auto pair = key_and_value(line.text)) {
      take_pair(pair->first, pair->second);
    } else {
      take_sentence(line.text);
    }
    return {};
  }

  void failed() { imported_.notes.emplace_back("trtexec says at the end of its log that it failed."); }

  Result<Imported> finish(std::string_view name) {
    if (!end_to_end_ && rows_.empty()) {
      return fail(fmt::format("{} is a log of trtexec without times: it has no performance summary and no table of "
                              "layers",
                              name),
                  "trtexec prints both when inference ran to its end: was --skipInference given, or did it fail?");
    }
    if (!rows_.empty()) {
      if (Status rows = rows_.finish(imported_, table_iterations_); !rows) {
        return fail(fmt::format("{}: {}", name, rows.error().message), rows.error().hint);
      }
    }
    finish_environment();
    finish_end_to_end();
    imported_.profile.warnings = std::move(warnings_);
    return std::move(imported_);
  }

  [[nodiscard]] bool has_times() const { return end_to_end_.has_value() || !rows_.empty(); }

 private:
  void take_command(std::string_view command) {
    ModelInfo& model = imported_.profile.model;
    imported_.notes.push_back(fmt::format("The command was: {}", printable(command)));
    for (const auto& [option, format] : {std::pair{"--onnx=", "onnx"}, std::pair{"--loadEngine=", "tensorrt-engine"}}) {
      const std::size_t at = command.find(option);
      if (at == std::string_view::npos) continue;
      const std::string_view path = command.substr(at + std::string_view(option).size());
      model.path = path.substr(0, path.find(' '));
      model.format = format;
    }
  }

  void take_warning(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.starts_with("* ")) text.remove_prefix(2);
    std::string warning = fmt::format("trtexec: {}", shorten_middle(text, kQuotedColumns));
    if (warnings_.size() < kMostWarnings && std::ranges::find(warnings_, warning) == warnings_.end()) {
      warnings_.push_back(std::move(warning));
    }
  }

  // "=== Profile (5204 iterations ) ==="
  void begin_section(std::string_view title) {
    constexpr std::string_view profile = "=== Profile (";
    in_table_ = title.starts_with(profile);
    has_header_ = false;
    if (in_table_) {
      rows_ = {};
      const auto count = leading_number(title.substr(profile.size()));
      if (count && is_time(*count)) table_iterations_ = static_cast<std::int64_t>(std::min(*count, 1e15));
    }
  }

  Status take_table(std::string_view text) {
    if (!has_header_) {
      // "   Time(ms)     Avg.(ms)   Median(ms)   Time(%)   Layer", or "Layer   Time (ms)   Avg. Time (ms)   Time %"
      if (text.find("Layer") == std::string_view::npos || text.find("Avg.") == std::string_view::npos) return {};
      has_header_ = true;
      name_first_ = text.find("Layer") < text.find("Avg.");
      has_median_ = text.find("Median") != std::string_view::npos;
      return {};
    }
    auto row = trtexec_row(text, name_first_, has_median_);
    if (!row || row->name == "Total") {
      in_table_ = false;
      return {};
    }
    return rows_.add(*std::move(row));
  }

  // Each execution context tells its own.
  void take_binding(const TrtexecBinding& binding) {
    auto& tensors = binding.input ? imported_.profile.model.inputs : imported_.profile.model.outputs;
    if (std::ranges::find(tensors, binding.tensor.name, &TensorDesc::name) == tensors.end() &&
        tensors.size() < kMostForeignTensors) {
      tensors.push_back(binding.tensor);
    }
  }

  void take_pair(std::string_view key, std::string_view value) {
    Environment& environment = imported_.profile.environment;
    auto& properties = environment.properties;
    if (key == "TensorRT version") version_ = version_text(value);
    if (key == "Selected Device") environment.device_name = value;
    if (key == "Selected Device ID") properties["device"] = fmt::format("cuda:{}", value);
    if (key == "Compute Capability") properties["compute capability"] = value;
    if (key == "SMs") properties["multiprocessors"] = value;
    if (key == "Device Global Memory") take_memory(value);
    if (key == "Memory Bus Width") properties["memory bus"] = value;
    // trtexec says 0 where the driver does not tell.
    const bool clock = key == "Application Compute Clock Rate" || key == "Application Memory Clock Rate";
    if (clock && leading_number(value).value_or(0.0) > 0.0) {
      properties[key.find("Compute") != std::string_view::npos ? "application compute clock"
                                                               : "application memory clock"] = value;
    }
    if (key == "CUDA Graph") properties["CUDA graph"] = on_off(value);
    if (key == "Spin-wait") properties["waiting"] = value == "Enabled" ? "spin" : "block";
    if (key == "Data transfers") transfers_ = value == "Enabled";
    if (key == "ExposeDMA") exposed_ = value == "Enabled";
    if (key == "Precision") properties["build precision"] = value;
    if (key == "Inference Streams" || key == "Streams") take_streams(value);
    if (key == "Batch") batch_ = leading_number(value);
    if (key == "Throughput") throughput_ = leading_number(value);
    take_series(key, value);
  }

  void take_memory(std::string_view value) {
    constexpr double mib_a_gib = 1024.0;
    const auto mib = leading_number(value);
    if (mib && is_time(*mib)) {
      imported_.profile.environment.properties["device memory"] = fmt::format("{:.2f} GiB", *mib / mib_a_gib);
    }
  }

  void take_streams(std::string_view value) {
    int streams = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), streams);
    if (error == std::errc() && streams > 0) imported_.profile.environment.streams = streams;
  }

  void take_series(std::string_view key, std::string_view value) {
    static constexpr std::array known = {"Latency", "Enqueue Time", "H2D Latency", "GPU Compute Time", "D2H Latency"};
    if (std::ranges::find(known, key) == known.end()) return;
    const auto summary = trtexec_summary(value, queries_);
    if (!summary) return;
    if (!end_to_end_) end_to_end_.emplace();
    bounded_ = bounded_ || summary->bounded;
    const SampleSeries series{{}, summary->summary};
    if (key == "Latency") {
      end_to_end_->total = series;
      has_total_ = true;
    } else if (key == "Enqueue Time") {
      end_to_end_->enqueue = series;
    } else if (key == "GPU Compute Time") {
      end_to_end_->compute = series;
    } else if (key == "H2D Latency") {
      end_to_end_->host_to_device = series;
    } else {
      end_to_end_->device_to_host = series;
    }
  }

  // "Timing trace has 1938 queries over 2.00245 s", "Warmup completed 472 queries over 500 ms"
  void take_sentence(std::string_view text) {
    constexpr std::string_view trace = "Timing trace has ";
    constexpr std::string_view warmup = "Warmup completed ";
    constexpr std::string_view over = " queries over ";
    const bool timed = text.starts_with(trace);
    const std::size_t at = text.find(over);
    if ((!timed && !text.starts_with(warmup)) || at == std::string_view::npos) return;
    const auto count = leading_number(text.substr(timed ? trace.size() : warmup.size()));
    const auto duration = leading_number(text.substr(at + over.size()));
    if (!count || !duration || !is_time(*count) || !is_time(*duration) || *count > 1e15) return;
    // With an implicit batch each of its elements counts.
    const double batch = batch_ && is_time(*batch_) ? std::max(*batch_, 1.0) : 1.0;
    if (timed) {
      queries_ = static_cast<std::size_t>(*count / batch);
      measurement_.iterations = static_cast<std::int64_t>(*count / batch);
      measurement_.duration_seconds = duration;
    } else {
      measurement_.warmup_iterations = static_cast<std::int64_t>(*count / batch);
      measurement_.warmup_seconds = *duration * kMillisecond;
    }
  }

  void finish_environment() {
    Profile& profile = imported_.profile;
    Environment& environment = profile.environment;
    environment.engine_version = build_.empty() || version_.empty() ? version_ : fmt::format("{}.{}", version_, build_);
    if (transfers_) {
      environment.properties["transfers"] =
          !*transfers_ ? "none" : fmt::format("{}, page-locked host memory", exposed_ ? "blocking" : "overlapped");
    }
    const auto& inputs = profile.model.inputs;
    if (!inputs.empty() && !inputs.front().shape.empty()) profile.model.batch = inputs.front().shape.front();
    // With an implicit batch (8.x) shapes come without it.
    if (batch_ && is_time(*batch_) && *batch_ >= 1.0 && *batch_ <= 1e9) {
      profile.model.batch = static_cast<std::int64_t>(*batch_);
    }
  }

  void finish_end_to_end() {
    Profile& profile = imported_.profile;
    if (!end_to_end_ || !has_total_) return;
    const auto copied = [](const std::optional<SampleSeries>& series) { return series && series->summary->max > 0.0; };
    if (!copied(end_to_end_->host_to_device) && !copied(end_to_end_->device_to_host)) {
      end_to_end_->host_to_device.reset();
      end_to_end_->device_to_host.reset();
      imported_.notes.emplace_back("Nothing was copied to the device or back: trtexec ran without data transfers.");
    }
    end_to_end_->measurement = measurement_;
    end_to_end_->measurement.method =
        "trtexec's summary of copies to the device, compute and copies back, added up, by "
        "CUDA events; several inferences are queued at once.";
    if (throughput_ && is_time(*throughput_)) {
      imported_.notes.push_back(fmt::format("trtexec counted {:g} inferences a second.", *throughput_));
    }
    if (bounded_) {
      imported_.notes.emplace_back(
          "Of the 90th, 95th and 99th percentile those that the log does not have are given by "
          "the next higher figure that it has, which they do not exceed.");
    }
    profile.end_to_end = std::move(end_to_end_);
  }

  static constexpr std::size_t kMostForeignTensors = 10'000;

  Imported imported_;
  TrtexecRows rows_;
  MeasurementInfo measurement_;
  std::optional<EndToEnd> end_to_end_;
  std::optional<std::int64_t> table_iterations_;
  std::optional<double> throughput_;
  std::optional<double> batch_;
  std::optional<bool> transfers_;
  std::vector<std::string> warnings_;
  std::string version_;
  std::string build_;
  std::size_t queries_ = 0;
  bool exposed_ = false;
  bool bounded_ = false;
  bool has_total_ = false;
  bool in_table_ = false;
  bool has_header_ = false;
  bool name_first_ = false;
  bool has_median_ = false;
};

}  // namespace

bool is_trtexec_log(std::string_view beginning) {
  for (const std::string_view sign :
       {kRunning, std::string_view("[I] === Model Options ==="), std::string_view("[I] === Reporting Options ==="),
        std::string_view("[I] === Performance summary ==="), std::string_view("[I] === Profile (")}) {
    if (beginning.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

Result<Imported> read_trtexec_log(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  LineReader lines(file->in(), kLongestLine);
  Run run(path);
  std::size_t runs = 0;
  for (std::string line; lines.next(line);) {
    if (line.starts_with(kRunning)) {
      if (run.has_times()) ++runs;
      run = Run(path);
      run.begin(line);
    } else if (line.starts_with("&&&& FAILED TensorRT.trtexec")) {
      run.failed();
    } else if (const auto said = trtexec_line(line)) {
      if (Status taken = run.take(*said); !taken) {
        return fail(fmt::format("{}: {}", file->name(), taken.error().message), taken.error().hint);
      }
    }
  }
  if (const Status read = file->status(); !read) return forward_error(read);
  auto imported = run.finish(file->name());
  if (imported && runs > 0) {
    imported->notes.push_back(fmt::format("The log holds {} runs of trtexec: the last one was read.", runs + 1));
  }
  return imported;
}

}  // namespace trtprof
