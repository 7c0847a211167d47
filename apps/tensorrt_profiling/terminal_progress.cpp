#include "terminal_progress.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "messages.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kPhaseColumns = 26;
constexpr std::size_t kBarColumns = 24;
constexpr std::size_t kLeastDetail = 8;
constexpr std::size_t kLeastColumns = 20;
constexpr auto kQuietStart = std::chrono::milliseconds(1000);

// --verbose: phases as lines, which stay and can go to a file.
class PhaseLines final : public Progress {
 public:
  void phase(std::string_view name) override { print_verbose(name); }
  void update(double, std::string_view) override {}
  void finish() override {}
};

}  // namespace

TerminalProgress::TerminalProgress(std::FILE* terminal, std::size_t columns)
    : terminal_(terminal), columns_(columns), started_(std::chrono::steady_clock::now()) {}

TerminalProgress::~TerminalProgress() {
  TerminalProgress::finish();
}

void TerminalProgress::phase(std::string_view name) {
  phase_ = name;
  draw(0.0, "");
}

void TerminalProgress::update(double fraction, std::string_view detail) {
  draw(fraction, detail);
}

void TerminalProgress::finish() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", terminal_);
  std::fflush(terminal_);
  drawn_ = false;
}

void TerminalProgress::draw(double fraction, std::string_view detail) {
  if (std::chrono::steady_clock::now() - started_ < kQuietStart) return;
  const auto filled =
      static_cast<std::size_t>(std::lround(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(kBarColumns)));
  std::string bar;
  for (std::size_t i = 0; i < kBarColumns; ++i) bar += i < filled ? "█" : "░";
  // One column stays free: a terminal that is full to the last would go to the next line. What is told beside the bar
  // gives way before the bar does.
  const std::size_t columns = std::max<std::size_t>(columns_, kLeastColumns) - 1;
  std::string line = fmt::format("{:<{}} {}", phase_, kPhaseColumns, bar);
  if (const std::size_t used = display_width(line) + 1; columns >= used + kLeastDetail) {
    line += ' ' + shorten_middle(detail, columns - used);
  }
  fmt::print(terminal_, "\r{}\x1b[K", shorten_middle(line, columns));
  std::fflush(terminal_);
  drawn_ = true;
}

std::unique_ptr<Progress> make_progress(bool wanted, bool verbose) {
  if (verbose) return std::make_unique<PhaseLines>();
  if (!wanted || isatty(STDERR_FILENO) == 0) return std::make_unique<NoProgress>();
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return std::make_unique<TerminalProgress>(stderr, known ? size.ws_col : 80);
}

}  // namespace trtprof::cli
