#include <fmt/format.h>

#include "commands.h"
#include "messages.h"
#include "trtprof/base/file.h"

namespace trtprof::cli {

int run_sample(const Settings& settings) {
  if (const Status writable = check_writable(*settings.output); !writable) return print_error(writable.error());
  const Result<OnnxModel> model = make_sample(settings.operands.at(0), settings.sample);
  if (!model) return print_error(model.error());
  if (const Status saved = model->save(*settings.output); !saved) return print_error(saved.error());
  if (!settings.report.quiet) print_note(fmt::format("wrote {}", settings.output->string()));
  return 0;
}

}  // namespace trtprof::cli
