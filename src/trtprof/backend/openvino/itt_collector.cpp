#include "trtprof/backend/openvino/itt_collector.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <string_view>
#include <sys/syscall.h>
#include <type_traits>
#include <unistd.h>
#include <unordered_map>

#include "trtprof/base/steady_time.h"

namespace trtprof::openvino {
namespace {

constexpr const char* kVariable = "INTEL_LIBITTNOTIFY64";
constexpr std::string_view kLayerDomain = "ov::op::cpu::details";

// The part of the ITT ABI, version 3, that a collector needs: field order and types as in ittnotify_config.h
// (___itt_global, ___itt_api_info) and ittnotify.h (___itt_domain, ___itt_string_handle, ___itt_id) of
// github.com/intel/ittapi. Attachment is refused unless version and a cross-check of the layout agree.
constexpr std::array<unsigned char, 8> kMagic = {0xED, 0xAB, 0xAB, 0xEC, 0x0D, 0xEE, 0xDA, 0x30};
constexpr unsigned long kVersionMajor = 3;

struct Domain {
  int flags;  // zero: the caller skips the call
  const char* name;
  void* wide_name;
  int reserved1;
  void* reserved2;
  Domain* next;
};

struct StringHandle {
  const char* text;
  void* wide_text;
  int reserved1;
  void* reserved2;
  StringHandle* next;
};

struct Id {
  unsigned long long d1, d2, d3;
};

struct ApiInfo {
  const char* name;
  void** function;
  void* init_function;
  void* null_function;
  int group;
};

struct Global {
  std::array<unsigned char, 8> magic;
  unsigned long version_major;
  unsigned long version_minor;
  unsigned long version_build;
  long api_initialized;
  long mutex_initialized;
  long atomic_counter;
  pthread_mutex_t mutex;
  void* library;  // what dlopen of the collector returned
  void* error_handler;
  const char** library_path;
  ApiInfo* functions;  // ended by a null name
};

static_assert(sizeof(void*) == 8 && sizeof(long) == 8, "INTEL_LIBITTNOTIFY64 is the variable of 64-bit processes");

// A string handle and the text behind it; ITT sees the first member.
struct Name {
  StringHandle handle{};
  std::string text;
};

static_assert(std::is_standard_layout_v<Name>, "a pointer to the handle is a pointer to the name");

struct Event {
  std::int64_t ns;
  const Name* name;  // null: the end of the newest open task of the thread
  std::int64_t thread;
};

struct State {
  std::mutex mutex;  // over the registries
  std::deque<Domain> domains;
  std::deque<std::string> domain_names;
  std::unordered_map<std::string_view, Name*> names;
  std::deque<Name> name_storage;
  std::vector<Domain*> layer_domains;
  std::string module_path;
  bool offered = false;
  bool displaced = false;

  std::mutex recording_mutex;  // held from begin() to end()
  std::vector<Event> events;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> recording{false};
};

// Never destroyed: OpenVINO's libraries may call in while the process exits.
State& state() {
  static auto* const the_state = new State;
  return *the_state;
}

void append(const Name* name, std::int64_t ns) {
  State& s = state();
  static constinit thread_local std::int64_t thread = 0;
  if (thread == 0) thread = ::syscall(SYS_gettid);
  const std::size_t slot = s.next.fetch_add(1, std::memory_order_relaxed);
  if (slot < s.events.size()) s.events[slot] = {ns, name, thread};
}

void on_task_begin(const Domain*, Id, Id, StringHandle* handle) {
  if (handle == nullptr || !state().recording.load(std::memory_order_acquire)) return;
  const std::int64_t ns = steady_nanoseconds();
  append(reinterpret_cast<const Name*>(handle), ns);
}

void on_task_end(const Domain*) {
  if (!state().recording.load(std::memory_order_acquire)) return;
  const std::int64_t ns = steady_nanoseconds();
  append(nullptr, ns);
}

Domain* on_domain_create(const char* name) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  const std::string_view wanted = name == nullptr ? "" : name;
  for (Domain& domain : s.domains) {
    if (wanted == domain.name) return &domain;
  }
  s.domain_names.emplace_back(wanted);
  Domain& domain = s.domains.emplace_back(Domain{});  // flags 0: nothing is called unless recording
  domain.name = s.domain_names.back().c_str();
  if (wanted == kLayerDomain) {
    // OpenVINO makes it at the first layer it ever runs, which may be one that is being recorded.
    domain.flags = s.recording.load(std::memory_order_acquire) ? 1 : 0;
    s.layer_domains.push_back(&domain);
  }
  return &domain;
}

StringHandle* on_string_handle_create(const char* text) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  const std::string_view wanted = text == nullptr ? "" : text;
  if (const auto it = s.names.find(wanted); it != s.names.end()) return &it->second->handle;
  Name& name = s.name_storage.emplace_back();
  name.text = wanted;
  name.handle.text = name.text.c_str();
  s.names.emplace(name.text, &name);
  return &name.handle;
}

void* function_for(std::string_view name) {
  if (name == "__itt_task_begin") return reinterpret_cast<void*>(&on_task_begin);
  if (name == "__itt_task_end") return reinterpret_cast<void*>(&on_task_end);
  if (name == "__itt_domain_create" || name == "__itt_domain_createA") {
    return reinterpret_cast<void*>(&on_domain_create);
  }
  if (name == "__itt_string_handle_create" || name == "__itt_string_handle_createA") {
    return reinterpret_cast<void*>(&on_string_handle_create);
  }
  return nullptr;
}

std::string path_of_this_module() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(&path_of_this_module), &info) == 0 || info.dli_fname == nullptr) return {};
  const std::unique_ptr<char, decltype(&std::free)> path(::realpath(info.dli_fname, nullptr), &std::free);
  return path == nullptr ? std::string{} : std::string(path.get());
}

// The version must be the one whose layout is declared above, and the field behind the mutex must hold the very handle
// that dlopen gives for this module: a different layout would have to forge it.
bool layout_agrees(const Global& global) {
  if (global.magic != kMagic || global.version_major != kVersionMajor) {
    return false;
  }
  void* self = ::dlopen(state().module_path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (self == nullptr) return false;
  ::dlclose(self);
  return global.library == self && global.functions != nullptr;
}

// TBB holds a copy of ITT too and does more work per task once any of its functions is there.
bool belongs_to_openvino(const Global* global) {
  Dl_info info{};
  if (::dladdr(global, &info) == 0 || info.dli_fname == nullptr) return false;
  const std::string_view path = info.dli_fname;
  return path.substr(path.rfind('/') + 1).starts_with("libopenvino");  // npos + 1 is 0
}

void set_domain_flags(int flags) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  for (Domain* domain : s.layer_domains) std::atomic_ref<int>(domain->flags).store(flags, std::memory_order_relaxed);
}

// Pairs ends with begins, thread by thread. Spans come in the order of their begin; a begin without an end is left out.
std::vector<LayerSpan> spans_of(const Event* events, std::size_t count) {
  std::vector<LayerSpan> spans;
  spans.reserve(count / 2);
  std::unordered_map<std::int64_t, std::vector<std::size_t>> open;  // by thread: indices into spans
  for (std::size_t i = 0; i < count; ++i) {
    auto& stack = open[events[i].thread];
    if (events[i].name != nullptr) {
      stack.push_back(spans.size());
      spans.push_back({&events[i].name->text, events[i].ns, -1, events[i].thread});
    } else if (!stack.empty()) {
      spans[stack.back()].end_ns = events[i].ns;
      stack.pop_back();
    }
  }
  std::erase_if(spans, [](const LayerSpan& span) { return span.end_ns < 0; });
  return spans;
}

}  // namespace

// Called by each library that holds a copy of ITT, under that copy's lock. Functions that are not wanted
// get their null version, as ITT does itself where there is no collector.
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming): the name is ITT's
extern "C" __attribute__((visibility("default"))) void __itt_api_init(void* itt_global, int /*groups*/) {
  auto* global = static_cast<Global*>(itt_global);
  if (global == nullptr || !layout_agrees(*global)) return;
  const bool wanted = belongs_to_openvino(global);
  for (ApiInfo* function = global->functions; function->name != nullptr; ++function) {
    void* const ours = wanted ? function_for(function->name) : nullptr;
    *function->function = ours != nullptr ? ours : function->null_function;
  }
}

IttCollector& IttCollector::instance() {
  static IttCollector collector;
  return collector;
}

// The environment is changed while the engine is not yet running, and back after its first compilation.
// NOLINTBEGIN(concurrency-mt-unsafe)
void IttCollector::offer() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (s.offered || s.displaced) return;
  if (const char* there = std::getenv(kVariable); there != nullptr && *there != '\0') {
    s.displaced = true;
    return;
  }
  s.module_path = path_of_this_module();
  if (s.module_path.empty()) return;
  s.offered = ::setenv(kVariable, s.module_path.c_str(), 1) == 0;
}

void IttCollector::withdraw() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  const char* there = std::getenv(kVariable);
  if (s.offered && there != nullptr && s.module_path == there) ::unsetenv(kVariable);
}
// NOLINTEND(concurrency-mt-unsafe)

bool IttCollector::displaced() const {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return s.displaced;
}

void IttCollector::begin(std::size_t capacity) {
  State& s = state();
  s.recording_mutex.lock();
  if (s.events.size() < capacity) s.events.resize(capacity);
  s.next.store(0, std::memory_order_relaxed);
  s.recording.store(true, std::memory_order_release);
  set_domain_flags(1);
}

IttCollector::Recording IttCollector::end() {
  State& s = state();
  set_domain_flags(0);
  s.recording.store(false, std::memory_order_release);
  const std::size_t count = s.next.load(std::memory_order_relaxed);
  const std::size_t kept = std::min(count, s.events.size());
  Recording recording{spans_of(s.events.data(), kept), count - kept};
  s.recording_mutex.unlock();
  return recording;
}

}  // namespace trtprof::openvino
