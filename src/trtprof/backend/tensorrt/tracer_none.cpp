// Where CUPTI's header was not found.
#include "trtprof/backend/tensorrt/tracer.h"

namespace trtprof::tensorrt {

Result<std::unique_ptr<Tracer>> Tracer::start(const MultiprocessorLimits& /*limits*/) {
  return unavailable("this program was built without CUPTI's header");
}

}  // namespace trtprof::tensorrt
