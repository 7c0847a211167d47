// The module's door: see trtprof/backend/module.h.
#include "trtprof/backend/module.h"

#include <new>
#include <string>

#include "trtprof/backend/tensorrt/backend.h"

namespace {

trtprof::Backend* create() {
  return new (std::nothrow) trtprof::tensorrt::TensorrtBackend;
}
void destroy(trtprof::Backend* backend) {
  delete backend;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const trtprof::ModuleInterface* trtprof_backend_open(
    const char* caller_stamp) {
  static const std::string stamp = trtprof::abi_stamp();
  static const trtprof::ModuleInterface same{stamp.c_str(), &create, &destroy};
  static const trtprof::ModuleInterface other{stamp.c_str(), nullptr, nullptr};
  return caller_stamp != nullptr && stamp == caller_stamp ? &same : &other;
}
