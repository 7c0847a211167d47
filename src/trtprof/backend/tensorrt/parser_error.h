// What the ONNX parser says of a model, as a sentence.
#pragma once

#include <cstdint>
#include <string>

#include "trtprof/backend/tensorrt/compat.h"

namespace trtprof::tensorrt {

struct ParserComplaint {
  std::string text;                   // "node 'conv1' (Conv): what is wrong", or what is wrong alone
  bool unsupported_operator = false;  // a plugin may help
};

[[nodiscard]] ParserComplaint complaint_of(const nvonnxparser::IParserError& error);

}  // namespace trtprof::tensorrt
