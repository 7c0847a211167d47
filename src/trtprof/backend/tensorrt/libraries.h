// TensorRT's libraries, found at run time. Nothing of TensorRT is linked: a machine without it gets a sentence.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

struct LeanLibrary {
  std::filesystem::path path;
  EngineVersion version;
};

class Libraries {
 public:
  // Loads once and keeps: the libraries leave threads and exit handlers behind. Searched are, in this order, the
  // folders of TRTPROF_TENSORRT_PATH (colon-separated), where the loader looks (LD_LIBRARY_PATH, the system's folders),
  // and the folder known when this module was built. The runtime is the first there is of full, lean and dispatch, or
  // the one that TRTPROF_TENSORRT_RUNTIME names.
  [[nodiscard]] static Result<const Libraries*> get();

  [[nodiscard]] RuntimeKind runtime_kind() const { return runtime_kind_; }
  [[nodiscard]] const EngineVersion& version() const { return version_; }
  [[nodiscard]] std::string version_text() const { return to_string(version_); }

  [[nodiscard]] std::unique_ptr<nvinfer1::IRuntime> make_runtime(nvinfer1::ILogger& logger) const;
  // Only the full library builds. Null: the library refuses (the logger has why).
  [[nodiscard]] Result<std::unique_ptr<nvinfer1::IBuilder>> make_builder(nvinfer1::ILogger& logger) const;
  [[nodiscard]] Result<std::unique_ptr<nvonnxparser::IParser>> make_parser(nvinfer1::INetworkDefinition& network,
                                                                           nvinfer1::ILogger& logger) const;

  // For the weights of an engine, and from a model into them. The engine outlives the one, and that the other.
  [[nodiscard]] Result<std::unique_ptr<nvinfer1::IRefitter>> make_refitter(nvinfer1::ICudaEngine& engine,
                                                                           nvinfer1::ILogger& logger) const;
  [[nodiscard]] Result<std::unique_ptr<nvonnxparser::IParserRefitter>> make_parser_refitter(
      nvinfer1::IRefitter& refitter, nvinfer1::ILogger& logger) const;

  // ErrorCode::unavailable where the runtime is one that builds nothing.
  [[nodiscard]] Status check_builds() const;
  // The lean library beside the runtime, for engines that carry none; looked for where the others are.
  [[nodiscard]] std::optional<LeanLibrary> find_lean() const;
  // Of plugins, for the whole process; null: the library has none.
  [[nodiscard]] nvinfer1::IPluginRegistry* plugin_registry() const;

  // TensorRT's own plugins, where their library is installed; engines and models that need none do without.
  void register_own_plugins(nvinfer1::ILogger& logger) const;

 private:
  Libraries() = default;
  [[nodiscard]] static Result<Libraries> load();

  void* runtime_library_ = nullptr;
  RuntimeKind runtime_kind_ = RuntimeKind::full;
  EngineVersion version_;
};

}  // namespace trtprof::tensorrt
