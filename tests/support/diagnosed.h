// A stored profile with all that diagnose makes of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/sample_operators.h"
#include "support/stored_profile.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/cost/layer_costs.h"
#include "trtprof/diagnose/accounting.h"
#include "trtprof/diagnose/roofline.h"

namespace trtprof::test {

struct Diagnosed {
  Profile profile;
  TimeAccount account;
  std::optional<Roofline> roofline;
};

// `model`: a sample kind, made for `batch`; empty: the profile alone. Ceilings are those of the committed table.
inline Diagnosed diagnosed(Profile profile, const std::string& model = {}, std::int64_t batch = 1) {
  Diagnosed result;
  std::optional<SampleOperators> operators;
  if (!model.empty()) operators.emplace(model, batch);
  const auto ceilings = find_ceilings(profile.environment.device_name);
  result.roofline = roofline_of(profile, layer_costs(profile, operators ? operators->get() : nullptr),
                                ceilings ? &*ceilings : nullptr);
  const auto account = account_of(profile);
  EXPECT_TRUE(account);
  result.account = account.value_or(TimeAccount{});
  result.profile = std::move(profile);
  return result;
}

}  // namespace trtprof::test
