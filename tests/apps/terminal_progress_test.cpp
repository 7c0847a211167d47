// What is drawn on a terminal never goes over its width, and the bar stays whole.
#include "terminal_progress.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What a progress at half of its phase leaves on a terminal of so many columns.
std::string drawn(std::size_t columns, std::string_view detail, bool late = true) {
  char* text = nullptr;
  std::size_t bytes = 0;
  std::FILE* terminal = open_memstream(&text, &bytes);
  if (terminal == nullptr) return "no stream";
  {
    TerminalProgress progress(terminal, columns);
    if (late) std::this_thread::sleep_for(std::chrono::milliseconds(1010));
    progress.phase("building the engine");
    std::fflush(terminal);
    const std::size_t start = bytes;
    progress.update(0.5, detail);
    std::fflush(terminal);
    const std::string line(text + start, bytes - start);
    progress.finish();
    std::fclose(terminal);
    const std::unique_ptr<char, void (*)(void*)> owned(text, &std::free);
    EXPECT_EQ(std::string(text).ends_with("\r\x1b[K"), late);
    return line;
  }
}

// Between the start of the line and the sequence that clears its rest.
std::string shown(const std::string& line) {
  EXPECT_THAT(line, Not(IsEmpty()));
  EXPECT_TRUE(line.starts_with('\r') && line.ends_with("\x1b[K"));
  return line.substr(1, line.size() - 4);
}

TEST(TerminalProgress, SaysNothingOfWhatIsSoonOver) {
  EXPECT_EQ(drawn(80, "detail", false), "");
}

TEST(TerminalProgress, ADetailThatIsTooLongGivesWayToTheBar) {
  const std::string line = shown(drawn(80, "Determining refit engines and some more of this 0/1"));
  EXPECT_LE(display_width(line), 79U);
  EXPECT_THAT(line, HasSubstr("████████████░░░░░░░░░░░░ Determ"));
  EXPECT_TRUE(line.ends_with("0/1"));
}

TEST(TerminalProgress, ANarrowTerminal) {
  for (const std::size_t columns : {1U, 40U}) {
    EXPECT_LE(display_width(shown(drawn(columns, "detail"))), 39U);
  }
}

}  // namespace
}  // namespace trtprof::cli
