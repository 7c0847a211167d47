#include "trtprof/backend/tensorrt/logger.h"

#include <algorithm>
#include <utility>

#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

// A builder with a bad day says thousands of things.
constexpr std::size_t kMaxWarnings = 200;

}  // namespace

void Logger::log(Severity severity, const char* message) noexcept {
  if (message == nullptr) return;
  try {
    const std::lock_guard lock(mutex_);
    if (severity == Severity::kINTERNAL_ERROR || severity == Severity::kERROR) {
      if (error_.empty()) error_ = plain_message(message);
    } else if (severity == Severity::kWARNING && warnings_.size() < kMaxWarnings) {
      std::string warning = plain_message(message);
      if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(std::move(warning));
    }
  } catch (...) {  // out of memory: a message less
    return;
  }
}

std::string Logger::take_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, {});
}

std::vector<std::string> Logger::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

void Logger::clear_warnings() {
  const std::lock_guard lock(mutex_);
  warnings_.clear();
}

std::string plain_message(const std::string& message) {
  std::string_view text = message;
  const std::size_t code = text.find("Error Code ");
  if (code != std::string_view::npos) {
    const std::size_t colon = text.find(": ", code);
    if (colon != std::string_view::npos) text.remove_prefix(colon + 2);
    // "Internal Error (what)" keeps its kind only where nothing is in the brackets.
    const std::size_t open = text.find(" (");
    if (open != std::string_view::npos && text.ends_with(')') && open + 3 < text.size()) {
      text.remove_prefix(open + 2);
      text.remove_suffix(1);
    }
  }
  // "what went wrong In function at /_src/optimizer/file.cpp:2012"
  const std::size_t place = text.rfind(" In ");
  if (place != std::string_view::npos && text.find(" at /", place) != std::string_view::npos) {
    text.remove_suffix(text.size() - place);
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '.')) text.remove_suffix(1);
  return printable(text);
}

}  // namespace trtprof::tensorrt
