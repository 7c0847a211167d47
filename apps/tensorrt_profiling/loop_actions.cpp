#include "loop_actions.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "accuracy_run.h"
#include "backend_choice.h"
#include "diagnosis.h"
#include "loop_commands.h"
#include "messages.h"
#include "model_rewrite.h"
#include "options.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

// What a search for sensitive layers may take of the budget, and in seconds at the least and at the most. When it
// begins it gets no more than is left (next_step.cpp).
constexpr double kSearchShare = 0.25;
constexpr double kLeastSearch = 10.0;
constexpr double kMostSearch = 86400.0;

tl::unexpected<Error> interrupted() {
  return tl::unexpected(Error{ErrorCode::interrupted, "interrupted", {}});
}

bool has_open_batch(const Graph& graph) {
  return std::ranges::any_of(graph.inputs, [](const ValueInfo& input) {
    return input.shape && !input.shape->empty() && !input.shape->front().value;
  });
}

// That a launch would compute this recipe in; "": the engine's own choice is not to be overruled.
std::string precision_of(const Recipe& recipe, const std::string& by_default) {
  const auto own = recipe.run.find("--precision");
  const std::string precision = own == recipe.run.end() ? by_default : own->second;
  const bool known = precision == "f32" || precision == "f16" || precision == "bf16";
  return known ? precision : "";
}

// A search that a time limit ends may end elsewhere the next time; what it found does not.
std::vector<std::string> without_search(const std::vector<std::string>& options, const std::vector<std::string>& kept) {
  std::vector<std::string> found = passed_options(options, 0, [](const Option& option) {
    return option.name != "--auto-keep" && option.name != "--sensitivity-budget" && option.name != "--max-drop" &&
           option.name != "--min-agreement";
  });
  for (const std::string& node : kept) found.insert(found.end(), {"--keep-node", node});
  return found;
}

// What no other candidate would fare better with: the disk is full, or was taken away. The words are the system's,
// which launches say as well.
bool is_of_the_machine(const Error& error) {
  constexpr auto reasons = std::to_array<int>({ENOSPC, EDQUOT, EIO, EROFS, EACCES, EMFILE, ENFILE});
  return std::ranges::any_of(reasons, [&](int reason) {
    return error.message.find(std::generic_category().message(reason)) != std::string::npos;
  });
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return {};
  return fail(fmt::format("cannot make the folder {}: {}", printable(folder.string()), error.message()));
}

AccuracyFacts reference_itself() {
  AccuracyFacts facts;
  facts.identical = true;
  facts.gate = "it is the reference";
  return facts;
}

}  // namespace

ProgramActions::ProgramActions(const Settings& settings, fs::path work, std::string given_sha256)
    : settings_(settings),
      work_(std::move(work)),
      given_sha256_(std::move(given_sha256)),
      looks_(settings, work_),
      result_(settings, work_) {}

Status ProgramActions::open() {
  const auto backend = open_backend(settings_.backend);
  if (!backend) return forward_error(backend);
  builds_engines_ = (*backend)->builds_engines();
  looks_.set_builds_engines(builds_engines_);
  return {};
}

Result<BaselineTaken> ProgramActions::baseline() {
  const InterruptScope interrupt;
  const fs::path json = work_ / "given.profile.json";
  const auto began = std::chrono::steady_clock::now();
  const auto profile = looks_.launch(settings_.operands.at(0), json, interrupt.flag());
  if (!profile) return forward_error(profile);
  BaselineTaken baseline;
  baseline.model_sha256 = given_sha256_;
  baseline.launch_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  baseline.facts = run_facts({&*profile, 1});
  precision_ = baseline.facts.precision;
  const auto model = OnnxModel::load(settings_.operands.at(0));
  if (!model) return forward_error(model);
  auto proposal = propose(*profile, baseline.facts, *model);
  if (!proposal) return forward_error(proposal);
  baseline.candidates = std::move(proposal->candidates);
  baseline.not_proposed = std::move(proposal->not_proposed);
  const std::string precision = precision_of({}, precision_);
  if (builds_engines_ || precision.empty() || precision == "f32") return baseline;
  auto facts = accuracy_by({"accuracy", settings_.operands.at(0), "--precision", precision});
  if (!facts) return forward_error(facts);
  baseline.accuracy = *std::move(facts);
  return baseline;
}

Result<std::vector<std::string>> ProgramActions::gate_options(const OnnxModel& model) const {
  const AccuracySettings& asked = settings_.accuracy;
  if (!asked.data || asked.max_drop || asked.min_agreement) return std::vector<std::string>{};
  const auto data = load_data(settings_, model.graph().inputs);
  if (!data) return forward_error(data);
  if (data->labels()) return std::vector<std::string>{"--max-drop", fmt::format("{:g}", kLoopMaxDropPoints)};
  return std::vector<std::string>{"--min-agreement", fmt::format("{:g}", kLoopMinAgreement * 100.0)};
}

Result<Proposal> ProgramActions::propose(const Profile& profile, const RunFacts& facts, const OnnxModel& model) const {
  Settings plain = settings_;
  plain.json.reset();
  const auto diagnosis = diagnose(plain, profile, {}, nullptr);
  if (!diagnosis) return forward_error(diagnosis);
  const Analysis& analysis = diagnosis->analysis;
  ProposalRequest request{facts, analysis.findings};
  if (analysis.account) request.inference_seconds = analysis.account->end_to_end;
  request.builds_engines = builds_engines_;
  request.has_data = settings_.accuracy.data.has_value();
  request.open_batch = has_open_batch(model.graph());
  request.batch = facts.batch.value_or(1);
  request.throughput_hint = settings_.hint == PerformanceHint::throughput;
  request.throughput_objective = settings_.loop.throughput;
  request.processors = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1U));
  auto gates = gate_options(model);
  if (!gates) return forward_error(gates);
  request.gate_options = *std::move(gates);
  const double share = std::max(*settings_.compare.budget * kSearchShare, kLeastSearch);
  const double search = settings_.was_given("--sensitivity-budget") ? settings_.sensitivity.budget : share;
  request.search_seconds = static_cast<int>(std::clamp(search, 1.0, kMostSearch));
  request.prune = settings_.prune_2_4;
  request.only = settings_.loop.candidates;
  request.skip = settings_.loop.skip;
  request.can_make = [](const std::vector<std::string>& options) { return accepts("optimize", options); };
  request.can_run = [](const std::vector<std::string>& options) { return accepts("profile", options); };
  Proposal proposal = propose_candidates(request);
  if (proposal.unmatched.empty()) return proposal;
  std::string names;
  for (const Candidate& each : proposal.candidates) names += (names.empty() ? "" : ", ") + each.name;
  return usage_error(fmt::format("there is no candidate '{}' of this model", printable(proposal.unmatched.front())),
                     "what may be tried beside it: " + names);
}

Result<ModelRewrite> ProgramActions::write_model(const Recipe& recipe, const fs::path& path) const {
  const InterruptScope interrupt;
  std::error_code error;
  fs::remove_all(path.parent_path(), error);  // of a run that was cut short
  if (const Status made = make_folder(path.parent_path()); !made) return forward_error(made);
  auto settings = parse_as_command(settings_, make_command(settings_, recipe, path.string()));
  if (!settings) return forward_error(settings);
  settings->accuracy.of_rewrite = false;  // the loop measures it as it would be run
  // A search looks for what the loop's own gate then holds for.
  if (!builds_engines_) settings->sensitivity.precision = precision_of(recipe, precision_);
  auto rewrite = rewrite_model(*settings);
  if (interrupt.flag().requested()) return interrupted();
  if (rewrite && rewrite->failure) return tl::unexpected(*rewrite->failure);
  if (rewrite && !rewrite->result) return fail(fmt::format("{} was not written", printable(path.string())));
  return rewrite;
}

Result<CandidateMade> ProgramActions::make(const Candidate& candidate, const Recipe& recipe) {
  looks_.remove_engines_of(candidate.name);  // of a recipe that was built on what was taken back since
  if (!recipe.rewrites()) return CandidateMade{"", given_sha256_, std::nullopt};
  const fs::path relative = fs::path("candidates") / candidate.name / "model.onnx";
  const auto rewrite = write_model(recipe, work_ / relative);
  if (!rewrite) return forward_error(rewrite);
  CandidateMade made{relative.string(), rewrite->result->sha256, rewrite->result->file_bytes};
  if (rewrite->sensitivity) {
    made.precision = without_search(recipe.precision, rewrite->sensitivity->report.kept_nodes());
  }
  whole_.insert(candidate.name);
  return made;
}

// Is the model that the journal speaks of there, as it was made? What is not is made again, from its recipe.
Status ProgramActions::check_model(const CandidateRecord* record) {
  const bool given = record == nullptr || !record->made || record->made->path.empty();
  const std::string name = given ? "" : record->candidate.name;
  if (whole_.contains(name)) return {};
  const fs::path path = looks_.model_of(record);
  const std::string& wanted = given ? given_sha256_ : record->made->sha256;
  const auto is_whole = [&] {
    const auto model = OnnxModel::load(path);
    const auto info = model ? model->info() : Result<ModelInfo>(forward_error(model));
    return info && info->sha256 == wanted;
  };
  bool whole = is_whole();
  if (!whole && !given) {
    print_note(fmt::format("{}: the model that was made is not there any more: it is made again", name));
    const auto again = write_model(record->recipe(), path);
    if (!again) return broken(again.error());
    whole = again->result->sha256 == wanted;
  }
  if (!whole) {
    return broken({ErrorCode::failed,
                   fmt::format("{} is not the model that the journal speaks of", printable(path.string())),
                   given ? "the loop compares with it to the end: put it back, or begin anew with another --work"
                         : "made again it comes out otherwise: remove the work folder to begin anew"});
  }
  whole_.insert(name);
  return {};
}

tl::unexpected<Error> ProgramActions::broken(Error error) {
  broken_ = broken_ || error.code != ErrorCode::interrupted;
  return tl::unexpected(std::move(error));
}

bool ProgramActions::ends_loop(const Error& error) {
  return broken_ || is_of_the_machine(error);
}

Result<AccuracyFacts> ProgramActions::accuracy_by(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = arguments;
  const std::vector<std::string> common = loop_options_for(settings_, "accuracy");
  all.insert(all.end(), common.begin(), common.end());
  const auto settings = parse_as_command(settings_, std::move(all));
  if (!settings) return forward_error(settings);
  const auto run = measure_accuracy_of(*settings);
  if (!run) return forward_error(run);
  if (run->result.partial) return interrupted();
  return judge_accuracy(run->result, {settings_.accuracy.min_agreement, settings_.accuracy.max_drop});
}

// As it would be run: in the precision of its launches, where the engine has a choice.
Result<AccuracyFacts> ProgramActions::accuracy(const CandidateRecord& record) {
  if (const Status whole = check_model(&record); !whole) return forward_error(whole);
  const std::string& given = settings_.operands.at(0);
  const std::string precision = builds_engines_ ? "" : precision_of(record.started->recipe, precision_);
  const bool is_given = record.made->sha256 == given_sha256_;
  if (is_given && (precision.empty() || precision == "f32")) return reference_itself();
  std::string model = is_given ? given : looks_.model_of(&record).string();
  if (builds_engines_) {  // the looks need it anyway
    const auto engine = looks_.engine_of(&record, 1);
    if (!engine) return forward_error(engine);
    model = engine->string();
  }
  std::vector<std::string> arguments = {"accuracy", std::move(model)};
  if (!is_given || builds_engines_) arguments.insert(arguments.end(), {"--against", given});
  if (!precision.empty()) arguments.insert(arguments.end(), {"--precision", precision});
  return accuracy_by(arguments);
}

Result<LookFacts> ProgramActions::look(const LookRequest& request) {
  for (const CandidateRecord* side : {request.against, request.candidate}) {
    if (const Status whole = check_model(side); !whole) return forward_error(whole);
  }
  if (const Status there = looks_.check_earlier(request); !there) return broken(there.error());
  return looks_.take(request);
}

Status ProgramActions::keep(const CandidateRecord* winner) {
  whole_.erase(winner == nullptr ? "" : winner->candidate.name);  // once more: this one the user gets
  if (const Status whole = check_model(winner); !whole) return whole;
  return result_.keep(looks_.model_of(winner), winner == nullptr ? Recipe{} : winner->recipe(), builds_engines_,
                      looks_.engines_of(winner));
}

double ProgramActions::now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void ProgramActions::say(std::string_view what, const CandidateRecord* record) {
  if (settings_.report.quiet) return;
  print_note(record == nullptr ? std::string(what) : fmt::format("{}: {}", record->candidate.name, what));
}

}  // namespace trtprof::cli
