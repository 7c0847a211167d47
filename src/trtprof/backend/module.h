// Backend modules: libtrtprof_backend_<name>.so, found beside the program (or in ../lib/trtprof of it) or in
// TRTPROF_BACKEND_PATH (colon-separated folders, searched first).
//
// A module is private to one build: its single exported function takes the caller's ABI stamp and returns null on a
// mismatch, which becomes ErrorCode::unavailable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"

namespace trtprof {

inline constexpr const char* kModuleEntryPoint = "trtprof_backend_open";

// What both sides must share for C++ types to cross: version, compiler, standard library, build id.
[[nodiscard]] std::string abi_stamp();

struct ModuleInterface {
  const char* stamp = nullptr;  // the module's own, for the message when they differ
  Backend* (*create)() = nullptr;
  void (*destroy)(Backend*) = nullptr;
};
// Returns the interface whatever the stamp; `create` is null when the stamps differ.
using ModuleEntryPoint = const ModuleInterface* (*)(const char* caller_stamp);

// Keeps the module loaded as long as the backend lives. Declare before anything the backend makes.
class LoadedBackend {
 public:
  LoadedBackend(LoadedBackend&&) noexcept;
  LoadedBackend& operator=(LoadedBackend&&) noexcept;
  ~LoadedBackend();
  [[nodiscard]] Backend& operator*() const { return *backend_; }
  [[nodiscard]] Backend* operator->() const { return backend_; }

 private:
  friend Result<LoadedBackend> load_backend(const std::string& name);
  LoadedBackend() = default;
  void* library_ = nullptr;
  Backend* backend_ = nullptr;
  void (*destroy_)(Backend*) = nullptr;
};

// ErrorCode::unavailable with a sentence that says what is missing and how to get it: no such module (with those that
// are there), a library the module needs and does not find, another build's module.
[[nodiscard]] Result<LoadedBackend> load_backend(const std::string& name);

// Names of the modules that can be seen, not loaded.
[[nodiscard]] std::vector<std::string> available_backends();

}  // namespace trtprof
