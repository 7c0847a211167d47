#include "trtprof/diagnose/rules/compute_units.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "trtprof/profile/counter_figures.h"
#include "trtprof/profile/layer_kernels.h"

namespace trtprof::rules {
namespace {

// Of cycles: a kernel that uses tensor cores at all is far above, what Nsight Compute rounds to zero is below.
constexpr double kActive = 0.001;

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

Units units_of_kernel(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 13> tensor{"hmma",    "imma",    "wgmma",        "bmma",  "gmma",
                                                    "_tensor", "tf32f32", "s16816",       "s1688", "i16832",
                                                    "i8816",   "s884",    "warpgroupsize"};
  constexpr std::array<std::string_view, 8> cuda{"gemv",  "simt",          "ffma",  "sgemm",
                                                 "dgemm", "f32f32_f32f32", "sm50_", "fp32fp32fp32"};
  if (has_any(text, tensor)) return Units::tensor_cores;
  if (has_any(text, cuda)) return Units::cuda_cores;
  // TensorRT names a kernel for the architecture it needs, and writes types as operands, accumulator, result.
  constexpr std::array<std::string_view, 5> architectures{"sm70_xmma", "sm75_xmma", "sm80_xmma", "sm86_xmma",
                                                          "sm90_xmma"};
  constexpr std::array<std::string_view, 3> types{"_f16f16_", "_bf16bf16_", "_i8i8_"};
  return has_any(text, architectures) && has_any(text, types) ? Units::tensor_cores : Units::unknown;
}

bool is_matrix_work(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::convolution:
    case LayerClass::deconvolution:
    case LayerClass::matmul:
    case LayerClass::fully_connected:
    case LayerClass::attention:
      return true;
    default:
      return false;
  }
}

UnitsOfLayers::UnitsOfLayers(const Profile& profile) : profile_(profile) {
  const std::vector<Layer>& layers = profile.layer_run->layers;
  names_.resize(layers.size());
  std::vector<LayerKernels> kernels;
  if (profile.timeline) kernels = kernels_by_layer(*profile.layer_run, *profile.timeline);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i < kernels.size()) {
      for (const std::size_t kernel : kernels[i].kernels) {
        names_[i].push_back(profile.timeline->kernels[kernel].launch.name);
      }
    }
    if (names_[i].empty() && !layers[i].implementation.empty()) names_[i].push_back(layers[i].implementation);
  }
  if (!profile.counters) return;
  for (const LayerFigures& layer : figures_by_layer(*profile.counters)) {
    if (layer.figures.tensor_active) tensor_active_[layer.layer] = *layer.figures.tensor_active;
  }
}

bool UnitsOfLayers::counted(std::size_t layer) const {
  return tensor_active_.contains(profile_.layer_run->layers[layer].name);
}

Units UnitsOfLayers::of(std::size_t layer) const {
  const Layer& facts = profile_.layer_run->layers[layer];
  if (const auto active = tensor_active_.find(facts.name); active != tensor_active_.end()) {
    return active->second >= kActive ? Units::tensor_cores : Units::cuda_cores;
  }
  bool unknown = names_[layer].empty();
  for (const std::string& name : names_[layer]) {
    const Units units = units_of_kernel(name);
    if (units == Units::tensor_cores) return units;
    unknown = unknown || units == Units::unknown;
  }
  if (!unknown) return Units::cuda_cores;
  return facts.precision == "f32" ? Units::cuda_cores : Units::unknown;
}

}  // namespace trtprof::rules
