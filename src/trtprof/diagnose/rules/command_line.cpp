#include "trtprof/diagnose/rules/command_line.h"

#include <fmt/format.h>

#include "trtprof/diagnose/rules/inference_times.h"

namespace trtprof::rules {

std::string command_line(std::string_view verb, const std::string& file) {
  return fmt::format("tensorrt_profiling {} {}", verb, file.empty() ? "MODEL" : argument(file));
}

}  // namespace trtprof::rules
