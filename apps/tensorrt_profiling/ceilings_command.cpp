#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "backend_choice.h"
#include "commands.h"
#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/ceilings/measured.h"
#include "trtprof/report/ceilings_table.h"

namespace trtprof::cli {
namespace {

// Device, when, where it is kept.
void print_title(const DeviceMeasurement& measurement) {
  const CeilingsRecord& record = measurement.record;
  std::cout << fmt::format("What {} can do, measured {}{}{}\n", printable(record.measured.ceilings.device),
                           printable(record.measured_at),
                           measurement.from_cache ? " (from the cache; --measure measures anew)" : "",
                           record.measured.partial ? "  PARTIAL: interrupted" : "");
  if (!measurement.file.empty()) std::cout << fmt::format("Kept in {}\n", printable(measurement.file.string()));
  std::cout << '\n';
}

Result<DeviceMeasurement> measure(const Settings& settings) {
  if (settings.json) {
    if (Status writable = check_writable(*settings.json); !writable) return forward_error(writable);
  }
  const auto backend = open_backend(settings.backend);
  if (!backend) return forward_error(backend);
  MeasureRequest request;
  request.ceilings.device = settings.device;
  request.command_line = settings.command_line;
  request.anew = settings.measure_anew;
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  auto measurement = measure_device(**backend, request, *progress, interrupt.flag());
  progress->finish();
  return measurement;
}

}  // namespace

int run_ceilings(const Settings& settings) {
  const auto measurement = measure(settings);
  if (!measurement) return print_error(measurement.error());
  const MeasuredCeilings& measured = measurement->record.measured;
  if (!measurement->not_kept.empty()) {
    print_warning(fmt::format("the figures are not kept: {}", printable(measurement->not_kept)));
  }
  print_title(*measurement);
  const auto known = find_ceilings(measured.ceilings.device);
  write_ceilings_table(std::cout, {measured.ceilings, known ? &*known : nullptr, measured.missing, measured.notes},
                       wants_color(STDOUT_FILENO, settings.no_color));
  std::cout.flush();
  if (!std::cout) return print_error({ErrorCode::failed, "the report could not be written to standard output", ""});
  if (settings.json) {
    if (const Status written = write_file(*settings.json, record_to_json(measurement->record)); !written) {
      return print_error(written.error());
    }
  }
  return measured.partial ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace trtprof::cli
