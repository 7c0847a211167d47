#include "trtprof/backend/tensorrt/nvtx_ranges.h"

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <nvtx3/nvToolsExt.h>
#include <set>
#include <string>
#include <utility>

// NOLINTNEXTLINE(readability-identifier-naming): NVTX looks for this name
extern "C" __attribute__((visibility("default"))) int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table);

namespace trtprof::tensorrt {
namespace {

using Clock = double (*)();

// Called by NVTX on any thread, before and after main as well: nothing here is destroyed.
struct State {
  std::atomic<Clock> clock = nullptr;  // null: nothing is recorded
  std::mutex mutex;
  std::vector<TraceRecords::Range> ended;
  std::set<std::string> strings;  // registered, and domains' names: their addresses are the handles
};

State& state() {
  static auto* const kept = new State;  // NOLINT(cppcoreguidelines-owning-memory)
  return *kept;
}

// Of this thread. One stack for all domains: they nest as calls do.
std::vector<TraceRecords::Range>& open_ranges() {
  thread_local std::vector<TraceRecords::Range> open;
  return open;
}

template <class Handle>
Handle keep(const char* text) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  const std::string& kept = *all.strings.emplace(text == nullptr ? "" : text).first;
  return reinterpret_cast<Handle>(const_cast<std::string*>(&kept));  // NOLINT: opaque to everyone else
}

const char* message_of(const nvtxEventAttributes_t* attributes) {
  if (attributes == nullptr) return "";
  if (attributes->messageType == NVTX_MESSAGE_TYPE_ASCII && attributes->message.ascii != nullptr) {
    return attributes->message.ascii;
  }
  if (attributes->messageType == NVTX_MESSAGE_TYPE_REGISTERED && attributes->message.registered != nullptr) {
    return reinterpret_cast<const std::string*>(attributes->message.registered)->c_str();
  }
  return "";
}

// Exceptions would pass through C: without memory a range is lost, and its kernels have no layer.
int push(const char* name) noexcept {
  const Clock clock = state().clock.load(std::memory_order_relaxed);
  std::vector<TraceRecords::Range>& open = open_ranges();
  try {
    open.push_back(clock == nullptr ? TraceRecords::Range{} : TraceRecords::Range{name, clock(), 0.0});
  } catch (...) {
    return NVTX_NO_PUSH_POP_TRACKING;
  }
  return static_cast<int>(open.size()) - 1;
}

int pop() noexcept {
  std::vector<TraceRecords::Range>& open = open_ranges();
  if (open.empty()) return NVTX_NO_PUSH_POP_TRACKING;
  TraceRecords::Range range = std::move(open.back());
  open.pop_back();
  State& all = state();
  const Clock clock = all.clock.load(std::memory_order_relaxed);
  if (clock != nullptr && !range.name.empty()) {
    range.end = clock();
    try {
      const std::lock_guard lock(all.mutex);
      all.ended.push_back(std::move(range));
    } catch (...) {
      return NVTX_NO_PUSH_POP_TRACKING;
    }
  }
  return static_cast<int>(open.size());
}

int NVTX_API push_ex(const nvtxEventAttributes_t* attributes) {
  return push(message_of(attributes));
}
int NVTX_API push_text(const char* text) {
  return push(text == nullptr ? "" : text);
}
int NVTX_API pop_any() {
  return pop();
}
int NVTX_API domain_push(nvtxDomainHandle_t, const nvtxEventAttributes_t* attributes) {
  return push(message_of(attributes));
}
int NVTX_API domain_pop(nvtxDomainHandle_t) {
  return pop();
}
nvtxStringHandle_t NVTX_API register_string(nvtxDomainHandle_t, const char* text) {
  return keep<nvtxStringHandle_t>(text);
}
nvtxDomainHandle_t NVTX_API create_domain(const char* name) {
  return keep<nvtxDomainHandle_t>(name);
}

template <class Function>
void put(NvtxFunctionTable table, unsigned size, unsigned id, Function* function) {
  if (id < size && table[id] != nullptr) *table[id] = reinterpret_cast<NvtxFunctionPointer>(function);
}

}  // namespace

void NvtxRanges::listen() {
  constexpr const char* injection = "NVTX_INJECTION64_PATH";
  Dl_info self{};
  if (std::getenv(injection) != nullptr) return;  // NOLINT(concurrency-mt-unsafe): set here alone
  if (::dladdr(reinterpret_cast<void*>(&InitializeInjectionNvtx2), &self) == 0 || self.dli_fname == nullptr) return;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before the engine's library starts its threads
  static_cast<void>(::setenv(injection, self.dli_fname, 0));
}

void NvtxRanges::record(double (*clock)()) {
  static_cast<void>(take());
  state().clock.store(clock);
}

void NvtxRanges::stop() {
  state().clock.store(nullptr);
}

std::vector<TraceRecords::Range> NvtxRanges::take() {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  return std::exchange(all.ended, {});
}

}  // namespace trtprof::tensorrt

// NOLINTNEXTLINE(readability-identifier-naming)
int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table) {
  using namespace trtprof::tensorrt;  // NOLINT(google-build-using-namespace): what it puts in place is there
  const auto* callbacks = static_cast<const NvtxExportTableCallbacks*>(get_table(NVTX_ETID_CALLBACKS));
  if (callbacks == nullptr || callbacks->struct_size < sizeof(NvtxExportTableCallbacks)) return 0;
  NvtxFunctionTable table = nullptr;
  unsigned size = 0;
  if (callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, &size) != 0) {
    put(table, size, NVTX_CBID_CORE_RangePushEx, push_ex);
    put(table, size, NVTX_CBID_CORE_RangePushA, push_text);
    put(table, size, NVTX_CBID_CORE_RangePop, pop_any);
  }
  if (callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE2, &table, &size) != 0) {
    put(table, size, NVTX_CBID_CORE2_DomainRangePushEx, domain_push);
    put(table, size, NVTX_CBID_CORE2_DomainRangePop, domain_pop);
    put(table, size, NVTX_CBID_CORE2_DomainRegisterStringA, register_string);
    put(table, size, NVTX_CBID_CORE2_DomainCreateA, create_domain);
  }
  return 1;
}
