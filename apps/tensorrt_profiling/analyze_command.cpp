#include <algorithm>
#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.h"
#include "diagnosis.h"
#include "messages.h"
#include "option_rows.h"
#include "profile_run.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/model/onnx_model.h"
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
    const std::string& path = settings_.operands.at(0);
    if (settings_.json) {
      if (const Status writable = check_writable(*settings_.json); !writable) return print_error(writable.error());
    }
    const Result<FileKind> kind = detect_file_kind(path);
    if (!kind) return print_error(kind.error());
    if (*kind == FileKind::profile_json) {
      const Status done = saved(path);
      if (!done) return print_error(done.error());
      return gate(0);
    }
    ProfileRun run(settings_, settings_.save_profile,
                   [&](const Profile& profile, const KnownModel* model) { return say(profile, {}, model); });
    return gate(run.run());
  }

 private:
  Status saved(const std::string& path) {
    if (const auto option = first_for_measuring(settings_)) {
      return usage_error(
          fmt::format("{} is for measuring a model, and {} is a saved profile", *option, printable(path)));
    }
    const auto text = read_file(path);
    if (!text) return forward_error(text);
    auto loaded = profile_from_json(*text, path);
    if (!loaded) return forward_error(loaded);
    for (const std::string& note : loaded->notes) print_note(printable(note));
    if (Status written = write_exports(loaded->profile, settings_.csv, settings_.trace); !written) return written;
    return say(loaded->profile, {path, settings_.json ? sha256_of(*text) : std::string()}, nullptr);
  }

  Status say(const Profile& profile, AnalysisSource source, const KnownModel* model) {
    auto diagnosis = diagnose(settings_, profile, std::move(source), model);
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
