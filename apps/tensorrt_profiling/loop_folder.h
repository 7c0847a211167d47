// The files around a run of the loop of `optimize`: its work folder, the data it depends on, and the lock on -o.
#pragma once

#include <filesystem>
#include <string>

#include "settings.h"
#include "trtprof/base/error.h"

namespace trtprof::cli {

// The work folder, made where it is not there. One that holds other things than the loop's is an error: the loop
// removes what it does not need.
[[nodiscard]] Result<std::filesystem::path> open_work_folder(const Settings& settings);

// What launches of runs that were killed wrote. Of the run alone that has the journal's lock.
void remove_what_was_running(const std::filesystem::path& work);

// Of the content of all that --data, --calibration-data and --preprocess name, folders with all that is in them; ""
// where none is given.
[[nodiscard]] Result<std::string> hash_of_data(const Settings& settings);

// Two loops with one -o would undo each other, whatever their work folders are. A hidden file beside it, removed in the
// end; one that a killed run left is no hindrance.
class OutputLock {
 public:
  [[nodiscard]] static Result<OutputLock> take(const std::filesystem::path& output);
  OutputLock(OutputLock&& other) noexcept;
  OutputLock& operator=(OutputLock&&) = delete;
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;
  ~OutputLock();

 private:
  OutputLock(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
  std::filesystem::path path_;
  int file_ = -1;
};

}  // namespace trtprof::cli
