// What the loop of `optimize` does in the world: models made, compared and checked by the commands of this program.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "interrupt.h"
#include "loop_looks.h"
#include "loop_result.h"
#include "model_rewrite.h"
#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/loop/candidates.h"
#include "trtprof/optimize/loop/loop.h"

namespace trtprof::cli {

// In the work folder: candidates/NAME/model.onnx, looks/NAME/0/a/001.json, engines/NAME-1.engine.
class ProgramActions final : public LoopActions {
 public:
  ProgramActions(const Settings& settings, std::filesystem::path work, std::string given_sha256);

  Result<BaselineTaken> baseline() override;
  Result<CandidateMade> make(const Candidate& candidate, const Recipe& recipe) override;
  Result<AccuracyFacts> accuracy(const CandidateRecord& record) override;
  Result<LookFacts> look(const LookRequest& request) override;
  Status keep(const CandidateRecord* winner) override;
  double now() override;
  // Of the machine, or of a work folder that is not as the journal says.
  bool ends_loop(const Error& error) override;
  bool stop_requested() override { return interrupt_.flag().requested(); }
  void say(std::string_view what, const CandidateRecord* record) override;

  // Goes on with what a run before this one knew of the given model.
  void set_baseline(const BaselineTaken& baseline) { precision_ = baseline.facts.precision; }
  [[nodiscard]] bool builds_engines() const { return builds_engines_; }
  // Finds out which backend it is. Before anything else.
  [[nodiscard]] Status open();
  [[nodiscard]] const LoopResult& result() const { return result_; }

 private:
  [[nodiscard]] Result<ModelRewrite> write_model(const Recipe& recipe, const std::filesystem::path& path) const;
  [[nodiscard]] Status check_model(const CandidateRecord* record);
  [[nodiscard]] tl::unexpected<Error> broken(Error error);
  [[nodiscard]] Result<AccuracyFacts> accuracy_by(const std::vector<std::string>& arguments) const;
  // What stands in for the user's gates, for a search that is to meet them.
  [[nodiscard]] Result<std::vector<std::string>> gate_options(const OnnxModel& model) const;
  [[nodiscard]] Result<Proposal> propose(const Profile& profile, const RunFacts& facts, const OnnxModel& model) const;

  const Settings& settings_;
  std::filesystem::path work_;
  std::string given_sha256_;
  InterruptScope interrupt_;
  LoopLooks looks_;
  LoopResult result_;
  std::set<std::string> whole_;  // candidates whose model was seen to be what was made; "": the given one
  bool broken_ = false;
  bool builds_engines_ = false;
  std::string precision_;  // that the engine computes the given model in
};

}  // namespace trtprof::cli
