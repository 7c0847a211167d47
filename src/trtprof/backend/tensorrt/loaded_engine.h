// A serialized engine, deserialized: its runtime, its tensors, what its inspector says.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/libraries.h"
#include "trtprof/backend/tensorrt/logger.h"

namespace trtprof::tensorrt {

// An input or output of the engine, whatever its shape will be.
struct EngineTensor {
  std::string name;
  bool input = false;
  bool host = false;  // a shape tensor: TensorRT reads it on the host
  nvinfer1::DataType type = nvinfer1::DataType::kFLOAT;
  std::vector<std::int64_t> shape;  // -1 where open
  std::string layout;               // "Row major linear FP16 format (kLINEAR)"
};

struct LoadOptions {
  bool allow_host_code = false;            // of plans with a lean runtime or plugins inside
  std::optional<bool> version_compatible;  // what the record says
  std::filesystem::path refit_from;        // the model with the weights; empty: the plan has them
};

class LoadedEngine {
 public:
  // By the header alone, which needs no GPU: would this version of the library load the file?
  [[nodiscard]] static Status check_file(const Libraries& libraries, const std::filesystem::path& path,
                                         const LoadOptions& options);
  // Checks the file before TensorRT sees a byte.
  [[nodiscard]] static Result<std::unique_ptr<LoadedEngine>> from_file(const Libraries& libraries,
                                                                       const std::filesystem::path& path,
                                                                       const LoadOptions& options);
  // An engine whose plan has no lean runtime where one is needed gets that of the lean library, if that is there. One
  // that is stripped of its weights and not refitted is an error.
  [[nodiscard]] static Result<std::unique_ptr<LoadedEngine>> from_plan(const Libraries& libraries,
                                                                       std::string_view plan, std::string file,
                                                                       const LoadOptions& options);

  [[nodiscard]] nvinfer1::ICudaEngine& engine() const { return *engine_; }
  [[nodiscard]] Logger& logger() { return *logger_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<EngineTensor>& tensors() const { return tensors_; }

  // What was done to load it that was not asked for, a sentence each.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  // The inspector's JSON, with the shapes of `context` where dimensions are open; may be null. Empty: it has none.
  [[nodiscard]] std::string inspector_json(nvinfer1::IExecutionContext* context) const;

 private:
  LoadedEngine() = default;
  [[nodiscard]] Status deserialize(const Libraries& libraries, std::string_view plan, const PlanHeader& header,
                                   const LoadOptions& options);
  [[nodiscard]] Status deserialize_with_lean(const LeanLibrary& lean, std::string_view plan, bool allow_host_code);
  [[nodiscard]] Status give_weights(const Libraries& libraries, const PlanHeader& header, const LoadOptions& options);

  std::string file_;  // for messages
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::IRuntime> lean_runtime_;  // the other's child
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::vector<EngineTensor> tensors_;
  std::vector<std::string> notes_;
};

}  // namespace trtprof::tensorrt
