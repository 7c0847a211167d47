#include "messages.h"

#include <cstdlib>
#include <memory>
#include <unistd.h>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "trtprof/base/text.h"

namespace trtprof::cli {

void set_up_messages(bool verbose, bool color) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color ? spdlog::color_mode::always
                                                                          : spdlog::color_mode::never);
  auto logger = std::make_shared<spdlog::logger>("tensorrt_profiling", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void print_note(std::string_view text) {
  spdlog::info("{}", text);
}
void print_warning(std::string_view text) {
  spdlog::default_logger()->set_pattern("%^warning:%$ %v");
  spdlog::warn("{}", printable(text));
  spdlog::default_logger()->set_pattern("%v");
}
void print_verbose(std::string_view text) {
  spdlog::debug("{}", text);
}

int print_error(const Error& error) {
  spdlog::default_logger()->set_pattern("%^error:%$ %v");
  spdlog::error("{}", printable(error.message));
  spdlog::default_logger()->set_pattern("%v");
  if (!error.hint.empty()) spdlog::info("hint: {}", printable(error.hint));
  return static_cast<int>(error.code);
}

bool wants_color(int file_descriptor, bool no_color) {
  if (no_color || isatty(file_descriptor) == 0) return false;
  // Nothing in this program sets the environment after it started threads.
  const char* forbidden = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  if (forbidden != nullptr && *forbidden != '\0') return false;
  const char* terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return terminal == nullptr || std::string_view{terminal} != "dumb";
}

}  // namespace trtprof::cli
