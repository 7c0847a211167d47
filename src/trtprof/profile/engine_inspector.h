// What TensorRT's IEngineInspector (and trtexec --exportLayerInfo) says of an engine, read from its JSON: the form of
// TensorRT 10.x ("Format/Datatype", "Bindings") and that of 11.x ("Format" and "DataType", "I/O Tensors").
// https://docs.nvidia.com/deeplearning/tensorrt/11.3.0/api/migration/tensorrt-10x-to-11x-IEngineInspector.html
// Facts as told; what they mean is for cost/ (arithmetic) and backend/ (layers of a profile).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct InspectedTensor {
  std::string name;
  std::optional<std::vector<std::int64_t>> shape;  // nullopt: not told; a dimension of -1 is open
  ElementType type = ElementType::unknown;
  // "Channel major FP16 format where channel % 8 == 0". Empty where the engine tells the type alone ("Half"), which
  // says nothing of the layout: channel-major tensors are told so too.
  std::string layout;
  bool constant = false;  // an input that no layer writes and that is no input of the engine: Myelin lists its weights
};

// Dense size, without the padding of vectorized layouts.
[[nodiscard]] TensorDesc to_tensor_desc(const InspectedTensor& tensor);

// {"Type": "Half", "Count": 864}
struct InspectedWeights {
  ElementType type = ElementType::unknown;
  std::int64_t count = 0;
};

// Of convolutions and pooling, by TensorRT's names.
struct InspectedParameters {
  std::vector<std::int64_t> kernel;  // "Kernel", "WindowSize"
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::int64_t groups = 1;  // at least 1
  std::int64_t out_maps = 0;
  std::optional<InspectedWeights> weights;
  std::optional<InspectedWeights> bias;
  bool dynamic_filter = false;  // the weights are the second input
  bool residual = false;        // adds its last input
  std::string activation;       // "CLIPPED_RELU"; "RELU" where only HasReLU says so; empty: none
  std::string pooling_type;     // "AVERAGE"
};

struct InspectedLayer {
  std::string name;            // as told: several layers may share one
  std::string layer_type;      // "CaskConvolution"
  std::string parameter_type;  // "Convolution"; empty for Myelin's layers
  std::string origin;          // "REFORMAT", "QDQ": of layers that TensorRT inserted
  std::string tactic_name;     // "sm80_xmma_gemm_f16f16_f16f16_f16_nn_n_tilesize..."
  std::string tactic_value;    // "0x9785ceb86b4122d6"
  std::optional<std::int64_t> stream;
  std::vector<std::string> onnx_nodes;  // from Metadata
  std::vector<InspectedTensor> inputs;
  std::vector<InspectedTensor> outputs;
  InspectedParameters parameters;
  bool detailed = true;  // false: the engine was built without ProfilingVerbosity::kDETAILED and tells names only
};

enum class InspectedIo { not_told, input, output };

// An input or output of the engine. 10.x tells its name alone.
struct InspectedBinding {
  InspectedTensor tensor;
  InspectedIo io = InspectedIo::not_told;
};

struct InspectedEngine {
  std::vector<InspectedLayer> layers;  // in the engine's order
  std::vector<InspectedBinding> bindings;
};

// `source` names the text in errors. What is missing or of another kind than expected is left out: the form is not
// promised by TensorRT. Without a list of layers it is no inspector's JSON, which is an error.
[[nodiscard]] Result<InspectedEngine> parse_engine_inspector(std::string_view json, std::string_view source);

// "Half", "Channel major FP16 format where channel % 8 == 0", "Row major linear Int8 format"; ElementType::unknown for
// the rest.
[[nodiscard]] ElementType element_type_from_inspector(std::string_view text);

// Groups equal the input's channels.
[[nodiscard]] bool is_depthwise_convolution(const InspectedLayer& layer);

}  // namespace trtprof
