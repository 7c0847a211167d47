// All that a rule may look at: a profile, and what diagnose made of it so far.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/layer_costs.h"
#include "trtprof/diagnose/accounting.h"
#include "trtprof/diagnose/known_model.h"
#include "trtprof/diagnose/roofline.h"
#include "trtprof/diagnose/verdict.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// Pointers may be null: a profile may hold little. Rules then say so as their reason for finding nothing.
struct Subject {
  const Profile& profile;
  const std::vector<LayerCost>& costs;       // by index of LayerRun::layers
  const TimeAccount* account = nullptr;      // null without any time
  const Roofline* roofline = nullptr;        // null without a layer run
  const Verdict* verdict = nullptr;          // null without an account
  const DeviceCeilings* ceilings = nullptr;  // null: the device's limits are not known
  const KnownModel* model = nullptr;         // null: the ONNX model is not at hand
  const Profile* counterpart = nullptr;      // null: no other profile of this model in another precision was given

  // Seconds of one inference that gains are held against; 0 without an account.
  [[nodiscard]] double inference_seconds() const { return account == nullptr ? 0.0 : account->end_to_end; }
};

}  // namespace trtprof
