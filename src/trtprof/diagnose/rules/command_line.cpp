#include "trtprof/diagnose/rules/command_line.h"

#include <fmt/format.h>

#include "trtprof/diagnose/rules/inference_times.h"

namespace trtprof::rules {

std::string command_line(std::string_view verb, const std::string& file) {
  return fmt::format("tensorrt_profiling {} {}", verb, file.empty() ? "MODEL" : argument(file));
}

std::string optimize_line(const ModelInfo& model, std::string_view passes) {
  const std::string file = model.format == "onnx" ? model.path : std::string();
  return fmt::format("{} -o optimized.onnx --passes {}", command_line("optimize", file), passes);
}

}  // namespace trtprof::rules
