// Ctrl-C: the first asks the measurement to stop at the next sample, the second ends the program at once.
#pragma once

#include "trtprof/base/stop_flag.h"

namespace trtprof::cli {

// Installs handlers of SIGINT and SIGTERM for its lifetime. Of scopes inside each other, on one thread, the outermost
// does.
class InterruptScope {
 public:
  InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();
  [[nodiscard]] const StopFlag& flag() const;
};

}  // namespace trtprof::cli
