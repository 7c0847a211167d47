#include "trtprof/samples/samples.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/text.h"
#include "trtprof/samples/generators.h"

namespace trtprof {
namespace {

using samples::Generator;
using samples::Request;

// Limits far beyond any network of these kinds, so that a slip of the finger is a sentence.
constexpr std::int64_t kLargestResolution = 4096;
constexpr std::int64_t kMostClasses = 50'000;

std::vector<const Generator*> generators() {
#define TRTPROF_LIST_SAMPLE_KIND(name) &samples::name(),
  return {TRTPROF_SAMPLE_KINDS(TRTPROF_LIST_SAMPLE_KIND)};
#undef TRTPROF_LIST_SAMPLE_KIND
}

// The options that not every kind takes, by the program's names: does this one, and was it given?
struct SpecialOption {
  const char* name;
  bool taken;
  bool given;
};

Status refuse_foreign_options(const Generator& generator, const SampleOptions& options) {
  const std::array<SpecialOption, 4> special = {{
      {"--width", generator.takes.width, options.width.has_value()},
      {"--resolution", generator.takes.resolution, options.resolution.has_value()},
      {"--classes", generator.takes.classes, options.classes.has_value()},
      {"--fold-bn", generator.takes.fold_batch_norm, options.fold_batch_norm},
  }};
  const auto foreign = std::ranges::find_if(special, [](const auto& o) { return o.given && !o.taken; });
  if (foreign == special.end()) return {};
  std::vector<std::string> taken;
  for (const SpecialOption& option : special) {
    if (option.taken) taken.emplace_back(option.name);
  }
  taken.insert(taken.end(), {"--batch", "--seed"});
  return usage_error(fmt::format("the sample {} does not take {}", generator.kind.name, foreign->name),
                     fmt::format("it takes {}", fmt::join(taken, ", ")));
}

Status check_range(const Generator& generator, const Request& request) {
  if (!std::isfinite(request.width) || request.width <= 0.0 || request.width > generator.largest_width) {
    return usage_error(fmt::format("the width of {} must be over 0 and at most {:g}, not {:g}", generator.kind.name,
                                   generator.largest_width, request.width));
  }
  if (request.resolution < generator.smallest_resolution || request.resolution > kLargestResolution) {
    return usage_error(fmt::format("the resolution of {} must be {} to {} pixels, not {}", generator.kind.name,
                                   generator.smallest_resolution, kLargestResolution, request.resolution));
  }
  if (request.batch && *request.batch < 1) {
    return usage_error(fmt::format("the batch must be at least 1, not {}", *request.batch));
  }
  if (request.classes < 1 || request.classes > kMostClasses) {
    return usage_error(fmt::format("the number of classes must be 1 to {}, not {}", kMostClasses, request.classes));
  }
  return {};
}

Result<Request> request_of(const Generator& generator, const SampleOptions& options) {
  if (const Status status = refuse_foreign_options(generator, options); !status) return forward_error(status);
  Request request;
  request.width = options.width.value_or(request.width);
  request.resolution = options.resolution.value_or(generator.default_resolution);
  request.batch = options.batch;
  request.fold_batch_norm = options.fold_batch_norm;
  request.classes = options.classes.value_or(request.classes);
  request.seed = options.seed;
  if (const Status status = check_range(generator, request); !status) return forward_error(status);
  return request;
}

}  // namespace

std::vector<SampleKind> sample_kinds() {
  std::vector<SampleKind> kinds;
  for (const Generator* generator : generators()) kinds.push_back(generator->kind);
  return kinds;
}

Result<OnnxModel> make_sample(const std::string& kind, const SampleOptions& options) {
  std::vector<std::string> names;
  for (const Generator* generator : generators()) {
    names.push_back(generator->kind.name);
    if (generator->kind.name != kind) continue;
    const Result<Request> request = request_of(*generator, options);
    if (!request) return forward_error(request);
    return OnnxModel::from_proto(generator->make(*request));
  }
  return usage_error(
      fmt::format("there is no sample model '{}'; there is: {}", printable(kind), fmt::join(names, ", ")));
}

}  // namespace trtprof
