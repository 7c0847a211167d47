#include "trtprof/backend/tensorrt/builder.h"

#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/build_monitor.h"
#include "trtprof/backend/tensorrt/builder_config.h"
#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/backend/tensorrt/device.h"
#include "trtprof/backend/tensorrt/logger.h"
#include "trtprof/backend/tensorrt/parser_error.h"
#include "trtprof/backend/tensorrt/timing_cache.h"
#include "trtprof/backend/tensorrt/weak_typing.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

Error parse_error(const nvonnxparser::IParser& parser, const std::string& file, const std::string& engine,
                  const std::string& logged) {
  const std::string what = fmt::format("{} could not read {}", engine, file);
  if (parser.getNbErrors() == 0) return {ErrorCode::failed, logged.empty() ? what : what + ": " + logged, {}};
  const ParserComplaint complaint = complaint_of(*parser.getError(0));
  return {ErrorCode::failed, fmt::format("{}, {}", what, complaint.text),
          !complaint.unsupported_operator ? ""
          : kHasPlugins
              ? fmt::format("An operator that {} does not know needs a plugin (--plugin LIBRARY).", kEngineName)
              : "An operator of one's own needs a plugin, which TensorRT takes (--backend tensorrt)."};
}

Status parse(nvonnxparser::IParser& parser, const std::filesystem::path& path, Logger& logger,
             const std::string& engine) {
  const int verbosity = static_cast<int>(nvinfer1::ILogger::Severity::kWARNING);
  if (parser.parseFromFile(path.c_str(), verbosity)) return {};
  return tl::unexpected<Error>(parse_error(parser, printable(path.string()), engine, logger.take_error()));
}

std::string failed_build_message(const std::string& engine, const std::string& file, const std::string& reason) {
  return fmt::format("{} could not build an engine of {}{}{}", engine, file, reason.empty() ? "" : ": ", reason);
}

}  // namespace

Result<BuiltEngine> build_engine(const Libraries& libraries, int device, const ModelSource& source,
                                 const BuildOptions& options, Progress& progress, const StopFlag& stop) {
  const auto started = std::chrono::steady_clock::now();
  const std::string engine = fmt::format("{} {}", kEngineName, libraries.version_text());
  const std::string file = printable(source.path.string());

  // Declared in the order in which TensorRT wants them to live: what comes later goes first.
  Logger logger;
  BuildMonitor monitor(progress, stop);
  progress.phase("loading the builder");
  const auto builder = libraries.make_builder(logger);
  if (!builder) return forward_error(builder);
  if (*builder == nullptr) {
    return fail(fmt::format("{} could not make a builder: {}", engine, logger.take_error()));
  }
  libraries.register_own_plugins(logger);
  const std::unique_ptr<nvinfer1::INetworkDefinition> network(
      (*builder)->createNetworkV2(network_flags(options.weak.any())));
  const std::unique_ptr<nvinfer1::IBuilderConfig> config((*builder)->createBuilderConfig());
  if (network == nullptr || config == nullptr) return fail(failed_build_message(engine, file, logger.take_error()));
  const auto parser = libraries.make_parser(*network, logger);
  if (!parser) return forward_error(parser);

  progress.phase("reading the model");
  if (const Status parsed = parse(**parser, source.path, logger, engine); !parsed) return forward_error(parsed);
  fix_single_shapes(*network, options);
  if (const Status named = check_dimension_names(*network, options); !named) return forward_error(named);
  const auto profiles = add_profiles(**builder, *config, *network, options);
  if (!profiles) return forward_error(profiles);
  if (const Status configured = configure(*config, options); !configured) return forward_error(configured);
  const auto weak = apply_weak_typing(*config, *network, profiles->calibration, options);
  if (!weak) return forward_error(weak);
  const auto timing_cache = use_timing_cache(*config, options.timing_cache);
  if (!timing_cache) return forward_error(timing_cache);
  config->setProgressMonitor(&monitor);

  const std::unique_ptr<nvinfer1::IHostMemory> plan((*builder)->buildSerializedNetwork(*network, *config));
  if (stop.requested()) {
    return tl::unexpected<Error>(
        Error{ErrorCode::interrupted, fmt::format("the build of {} was interrupted", file), {}});
  }
  if (*weak != nullptr) {
    if (const Status calibrated = (*weak)->status(); !calibrated) return forward_error(calibrated);
  }
  if (plan == nullptr) {
    const std::string reason = logger.take_error();
    const bool wants_gpu = device < 0 && reason.find("CUDA") != std::string::npos;
    return fail(failed_build_message(engine, file, reason),
                wants_gpu ? "No GPU was found, and some options need one to build." : "");
  }

  BuiltEngine built;
  built.plan.assign(static_cast<const char*>(plan->data()), plan->size());
  built.engine_name = kEngineName;
  built.engine_version = libraries.version_text();
  built.warnings = logger.warnings();
  if (*weak != nullptr) {
    for (std::string& warning : (*weak)->warnings()) built.warnings.push_back(std::move(warning));
  }
  if (*timing_cache != nullptr) {
    for (std::string& note : (*timing_cache)->notes()) built.notes.push_back(std::move(note));
    if (const Status saved = (*timing_cache)->save(); !saved) {
      built.warnings.push_back(fmt::format("The timing cache was not kept: {}.", saved.error().message));
    }
  }
  if (device >= 0) {
    if (const auto facts = device_facts(device)) {
      built.device_name = facts->name;
      built.compute_capability = facts->compute_capability;
    }
  }
  built.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return built;
}

}  // namespace trtprof::tensorrt
