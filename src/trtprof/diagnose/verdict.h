// The verdict on a whole model: what its time goes to, as shares that add up, what of it is the bottleneck, and whether
// the device was held back meanwhile.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/diagnose/accounting.h"
#include "trtprof/diagnose/evidence.h"
#include "trtprof/diagnose/pattern.h"
#include "trtprof/diagnose/roofline.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class Bottleneck {
  transfers,  // copies to and from the device
  launches,   // gaps between kernels: the host launches them no faster, or the device starts them one after another
  host,       // what the host does beside launching: outside the layers of a CPU, between inferences of a GPU
  reformats,  // changes of layout and precision that the engine put in
  memory,     // layers whose nearest limit is the memory's bandwidth
  compute,    // layers whose nearest limit is arithmetic
  latency,    // kernels too small to fill the device
  opaque,     // blocks of which the engine tells nothing
  unknown,
};

struct TimeShare {
  Bottleneck what = Bottleneck::unknown;
  double seconds = 0.0;
  double share = 0.0;  // of TimeAccount::end_to_end
};

enum class HeldBackBy {
  power,  // a power cap or brake
  temperature,
  clock,  // below its highest clock, for another reason or for none that was told
};

struct HeldBack {
  HeldBackBy by = HeldBackBy::clock;
  double fraction = 0.0;  // of the time sampled; for the clock, how far below the highest it was
  std::vector<Evidence> evidence;
};

struct Verdict {
  Bottleneck bottleneck = Bottleneck::unknown;
  std::string reason;  // a sentence with the figures that decided
  std::vector<Evidence> evidence;
  std::vector<TimeShare> shares;  // every kind once, largest first, unknown last; they add up to 1
  PatternVerdict pattern;
  std::vector<HeldBack> held_back;  // empty: not seen, or nobody looked (Profile::telemetry)
  // Layers that lose time to neither limit: below 70 % of the limit that binds them and for 1 % of the layers' time or
  // more, by the time lost. Indices of LayerRun::layers.
  std::vector<std::size_t> far_from_limit;
};

// `roofline` may be null: then nothing is known of layers.
[[nodiscard]] Verdict verdict_of(const Profile& profile, const TimeAccount& account, const Roofline* roofline);

[[nodiscard]] std::string_view to_string(Bottleneck bottleneck);
[[nodiscard]] std::string_view to_string(HeldBackBy by);

}  // namespace trtprof
