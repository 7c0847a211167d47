// The one error type of the library, and the exit code each kind of failure becomes.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace trtprof {

// The value is the exit code of the program; docs/exit_codes.md explains each.
enum class ErrorCode {
  failed = 1,       // could not be done: bad model, failed build, failed run
  usage = 2,        // unknown option, contradictory or invalid value
  gate_failed = 3,  // slower, less accurate, over a limit
  unavailable = 4,  // not available here: no GPU, no such library, no permission
  interrupted = 130,
};

struct Error {
  ErrorCode code = ErrorCode::failed;
  std::string message;  // names the file, layer or option at fault; one sentence, no trailing newline
  std::string hint;     // what the user can do; may be empty

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{ErrorCode::failed, std::move(message), std::move(hint)});
}

[[nodiscard]] inline tl::unexpected<Error> usage_error(std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{ErrorCode::usage, std::move(message), std::move(hint)});
}

[[nodiscard]] inline tl::unexpected<Error> unavailable(std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{ErrorCode::unavailable, std::move(message), std::move(hint)});
}

// Passes an error on unchanged from a Result of one type to a Result of another.
template <class T>
[[nodiscard]] tl::unexpected<Error> forward_error(const Result<T>& result) {
  return tl::unexpected<Error>(result.error());
}

}  // namespace trtprof
