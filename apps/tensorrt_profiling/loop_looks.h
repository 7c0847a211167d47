// Launches of two sides in turns for the loop of `optimize`, kept in its work folder: each look adds to those before
// it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/optimize/loop/loop.h"

namespace trtprof::cli {

class LoopLooks {
 public:
  LoopLooks(const Settings& settings, std::filesystem::path work) : settings_(settings), work_(std::move(work)) {}

  void set_builds_engines(bool builds) { builds_engines_ = builds; }
  // Are the launches of the looks before this one there, on which it is judged as well?
  [[nodiscard]] Status check_earlier(const LookRequest& request) const;
  [[nodiscard]] Result<LookFacts> take(const LookRequest& request) const;

  // The candidate's model file; that of null is the given model.
  [[nodiscard]] std::filesystem::path model_of(const CandidateRecord* record) const;
  // Engines that were built of it, in order of their number.
  [[nodiscard]] std::vector<std::filesystem::path> engines_of(const CandidateRecord* record) const;
  void remove_engines_of(const std::string& candidate) const;
  // The `number`-th (from 1) engine of it, built where it is not there yet.
  [[nodiscard]] Result<std::filesystem::path> engine_of(const CandidateRecord* record, std::size_t number) const;
  // One launch of a file, as those of a look are made. Its profile is at `json` then.
  [[nodiscard]] Result<Profile> launch(const std::string& file, const std::filesystem::path& json,
                                       const StopFlag& stop) const;

 private:
  struct Pair {
    std::string a;
    std::string b;
    int launches = 0;
  };
  [[nodiscard]] Result<std::vector<Pair>> pairs_of(const LookRequest& request) const;
  [[nodiscard]] Status compare_pair(const LookRequest& request, const Pair& pair,
                                    const std::filesystem::path& folder) const;
  [[nodiscard]] std::filesystem::path folder_of(const LookRequest& request, std::size_t look) const;
  [[nodiscard]] static Status read_look(const std::filesystem::path& folder, std::vector<Profile>& a,
                                        std::vector<Profile>& b);
  [[nodiscard]] Result<LookFacts> judge(const LookRequest& request) const;

  const Settings& settings_;
  std::filesystem::path work_;
  bool builds_engines_ = false;
};

}  // namespace trtprof::cli
