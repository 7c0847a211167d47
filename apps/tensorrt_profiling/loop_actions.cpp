#include "loop_actions.h"

#include <algorithm>
#include <limits>
#include <map>
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
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/compare/figures.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

// What a search for sensitive layers may take of the budget, and at the least in seconds.
constexpr double kSearchShare = 0.25;
constexpr int kLeastSearch = 10;

tl::unexpected<Error> interrupted() {
  return tl::unexpected(Error{ErrorCode::interrupted, "interrupted", {}});
}

// Byte by byte, where the model is one file; with external data, as save_with_data() puts it beside.
Status copy_model(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::equivalent(from, to, error)) return {};
  const auto model = OnnxModel::load(from);
  if (!model) return forward_error(model);
  if (model->has_external_data()) return model->save_with_data(to);
  const auto bytes = read_file(from);
  return bytes ? write_file(to, *bytes) : forward_error(bytes);
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

AccuracyFacts reference_itself() {
  AccuracyFacts facts;
  facts.identical = true;
  facts.gate = "it is the reference";
  return facts;
}

}  // namespace

ProgramActions::ProgramActions(const Settings& settings, fs::path work, std::string given_sha256)
    : settings_(settings), work_(std::move(work)), given_sha256_(std::move(given_sha256)), looks_(settings, work_) {}

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
  request.search_seconds = std::max(kLeastSearch, static_cast<int>(*settings_.compare.budget * kSearchShare));
  request.prune = settings_.prune_2_4;
  request.only = settings_.loop.candidates;
  request.skip = settings_.loop.skip;
  request.can_make = [](const std::vector<std::string>& options) { return accepts("optimize", options); };
  request.can_run = [](const std::vector<std::string>& options) { return accepts("profile", options); };
  Proposal proposal = propose_candidates(request);
  if (proposal.unmatched.empty()) return proposal;
  return usage_error(fmt::format("there is no candidate '{}'", printable(proposal.unmatched.front())),
                     "docs/loop.md lists them");
}

Result<CandidateMade> ProgramActions::make(const Candidate& candidate, const Recipe& recipe) {
  if (!recipe.rewrites()) return CandidateMade{"", given_sha256_, std::nullopt};
  const InterruptScope interrupt;
  const fs::path relative = fs::path("candidates") / candidate.name / "model.onnx";
  const fs::path path = work_ / relative;
  std::error_code error;
  fs::remove_all(path.parent_path(), error);  // of a run that was cut short
  fs::create_directories(path.parent_path(), error);
  auto settings = parse_as_command(settings_, make_command(settings_, recipe, path.string()));
  if (!settings) return forward_error(settings);
  settings->accuracy.of_rewrite = false;  // the loop measures it as it would be run
  const auto rewrite = rewrite_model(*settings);
  if (stop_requested()) return interrupted();
  if (!rewrite) return forward_error(rewrite);
  if (rewrite->failure) return tl::unexpected(*rewrite->failure);
  if (!rewrite->result) return fail(fmt::format("'{}' was not written", candidate.name));
  CandidateMade made{relative.string(), rewrite->result->sha256, rewrite->result->file_bytes};
  if (rewrite->sensitivity) {
    made.precision = without_search(recipe.precision, rewrite->sensitivity->report.kept_nodes());
  }
  return made;
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
  return looks_.take(request);
}

Status ProgramActions::keep(const CandidateRecord* winner) {
  return copy_model(looks_.model_of(winner), *settings_.output);
}

Result<fs::path> ProgramActions::keep_engine(const CandidateRecord* winner) const {
  const std::vector<fs::path> engines = looks_.engines_of(winner);
  if (engines.empty()) return fs::path{};
  // By the launches that the looks kept of each build.
  std::map<std::string, std::vector<double>> seconds;
  std::error_code error;
  for (fs::recursive_directory_iterator at(work_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".json") continue;
    const auto loaded = load_profile(at->path());
    if (!loaded) continue;
    const auto figure = figure_of(loaded->profile, FigureKind::latency);
    if (figure) seconds[loaded->profile.model.sha256].push_back(figure->value);
  }
  const auto time_of = [&](const fs::path& engine) {
    const auto hash = sha256_of_file(engine);
    const auto found = hash ? seconds.find(*hash) : seconds.end();
    return found == seconds.end() ? std::numeric_limits<double>::infinity() : median(found->second);
  };
  const fs::path fastest = *std::ranges::min_element(engines, {}, time_of);
  fs::path output = *settings_.output;
  output.replace_extension(".engine");
  for (const char* end : {"", ".json"}) {  // the engine, and the record of how it was built
    const auto bytes = read_file(fastest.string() + end);
    if (!bytes) return forward_error(bytes);
    if (const Status written = write_file(output.string() + end, *bytes); !written) return forward_error(written);
  }
  return output;
}

double ProgramActions::now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void ProgramActions::say(std::string_view what, const CandidateRecord* record) {
  if (settings_.report.quiet) return;
  print_note(record == nullptr ? std::string(what) : fmt::format("{}: {}", record->candidate.name, what));
}

}  // namespace trtprof::cli
