// A stored profile, analysed: what the reports show and the decision tree walks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/stored_profile.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/diagnose/analysis.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {

struct Analyzed {
  Profile profile;
  Analysis analysis;

  [[nodiscard]] const Finding* find(std::string_view rule) const {
    for (const Finding& finding : analysis.findings) {
      if (finding.rule == rule) return &finding;
    }
    return nullptr;
  }
};

// `sample`: the kind of model that it is of, made for `batch`; empty: the profile alone.
inline Analyzed analyzed(Profile profile, const std::string& sample = {}, std::int64_t batch = 1,
                         const Profile* counterpart = nullptr) {
  Analyzed result{std::move(profile), {}};
  std::optional<KnownModel> model;
  if (!sample.empty()) {
    SampleOptions options;
    options.batch = batch;
    auto known = KnownModel::of(std::move(*make_sample(sample, options)), result.profile);
    if (!known) ADD_FAILURE() << known.error().message;
    if (known) model.emplace(std::move(*known));
  }
  const auto ceilings = find_ceilings(result.profile.environment.device_name);
  result.analysis = analyze({result.profile, ceilings ? &*ceilings : nullptr, model ? &*model : nullptr, counterpart});
  return result;
}

}  // namespace trtprof::test
