#include <array>
#include <ostream>

#include <fmt/format.h>

#include "commands.h"
#include "given_files.h"
#include "messages.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/report.h"
#include "trtprof/report/trace_report.h"

namespace trtprof::cli {
namespace {

enum class OutputFormat { profile, csv, trace };

// --format, else what the name of the output says.
Result<OutputFormat> output_format(const Settings& settings) {
  const std::string name = settings.output->filename().string();
  if (settings.format == "profile") return OutputFormat::profile;
  if (settings.format == "csv") return OutputFormat::csv;
  if (settings.format == "trace") return OutputFormat::trace;
  if (name.ends_with(".csv")) return OutputFormat::csv;
  if (name.ends_with(".trace.json") || name.ends_with(".trace")) return OutputFormat::trace;
  if (name.ends_with(".json")) return OutputFormat::profile;
  return usage_error(fmt::format("{}: its name does not say what to write", printable(name)),
                     "--format profile, csv or trace; or a name that ends in .json, .csv or .trace.json");
}

Status convert(const Settings& settings) {
  const auto format = output_format(settings);
  if (!format) return forward_error(format);
  if (Status writable = check_writable(*settings.output); !writable) return writable;
  const auto measured = is_to_be_measured(settings.operands);
  if (!measured) return forward_error(measured);
  if (*measured) {
    return usage_error(
        fmt::format("{} is a model or an engine: nothing was measured of it", printable(settings.operands[0])),
        "'profile' measures it");
  }
  const auto given = read_given_files(settings.operands);
  if (!given) return forward_error(given);
  if (*format == OutputFormat::profile) return save_profile(given->profile, *settings.output);
  if (*format == OutputFormat::trace && !given->profile.timeline) {
    return fail("the files hold no timeline, of which a trace is made", "write a profile or CSV");
  }
  const auto write = *format == OutputFormat::csv ? &write_csv_report : &write_trace_report;
  return write_file(*settings.output, [&](std::ostream& out) -> Status {
    write(out, given->profile);
    return {};
  });
}

}  // namespace

int run_convert(const Settings& settings) {
  const Status done = convert(settings);
  return done ? 0 : print_error(done.error());
}

}  // namespace trtprof::cli
