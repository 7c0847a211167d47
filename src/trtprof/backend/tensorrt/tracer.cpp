#include "trtprof/backend/tensorrt/tracer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cxxabi.h>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/cupti.h"
#include "trtprof/backend/tensorrt/nvtx_ranges.h"
#include "trtprof/base/steady_time.h"

namespace trtprof::tensorrt {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kBufferAlignment = 8;
constexpr double kNanosecond = 1e-9;

constexpr std::array kActivities = {
    CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,  CUPTI_ACTIVITY_KIND_MEMSET,
    CUPTI_ACTIVITY_KIND_SYNCHRONIZATION,   CUPTI_ACTIVITY_KIND_RUNTIME, CUPTI_ACTIVITY_KIND_DRIVER,
};

// Calls that only ask or set something. TensorRT makes more of them than launches, and a record costs time in between.
constexpr std::array<CUpti_CallbackId, 6> kSilentRuntimeCalls = {
    CUPTI_RUNTIME_TRACE_CBID_cudaGetLastError_v3020,     CUPTI_RUNTIME_TRACE_CBID_cudaPeekAtLastError_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaEventElapsedTime_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaFuncSetAttribute_v9000,
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDevice_v3020,        CUPTI_RUNTIME_TRACE_CBID_cudaSetDevice_v3020,
};
constexpr std::array<CUpti_CallbackId, 4> kSilentDriverCalls = {
    CUPTI_DRIVER_TRACE_CBID_cuFuncSetAttribute,
    CUPTI_DRIVER_TRACE_CBID_cuKernelSetAttribute,
    CUPTI_DRIVER_TRACE_CBID_cuCtxGetCurrent,
    CUPTI_DRIVER_TRACE_CBID_cuDeviceGetAttribute,
};

std::string demangled(const char* name) {
  if (name == nullptr) return {};
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  if (text == nullptr) return name;
  std::string plain = text;
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): __cxa_demangle wants it so
  return plain;
}

// "cudaLaunchKernel" of "cudaLaunchKernel_v7000", "cuMemcpyAsync" of "cuMemcpyAsync_ptsz".
std::string plain_call(std::string_view name) {
  for (const std::string_view mark : {"_v", "_ptsz", "_ptds"}) {
    const std::size_t at = name.find(mark);
    if (at != std::string_view::npos && at > 0) name = name.substr(0, at);
  }
  return std::string(name);
}

const char* direction(std::uint8_t kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOA:
      return "host to device";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOH:
      return "device to host";
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOH:
      return "host to host";
    case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP:
      return "device to another device";
    case CUPTI_ACTIVITY_MEMCPY_KIND_UNKNOWN:
      return "copy";
    default:
      return "device to device";
  }
}

const char* host_memory(std::uint8_t source, std::uint8_t target) {
  for (const std::uint8_t kind : {source, target}) {
    if (kind == CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE) return "pageable";
    if (kind == CUPTI_ACTIVITY_MEMORY_KIND_PINNED) return "pinned";
  }
  return "";
}

class CuptiTracer final : public Tracer {
 public:
  CuptiTracer(const Cupti& cupti, const MultiprocessorLimits& limits) : cupti_(cupti), limits_(limits) {}
  CuptiTracer(const CuptiTracer&) = delete;
  CuptiTracer& operator=(const CuptiTracer&) = delete;
  ~CuptiTracer() override { stop(); }

  [[nodiscard]] Status begin() {
    const std::lock_guard lock(current_mutex());
    if (current() != nullptr) return fail("one timeline at a time is recorded in a process");
    if (Status ready = cupti_.check(cupti_.register_callbacks(request_buffer, complete_buffer), "its buffers");
        !ready) {
      return ready;
    }
    if (Status ready = measure_clock(); !ready) return ready;
    if (Status enabled = enable_records(); !enabled) return enabled;
    current() = this;
    NvtxRanges::record(now);
    // Without it graphs' nodes are told apart by their order.
    if (cupti_.subscribe(&subscriber_, on_graph_node, nullptr) == CUPTI_SUCCESS) {
      subscribed_ = true;
      for (const CUpti_CallbackIdResource id :
           {CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED}) {
        static_cast<void>(cupti_.enable_callback(1, subscriber_, CUPTI_CB_DOMAIN_RESOURCE, id));
      }
    }
    return {};
  }

  [[nodiscard]] Result<TraceRecords> take() override {
    if (const Status flushed = cupti_.check(cupti_.flush_all(0), "its records could not be fetched"); !flushed) {
      return forward_error(flushed);
    }
    const std::lock_guard lock(records_mutex_);
    records_.ranges = NvtxRanges::take();
    if (const auto open = std::ranges::find_if(records_.device, [](const auto& d) { return d.end < d.start; });
        open != records_.device.end()) {
      return fail("a record of the timeline has no end");
    }
    return std::exchange(records_, {});
  }

  [[nodiscard]] std::string source() const override {
    return fmt::format("CUPTI {} activity records", cupti_.version_text());
  }

 private:
  // CUPTI's callbacks know no owner.
  static CuptiTracer*& current() {
    static CuptiTracer* tracer = nullptr;
    return tracer;
  }
  static std::mutex& current_mutex() {
    static std::mutex mutex;
    return mutex;
  }

  void stop() {
    const std::lock_guard lock(current_mutex());
    if (current() == this) NvtxRanges::stop();
    if (subscribed_) static_cast<void>(cupti_.unsubscribe(subscriber_));
    for (const CUpti_ActivityKind kind : enabled_) static_cast<void>(cupti_.disable(kind));
    static_cast<void>(cupti_.flush_all(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED));
    if (current() == this) current() = nullptr;
  }

  [[nodiscard]] Status enable_records() {
    for (const CUpti_ActivityKind kind : kActivities) {
      if (Status enabled = cupti_.check(cupti_.enable(kind), "its records could not be switched on"); !enabled) {
        return enabled;
      }
      enabled_.push_back(kind);
    }
    // Where it cannot be done there are more records.
    for (const CUpti_CallbackId call : kSilentRuntimeCalls) {
      if (cupti_.enable_runtime_call != nullptr) static_cast<void>(cupti_.enable_runtime_call(call, 0));
    }
    for (const CUpti_CallbackId call : kSilentDriverCalls) {
      if (cupti_.enable_driver_call != nullptr) static_cast<void>(cupti_.enable_driver_call(call, 0));
    }
    return {};
  }

  // CUPTI's time to steady_clock's: the closest of several pairs of readings.
  [[nodiscard]] Status measure_clock() {
    double narrowest = 1.0;
    for (int i = 0; i < 32; ++i) {
      std::uint64_t theirs = 0;
      const double before = steady_seconds();
      const CUptiResult read = cupti_.timestamp(&theirs);
      const double after = steady_seconds();
      if (Status known = cupti_.check(read, "its clock could not be read"); !known) return known;
      if (after - before >= narrowest) continue;
      narrowest = after - before;
      clock_origin_ = theirs;
      steady_origin_ = (before + after) / 2;
    }
    return {};
  }

  [[nodiscard]] double seconds(std::uint64_t nanoseconds) const {
    const auto since = static_cast<std::int64_t>(nanoseconds - clock_origin_);  // below the origin: negative
    return steady_origin_ + static_cast<double>(since) * kNanosecond;
  }

  // By CUPTI's clock, as all that is set beside its records.
  static double now() {
    const CuptiTracer* tracer = current();
    std::uint64_t moment = 0;
    if (tracer == nullptr || tracer->cupti_.timestamp(&moment) != CUPTI_SUCCESS) return 0.0;
    return tracer->seconds(moment);
  }

  static void CUPTIAPI request_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* max_records) {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): aligned, and freed where CUPTI gives it back
    *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(kBufferAlignment, kBufferBytes));
    *size = *buffer == nullptr ? 0 : kBufferBytes;
    *max_records = 0;  // as many as fit
  }

  static void CUPTIAPI complete_buffer(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t,
                                       std::size_t valid) {
    CuptiTracer* tracer = current();
    if (tracer != nullptr) tracer->read(context, stream, buffer, valid);
    std::free(buffer);  // NOLINT(cppcoreguidelines-no-malloc)
  }

  void read(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t valid) noexcept {
    try {
      const std::lock_guard lock(records_mutex_);
      CUpti_Activity* record = nullptr;
      while (cupti_.next_record(buffer, valid, &record) == CUPTI_SUCCESS) add(*record);
      std::size_t dropped = 0;
      if (cupti_.dropped_records(context, stream, &dropped) == CUPTI_SUCCESS) {
        records_.lost += static_cast<std::int64_t>(dropped);
      }
    } catch (...) {  // out of memory: the inference lacks records, and says so
      ++records_.lost;
    }
  }

  void add(const CUpti_Activity& record) {
    switch (record.kind) {
      case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      case CUPTI_ACTIVITY_KIND_KERNEL:
        return add(reinterpret_cast<const CUpti_ActivityKernel9&>(record));
      case CUPTI_ACTIVITY_KIND_MEMCPY:
        return add(reinterpret_cast<const CUpti_ActivityMemcpy6&>(record));
      case CUPTI_ACTIVITY_KIND_MEMSET:
        return add(reinterpret_cast<const CUpti_ActivityMemset4&>(record));
      case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
        return add(reinterpret_cast<const CUpti_ActivitySynchronization&>(record));
      case CUPTI_ACTIVITY_KIND_RUNTIME:
        return add(reinterpret_cast<const CUpti_ActivityAPI&>(record), CUPTI_CB_DOMAIN_RUNTIME_API);
      case CUPTI_ACTIVITY_KIND_DRIVER:
        return add(reinterpret_cast<const CUpti_ActivityAPI&>(record), CUPTI_CB_DOMAIN_DRIVER_API);
      default:
        return;
    }
  }

  // With what records of all kinds have.
  template <class Record>
  void add_device(const Record& record, TraceRecords::Device device) {
    device.start = seconds(record.start);
    device.end = seconds(record.end);
    device.stream = record.streamId;
    device.correlation = record.correlationId;
    device.graph_node = record.graphNodeId;
    records_.device.push_back(std::move(device));
  }

  // The beginning that all versions of the record share.
  void add(const CUpti_ActivityKernel9& kernel) {
    TraceRecords::Device device;
    KernelLaunch& launch = device.launch;
    launch.name = name_of(kernel.name);
    launch.grid = {kernel.gridX, kernel.gridY, kernel.gridZ};
    launch.block = {kernel.blockX, kernel.blockY, kernel.blockZ};
    launch.registers_per_thread = kernel.registersPerThread;
    launch.static_shared_bytes = static_cast<std::uint64_t>(std::max(0, kernel.staticSharedMemory));
    launch.dynamic_shared_bytes = static_cast<std::uint64_t>(std::max(0, kernel.dynamicSharedMemory));
    launch.theoretical_occupancy = theoretical_occupancy(limits_, launch, std::int64_t{kernel.sharedMemoryExecuted});
    add_device(kernel, std::move(device));
  }

  void add(const CUpti_ActivityMemcpy6& copy) {
    TraceRecords::Device device;
    device.kind = ActivityKind::copy;
    device.what = direction(copy.copyKind);
    device.memory = host_memory(copy.srcKind, copy.dstKind);
    device.bytes = copy.bytes;
    add_device(copy, std::move(device));
  }

  void add(const CUpti_ActivityMemset4& fill) {
    TraceRecords::Device device;
    device.kind = ActivityKind::fill;
    device.what = "memset";
    device.bytes = fill.bytes;
    add_device(fill, std::move(device));
  }

  void add(const CUpti_ActivitySynchronization& wait) {
    if (wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT) return;  // the device waits, not the host
    TraceRecords::Wait record{seconds(wait.start), seconds(wait.end), std::nullopt, wait.correlationId};
    if (wait.streamId != CUPTI_SYNCHRONIZATION_INVALID_VALUE) record.stream = wait.streamId;
    records_.waits.push_back(record);
  }

  void add(const CUpti_ActivityAPI& call, CUpti_CallbackDomain domain) {
    TraceRecords::Call record;
    record.name = call_name(domain, call.cbid);
    record.start = seconds(call.start);
    record.end = seconds(call.end);
    record.thread = call.threadId;
    record.correlation = call.correlationId;
    records_.calls.push_back(std::move(record));
  }

  const std::string& name_of(const char* mangled) {
    const std::string_view key = mangled == nullptr ? std::string_view{} : std::string_view(mangled);
    auto known = names_.find(key);
    if (known == names_.end()) known = names_.emplace(key, demangled(mangled)).first;
    return known->second;
  }

  const std::string& call_name(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    std::string& name = call_names_[std::uint64_t{domain} << 32U | id];
    if (name.empty()) {
      const char* text = nullptr;
      const bool known = cupti_.callback_name(domain, id, &text) == CUPTI_SUCCESS && text != nullptr;
      name = known ? plain_call(text) : fmt::format("call {}", id);
    }
    return name;
  }

  static void CUPTIAPI on_graph_node(void*, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
    CuptiTracer* tracer = current();
    if (tracer == nullptr || domain != CUPTI_CB_DOMAIN_RESOURCE || data == nullptr) return;
    const auto& resource = *static_cast<const CUpti_ResourceData*>(data);
    if (resource.resourceDescriptor == nullptr) return;
    tracer->add_node(id, *static_cast<const CUpti_GraphData*>(resource.resourceDescriptor));
  }

  void add_node(CUpti_CallbackId id, const CUpti_GraphData& graph) noexcept {
    try {
      std::uint64_t node = 0;
      if (cupti_.graph_node_id(graph.node, &node) != CUPTI_SUCCESS) return;
      if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED) {
        const std::lock_guard lock(records_mutex_);
        records_.nodes.push_back({node, now()});
        return;
      }
      std::uint64_t original = 0;
      if (cupti_.graph_node_id(graph.originalNode, &original) != CUPTI_SUCCESS) return;
      const std::lock_guard lock(records_mutex_);
      records_.node_copies.emplace_back(node, original);
    } catch (...) {  // out of memory: a node whose layer is told by order
      return;
    }
  }

  const Cupti& cupti_;
  MultiprocessorLimits limits_;
  std::vector<CUpti_ActivityKind> enabled_;
  CUpti_SubscriberHandle subscriber_ = nullptr;
  bool subscribed_ = false;
  std::uint64_t clock_origin_ = 0;
  double steady_origin_ = 0.0;
  std::mutex records_mutex_;  // CUPTI reads buffers back on a thread of its own
  TraceRecords records_;
  std::map<std::string, std::string, std::less<>> names_;  // mangled to demangled
  std::unordered_map<std::uint64_t, std::string> call_names_;
};

}  // namespace

Result<std::unique_ptr<Tracer>> Tracer::start(const MultiprocessorLimits& limits) {
  const auto cupti = Cupti::get();
  if (!cupti) return forward_error(cupti);
  auto tracer = std::make_unique<CuptiTracer>(**cupti, limits);
  if (const Status begun = tracer->begin(); !begun) return forward_error(begun);
  return std::unique_ptr<Tracer>(std::move(tracer));
}

}  // namespace trtprof::tensorrt
