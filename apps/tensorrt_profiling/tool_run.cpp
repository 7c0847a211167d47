#include "tool_run.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <system_error>

#include <fmt/format.h>

#include "backend_choice.h"
#include "cached_engine.h"
#include "messages.h"
#include "options.h"
#include "profile_input.h"
#include "terminal_progress.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kThisProgram = "/proc/self/exe";
// Seconds, at most: the layers' times only stand beside the tool's figures.
constexpr double kMeasureSeconds = 3.0;

// The tool's run prints no files of its own, and its report goes to the tool.
bool is_for_the_tools_run(const Option& option) {
  return takes(option, "profile") && option.name != "--json" && option.name != "--csv" && option.name != "--verbose";
}

void shorten(MeasureOptions& options, const Settings& settings) {
  if (settings.iterations || settings.duration) return;
  options.stop.max_seconds = std::min(options.stop.max_seconds, kMeasureSeconds);
  options.stop.min_seconds = std::min(options.stop.min_seconds, options.stop.max_seconds);
}

}  // namespace

Result<std::vector<std::string>> profile_under_tool(const Settings& settings) {
  std::error_code error;
  const fs::path program = fs::read_symlink(kThisProgram, error);
  if (error) return fail(fmt::format("this program's own file cannot be found: {}", error.message()));
  std::vector<std::string> command = {program.string(), "profile"};
  const std::vector<std::string>& arguments = settings.command_line;
  for (std::size_t i = 2; i < arguments.size(); ++i) {  // after the program and the command
    const Option* option = find_option(arguments[i]);
    const bool value_follows =
        option != nullptr && takes_next_word(*option) && arguments[i].find('=') == std::string::npos;
    if (option == nullptr || is_for_the_tools_run(*option)) {
      command.push_back(arguments[i]);
      if (value_follows && i + 1 < arguments.size()) command.push_back(arguments[i + 1]);
    }
    if (value_follows) ++i;
  }
  return command;
}

Status ToolTarget::open() {
  if (settings_.device == "all") {
    return usage_error(fmt::format("'{}' runs on one device at a time", settings_.command), "--device cuda:0");
  }
  const auto input = read_profile_input(settings_);
  if (!input) return forward_error(input);
  auto request = make_profile_request(settings_, *input);
  if (!request) return forward_error(request);
  auto backend =
      input->engine ? open_engine_backend(settings_.backend, *input->engine) : open_backend(settings_.backend);
  if (!backend) return forward_error(backend);
  if (Status fits = check_fits(settings_, *input, **backend); !fits) return fits;
  backend_.emplace(std::move(*backend));
  request_.emplace(std::move(*request));
  request_->compile.device = settings_.device;
  request_->telemetry.on = false;
  shorten(request_->end_to_end, settings_);
  shorten(request_->layers, settings_);
  shorten(request_->traced, settings_);
  if (!on_gpu() || !request_->source.engine.empty()) return {};
  const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
  Status ready = use_cached_engine(settings_, **backend_, *request_, *progress, stop());
  progress->finish();
  return ready;
}

Result<Profile> ToolTarget::measure(bool timeline, RunObserver* observer) {
  const std::unique_ptr<Progress> progress = make_progress(!settings_.report.quiet, settings_.verbose);
  request_->timeline = timeline;
  MeasureContext context{*progress, stop()};
  context.observer = observer;
  auto profile = profile_model(**backend_, *request_, context);
  progress->finish();
  if (profile && context.failure) return tl::unexpected<Error>(*context.failure);
  return profile;
}

std::function<void(std::string_view)> say_lines(const Settings& settings) {
  if (!settings.verbose) return {};
  return [](std::string_view line) { print_verbose(printable(line)); };
}

bool is_capture_of(const std::string& path, std::string_view extension) {
  return fs::path(path).extension() == extension;
}

Status finish_tool_output(const Settings& settings, const Profile& profile) {
  std::cout.flush();
  Status written = settings.json ? save_profile(profile, *settings.json) : Status{};
  if (!std::cout) return fail("the report could not be written to standard output", "is the disk full?");
  return written;
}

}  // namespace trtprof::cli
