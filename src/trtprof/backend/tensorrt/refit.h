// Weights into an engine that was built without them, or whose weights can be replaced.
#pragma once

#include <filesystem>
#include <string>

#include "trtprof/backend/tensorrt/libraries.h"
#include "trtprof/backend/tensorrt/logger.h"

namespace trtprof::tensorrt {

// Of one engine that has just been deserialized; no execution context of it exists yet.
class Refit {
 public:
  // `file` names the engine in messages; `plan` is the version that built it.
  Refit(const Libraries& libraries, nvinfer1::ICudaEngine& engine, const EngineVersion& plan, std::string file,
        Logger& logger)
      : libraries_(libraries), engine_(engine), plan_(plan), file_(std::move(file)), logger_(logger) {}

  // All weights from an ONNX model, external data included. Returns what to say of it. Where the model is another one,
  // the error has the parser's or the refitter's own words.
  [[nodiscard]] Result<std::string> from_model(const std::filesystem::path& model);
  // Would the engine run without its weights?
  [[nodiscard]] bool weights_are_missing();

 private:
  [[nodiscard]] Error refused(const std::filesystem::path& model, const std::string& reason) const;

  const Libraries& libraries_;
  nvinfer1::ICudaEngine& engine_;
  EngineVersion plan_;
  std::string file_;
  Logger& logger_;
};

}  // namespace trtprof::tensorrt
