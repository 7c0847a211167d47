#include "trtprof/backend/tensorrt/refit.h"

#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/parser_error.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

constexpr std::int32_t kNamedWeights = 3;

// "2 weights are missing: 'a', 'b'"; empty: none.
std::string missing_weights(nvinfer1::IRefitter& refitter) {
  const std::int32_t count = refitter.getMissingWeights(0, nullptr);
  if (count <= 0) return {};
  std::vector<const char*> names(static_cast<std::size_t>(std::min(count, kNamedWeights)), nullptr);
  refitter.getMissingWeights(static_cast<std::int32_t>(names.size()), names.data());
  std::vector<std::string> quoted;
  for (const char* name : names) {
    if (name != nullptr) quoted.push_back(fmt::format("'{}'", printable(name)));
  }
  return fmt::format("{} weights are missing: {}{}", count, fmt::join(quoted, ", "),
                     count > kNamedWeights ? ", ..." : "");
}

std::string complaint(const nvonnxparser::IParserRefitter& parser) {
  return parser.getNbErrors() > 0 ? complaint_of(*parser.getError(0)).text : std::string{};
}

}  // namespace

Error Refit::refused(const std::filesystem::path& model, const std::string& reason) const {
  return {ErrorCode::failed,
          fmt::format("the weights of {} cannot be refitted from {}: {}", file_, printable(model.string()),
                      reason.empty() ? fmt::format("{} does not say why", kEngineName) : reason),
          "The weights come from the model that the engine was built from; --refit-from names it."};
}

Result<std::string> Refit::from_model(const std::filesystem::path& model) {
  const auto started = std::chrono::steady_clock::now();
  // In the order in which they depend on each other: what comes later goes first.
  const auto refitter = libraries_.make_refitter(engine_, logger_);
  // isRefittable() is false of engines that take their own weights back alone; that there is a refitter tells.
  if (!refitter && !engine_.isRefittable()) {
    return usage_error(fmt::format("{} cannot be refitted: its weights were built in for good", file_),
                       "build it with --refit or --strip-weights");
  }
  if (!refitter) return forward_error(refitter);
  const auto parser = libraries_.make_parser_refitter(**refitter, logger_);
  if (!parser) return forward_error(parser);
  if (!(*parser)->refitFromFile(model.c_str())) {
    const std::string logged = logger_.take_error();
    const std::string said = complaint(**parser);
    return tl::unexpected<Error>(refused(model, said.empty() ? logged : said));
  }
  if (!(*refitter)->refitCudaEngine()) {
    const std::string logged = logger_.take_error();
    const std::string missing = missing_weights(**refitter);
    return tl::unexpected<Error>(refused(model, missing.empty() ? logged : missing));
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
  return fmt::format("Weights refitted from {} in {:.1f} ms.", printable(model.string()), took.count());
}

bool Refit::weights_are_missing() {
  if (const auto stripped = stripped_bytes(engine_, plan_)) return *stripped > 0;
  const auto refitter = libraries_.make_refitter(engine_, logger_);
  static_cast<void>(logger_.take_error());  // of engines that cannot be refitted, which is no fault here
  if (!refitter) return false;
  // Before 10.11 nothing says it outright. Who builds for identical refitting alone does it to leave the weights out.
  return !engine_.isRefittable() || (*refitter)->getMissingWeights(0, nullptr) > 0;
}

}  // namespace trtprof::tensorrt
