// Progress as one line on a terminal that redraws itself and is taken away at the end. Drawn only once a second has
// passed, so that short runs print nothing but their report.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "trtprof/base/progress.h"

namespace trtprof::cli {

class TerminalProgress final : public Progress {
 public:
  // `columns`: width of the terminal.
  TerminalProgress(std::FILE* terminal, std::size_t columns);
  ~TerminalProgress() override;
  void phase(std::string_view name) override;
  void update(double fraction, std::string_view detail) override;
  void finish() override;

 private:
  void draw(double fraction, std::string_view detail);

  std::FILE* terminal_;
  std::size_t columns_;
  std::chrono::steady_clock::time_point started_;
  std::string phase_;
  bool drawn_ = false;
};

// With `verbose` a line for each phase; else a TerminalProgress when standard error is a terminal and `wanted`, else
// nothing.
[[nodiscard]] std::unique_ptr<Progress> make_progress(bool wanted, bool verbose);

}  // namespace trtprof::cli
