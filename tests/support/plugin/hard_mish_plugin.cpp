// A plugin library as users have them: operator HardMish for TensorRT, with a kernel of its own. It is not linked to
// TensorRT: whoever loads it asks for its creators (IPluginRegistry::loadLibrary). Its name in ONNX is op_type
// "HardMish", plugin_version "1".
#include <NvInfer.h>

#include "hard_mish.h"

namespace trtprof::test {
namespace {

constexpr const char* kName = "HardMish";
constexpr const char* kVersion = "1";
constexpr const char* kNamespace = "";

using nvinfer1::DataType;

std::size_t elements(const nvinfer1::Dims& dims) {
  std::size_t count = 1;
  for (std::int32_t i = 0; i < dims.nbDims; ++i) count *= static_cast<std::size_t>(dims.d[i]);
  return count;
}

class HardMish final : public nvinfer1::IPluginV3,
                       public nvinfer1::IPluginV3OneCore,
                       public nvinfer1::IPluginV3OneBuild,
                       public nvinfer1::IPluginV3OneRuntime {
 public:
  nvinfer1::IPluginCapability* getCapabilityInterface(nvinfer1::PluginCapabilityType type) noexcept override {
    switch (type) {
      case nvinfer1::PluginCapabilityType::kCORE:
        return static_cast<nvinfer1::IPluginV3OneCore*>(this);
      case nvinfer1::PluginCapabilityType::kBUILD:
        return static_cast<nvinfer1::IPluginV3OneBuild*>(this);
      case nvinfer1::PluginCapabilityType::kRUNTIME:
        return static_cast<nvinfer1::IPluginV3OneRuntime*>(this);
    }
    return nullptr;
  }
  nvinfer1::IPluginV3* clone() noexcept override { return new HardMish; }

  // Core
  const char* getPluginName() const noexcept override { return kName; }
  const char* getPluginVersion() const noexcept override { return kVersion; }
  const char* getPluginNamespace() const noexcept override { return kNamespace; }

  // Build
  std::int32_t getNbOutputs() const noexcept override { return 1; }
  std::int32_t configurePlugin(const nvinfer1::DynamicPluginTensorDesc* /*in*/, std::int32_t /*inputs*/,
                               const nvinfer1::DynamicPluginTensorDesc* /*out*/,
                               std::int32_t /*outputs*/) noexcept override {
    return 0;
  }
  bool supportsFormatCombination(std::int32_t position, const nvinfer1::DynamicPluginTensorDesc* in_out,
                                 std::int32_t /*inputs*/, std::int32_t /*outputs*/) noexcept override {
    const nvinfer1::PluginTensorDesc& desc = in_out[position].desc;
    const bool known = desc.type == DataType::kFLOAT || desc.type == DataType::kHALF;
    return known && desc.format == nvinfer1::TensorFormat::kLINEAR && desc.type == in_out[0].desc.type;
  }
  std::int32_t getOutputDataTypes(DataType* outputs, std::int32_t /*output_count*/, const DataType* inputs,
                                  std::int32_t /*input_count*/) const noexcept override {
    outputs[0] = inputs[0];
    return 0;
  }
  std::int32_t getOutputShapes(const nvinfer1::DimsExprs* inputs, std::int32_t /*input_count*/,
                               const nvinfer1::DimsExprs* /*shape_inputs*/, std::int32_t /*shape_input_count*/,
                               nvinfer1::DimsExprs* outputs, std::int32_t /*output_count*/,
                               nvinfer1::IExprBuilder& /*builder*/) noexcept override {
    outputs[0] = inputs[0];
    return 0;
  }

  // Runtime
  std::int32_t onShapeChange(const nvinfer1::PluginTensorDesc* /*in*/, std::int32_t /*inputs*/,
                             const nvinfer1::PluginTensorDesc* /*out*/, std::int32_t /*outputs*/) noexcept override {
    return 0;
  }
  std::int32_t enqueue(const nvinfer1::PluginTensorDesc* in, const nvinfer1::PluginTensorDesc* /*out*/,
                       const void* const* inputs, void* const* outputs, void* /*workspace*/,
                       cudaStream_t stream) noexcept override {
    return hard_mish(inputs[0], outputs[0], elements(in[0].dims), in[0].type == DataType::kHALF, stream);
  }
  nvinfer1::IPluginV3* attachToContext(nvinfer1::IPluginResourceContext* /*context*/) noexcept override {
    return clone();
  }
  const nvinfer1::PluginFieldCollection* getFieldsToSerialize() noexcept override { return &nothing_; }

 private:
  nvinfer1::PluginFieldCollection nothing_{0, nullptr};
};

class HardMishCreator final : public nvinfer1::IPluginCreatorV3One {
 public:
  nvinfer1::IPluginV3* createPlugin(const char* /*name*/, const nvinfer1::PluginFieldCollection* /*fields*/,
                                    nvinfer1::TensorRTPhase /*phase*/) noexcept override {
    return new HardMish;
  }
  const nvinfer1::PluginFieldCollection* getFieldNames() noexcept override { return &nothing_; }
  const char* getPluginName() const noexcept override { return kName; }
  const char* getPluginVersion() const noexcept override { return kVersion; }
  const char* getPluginNamespace() const noexcept override { return kNamespace; }

 private:
  nvinfer1::PluginFieldCollection nothing_{0, nullptr};
};

}  // namespace
}  // namespace trtprof::test

extern "C" __attribute__((visibility("default"))) nvinfer1::IPluginCreatorInterface* const* getCreators(
    std::int32_t& count) {
  static trtprof::test::HardMishCreator creator;
  static nvinfer1::IPluginCreatorInterface* const creators[] = {&creator};
  count = 1;
  return creators;
}

extern "C" __attribute__((visibility("default"))) void setLoggerFinder(nvinfer1::ILoggerFinder* /*finder*/) {}
