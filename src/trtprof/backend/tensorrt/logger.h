// What TensorRT says, kept for the error or the profile it belongs to. Nothing is printed here.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "trtprof/backend/tensorrt/compat.h"

namespace trtprof::tensorrt {

class Logger final : public nvinfer1::ILogger {
 public:
  void log(Severity severity, const char* message) noexcept override;

  // The first error since the last call, which is the cause: those after it are its consequences. Empty: none.
  [[nodiscard]] std::string take_error();
  // Each once, in order.
  [[nodiscard]] std::vector<std::string> warnings() const;
  void clear_warnings();

 private:
  mutable std::mutex mutex_;
  std::string error_;
  std::vector<std::string> warnings_;
};

// "[engine.cpp::deserialize::1234] Error Code 4: Internal Error (text)" to "text"; anything else as it is, printable.
[[nodiscard]] std::string plain_message(const std::string& message);

}  // namespace trtprof::tensorrt
