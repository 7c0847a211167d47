#include "trtprof/backend/tensorrt/outside_marks.h"

#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>

// Of the CUDA runtime; its header is not in the wheel of the runtime's other headers.
extern "C" {
cudaError_t CUDARTAPI cudaProfilerStart();  // NOLINT(readability-identifier-naming)
cudaError_t CUDARTAPI cudaProfilerStop();   // NOLINT(readability-identifier-naming)
}
#include <string>

namespace trtprof::tensorrt {
namespace {

// A domain of our own: TensorRT's ranges, one a layer, are in the default one and in "TensorRT".
nvtxDomainHandle_t domain() {
  static nvtxDomainHandle_t handle = nvtxDomainCreateA("tensorrt_profiling");
  return handle;
}

void push(const char* text) {
  nvtxEventAttributes_t attributes{};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_ASCII;
  attributes.message.ascii = text;
  nvtxDomainRangePushEx(domain(), &attributes);
}

}  // namespace

void OutsideMarks::begin(std::string_view run) {
  end();
  static_cast<void>(cudaProfilerStart());
  push(std::string(run).c_str());
  open_ = true;
}

void OutsideMarks::end() {
  if (!open_) return;
  open_ = false;
  nvtxDomainRangePop(domain());
  static_cast<void>(cudaProfilerStop());
}

InferenceMark::InferenceMark() {
  push("inference");
}

InferenceMark::~InferenceMark() {
  nvtxDomainRangePop(domain());
}

}  // namespace trtprof::tensorrt
