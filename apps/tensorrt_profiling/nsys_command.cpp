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
#include "trtprof/external/nsight_systems.h"
#include "trtprof/import/nsys_import.h"
#include "trtprof/report/report.h"

namespace trtprof::cli {
namespace {

constexpr const char* kReportExtension = ".nsys-rep";
constexpr const char* kExportExtension = ".sqlite";

class NsysRun {
 public:
  explicit NsysRun(const Settings& settings) : settings_(settings), file_(settings.operands.at(0)) {}

  Status run() {
    if (settings_.json) {
      if (Status writable = check_writable(*settings_.json); !writable) return writable;
    }
    auto profile =
        is_capture_of(file_, kReportExtension) || is_capture_of(file_, kExportExtension) ? of_capture() : of_run();
    if (!profile) return forward_error(profile);
    partial_ = profile->partial;
    TextReportOptions options = settings_.report;
    options.color = wants_color(STDOUT_FILENO, settings_.no_color);
    write_text_report(std::cout, *profile, options);
    return finish_tool_output(settings_, *profile);
  }
  [[nodiscard]] bool partial() const { return partial_; }

 private:
  static void take(NsysTrace trace, Profile& profile) {
    for (const std::string& note : trace.notes) profile.notes.push_back("Nsight Systems: " + note);
    if (profile.environment.device_name.empty()) profile.environment.device_name = trace.device_name;
    profile.timeline = timeline_of(std::move(trace));
  }

  Result<NsysTrace> read_capture() {
    if (is_capture_of(file_, kExportExtension)) return read_nsys_export(file_);
    const auto nsys = find_nsight_systems();
    if (!nsys) return forward_error(nsys);
    const InterruptScope interrupt;
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    ToolContext context{*progress, interrupt.flag(), settings_.tool_timeout, say_lines(settings_)};
    auto trace = import_nsys_report(*nsys, file_, context);
    progress->finish();
    return trace;
  }

  Result<Profile> of_capture() {
    auto trace = read_capture();
    if (!trace) return forward_error(trace);
    Profile profile;
    const Environment tool = describe_environment(settings_.command_line);
    profile.environment.tool_version = tool.tool_version;
    profile.environment.tool_commit = tool.tool_commit;
    profile.environment.command_line = tool.command_line;
    profile.environment.started_at = tool.started_at;
    profile.environment.device_kind = DeviceKind::gpu;
    profile.notes.push_back(fmt::format("Imported from {}.", printable(file_)));
    take(std::move(*trace), profile);
    return profile;
  }

  Result<Profile> of_run() {
    const auto nsys = find_nsight_systems();
    if (!nsys) return forward_error(nsys);
    ToolTarget target(settings_);
    if (const Status opened = target.open(); !opened) return forward_error(opened);
    if (!target.on_gpu()) {
      return unavailable("'nsys' records what a GPU does, and a CPU would run this",
                         "profile MODEL --trace FILE does so on a CPU");
    }
    auto command = profile_under_tool(settings_);
    if (!command) return forward_error(command);
    auto trace = record(*nsys, *command, target);
    if (!trace) return forward_error(trace);
    auto profile = target.measure(false, nullptr);
    if (!profile) return forward_error(profile);
    take(std::move(*trace), *profile);
    return profile;
  }

  Result<NsysTrace> record(const std::filesystem::path& nsys, const std::vector<std::string>& command,
                           const ToolTarget& target) {
    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    ToolContext context{*progress, target.stop(), settings_.tool_timeout, say_lines(settings_)};
    auto trace = run_nsys(nsys, command, context);
    progress->finish();
    return trace;
  }

  const Settings& settings_;
  const std::string file_;
  bool partial_ = false;
};

}  // namespace

int run_nsys(const Settings& settings) {
  NsysRun run(settings);
  const Status done = run.run();
  if (!done) return print_error(done.error());
  return run.partial() ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace trtprof::cli
