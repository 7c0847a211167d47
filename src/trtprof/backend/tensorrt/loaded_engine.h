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

class LoadedEngine {
 public:
  // By the header alone, which needs no GPU: would this version of the library load the file?
  [[nodiscard]] static Status check_file(const Libraries& libraries, const std::filesystem::path& path,
                                         bool allow_host_code);
  // Checks the file before TensorRT sees a byte. `allow_host_code`: plans with a lean runtime or plugins inside.
  [[nodiscard]] static Result<std::unique_ptr<LoadedEngine>> from_file(const Libraries& libraries,
                                                                       const std::filesystem::path& path,
                                                                       bool allow_host_code);
  [[nodiscard]] static Result<std::unique_ptr<LoadedEngine>> from_plan(const Libraries& libraries,
                                                                       std::string_view plan, std::string file,
                                                                       bool allow_host_code);

  [[nodiscard]] nvinfer1::ICudaEngine& engine() const { return *engine_; }
  [[nodiscard]] Logger& logger() { return *logger_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<EngineTensor>& tensors() const { return tensors_; }

  // The inspector's JSON, with the shapes of `context` where dimensions are open; may be null. Empty: it has none.
  [[nodiscard]] std::string inspector_json(nvinfer1::IExecutionContext* context) const;

 private:
  LoadedEngine() = default;

  std::string file_;  // for messages
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::vector<EngineTensor> tensors_;
};

}  // namespace trtprof::tensorrt
