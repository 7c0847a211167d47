#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.h"
#include "messages.h"
#include "terminal_progress.h"
#include "tool_run.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/external/find_tool.h"
#include "trtprof/external/nsight_compute.h"
#include "trtprof/external/perf.h"
#include "trtprof/import/counter_join.h"
#include "trtprof/import/ncu_csv.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/counter_figures.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/counters_text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof::cli {
namespace {

constexpr const char* kReportExtension = ".ncu-rep";

// Counts the end-to-end run's inferences, and no other.
class CountEndToEnd final : public RunObserver {
 public:
  explicit CountEndToEnd(PerfStat& perf) : perf_(perf) {}

  void run_begins(std::string_view run) override {
    counting_ = run == "end to end";
    if (counting_) keep(perf_.enable());
  }
  void run_ends(std::int64_t inferences) override {
    if (!counting_) return;
    keep(perf_.disable());
    inferences_ = inferences;
    counting_ = false;
  }
  [[nodiscard]] std::int64_t inferences() const { return inferences_; }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  void keep(Status status) {
    if (status_ && !status) status_ = std::move(status);
  }
  PerfStat& perf_;
  bool counting_ = false;
  std::int64_t inferences_ = 0;
  Status status_;
};

class CountersRun {
 public:
  explicit CountersRun(const Settings& settings) : settings_(settings), file_(settings.operands.at(0)) {}

  Status run() {
    if (settings_.json) {
      if (Status writable = check_writable(*settings_.json); !writable) return writable;
    }
    auto profile = make();
    if (!profile) return forward_error(profile);
    partial_ = profile->partial;
    text_report::write_context(std::cout, *profile);
    CountersTextOptions options;
    options.color = wants_color(STDOUT_FILENO, settings_.no_color);
    options.kernels = !settings_.report.quiet;
    write_counters_text(std::cout, *profile, options);
    return finish_tool_output(settings_, *profile);
  }
  [[nodiscard]] bool partial() const { return partial_; }

 private:
  Result<Profile> make() {
    if (is_capture_of(file_, kReportExtension)) return of_report(file_);
    const Result<FileKind> kind = detect_file_kind(file_);
    if (!kind) return forward_error(kind);
    switch (*kind) {
      case FileKind::profile_json:
        return of_saved_profile();
      case FileKind::tensorrt_engine:
      case FileKind::tensorrt_rtx_engine:
        break;
      case FileKind::unknown:
        if (!is_capture_of(file_, ".onnx")) return of_report(file_);
        break;  // OnnxModel::load says what is wrong with it
      case FileKind::onnx_model:
        break;
    }
    return of_run();
  }

  Result<NcuImport> read_report(const std::string& path) {
    if (!is_capture_of(path, kReportExtension)) return read_ncu_csv(path);
    const auto ncu = find_nsight_compute();
    if (!ncu) return forward_error(ncu);
    const InterruptScope interrupt;
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    ToolContext context{*progress, interrupt.flag(), settings_.tool_timeout, say_lines(settings_)};
    auto imported = import_ncu_report(*ncu, path, context);
    progress->finish();
    return imported;
  }

  Result<Profile> of_report(const std::string& path) {
    if (settings_.import_file) {
      return usage_error(fmt::format("--import: {} is a report itself", printable(file_)),
                         "give the engine or the saved profile that the report belongs to");
    }
    auto imported = read_report(path);
    if (!imported) return forward_error(imported);
    Profile profile = kernel_profile(std::move(*imported));
    const Environment tool = describe_environment(settings_.command_line);
    profile.environment.tool_version = tool.tool_version;
    profile.environment.tool_commit = tool.tool_commit;
    profile.environment.command_line = tool.command_line;
    profile.environment.started_at = tool.started_at;
    profile.notes.push_back(fmt::format("Imported from {}; the times are those under the tool.", printable(path)));
    return profile;
  }

  Result<Profile> of_saved_profile() {
    if (!settings_.import_file) {
      return usage_error(fmt::format("{} is a saved profile, and nothing can be counted of it", printable(file_)),
                         "--import FILE joins a report of Nsight Compute to it");
    }
    auto loaded = load_profile(file_);
    if (!loaded) return forward_error(loaded);
    for (const std::string& note : loaded->notes) print_note(printable(note));
    auto imported = read_report(settings_.import_file->string());
    if (!imported) return forward_error(imported);
    return joined(std::move(loaded->profile), std::move(*imported));
  }

  static Profile joined(Profile profile, NcuImport imported) {
    join_counters(imported.counters, profile);
    if (imported.counters.join == CounterJoin::none) {
      print_warning(fmt::format("kernels are not joined to layers: {}", imported.counters.join_reason));
    }
    profile.counters = std::move(imported.counters);
    return profile;
  }

  Result<Profile> of_run() {
    ToolTarget target(settings_);
    if (const Status opened = target.open(); !opened) return forward_error(opened);
    if (!target.on_gpu()) return of_cpu(target);
    std::optional<NcuImport> imported;
    if (settings_.import_file) {
      auto report = read_report(settings_.import_file->string());
      if (!report) return forward_error(report);
      imported = std::move(*report);
    } else {
      auto counted = count_kernels(target);
      if (!counted) return forward_error(counted);
      imported = std::move(*counted);
    }
    auto profile = target.measure(true, nullptr);
    if (!profile) return forward_error(profile);
    return joined(std::move(*profile), std::move(*imported));
  }

  Result<NcuImport> count_kernels(const ToolTarget& target) {
    const auto ncu = find_nsight_compute();
    if (!ncu) return forward_error(ncu);
    auto command = profile_under_tool(settings_);
    if (!command) return forward_error(command);
    const NcuRequest request{*ncu, std::move(*command), wanted_metrics()};
    print_verbose(shown_command(ncu_command(request)));
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    ToolContext context{*progress, target.stop(), settings_.tool_timeout, say_lines(settings_)};
    auto imported = run_ncu(request, context);
    progress->finish();
    return imported;
  }

  Result<Profile> of_cpu(ToolTarget& target) {
    if (settings_.import_file) {
      return usage_error("--import is for engines on a GPU, and a CPU would run this");
    }
    const auto path = find_perf();
    if (!path) return forward_error(path);
    auto perf = PerfStat::attach(*path, say_lines(settings_));
    if (!perf) return forward_error(perf);
    CountEndToEnd observer(**perf);
    auto profile = target.measure(false, &observer);
    if (!profile) return forward_error(profile);
    if (!observer.status()) return forward_error(observer.status());
    auto counters = (*perf)->finish(observer.inferences());
    if (!counters) return forward_error(counters);
    counters->join_reason = "perf counts the whole process";
    profile->counters = std::move(*counters);
    return profile;
  }

  const Settings& settings_;
  const std::string file_;
  bool partial_ = false;
};

}  // namespace

int run_counters(const Settings& settings) {
  CountersRun run(settings);
  const Status done = run.run();
  if (!done) return print_error(done.error());
  return run.partial() ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace trtprof::cli
