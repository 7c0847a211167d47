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

enum class Want { device, library };

// The first of `names` that loads and, where a device is wanted, finds one; else the first one's reason.
Result<LoadedBackend> first_of(const std::vector<std::string>& names, Want want) {
  std::optional<Error> reason;
  for (const std::string& name : names) {
    auto loaded = load_backend(name);
    Error error;
    if (loaded) {
      if (want == Want::library) return loaded;
      const auto probed = (*loaded)->probe();
      if (probed) return loaded;
      error = probed.error();
    } else {
      error = loaded.error();
    }
    print_verbose(fmt::format("not using {}: {}", name, printable(error.message)));
    if (!reason) reason = std::move(error);
  }
  if (!reason) return load_backend(module_of(kNewestKnownMajor));  // says which modules there are, and what is missing
  return tl::unexpected<Error>(std::move(*reason));
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

Result<LoadedBackend> open_builder(const std::string& asked) {
  const std::vector<std::string> names = asked == "auto"      ? gpu_modules()
                                         : asked == kTensorRt ? tensorrt_modules()
                                                              : std::vector<std::string>{asked};
  auto with_device = first_of(names, Want::device);
  if (with_device || names.empty()) return with_device;
  // Without a GPU TensorRT-RTX alone builds; among several it is the one to take.
  const bool rtx = std::ranges::find(names, kTensorRtRtx) != names.end();
  if (auto without = first_of(rtx ? std::vector<std::string>{std::string(kTensorRtRtx)} : names, Want::library)) {
    return without;
  }
  return with_device;
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
