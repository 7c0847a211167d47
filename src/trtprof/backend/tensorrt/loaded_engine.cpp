#include "trtprof/backend/tensorrt/loaded_engine.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/plan_header.h"
#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

constexpr std::uint64_t kMaxPlanBytes = std::uint64_t{1} << 40;

std::vector<EngineTensor> tensors_of(const nvinfer1::ICudaEngine& engine) {
  std::vector<EngineTensor> tensors;
  for (std::int32_t i = 0; i < engine.getNbIOTensors(); ++i) {
    const char* name = engine.getIOTensorName(i);
    EngineTensor tensor;
    tensor.name = name;
    tensor.input = engine.getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT;
    tensor.host = engine.getTensorLocation(name) == nvinfer1::TensorLocation::kHOST;
    tensor.type = engine.getTensorDataType(name);
    tensor.shape = shape_of(engine.getTensorShape(name));
    const char* layout = engine.getTensorFormatDesc(name);
    if (layout != nullptr) tensor.layout = printable(layout);
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

// A plan that asks for more than there is fails without a word of memory.
std::string memory_now() {
  std::size_t free = 0;
  std::size_t total = 0;
  if (cudaMemGetInfo(&free, &total) != cudaSuccess) return {};
  return fmt::format("{} of {} of device memory are free", bytes_text(free), bytes_text(total));
}

}  // namespace

Status LoadedEngine::check_file(const Libraries& libraries, const std::filesystem::path& path, bool allow_host_code) {
  const auto header = read_plan_header(path);
  if (!header) return forward_error(header);
  // What is inside a plan decides whether it runs on another version; `allow_host_code` is the user's word for it.
  return check_plan(*header, kFlavour, libraries.version(), allow_host_code, path.string());
}

Result<std::unique_ptr<LoadedEngine>> LoadedEngine::from_file(const Libraries& libraries,
                                                              const std::filesystem::path& path, bool allow_host_code) {
  if (const Status fits = check_file(libraries, path, allow_host_code); !fits) return forward_error(fits);
  const auto plan = read_file(path, kMaxPlanBytes);
  if (!plan) return forward_error(plan);
  return from_plan(libraries, *plan, printable(path.string()), allow_host_code);
}

Result<std::unique_ptr<LoadedEngine>> LoadedEngine::from_plan(const Libraries& libraries, std::string_view plan,
                                                              std::string file, bool allow_host_code) {
  std::unique_ptr<LoadedEngine> loaded(new LoadedEngine);
  loaded->file_ = std::move(file);
  loaded->logger_ = std::make_unique<Logger>();
  const std::string library = fmt::format("{} {}", kEngineName, libraries.version_text());
  loaded->runtime_ = libraries.make_runtime(*loaded->logger_);
  if (loaded->runtime_ == nullptr) {
    return fail(fmt::format("{} could not make a runtime: {}", library, loaded->logger_->take_error()));
  }
  loaded->runtime_->setEngineHostCodeAllowed(allow_host_code);
  libraries.register_own_plugins(*loaded->logger_);
  loaded->engine_.reset(loaded->runtime_->deserializeCudaEngine(plan.data(), plan.size()));
  if (loaded->engine_ == nullptr) {
    const std::string reason = loaded->logger_->take_error();
    const std::string memory = memory_now();
    return fail(fmt::format("{} could not load {} ({} bytes){}{}", library, loaded->file_, plan.size(),
                            reason.empty() ? "" : ": ", reason),
                fmt::format("Engines run on the GPU and the version they were built for; build it again here{}{}.",
                            memory.empty() ? "" : "; ", memory));
  }
  loaded->tensors_ = tensors_of(*loaded->engine_);
  return loaded;
}

std::string LoadedEngine::inspector_json(nvinfer1::IExecutionContext* context) const {
  const std::unique_ptr<nvinfer1::IEngineInspector> inspector(engine_->createEngineInspector());
  if (inspector == nullptr) return {};
  if (context != nullptr) inspector->setExecutionContext(context);
  const char* text = inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kJSON);
  return text == nullptr ? std::string{} : std::string{text};
}

}  // namespace trtprof::tensorrt
