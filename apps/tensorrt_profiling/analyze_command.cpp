#include <algorithm>
#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.h"
#include "diagnosis.h"
#include "given_files.h"
#include "messages.h"
#include "option_rows.h"
#include "profile_run.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/report.h"

namespace trtprof::cli {
namespace {

// The findings for which the user wants exit code 3: by rule, or by severity and worse.
std::vector<const Finding*> unwanted(const Settings& settings, const Analysis& analysis) {
  std::vector<const Finding*> found;
  for (const Finding& finding : analysis.findings) {
    const bool is_one = std::ranges::any_of(settings.fail_on, [&](const std::string& asked) {
      const auto severity = severity_from_string(asked);
      return severity ? finding.severity <= *severity : asked == finding.rule;
    });
    if (is_one) found.push_back(&finding);
  }
  return found;
}

class Analyze {
 public:
  explicit Analyze(const Settings& settings) : settings_(settings) {}

  int run() {
    if (settings_.json) {
      if (const Status writable = check_writable(*settings_.json); !writable) return print_error(writable.error());
    }
    const Result<bool> measured = is_to_be_measured(settings_.operands);
    if (!measured) return print_error(measured.error());
    if (!*measured) {
      const Status done = given();
      if (!done) return print_error(done.error());
      return gate(0);
    }
    ProfileRun run(settings_, settings_.save_profile,
                   [&](const Profile& profile, const KnownModel* model) { return say(profile, {}, model); });
    return gate(run.run());
  }

 private:
  Status given() {
    if (const auto option = first_for_measuring(settings_)) {
      return usage_error(fmt::format("{} is for measuring a model, and {} was measured already", *option,
                                     printable(settings_.operands[0])));
    }
    auto files = read_given_files(settings_.operands);
    if (!files) return forward_error(files);
    if (settings_.save_profile) {
      if (Status saved = save_profile(files->profile, *settings_.save_profile); !saved) return saved;
    }
    if (Status written = write_exports(files->profile, settings_.csv, settings_.trace); !written) return written;
    AnalysisSource source;
    if (files->saved && settings_.json) {
      auto hash = sha256_of_file(settings_.operands[0]);
      if (!hash) return forward_error(hash);
      source = {settings_.operands[0], std::move(*hash)};
    }
    if (!files->model || settings_.model) return say(files->profile, std::move(source), nullptr);
    Settings with_model = settings_;
    with_model.model = files->model;
    return say(files->profile, std::move(source), nullptr, with_model);
  }

  Status say(const Profile& profile, AnalysisSource source, const KnownModel* model) {
    return say(profile, std::move(source), model, settings_);
  }
  Status say(const Profile& profile, AnalysisSource source, const KnownModel* model, const Settings& settings) {
    auto diagnosis = diagnose(settings, profile, std::move(source), model);
    if (!diagnosis) return forward_error(diagnosis);
    TextReportOptions report = settings_.report;
    report.color = wants_color(STDOUT_FILENO, settings_.no_color);
    if (!report.quiet) write_text_report(std::cout, profile, report);
    AnalysisTextOptions options = settings_.analysis;
    options.color = report.color;
    write_analysis_text(std::cout, diagnosis->analysis, profile, options);
    if (Status out = check_standard_output(); !out) return out;
    if (settings_.json) {
      if (diagnosis->source.sha256.empty()) diagnosis->source.sha256 = sha256_of(profile_to_json(profile));
      Status written = write_file(*settings_.json, analysis_to_json({diagnosis->analysis, profile, diagnosis->source,
                                                                     diagnosis->counterpart, diagnosis->model}));
      if (!written) return written;
    }
    for (const Finding* finding : unwanted(settings_, diagnosis->analysis)) {
      gate_failed_ = true;
      print_warning(fmt::format("--fail-on: [{}] {}: {}", to_string(finding->severity), finding->rule,
                                printable(finding->title)));
    }
    return {};
  }

  // A run that failed or was interrupted says more than its gate.
  [[nodiscard]] int gate(int code) const {
    return code == 0 && gate_failed_ ? static_cast<int>(ErrorCode::gate_failed) : code;
  }

  const Settings& settings_;
  bool gate_failed_ = false;
};

}  // namespace

int run_analyze(const Settings& settings) {
  return Analyze(settings).run();
}

}  // namespace trtprof::cli
