// CUPTI, found at run time: without it there is no timeline, and everything else works.
#pragma once

#include <cupti.h>
#include <string>

#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

class Cupti {
 public:
  // Loads once and keeps. Searched are TRTPROF_CUPTI_PATH (a folder), where the loader looks, and the usual places of
  // CUDA toolkits; libraries of the headers' major version and of the one before, whose records begin alike.
  [[nodiscard]] static Result<const Cupti*> get();

  [[nodiscard]] std::string version_text() const;

  // "the activity records could not be enabled: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES"
  [[nodiscard]] Status check(CUptiResult result, const char* doing) const;

  decltype(&cuptiActivityRegisterCallbacks) register_callbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityDisable) disable = nullptr;
  decltype(&cuptiActivityFlushAll) flush_all = nullptr;
  decltype(&cuptiActivityGetNextRecord) next_record = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) dropped_records = nullptr;
  decltype(&cuptiGetTimestamp) timestamp = nullptr;
  decltype(&cuptiGetCallbackName) callback_name = nullptr;
  decltype(&cuptiSubscribe) subscribe = nullptr;
  decltype(&cuptiUnsubscribe) unsubscribe = nullptr;
  decltype(&cuptiEnableCallback) enable_callback = nullptr;
  decltype(&cuptiGetGraphNodeId) graph_node_id = nullptr;
  // Null in old libraries.
  decltype(&cuptiActivityEnableRuntimeApi) enable_runtime_call = nullptr;
  decltype(&cuptiActivityEnableDriverApi) enable_driver_call = nullptr;

 private:
  Cupti() = default;
  [[nodiscard]] static Result<Cupti> load();
  [[nodiscard]] bool resolve(void* library);

  decltype(&cuptiGetResultString) result_string_ = nullptr;
  std::uint32_t version_ = 0;  // CUPTI_API_VERSION
};

}  // namespace trtprof::tensorrt
