// A stored profile as rules see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/stored_profile.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/diagnose/subject.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {

// Holds what Subject refers to; what a test wants changed is changed in the profile before. Ceilings are those of the
// committed table.
class DiagnosedSubject {
 public:
  explicit DiagnosedSubject(Profile profile, std::optional<OnnxModel> model = std::nullopt)
      : profile_(std::move(profile)), ceilings_(find_ceilings(profile_.environment.device_name)) {
    if (model) {
      auto known = KnownModel::of(std::move(*model), profile_);
      if (!known) ADD_FAILURE() << known.error().message;
      if (known) model_.emplace(std::move(*known));
    }
    costs_ = layer_costs(profile_, model_ ? &model_->operators() : nullptr);
    account_ = account_of(profile_);
    roofline_ = roofline_of(profile_, costs_, ceilings_ ? &*ceilings_ : nullptr);
    if (account_) verdict_ = verdict_of(profile_, *account_, roofline_ ? &*roofline_ : nullptr);
  }
  // `sample`: a kind, made for `batch`.
  DiagnosedSubject(Profile profile, const std::string& sample, std::int64_t batch)
      : DiagnosedSubject(std::move(profile), sample_model(sample, batch)) {}
  DiagnosedSubject(const DiagnosedSubject&) = delete;
  DiagnosedSubject& operator=(const DiagnosedSubject&) = delete;

  void set_counterpart(Profile profile) { counterpart_ = std::move(profile); }

  [[nodiscard]] Subject get() const {
    return {profile_,
            costs_,
            account_ ? &*account_ : nullptr,
            roofline_ ? &*roofline_ : nullptr,
            verdict_ ? &*verdict_ : nullptr,
            ceilings_ ? &*ceilings_ : nullptr,
            model_ ? &*model_ : nullptr,
            counterpart_ ? &*counterpart_ : nullptr};
  }

 private:
  static OnnxModel sample_model(const std::string& kind, std::int64_t batch) {
    SampleOptions options;
    options.batch = batch;
    return std::move(*make_sample(kind, options));
  }

  Profile profile_;
  std::optional<DeviceCeilings> ceilings_;
  std::optional<KnownModel> model_;
  std::vector<LayerCost> costs_;
  std::optional<TimeAccount> account_;
  std::optional<Roofline> roofline_;
  std::optional<Verdict> verdict_;
  std::optional<Profile> counterpart_;
};

}  // namespace trtprof::test
