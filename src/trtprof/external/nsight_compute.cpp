#include "trtprof/external/nsight_compute.h"

#include <algorithm>
#include <cctype>
#include <fstream>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/external/tool_output.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr double kVersionSeconds = 20.0;
// A name that the tool does not know may be an error; then it goes and the tool is run again.
constexpr int kMaxAttempts = 3;
// Its default, so that each pass of a kernel finds the same.
constexpr const char* kColdCaches =
    "Nsight Compute empties the GPU's caches before each pass: times, DRAM traffic and hits are those of a kernel that "
    "finds nothing in them.";

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
  return all;
}

// Numbers as they are written in C, whatever the user's language.
const std::vector<std::pair<std::string, std::string>> kCLocale = {{"LC_ALL", "C"}};

struct Attempt {
  ProcessEnd end;
  std::string said;  // the messages, without the rows
};

// Standard output goes to `csv` as it comes.
Result<Attempt> attempt(const std::vector<std::string>& command, const fs::path& csv, ToolContext& context) {
  std::ofstream rows(csv, std::ios::binary | std::ios::trunc);
  if (!rows) return fail(fmt::format("{} could not be written", printable(csv.string())));
  Attempt result;
  ToolOutput output(context.say);
  output.on_line = [&](std::string_view line) {
    const std::size_t kernel = line.find("==PROF== Profiling ");
    if (kernel != std::string_view::npos) context.progress.update(0.0, shorten_middle(line.substr(kernel + 19), 60));
  };
  ProcessOptions options;
  options.environment = kCLocale;
  options.timeout_seconds = context.timeout_seconds;
  options.stop = &context.stop;
  options.on_out = [&](std::string_view chunk) {
    rows.write(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    output.add(chunk);
  };
  ToolOutput errors(context.say);
  options.on_err = [&](std::string_view chunk) { errors.add(chunk); };
  const Result<ProcessEnd> end = run_process(command, options);
  if (!end) return forward_error(end);
  output.finish();
  errors.finish();
  rows.close();
  if (!rows) return fail(fmt::format("{} could not be written", printable(csv.string())), "is the disk full?");
  result.end = *end;
  result.said = output.text() + errors.text();
  return result;
}

bool went_wrong(const ProcessEnd& end) {
  return end.exit_code != 0 || end.signal || end.timed_out || end.interrupted;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Result<NcuImport> read_result(const Attempt& done, const fs::path& csv, const ToolContext& context) {
  if (went_wrong(done.end)) return tl::unexpected<Error>(ncu_failure(done.said, done.end, context.timeout_seconds));
  Result<NcuImport> import = read_ncu_csv(csv);
  if (!import) return tl::unexpected<Error>(ncu_failure(done.said, done.end, context.timeout_seconds));
  return import;
}

}  // namespace

std::vector<std::string> ncu_command(const NcuRequest& request) {
  std::vector<std::string> command = {request.ncu.string(),
                                      "--profile-from-start",
                                      "off",
                                      "--clock-control",
                                      "none",
                                      "--nvtx",
                                      "--csv",
                                      "--page",
                                      "raw",
                                      "--print-units",
                                      "base",
                                      "--target-processes",
                                      "all",
                                      "--metrics",
                                      joined(request.metrics)};
  command.insert(command.end(), request.target.begin(), request.target.end());
  return command;
}

std::vector<std::string> refused_metrics(std::string_view said, const std::vector<std::string>& metrics) {
  std::vector<std::string> refused;
  for_each_line(said, [&](std::string_view line) {
    if (!contains(line, "==ERROR==")) return;
    for (const std::string& metric : metrics) {
      // The whole name, or its base: "sm__a" of "sm__a.sum".
      const std::string base = metric.substr(0, metric.find('.'));
      if (has_word(line, metric) || has_word(line, base)) refused.push_back(metric);
    }
  });
  return refused;
}

Error ncu_failure(std::string_view said, const ProcessEnd& end, double timeout_seconds) {
  if (end.interrupted) return {ErrorCode::interrupted, "stopped by the user before the kernels were counted", ""};
  if (contains(said, "ERR_NVGPUCTRPERM")) {
    return {ErrorCode::unavailable,
            "Nsight Compute has no permission to read the GPU's performance counters (ERR_NVGPUCTRPERM)",
            "run as root, or have an administrator put 'options nvidia NVreg_RestrictProfilingToAdminUsers=0' into "
            "/etc/modprobe.d/nvidia-profiling.conf and load the driver anew; a container needs --cap-add=SYS_ADMIN"};
  }
  if (contains(said, "driver resource was unavailable")) {
    return {ErrorCode::unavailable, "the GPU's performance counters are in use by another tool",
            "end the other profiler; where DCGM watches the GPU: dcgmi profmon --pause"};
  }
  if (end.timed_out) {
    return {ErrorCode::failed, fmt::format("Nsight Compute was not done after {:g} s and was ended", timeout_seconds),
            "--timeout SECONDS gives it longer; --verbose shows how far it comes"};
  }
  const std::string reason = telling_line(said);
  if (end.signal) {
    return {ErrorCode::failed,
            fmt::format("Nsight Compute was ended by signal {}{}", *end.signal, reason.empty() ? "" : ": " + reason),
            "--verbose shows what it said"};
  }
  if (contains(said, "No kernels were profiled")) {
    return {ErrorCode::failed,
            "Nsight Compute saw no kernel of the measured inference" + (reason.empty() ? std::string() : ": " + reason),
            "--verbose shows what it said"};
  }
  if (end.exit_code != 0) {
    return {ErrorCode::failed,
            fmt::format("Nsight Compute ended with exit code {}{}", end.exit_code, reason.empty() ? "" : ": " + reason),
            "--verbose shows what it said"};
  }
  return {ErrorCode::failed,
          "Nsight Compute wrote no report of kernels" + (reason.empty() ? std::string() : ": " + reason),
          "--verbose shows what it said"};
}

std::string ncu_version(const fs::path& ncu) {
  std::string said;
  ProcessOptions options;
  options.environment = kCLocale;
  options.timeout_seconds = kVersionSeconds;
  options.on_out = [&](std::string_view chunk) { said += chunk; };
  const Result<ProcessEnd> end = run_process({ncu.string(), "--version"}, options);
  const std::size_t at = said.find("Version ");
  if (!end || end->exit_code != 0 || at == std::string::npos) return {};
  const std::string_view rest = std::string_view(said).substr(at + 8);
  return std::string(rest.substr(0, rest.find_first_not_of("0123456789.")));
}

Result<NcuImport> run_ncu(const NcuRequest& request, ToolContext& context) {
  const auto folder = TemporaryFolder::create("trtprof-ncu");
  if (!folder) return forward_error(folder);
  const fs::path csv = folder->path() / "report.csv";
  NcuRequest asked = request;
  std::vector<std::string> left_out;
  context.progress.phase("counting kernels with Nsight Compute");
  for (int i = 1;; ++i) {
    const Result<Attempt> done = attempt(ncu_command(asked), csv, context);
    if (!done) return forward_error(done);
    const std::vector<std::string> refused = refused_metrics(done->said, asked.metrics);
    if (i < kMaxAttempts && went_wrong(done->end) && !refused.empty() && refused.size() < asked.metrics.size()) {
      std::erase_if(asked.metrics,
                    [&](const std::string& m) { return std::ranges::find(refused, m) != refused.end(); });
      left_out.insert(left_out.end(), refused.begin(), refused.end());
      continue;
    }
    Result<NcuImport> import = read_result(*done, csv, context);
    if (!import) return import;
    Counters& counters = import->counters;
    counters.command = shown_command(ncu_command(asked));
    if (const std::string version = ncu_version(request.ncu); !version.empty()) counters.tool += " " + version;
    counters.notes.emplace_back(kColdCaches);
    if (!left_out.empty()) {
      counters.notes.push_back(fmt::format("Nsight Compute does not know {} here.", joined(left_out)));
    }
    return import;
  }
}

Result<NcuImport> import_ncu_report(const fs::path& ncu, const fs::path& report, ToolContext& context) {
  const auto folder = TemporaryFolder::create("trtprof-ncu");
  if (!folder) return forward_error(folder);
  const fs::path csv = folder->path() / "report.csv";
  context.progress.phase("reading the report with Nsight Compute");
  const std::vector<std::string> command = {ncu.string(), "--import", report.string(), "--csv",
                                            "--page",     "raw",      "--print-units", "base"};
  const Result<Attempt> done = attempt(command, csv, context);
  if (!done) return forward_error(done);
  Result<NcuImport> import = read_result(*done, csv, context);
  if (!import) {
    Error error = import.error();
    error.message = fmt::format("{} could not be read: {}", printable(report.string()), error.message);
    return tl::unexpected<Error>(std::move(error));
  }
  return import;
}

}  // namespace trtprof
