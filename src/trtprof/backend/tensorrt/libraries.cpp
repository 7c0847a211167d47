#include "trtprof/backend/tensorrt/libraries.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

#ifdef TRT_MAJOR_RTX
constexpr std::string_view kFullName = "libtensorrt_rtx.so";
constexpr std::string_view kParserName = "libtensorrt_onnxparser_rtx.so";
constexpr std::string_view kLeanName;
constexpr std::string_view kDispatchName;
constexpr std::string_view kPluginName;
constexpr const char* kHowToGet =
    "It comes with TensorRT-RTX (PyPI package tensorrt-rtx-cu13-libs, or NVIDIA's archive); put the folder of its "
    "libraries into LD_LIBRARY_PATH or TRTPROF_TENSORRT_PATH.";
#else
constexpr std::string_view kFullName = "libnvinfer.so";
constexpr std::string_view kParserName = "libnvonnxparser.so";
constexpr std::string_view kLeanName = "libnvinfer_lean.so";
constexpr std::string_view kDispatchName = "libnvinfer_dispatch.so";
constexpr std::string_view kPluginName = "libnvinfer_plugin.so";
constexpr const char* kHowToGet =
    "It comes with TensorRT (NVIDIA's archive or packages); put the folder of its libraries into LD_LIBRARY_PATH or "
    "TRTPROF_TENSORRT_PATH.";
#endif

// "libnvinfer.so.11"
std::string versioned(std::string_view name) {
  return fmt::format("{}.{}", name, kHeadersMajor);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  return value == nullptr ? std::string{} : std::string{value};
}

// Whole names to try, best first.
std::vector<std::string> candidates(std::string_view name) {
  std::vector<std::string> paths;
  const std::string variable = environment("TRTPROF_TENSORRT_PATH");
  std::string_view rest = variable;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (colon > 0) paths.push_back(fmt::format("{}/{}", rest.substr(0, colon), versioned(name)));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  paths.push_back(versioned(name));
  for (const std::string_view folder : {std::string_view(TRTPROF_TENSORRT_LIBRARY_FOLDER)}) {
    if (!folder.empty()) paths.push_back(fmt::format("{}/{}", folder, versioned(name)));
  }
  return paths;
}

// The handle, or the loader's most telling reason: that of a file which is there and does not load.
Result<void*> open_library(std::string_view name) {
  std::string reason;
  for (const std::string& path : candidates(name)) {
    if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    const char* text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    const std::string_view said = text == nullptr ? std::string_view{} : std::string_view(text);
    const bool missing = said.starts_with(path) && said.find("No such file") != std::string_view::npos;
    if (!missing && reason.empty()) reason = said;
  }
  if (!reason.empty()) {
    return unavailable(fmt::format("{} does not load: {}", versioned(name), printable(reason)), kHowToGet);
  }
  return unavailable(fmt::format("{} needs {}, which is not on this machine or not where the loader looks", kEngineName,
                                 versioned(name)),
                     kHowToGet);
}

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(library, name));
}

// getInferLibVersion() is major * 10000 + minor * 100 + patch, the build number a function of its own.
Result<EngineVersion> version_of(void* library, std::string_view name) {
  const auto get = symbol<std::int32_t()>(library, "getInferLibVersion");
  if (get == nullptr)
    return unavailable(fmt::format("{} is no library of {}", versioned(name), kEngineName), kHowToGet);
  const int packed = get();
  EngineVersion version{packed / 10000, packed / 100 % 100, packed % 100, 0};
  if (const auto build = symbol<std::int32_t()>(library, "getInferLibBuildVersion")) version.build = build();
  if (version.major != kHeadersMajor) {
    return unavailable(fmt::format("{} is version {}, and this module is made for {}.x", versioned(name),
                                   to_string(version), kHeadersMajor));
  }
  return version;
}

// Loaded once, when it is first asked for.
Result<void*> parser_library() {
  static const Result<void*> library = open_library(kParserName);
  return library;
}

std::optional<RuntimeKind> asked_kind() {
  const std::string name = environment("TRTPROF_TENSORRT_RUNTIME");
  if (name == "full") return RuntimeKind::full;
  if (name == "lean") return RuntimeKind::lean;
  if (name == "dispatch") return RuntimeKind::dispatch;
  return std::nullopt;
}

}  // namespace

Result<Libraries> Libraries::load() {
  static constexpr std::array<std::pair<RuntimeKind, std::string_view>, 3> kinds = {
      {{RuntimeKind::full, kFullName}, {RuntimeKind::lean, kLeanName}, {RuntimeKind::dispatch, kDispatchName}}};
  const auto asked = asked_kind();
  std::optional<Error> first;
  for (const auto& [kind, name] : kinds) {
    if (name.empty() || (asked && kind != *asked)) continue;
    const Result<void*> library = open_library(name);
    if (!library) {
      if (!first) first = library.error();
      continue;
    }
    const auto version = version_of(*library, name);
    if (!version) return forward_error(version);
    Libraries libraries;
    libraries.runtime_library_ = *library;
    libraries.runtime_kind_ = kind;
    libraries.version_ = *version;
    return libraries;
  }
  if (first) return tl::unexpected<Error>(std::move(*first));
  return unavailable(fmt::format("{} has no {} runtime", kEngineName, asked ? to_string(*asked) : ""));
}

Result<const Libraries*> Libraries::get() {
  static const Result<Libraries> loaded = load();
  if (!loaded) return forward_error(loaded);
  return &*loaded;
}

std::unique_ptr<nvinfer1::IRuntime> Libraries::make_runtime(nvinfer1::ILogger& logger) const {
  const auto create = symbol<void*(void*, std::int32_t)>(runtime_library_, "createInferRuntime_INTERNAL");
  if (create == nullptr) return nullptr;
  return std::unique_ptr<nvinfer1::IRuntime>(static_cast<nvinfer1::IRuntime*>(create(&logger, kHeadersVersion)));
}

Result<std::unique_ptr<nvinfer1::IBuilder>> Libraries::make_builder(nvinfer1::ILogger& logger) const {
  if (const Status builds = check_builds(); !builds) return forward_error(builds);
  const auto create = symbol<void*(void*, std::int32_t)>(runtime_library_, "createInferBuilder_INTERNAL");
  if (create == nullptr) return unavailable(fmt::format("{} cannot build engines", versioned(kFullName)));
  return std::unique_ptr<nvinfer1::IBuilder>(static_cast<nvinfer1::IBuilder*>(create(&logger, kHeadersVersion)));
}

Result<std::unique_ptr<nvonnxparser::IParser>> Libraries::make_parser(nvinfer1::INetworkDefinition& network,
                                                                      nvinfer1::ILogger& logger) const {
  const auto library = parser_library();
  if (!library) return forward_error(library);
  const auto create = symbol<void*(void*, void*, int)>(*library, "createNvOnnxParser_INTERNAL");
  if (create == nullptr) return unavailable(fmt::format("{} is no ONNX parser", versioned(kParserName)), kHowToGet);
  void* parser = create(&network, &logger, NV_ONNX_PARSER_VERSION);
  if (parser == nullptr) return fail(fmt::format("{} could not make a parser", versioned(kParserName)));
  return std::unique_ptr<nvonnxparser::IParser>(static_cast<nvonnxparser::IParser*>(parser));
}

Status Libraries::check_builds() const {
  if (runtime_kind_ == RuntimeKind::full) return {};
  return unavailable(fmt::format("the {} runtime of {} {} runs engines and builds none", to_string(runtime_kind_),
                                 kEngineName, version_text()),
                     fmt::format("{} builds them. {}", versioned(kFullName), kHowToGet));
}

Result<std::unique_ptr<nvinfer1::IRefitter>> Libraries::make_refitter(nvinfer1::ICudaEngine& engine,
                                                                      nvinfer1::ILogger& logger) const {
  const auto create = symbol<void*(void*, void*, std::int32_t)>(runtime_library_, "createInferRefitter_INTERNAL");
  void* refitter = create == nullptr ? nullptr : create(&engine, &logger, kHeadersVersion);
  if (refitter == nullptr) return fail(fmt::format("{} {} could not make a refitter", kEngineName, version_text()));
  return std::unique_ptr<nvinfer1::IRefitter>(static_cast<nvinfer1::IRefitter*>(refitter));
}

Result<std::unique_ptr<nvonnxparser::IParserRefitter>> Libraries::make_parser_refitter(
    nvinfer1::IRefitter& refitter, nvinfer1::ILogger& logger) const {
  const auto library = parser_library();
  if (!library) return forward_error(library);
  const auto create = symbol<void*(void*, void*, std::int32_t)>(*library, "createNvOnnxParserRefitter_INTERNAL");
  if (create == nullptr) {
    return unavailable(fmt::format("{} cannot refit engines", versioned(kParserName)), kHowToGet);
  }
  void* parser = create(&refitter, &logger, NV_ONNX_PARSER_VERSION);
  if (parser == nullptr) return fail(fmt::format("{} could not make a refitter", versioned(kParserName)));
  return std::unique_ptr<nvonnxparser::IParserRefitter>(static_cast<nvonnxparser::IParserRefitter*>(parser));
}

std::optional<LeanLibrary> Libraries::find_lean() const {
  if (kLeanName.empty() || runtime_kind_ == RuntimeKind::lean) return std::nullopt;
  const Result<void*> library = open_library(kLeanName);
  if (!library) return std::nullopt;
  const auto version = version_of(*library, kLeanName);
  link_map* map = nullptr;
  if (!version || ::dlinfo(*library, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0 || map == nullptr) {
    return std::nullopt;
  }
  return LeanLibrary{map->l_name, *version};
}

nvinfer1::IPluginRegistry* Libraries::plugin_registry() const {
  const auto get = symbol<nvinfer1::IPluginRegistry*()>(runtime_library_, "getPluginRegistry");
  return get == nullptr ? nullptr : get();
}

void Libraries::register_own_plugins(nvinfer1::ILogger& logger) const {
  // Theirs would bring the full library in.
  if (kPluginName.empty() || runtime_kind_ != RuntimeKind::full) return;
  static const Result<void*> library = open_library(kPluginName);
  if (!library) return;
  static bool done = false;
  if (std::exchange(done, true)) return;
  if (const auto init = symbol<bool(void*, const char*)>(*library, "initLibNvInferPlugins")) init(&logger, "");
}

}  // namespace trtprof::tensorrt
