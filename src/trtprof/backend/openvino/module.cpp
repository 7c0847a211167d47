// The module's door: see trtprof/backend/module.h.
#include "trtprof/backend/module_entry.h"
#include "trtprof/backend/openvino/backend.h"

extern "C" __attribute__((visibility("default"))) const trtprof::ModuleInterface* trtprof_backend_open(
    const char* caller_stamp) {
  return trtprof::module_interface<trtprof::openvino::OpenVinoBackend>(caller_stamp);
}
