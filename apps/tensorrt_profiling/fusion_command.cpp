#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "backend_choice.h"
#include "cached_engine.h"
#include "commands.h"
#include "interrupt.h"
#include "messages.h"
#include "profile_input.h"
#include "profile_run.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/ceilings/choose.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/fusion_worth.h"
#include "trtprof/report/fusion_worth.h"

namespace trtprof::cli {
namespace {

Result<ProfileInput> read_model(const Settings& settings) {
  auto input = read_profile_input(settings);
  if (input && input->engine) {
    return usage_error(
        fmt::format("{} is an engine, whose fusions were chosen when it was built", printable(settings.operands.at(0))),
        "give the model that it was built from");
  }
  return input;
}

// The memory's, as measured here or as a datasheet says.
Result<std::optional<double>> memory_bandwidth(const Settings& settings, const FusionWorthReport& report) {
  Profile profile;
  profile.environment = report.environment;
  const auto ceilings = choose_ceilings(settings.ceilings, profile);
  if (!ceilings) return forward_error(ceilings);
  if (!*ceilings) return std::nullopt;
  const CeilingFigure* figure = (*ceilings)->find(CeilingKind::memory_bandwidth);
  return figure == nullptr ? std::nullopt : std::optional(figure->value);
}

class FusionCommand {
 public:
  explicit FusionCommand(const Settings& settings) : settings_(settings) {}

  Result<FusionWorthReport> measure() {
    const auto input = read_model(settings_);
    if (!input) return forward_error(input);
    auto profile = make_profile_request(settings_, *input);
    if (!profile) return forward_error(profile);
    const auto backend = open_backend(settings_.backend);
    if (!backend) return forward_error(backend);
    if (const Status fits = check_fits(settings_, *input, **backend); !fits) return forward_error(fits);
    auto folder = TemporaryFolder::create("trtprof-fusion-engines");
    if (!folder) return forward_error(folder);
    auto model = OnnxModel::load(settings_.operands.at(0));
    if (!model) return forward_error(model);

    const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
    MeasureContext context{*progress, interrupt_.flag()};
    FusionTrialSetup setup{**backend, profile->compile, profile->inputs, profile->seed, {}, kSeconds, context};
    if (settings_.duration) setup.seconds = *settings_.duration;
    if ((*backend)->builds_engines()) {
      setup.prepare = [&](ModelSource& source) { return build(source, *profile, **backend, *folder, *progress); };
    }
    auto report = measure_fusion_worth(std::move(*model), {std::move(setup), settings_.per_instance, profile->info,
                                                           profile->environment, profile->machine});
    progress->finish();
    return report;
  }

 private:
  static constexpr double kSeconds = 8.0;

  // Each model's engine is used for its layers and for its times, so that both are of one build.
  Status build(ModelSource& source, const ProfileRequest& profile, Backend& backend, const TemporaryFolder& folder,
               Progress& progress) {
    ProfileRequest request = profile;
    request.source = source;
    const auto output = folder.path() / fmt::format("{}.engine", ++builds_);
    progress.phase("building an engine");
    Status built = build_engine_once(settings_, backend, request, output, progress, interrupt_.flag());
    if (built) source.engine = output;
    return built;
  }

  const Settings& settings_;
  const InterruptScope interrupt_;
  int builds_ = 0;
};

Status show(const Settings& settings, FusionWorthReport& report) {
  const auto bandwidth = memory_bandwidth(settings, report);
  if (!bandwidth) return forward_error(bandwidth);
  bound_what_is_apart(report, *bandwidth);
  FusionWorthTextOptions options;
  options.color = wants_color(STDOUT_FILENO, settings.no_color);
  options.quiet = settings.report.quiet;
  write_fusion_worth_text(std::cout, report, options);
  const Status written = settings.json ? write_file(*settings.json, fusion_worth_to_json(report)) : Status{};
  const Status printed = check_standard_output();
  return printed ? written : printed;
}

}  // namespace

int run_fusion(const Settings& settings) {
  if (settings.json) {
    if (Status writable = check_writable(*settings.json); !writable) return print_error(writable.error());
  }
  auto report = FusionCommand(settings).measure();
  if (!report) return print_error(report.error());
  if (Status shown = show(settings, *report); !shown) return print_error(shown.error());
  return report->partial ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace trtprof::cli
