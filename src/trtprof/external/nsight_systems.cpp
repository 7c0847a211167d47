#include "trtprof/external/nsight_systems.h"

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/external/tool_output.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

Status run_step(const std::vector<std::string>& command, ToolContext& context) {
  ToolOutput out(context.say);
  ToolOutput err(context.say);
  ProcessOptions options;
  options.environment = {{"LC_ALL", "C"}};
  options.timeout_seconds = context.timeout_seconds;
  options.stop = &context.stop;
  options.on_out = [&](std::string_view chunk) { out.add(chunk); };
  options.on_err = [&](std::string_view chunk) { err.add(chunk); };
  const Result<ProcessEnd> end = run_process(command, options);
  if (!end) return forward_error(end);
  out.finish();
  err.finish();
  if (end->exit_code == 0 && !end->timed_out && !end->interrupted) return {};
  return tl::unexpected<Error>(nsys_failure(out.text() + err.text(), *end, context.timeout_seconds));
}

Result<NsysTrace> export_and_read(const fs::path& nsys, const fs::path& report, const fs::path& folder,
                                  ToolContext& context) {
  const fs::path sqlite = folder / "export.sqlite";
  context.progress.phase("exporting the report with Nsight Systems");
  if (const Status done = run_step(nsys_export_command(nsys, report, sqlite), context); !done) {
    return forward_error(done);
  }
  return read_nsys_export(sqlite);
}

}  // namespace

std::vector<std::string> nsys_profile_command(const fs::path& nsys, const fs::path& report,
                                              const std::vector<std::string>& target) {
  // --sample and --cpuctxsw: no samples of the CPU, which need permissions and tell nothing that is read here.
  std::vector<std::string> command = {nsys.string(),
                                      "profile",
                                      "--capture-range=cudaProfilerApi",
                                      "--capture-range-end=stop",
                                      "--trace=cuda,nvtx,osrt",
                                      "--sample=none",
                                      "--cpuctxsw=none",
                                      "--force-overwrite=true",
                                      "--output",
                                      report.string()};
  command.insert(command.end(), target.begin(), target.end());
  return command;
}

std::vector<std::string> nsys_export_command(const fs::path& nsys, const fs::path& report, const fs::path& sqlite) {
  return {nsys.string(), "export",   "--type",        "sqlite",       "--force-overwrite",
          "true",        "--output", sqlite.string(), report.string()};
}

Error nsys_failure(std::string_view said, const ProcessEnd& end, double timeout_seconds) {
  if (end.interrupted) return {ErrorCode::interrupted, "stopped by the user before the timeline was recorded", ""};
  if (end.timed_out) {
    return {ErrorCode::failed, fmt::format("Nsight Systems was not done after {:g} s and was ended", timeout_seconds),
            "--timeout SECONDS gives it longer; --verbose shows how far it comes"};
  }
  const std::string reason = telling_line(said);
  return {ErrorCode::failed,
          fmt::format("Nsight Systems {}{}",
                      end.signal ? fmt::format("was ended by signal {}", *end.signal)
                                 : fmt::format("ended with exit code {}", end.exit_code),
                      reason.empty() ? "" : ": " + reason),
          "--verbose shows what it said"};
}

Result<NsysTrace> run_nsys(const fs::path& nsys, const std::vector<std::string>& target, ToolContext& context) {
  const auto folder = TemporaryFolder::create("trtprof-nsys");
  if (!folder) return forward_error(folder);
  const fs::path report = folder->path() / "report.nsys-rep";
  context.progress.phase("recording with Nsight Systems");
  if (const Status done = run_step(nsys_profile_command(nsys, report, target), context); !done) {
    return forward_error(done);
  }
  std::error_code error;
  if (!fs::exists(report, error)) {
    return fail("Nsight Systems wrote no report", "--verbose shows what it said");
  }
  return export_and_read(nsys, report, folder->path(), context);
}

Result<NsysTrace> import_nsys_report(const fs::path& nsys, const fs::path& report, ToolContext& context) {
  const auto folder = TemporaryFolder::create("trtprof-nsys");
  if (!folder) return forward_error(folder);
  return export_and_read(nsys, report, folder->path(), context);
}

}  // namespace trtprof
