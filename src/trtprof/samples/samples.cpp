#include "trtprof/samples/samples.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/text.h"
#include "trtprof/samples/generators.h"

namespace trtprof {
namespace {

using samples::Generator;

// Limits far beyond any network of these kinds, so that a slip of the finger is a sentence and the widest model still
// fits in an ONNX file.
constexpr double kLargestWidth = 4.0;
constexpr std::int64_t kLargestResolution = 4096;
constexpr std::int64_t kMostClasses = 50'000;

std::vector<const Generator*> generators() {
#define TRTPROF_LIST_SAMPLE_KIND(name) &samples::name(),
  return {TRTPROF_SAMPLE_KINDS(TRTPROF_LIST_SAMPLE_KIND)};
#undef TRTPROF_LIST_SAMPLE_KIND
}

Status check_options(const Generator& generator, const SampleOptions& options) {
  if (!std::isfinite(options.width) || options.width <= 0.0 || options.width > kLargestWidth) {
    return usage_error(
        fmt::format("the width must be over 0 and at most {:g}, not {:g}", kLargestWidth, options.width));
  }
  if (options.resolution < generator.smallest_resolution || options.resolution > kLargestResolution) {
    return usage_error(fmt::format("the resolution of {} must be {} to {} pixels, not {}", generator.kind.name,
                                   generator.smallest_resolution, kLargestResolution, options.resolution));
  }
  if (options.batch && *options.batch < 1) {
    return usage_error(fmt::format("the batch must be at least 1, not {}", *options.batch));
  }
  if (options.classes < 1 || options.classes > kMostClasses) {
    return usage_error(fmt::format("the number of classes must be 1 to {}, not {}", kMostClasses, options.classes));
  }
  return {};
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
    if (Status status = check_options(*generator, options); !status) return forward_error(status);
    return OnnxModel::from_proto(generator->make(options));
  }
  return usage_error(
      fmt::format("there is no sample model '{}'; there is: {}", printable(kind), fmt::join(names, ", ")));
}

}  // namespace trtprof
