#include "backend_choice.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "messages.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

constexpr std::string_view kTensorRt = "tensorrt";
constexpr std::string_view kTensorRtRtx = "tensorrt-rtx";
// What is named when no module of TensorRT is there at all.
constexpr int kNewestKnownMajor = 11;

// "tensorrt-10" to 10.
std::optional<int> major_of(std::string_view module) {
  if (!module.starts_with("tensorrt-")) return std::nullopt;
  const std::string_view digits = module.substr(std::string_view("tensorrt-").size());
  int major = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), major);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
  return whole ? std::optional(major) : std::nullopt;
}

std::string module_of(int major) {
  return fmt::format("tensorrt-{}", major);
}

// Newest first.
std::vector<int> tensorrt_majors() {
  std::vector<int> majors;
  for (const std::string& name : available_backends()) {
    if (const auto major = major_of(name)) majors.push_back(*major);
  }
  std::ranges::sort(majors, std::ranges::greater{});
  return majors;
}

std::vector<std::string> tensorrt_modules() {
  std::vector<std::string> names;
  for (const int major : tensorrt_majors()) names.push_back(module_of(major));
  return names;
}

std::vector<std::string> gpu_modules() {
  std::vector<std::string> names = tensorrt_modules();
  for (const std::string& name : available_backends()) {
    if (name != "openvino" && !major_of(name)) names.push_back(name);
  }
  return names;
}

// With several, each may lack something else: a library here, a GPU there.
Error no_backend(const std::vector<Refusal>& refusals) {
  Error error = refusals.front().reason;
  const bool one_reason =
      std::ranges::all_of(refusals, [&](const Refusal& r) { return r.reason.message == error.message; });
  if (one_reason) return error;
  std::vector<std::string> reasons;
  reasons.reserve(refusals.size());
  for (const Refusal& refusal : refusals) {
    reasons.push_back(fmt::format("{}: {}", refusal.module, refusal.reason.message));
  }
  error.message = fmt::format("none of {} backends can be used; {}", refusals.size(), fmt::join(reasons, "; "));
  return error;
}

enum class Want { device, library };

// The first of `names` that loads and, where a device is wanted, finds one. What could not be used is kept in
// `refusals`.
std::optional<LoadedBackend> first_of(const std::vector<std::string>& names, Want want,
                                      std::vector<Refusal>& refusals) {
  for (const std::string& name : names) {
    auto loaded = load_backend(name);
    Error reason;
    if (loaded) {
      if (want == Want::library) return std::move(*loaded);
      const auto probed = (*loaded)->probe();
      if (probed) return std::move(*loaded);
      reason = probed.error();
    } else {
      reason = loaded.error();
    }
    print_verbose(fmt::format("not using {}: {}", name, printable(reason.message)));
    refusals.push_back({name, std::move(reason)});
  }
  return std::nullopt;
}

Result<LoadedBackend> first_of(const std::vector<std::string>& names, Want want) {
  std::vector<Refusal> refusals;
  if (auto found = first_of(names, want, refusals)) return std::move(*found);
  if (refusals.empty()) return load_backend(module_of(kNewestKnownMajor));  // says which modules there are
  return tl::unexpected<Error>(no_backend(refusals));
}

std::string_view backend_of(EngineFlavour flavour) {
  return flavour == EngineFlavour::tensorrt_rtx ? kTensorRtRtx : kTensorRt;
}

// May `asked` run engines of this flavour?
bool fits(const std::string& asked, EngineFlavour flavour) {
  if (asked == "auto" || asked == backend_of(flavour)) return true;
  return flavour == EngineFlavour::tensorrt && major_of(asked);
}

}  // namespace

Result<LoadedBackend> open_backend(const std::string& asked) {
  if (asked == kTensorRt) return first_of(tensorrt_modules(), Want::device);
  if (asked != "auto") return first_of({asked}, Want::device);
  if (const std::vector<std::string> names = gpu_modules(); !names.empty()) {
    if (auto found = first_of(names, Want::device)) return found;
  }
  return first_of({"openvino"}, Want::device);
}

Result<Builder> open_builder(const std::string& asked) {
  std::vector<std::string> names = asked == "auto"      ? gpu_modules()
                                   : asked == kTensorRt ? tensorrt_modules()
                                                        : std::vector<std::string>{asked};
  std::vector<Refusal> refusals;
  if (auto found = first_of(names, Want::device, refusals)) return Builder{std::move(*found), {}, {}};
  // Without a GPU TensorRT-RTX alone builds; among several it is the one to take.
  if (std::ranges::find(names, kTensorRtRtx) != names.end()) names = {std::string(kTensorRtRtx)};
  for (const std::string& name : names) {
    if (auto loaded = load_backend(name)) return Builder{std::move(*loaded), name, std::move(refusals)};
  }
  if (refusals.empty()) return forward_error(load_backend(module_of(kNewestKnownMajor)));
  return tl::unexpected<Error>(no_backend(refusals));
}

Error why_not_built(const Builder& builder, const Error& failure) {
  if (failure.code != ErrorCode::unavailable || builder.refusals.empty()) return failure;
  std::vector<Refusal> refusals = builder.refusals;
  for (Refusal& refusal : refusals) {
    if (refusal.module == builder.module) refusal.reason = failure;
  }
  return no_backend(refusals);
}

Result<LoadedBackend> open_engine_backend(const std::string& asked, const EngineFile& engine) {
  const EngineFlavour flavour = engine.header.flavour;
  const std::string file = printable(engine.path.string());
  if (!fits(asked, flavour)) {
    return usage_error(fmt::format("{} is a {} engine, and --backend {} does not run those", file, to_string(flavour),
                                   printable(asked)),
                       fmt::format("leave --backend out, or give {}", backend_of(flavour)));
  }
  std::vector<std::string> names;
  if (flavour == EngineFlavour::tensorrt_rtx) {
    names.emplace_back(kTensorRtRtx);
  } else if (major_of(asked)) {
    names.push_back(asked);
  } else {
    names.push_back(module_of(engine.header.version.major));
    std::vector<int> majors = tensorrt_majors();
    std::ranges::sort(majors);
    for (const int major : majors) {
      if (engine.version_compatible() && major > engine.header.version.major) names.push_back(module_of(major));
    }
  }
  auto found = first_of(names, Want::library);
  if (found) return found;
  Error error = found.error();
  error.message = fmt::format("{} was built by {} {}: {}", file, to_string(flavour), to_string(engine.header.version),
                              error.message);
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace trtprof::cli
