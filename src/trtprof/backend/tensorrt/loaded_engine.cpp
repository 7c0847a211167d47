#include "trtprof/backend/tensorrt/loaded_engine.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/plan_header.h"
#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/backend/tensorrt/refit.h"
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

Status LoadedEngine::check_file(const Libraries& libraries, const std::filesystem::path& path,
                                const LoadOptions& options) {
  const auto header = read_plan_header(path);
  if (!header) return forward_error(header);
  // What is inside a plan decides whether it runs on another version; where no record says it, the user's word does.
  std::optional<bool> compatible = options.version_compatible;
  if (!compatible && options.allow_host_code) compatible = true;
  return check_plan(*header, kFlavour, libraries.version(), compatible, path.string(), libraries.runtime_kind());
}

Result<std::unique_ptr<LoadedEngine>> LoadedEngine::from_file(const Libraries& libraries,
                                                              const std::filesystem::path& path,
                                                              const LoadOptions& options) {
  if (const Status fits = check_file(libraries, path, options); !fits) return forward_error(fits);
  const auto plan = read_file(path, kMaxPlanBytes);
  if (!plan) return forward_error(plan);
  return from_plan(libraries, *plan, printable(path.string()), options);
}

Result<std::unique_ptr<LoadedEngine>> LoadedEngine::from_plan(const Libraries& libraries, std::string_view plan,
                                                              std::string file, const LoadOptions& options) {
  const auto header = parse_plan_header(plan.substr(0, kPlanHeaderBytes), plan.size(), file);
  if (!header) return forward_error(header);
  std::unique_ptr<LoadedEngine> loaded(new LoadedEngine);
  loaded->file_ = std::move(file);
  loaded->logger_ = std::make_unique<Logger>();
  if (const Status done = loaded->deserialize(libraries, plan, *header, options); !done) return forward_error(done);
  if (const Status ready = loaded->give_weights(libraries, *header, options); !ready) return forward_error(ready);
  loaded->tensors_ = tensors_of(*loaded->engine_);
  return loaded;
}

Status LoadedEngine::deserialize(const Libraries& libraries, std::string_view plan, const PlanHeader& header,
                                 const LoadOptions& options) {
  const std::string library = fmt::format("{} {}", kEngineName, libraries.version_text());
  runtime_ = libraries.make_runtime(*logger_);
  if (runtime_ == nullptr) return fail(fmt::format("{} could not make a runtime: {}", library, logger_->take_error()));
  runtime_->setEngineHostCodeAllowed(options.allow_host_code);
  libraries.register_own_plugins(*logger_);
  engine_.reset(runtime_->deserializeCudaEngine(plan.data(), plan.size()));
  if (engine_ != nullptr) return {};
  std::string reason = logger_->take_error();
  if (libraries.runtime_kind() == RuntimeKind::dispatch || header.version != libraries.version()) {
    if (const auto lean = libraries.find_lean()) {
      const Status run = deserialize_with_lean(*lean, plan, options.allow_host_code);
      if (run) return {};
      reason = fmt::format("{}{}{}", reason, reason.empty() ? "" : "; ", run.error().message);
    }
  }
  const std::string memory = memory_now();
  const bool may_carry_lean = !options.allow_host_code && options.version_compatible.value_or(true) &&
                              (libraries.runtime_kind() == RuntimeKind::dispatch || options.version_compatible);
  return fail(
      fmt::format("{} could not load {} ({} bytes){}{}", library, file_, plan.size(), reason.empty() ? "" : ": ",
                  reason),
      fmt::format("Engines run on the GPU and the version they were built for; build it again here{}{}.{}",
                  memory.empty() ? "" : "; ", memory,
                  may_carry_lean ? " --allow-engine-code lets the lean runtime run that an engine carries." : ""));
}

Status LoadedEngine::deserialize_with_lean(const LeanLibrary& lean, std::string_view plan, bool allow_host_code) {
  const std::string name =
      fmt::format("the lean runtime {} ({})", to_string(lean.version), printable(lean.path.string()));
  lean_runtime_.reset(runtime_->loadRuntime(lean.path.c_str()));
  if (lean_runtime_ == nullptr) return fail(fmt::format("{} does not load: {}", name, logger_->take_error()));
  lean_runtime_->setEngineHostCodeAllowed(allow_host_code);
  engine_.reset(lean_runtime_->deserializeCudaEngine(plan.data(), plan.size()));
  if (engine_ == nullptr) return fail(fmt::format("{} refuses it: {}", name, logger_->take_error()));
  notes_.push_back(fmt::format("The engine carries no lean runtime, or one that may not run: it was run by {}.", name));
  return {};
}

Status LoadedEngine::give_weights(const Libraries& libraries, const PlanHeader& header, const LoadOptions& options) {
  Refit refit(libraries, *engine_, header.version, file_, *logger_);
  if (!options.refit_from.empty()) {
    auto note = refit.from_model(options.refit_from);
    if (!note) return forward_error(note);
    notes_.push_back(std::move(*note));
    return {};
  }
  if (!refit.weights_are_missing()) return {};
  return fail(fmt::format("{} was built without its weights (--strip-weights) and has none to run with", file_),
              "--refit-from names the model that they are taken from");
}

std::string LoadedEngine::inspector_json(nvinfer1::IExecutionContext* context) const {
  const std::unique_ptr<nvinfer1::IEngineInspector> inspector(engine_->createEngineInspector());
  if (inspector == nullptr) return {};
  if (context != nullptr) inspector->setExecutionContext(context);
  const char* text = inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kJSON);
  return text == nullptr ? std::string{} : std::string{text};
}

}  // namespace trtprof::tensorrt
