// Layers' times as parts of the inference that is accounted for, and what can be gained of them. Private to the rules.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/diagnose/finding.h"
#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

// Why nothing can be said of layers: no layer run, or none with a time. nullopt: there is something.
[[nodiscard]] std::optional<std::string> why_no_layer_times(const Subject& subject);

// The times are the roofline's; in the inference they count as InferenceTimes fits them.
class LayerSeconds {
 public:
  explicit LayerSeconds(const Subject& subject);

  [[nodiscard]] double total() const { return total_; }  // as measured, kernels of no layer with them
  [[nodiscard]] double of(std::size_t layer) const;      // as measured; 0: not known
  [[nodiscard]] double share(double seconds) const;      // of total()
  [[nodiscard]] double in_inference(double seconds) const { return factor_ * seconds; }
  // Of the inference, were the layer at this share of its limit; 0 without a limit.
  [[nodiscard]] double lost(std::size_t layer, double share_of_limit = 1.0) const;

  // `seconds` of the inference at the most. Where the host paces the device there is less: only what is left above the
  // host's own time shows.
  [[nodiscard]] Gain at_most(double seconds, std::string how) const;

 private:
  const Subject& subject_;
  double total_ = 0.0;
  double factor_ = 1.0;
  std::optional<double> host_leaves_;  // of the inference above the host's time; only where launches set the pace
};

// "the kernels' timestamps", "the engine's layer timing": for a sentence.
[[nodiscard]] std::string_view basis_of_times(const Subject& subject);

// The engine's device is not a GPU.
[[nodiscard]] bool on_cpu(const Subject& subject);

}  // namespace trtprof::rules
