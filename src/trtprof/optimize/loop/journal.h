// The journal of a run of the loop: a file of JSON lines, one an event, each on disk before the next action begins. Its
// first line says what it is a journal of.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/loop/loop_state.h"

namespace trtprof {

inline constexpr std::string_view kLoopJournalSchemaName = "trtprof-loop-journal";
inline constexpr int kLoopJournalSchemaMajor = 1;
inline constexpr int kLoopJournalSchemaMinor = 0;

// What the decisions depend on beside the events: another of it is another run.
struct JournalHead {
  std::string model_sha256;
  std::string data_sha256;             // of all files that are read; "": none
  std::vector<std::string> arguments;  // of the command line, without what only shows or limits
  bool operator==(const JournalHead&) const = default;
};

class LoopJournal {
 public:
  // Opens or makes `path` and locks it: two runs in one folder would undo each other. A last line that was cut short
  // (the program was killed while it wrote) is taken away; any other line that cannot be read is an error, and so is a
  // head other than `head`, unless it is all there is: then this run's takes its place.
  [[nodiscard]] static Result<LoopJournal> open(const std::filesystem::path& path, const JournalHead& head);

  LoopJournal(LoopJournal&& other) noexcept;
  LoopJournal& operator=(LoopJournal&&) = delete;
  LoopJournal(const LoopJournal&) = delete;
  LoopJournal& operator=(const LoopJournal&) = delete;
  ~LoopJournal();

  // That were there when it was opened.
  [[nodiscard]] const std::vector<LoopEvent>& events() const { return events_; }
  // Returns when the event is on disk.
  [[nodiscard]] Status append(const LoopEvent& event);

 private:
  LoopJournal(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
  [[nodiscard]] Status write_line(const std::string& line);
  [[nodiscard]] Status read(const JournalHead& head);
  [[nodiscard]] Status begin_anew(const JournalHead& head);

  std::filesystem::path path_;
  int file_ = -1;
  std::vector<LoopEvent> events_;
};

// One line, without its end.
[[nodiscard]] std::string to_json_line(const LoopEvent& event);
[[nodiscard]] Result<LoopEvent> event_from_json_line(std::string_view line);

}  // namespace trtprof
