#include "trtprof/import/nsys_sqlite.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/import/nvtx_ranges.h"
#include "trtprof/import/nvtx_stack.h"
#include "trtprof/import/sqlite.h"

namespace trtprof {
namespace {

constexpr double kNano = 1e-9;
constexpr std::string_view kEnqueue = "ExecutionContext::enqueue";
// NVTX_EVENTS.eventType
constexpr std::int64_t kPushPop = 59;
constexpr std::int64_t kPushPopExtended = 70;
constexpr std::int64_t kDomainCreate = 75;
// copyKind of CUPTI_ACTIVITY_KIND_MEMCPY (CUpti_ActivityMemcpyKind), and memory kinds (CUpti_ActivityMemoryKind of the
// export: 0 pageable, 1 pinned).
constexpr std::int64_t kHostToDevice = 1;
constexpr std::int64_t kDeviceToHost = 2;
constexpr std::int64_t kPageable = 0;
constexpr std::int64_t kPinned = 1;

struct Call {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t thread = 0;
  std::int64_t correlation = 0;
  std::string name;
};

// Kernels, copies, fills.
struct Work {
  Activity activity;  // without its layer
  std::int64_t start = 0;
  std::int64_t correlation = 0;
};

// "cudaLaunchKernel" of "cudaLaunchKernel_v7000".
std::string plain_call(std::string name) {
  const std::size_t version = name.rfind("_v");
  const bool digits = version != std::string::npos && version + 2 < name.size() &&
                      std::all_of(name.begin() + static_cast<std::ptrdiff_t>(version) + 2, name.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  return digits ? name.substr(0, version) : name;
}

std::string copy_name(std::int64_t kind) {
  switch (kind) {
    case kHostToDevice:
      return "host to device";
    case kDeviceToHost:
      return "device to host";
    default:
      return kind == 9 ? "host to host" : "device to device";
  }
}

std::string memory_name(std::int64_t kind) {
  return kind == kPageable ? "pageable" : kind == kPinned ? "pinned" : "";
}

class ExportReader {
 public:
  ExportReader(const SqliteFile& file, std::string name) : file_(file), name_(std::move(name)) {}

  Result<NsysTrace> read() {
    for (const auto step : {&ExportReader::read_strings, &ExportReader::read_ranges, &ExportReader::read_calls,
                            &ExportReader::read_kernels, &ExportReader::read_copies, &ExportReader::read_fills,
                            &ExportReader::read_target}) {
      if (const Status status = (this->*step)(); !status) return forward_error(status);
    }
    if (trace_.launches.empty()) {
      return fail(fmt::format("{} holds no kernels", name_),
                  "the export of a run with `nsys profile -t cuda,nvtx` does, where kernels ran while it captured");
    }
    tie_kernels_to_layers();
    split_into_inferences();
    trace_.source = "Nsight Systems export";
    return std::move(trace_);
  }

 private:
  [[nodiscard]] std::string string_of(const std::optional<std::int64_t>& id) const {
    if (!id) return {};
    const auto found = strings_.find(*id);
    return found == strings_.end() ? std::string() : found->second;
  }

  Status read_strings() {
    return file_.each("StringIds", {"id", "value"}, "",
                      [&](const SqliteRow& row) { strings_[row.integer(0).value_or(-1)] = row.text(1); });
  }

  Status read_ranges() {
    // A domain is named by an event of its own, and its number is of its process alone.
    std::map<std::int64_t, std::string> domains;
    Status read = file_.each("NVTX_EVENTS", {"eventType", "domainId", "text", "textId"}, "", [&](const SqliteRow& row) {
      if (row.integer(0) != kDomainCreate) return;
      const std::string text = row.text(2);
      domains[row.integer(1).value_or(0)] = text.empty() ? string_of(row.integer(3)) : text;
    });
    if (!read) return read;
    return file_.each("NVTX_EVENTS", {"eventType", "domainId", "text", "textId", "start", "end", "globalTid"}, "start",
                      [&](const SqliteRow& row) {
                        const std::int64_t type = row.integer(0).value_or(0);
                        if ((type != kPushPop && type != kPushPopExtended) || !row.integer(5)) return;
                        std::string text = row.text(2);
                        if (text.empty()) text = string_of(row.integer(3));
                        const NvtxRange range{domains[row.integer(1).value_or(0)], std::move(text)};
                        const TimedRange timed{*row.integer(4), *row.integer(5), row.integer(6).value_or(0),
                                               range_names_.size()};
                        if (is_inference_range(range)) inference_ranges_.push_back(timed);
                        if (range.domain == kTensorRtDomain && range.name.find(kEnqueue) != std::string::npos) {
                          enqueue_ranges_.push_back(timed);
                        }
                        if (!is_layer_range(range)) return;
                        layer_ranges_.push_back(timed);
                        range_names_.push_back(range.name);
                      });
  }

  Status read_calls() {
    for (const std::string_view table : {"CUPTI_ACTIVITY_KIND_RUNTIME", "CUPTI_ACTIVITY_KIND_DRIVER"}) {
      Status read = file_.each(
          table, {"start", "end", "globalTid", "correlationId", "nameId"}, "start", [&](const SqliteRow& row) {
            calls_.push_back({row.integer(0).value_or(0), row.integer(1).value_or(0), row.integer(2).value_or(0),
                              row.integer(3).value_or(0), plain_call(string_of(row.integer(4)))});
          });
      if (!read) return read;
    }
    std::ranges::stable_sort(calls_, {}, &Call::start);
    for (std::size_t i = 0; i < calls_.size(); ++i) call_of_.try_emplace(calls_[i].correlation, i);
    return {};
  }

  Work work_of(ActivityKind kind, const SqliteRow& row) {
    Work work;
    work.start = row.integer(0).value_or(0);
    work.activity.kind = kind;
    work.activity.start = static_cast<double>(work.start) * kNano;
    work.activity.end = static_cast<double>(row.integer(1).value_or(work.start)) * kNano;
    work.activity.stream = row.integer(2);
    work.correlation = row.integer(3).value_or(0);
    if (work.correlation != 0) work.activity.correlation = work.correlation;
    return work;
  }

  Status read_kernels() {
    return file_.each(
        "CUPTI_ACTIVITY_KIND_KERNEL",
        {"start", "end", "streamId", "correlationId", "demangledName", "shortName", "gridX", "gridY", "gridZ", "blockX",
         "blockY", "blockZ", "registersPerThread", "staticSharedMemory", "dynamicSharedMemory", "graphNodeId"},
        "start", [&](const SqliteRow& row) {
          Work work = work_of(ActivityKind::kernel, row);
          KernelLaunch launch;
          launch.name = string_of(row.integer(4));
          if (launch.name.empty()) launch.name = string_of(row.integer(5));
          launch.grid = dimensions(row, 6);
          launch.block = dimensions(row, 9);
          launch.registers_per_thread = row.integer(12);
          if (row.integer(13)) launch.static_shared_bytes = static_cast<std::uint64_t>(*row.integer(13));
          if (row.integer(14)) launch.dynamic_shared_bytes = static_cast<std::uint64_t>(*row.integer(14));
          trace_.graph = trace_.graph || row.integer(15).value_or(0) != 0;
          work.activity.name = launch.name;
          work.activity.kernel = launch_index(std::move(launch));
          work_.push_back(std::move(work));
        });
  }

  static std::vector<std::int64_t> dimensions(const SqliteRow& row, int first) {
    std::vector<std::int64_t> values;
    for (int i = 0; i < 3; ++i) {
      const auto value = row.integer(first + i);
      if (!value) return {};
      values.push_back(*value);
    }
    return values;
  }

  std::int64_t launch_index(KernelLaunch launch) {
    const auto key =
        std::tuple(launch.name, launch.grid, launch.block, launch.registers_per_thread, launch.dynamic_shared_bytes);
    const auto [entry, added] = launch_of_.try_emplace(key, static_cast<std::int64_t>(trace_.launches.size()));
    if (added) trace_.launches.push_back(std::move(launch));
    return entry->second;
  }

  Status read_copies() {
    return file_.each("CUPTI_ACTIVITY_KIND_MEMCPY",
                      {"start", "end", "streamId", "correlationId", "bytes", "copyKind", "srcKind", "dstKind"}, "start",
                      [&](const SqliteRow& row) {
                        Work work = work_of(ActivityKind::copy, row);
                        const std::int64_t kind = row.integer(5).value_or(0);
                        work.activity.name = copy_name(kind);
                        if (row.integer(4)) work.activity.bytes = static_cast<std::uint64_t>(*row.integer(4));
                        const auto host = kind == kHostToDevice   ? row.integer(6)
                                          : kind == kDeviceToHost ? row.integer(7)
                                                                  : std::nullopt;
                        if (host) work.activity.memory = memory_name(*host);
                        work_.push_back(std::move(work));
                      });
  }

  Status read_fills() {
    return file_.each("CUPTI_ACTIVITY_KIND_MEMSET", {"start", "end", "streamId", "correlationId", "bytes"}, "start",
                      [&](const SqliteRow& row) {
                        Work work = work_of(ActivityKind::fill, row);
                        work.activity.name = "memset";
                        if (row.integer(4)) work.activity.bytes = static_cast<std::uint64_t>(*row.integer(4));
                        work_.push_back(std::move(work));
                      });
  }

  Status read_target() {
    return file_.each("TARGET_INFO_GPU", {"name"}, "", [&](const SqliteRow& row) {
      if (trace_.device_name.empty()) trace_.device_name = row.text(0);
    });
  }

  [[nodiscard]] const Call* call_of(const Work& work) const {
    const auto found = call_of_.find(work.correlation);
    return found == call_of_.end() ? nullptr : &calls_[found->second];
  }

  void tie_kernels_to_layers() {
    if (layer_ranges_.empty()) {
      trace_.join_reason = "the export has no NVTX ranges of TensorRT layers";
      return;
    }
    const RangeIndex index(layer_ranges_);
    std::size_t kernels = 0;
    std::size_t tied = 0;
    for (Work& work : work_) {
      const Call* call = call_of(work);
      const TimedRange* range = call == nullptr ? nullptr : index.innermost(call->thread, call->start);
      const bool kernel = work.activity.kind == ActivityKind::kernel;
      kernels += kernel ? 1U : 0U;
      if (range == nullptr) continue;
      work.activity.layer = range_names_[range->name];
      tied += kernel ? 1U : 0U;
    }
    if (tied == 0) {
      trace_.join_reason = "no kernel was launched within an NVTX range of a TensorRT layer";
      return;
    }
    trace_.join = KernelJoin::markers;
    if (tied < kernels)
      trace_.notes.push_back(fmt::format("{} of {} kernels lie in no layer's range.", kernels - tied, kernels));
  }

  // Work belongs to the inference in which it was called for; without its call, in which it began.
  void split_into_inferences() {
    std::vector<TimedRange> ranges = inference_ranges_.empty() ? enqueue_ranges_ : inference_ranges_;
    std::ranges::sort(ranges, {}, &TimedRange::start);
    if (ranges.empty()) {
      ranges.push_back({std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), 0, 0});
      trace_.notes.emplace_back("No NVTX range tells inferences apart: all that was recorded is taken for one.");
    }
    trace_.inferences.resize(ranges.size());
    const auto inference_of = [&](std::int64_t moment) -> NsysInference* {
      const auto after = std::ranges::upper_bound(ranges, moment, {}, &TimedRange::start);
      if (after == ranges.begin() || (after - 1)->end < moment) return nullptr;
      return &trace_.inferences[static_cast<std::size_t>(after - ranges.begin()) - 1];
    };
    std::size_t outside = 0;
    for (Work& work : work_) {
      const Call* call = call_of(work);
      NsysInference* inference = inference_of(call == nullptr ? work.start : call->start);
      if (inference == nullptr) {
        ++outside;
      } else {
        inference->activities.push_back(std::move(work.activity));
      }
    }
    for (const Call& call : calls_) {
      if (NsysInference* inference = inference_of(call.start)) inference->activities.push_back(activity_of(call));
    }
    if (outside > 0) {
      trace_.notes.push_back(fmt::format("{} activities of the device lie outside of the inferences.", outside));
    }
    std::erase_if(trace_.inferences, [](const NsysInference& inference) {
      return std::ranges::none_of(inference.activities,
                                  [](const Activity& a) { return a.kind == ActivityKind::kernel; });
    });
    for (NsysInference& inference : trace_.inferences) {
      std::ranges::stable_sort(inference.activities, {}, &Activity::start);
      add_launch_delays(inference);
    }
  }

  static Activity activity_of(const Call& call) {
    Activity activity;
    const bool waits = call.name.find("Synchronize") != std::string::npos;
    activity.kind = waits ? ActivityKind::synchronization : ActivityKind::host_call;
    activity.name = call.name;
    activity.start = static_cast<double>(call.start) * kNano;
    activity.end = static_cast<double>(call.end) * kNano;
    activity.thread = call.thread;
    if (call.correlation != 0) activity.correlation = call.correlation;
    return activity;
  }

  // Only where each kernel has a call of its own.
  void add_launch_delays(NsysInference& inference) const {
    std::vector<std::int64_t> seen;
    for (const Activity& activity : inference.activities) {
      if (activity.kind != ActivityKind::kernel) continue;
      const auto found = call_of_.find(activity.correlation.value_or(0));
      if (found == call_of_.end()) return inference.launch_delays.clear();
      const double called = static_cast<double>(calls_[found->second].start) * kNano;
      inference.launch_delays.push_back(std::max(0.0, activity.start - called));
      seen.push_back(*activity.correlation);
    }
    std::ranges::sort(seen);
    if (std::ranges::adjacent_find(seen) != seen.end()) inference.launch_delays.clear();
  }

  using LaunchKey = std::tuple<std::string, std::vector<std::int64_t>, std::vector<std::int64_t>,
                               std::optional<std::int64_t>, std::optional<std::uint64_t>>;

  const SqliteFile& file_;
  std::string name_;
  NsysTrace trace_;
  std::unordered_map<std::int64_t, std::string> strings_;
  std::vector<TimedRange> layer_ranges_;
  std::vector<TimedRange> enqueue_ranges_;
  std::vector<TimedRange> inference_ranges_;
  std::vector<std::string> range_names_;  // of layer_ranges_
  std::vector<Call> calls_;
  std::unordered_map<std::int64_t, std::size_t> call_of_;  // by correlation
  std::vector<Work> work_;
  std::map<LaunchKey, std::int64_t> launch_of_;
};

}  // namespace

Result<NsysTrace> read_nsys_export(const std::filesystem::path& path) {
  const auto file = SqliteFile::open(path);
  if (!file) return forward_error(file);
  const std::string name = printable(path.string());
  if (!file->has_table("StringIds") && !file->has_table("CUPTI_ACTIVITY_KIND_KERNEL")) {
    return fail(fmt::format("{} is a database, but no export of Nsight Systems", name),
                "nsys export --type sqlite makes one of a report");
  }
  return ExportReader(*file, name).read();
}

}  // namespace trtprof
