#include "trtprof/diagnose/accounting.h"

#include <cmath>

#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/stored_profile.h"

namespace trtprof::test {
namespace {

double seconds(const TimeAccount& account, TermKind kind) {
  const TimeTerm* term = account.find(kind);
  return term != nullptr ? term->seconds.value_or(NAN) : NAN;
}

double sum_of(const TimeAccount& account) {
  double sum = account.unexplained;
  for (const TimeTerm& term : account.terms) sum += term.seconds.value_or(0.0);
  return sum;
}

struct EveryStoredRun : testing::TestWithParam<const char*> {};

TEST_P(EveryStoredRun, TermsAndTheRestAddUpToTheEndToEndTime) {
  const auto account = account_of(stored_profile(GetParam()));
  ASSERT_TRUE(account);
  EXPECT_NEAR(sum_of(*account), account->end_to_end, 1e-9 * account->end_to_end);
  EXPECT_TRUE(account->closes) << account->unexplained / account->end_to_end;
  for (const TimeTerm& term : account->terms) EXPECT_FALSE(term.basis.empty()) << to_string(term.kind);
}

TEST_P(EveryStoredRun, ClosesWithoutTheTimelineToo) {
  Profile profile = stored_profile(GetParam());
  profile.timeline.reset();
  const auto account = account_of(profile);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->basis, AccountBasis::layers);
  EXPECT_NEAR(sum_of(*account), account->end_to_end, 1e-9 * account->end_to_end);
}

INSTANTIATE_TEST_SUITE_P(Accounting, EveryStoredRun,
                         testing::Values("mobilenetv2_b64_graph", "mobilenetv2_b1_graph", "mobilenetv2_b1_stream",
                                         "transfer", "transfer_pageable", "transformer", "transformer_stream",
                                         "mobilenetv2_cpu"));

// Figures by hand from the profile: 1349.5 us = 360.7 + 7.6 copies + 971.7 kernels + 5.0 fills + 50.4 gaps + 4.5 around
// them - 50.7 that tracing added + 0.3.
TEST(Accounting, OfABatchOf64) {
  const auto account = account_of(stored_profile("mobilenetv2_b64_graph"));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->basis, AccountBasis::timeline);
  EXPECT_NEAR(account->end_to_end, 1349.5e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::host_to_device), 360.7e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::device_to_host), 7.6e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::kernels), 971.7e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::other_work), 5.0e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::gaps), 50.4e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::outside), 4.5e-6, 0.1e-6);
  EXPECT_NEAR(seconds(*account, TermKind::profilers_cost), -50.7e-6, 0.1e-6);
  EXPECT_LT(std::abs(account->unexplained), 1e-6);
  // Copies lie beside the compute of other inferences.
  ASSERT_TRUE(account->interval && account->beside_other_inferences);
  EXPECT_NEAR(*account->beside_other_inferences, 365.3e-6, 0.5e-6);
  // The gaps of the traced graph are nearly all the tracer's.
  const TimeTerm* gaps = account->find(TermKind::gaps);
  EXPECT_EQ(gaps->known, HowKnown::bounded);
  EXPECT_LT(gaps->bounds->low, 1e-6);
}

TEST(Accounting, TracingAStreamCostsMoreThanItFindsAndIsTakenOff) {
  const auto account = account_of(stored_profile("mobilenetv2_b1_stream"));
  ASSERT_TRUE(account);
  const TimeTerm* gaps = account->find(TermKind::gaps);
  ASSERT_NE(gaps, nullptr);
  EXPECT_NEAR(gaps->bounds->high, 400.2e-6, 2e-6);
  EXPECT_NEAR(gaps->bounds->low, 277.8e-6 - 163.0e-6 - 26.0e-6, 3e-6);
  EXPECT_NEAR(seconds(*account, TermKind::profilers_cost), -(589.4e-6 - 277.8e-6), 3e-6);
}

TEST(Accounting, OfACpuHasNoTransfersAndNamesWhatLiesOutsideTheLayers) {
  const auto account = account_of(stored_profile("mobilenetv2_cpu"));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->basis, AccountBasis::layers);
  EXPECT_EQ(account->find(TermKind::host_to_device), nullptr);
  EXPECT_GT(seconds(*account, TermKind::outside), 0.0);
  EXPECT_LE(seconds(*account, TermKind::profilers_cost), 0.0);
}

// Kernels of the traced run that are longer than the undisturbed inference: nothing is made up to hide it.
TEST(Accounting, LeavesUnexplainedWhatNoTermCanExplain) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.end_to_end->compute = series_of(std::vector<double>(20, 100e-6));
  profile.end_to_end->total = series_of(std::vector<double>(20, 115e-6));
  const auto account = account_of(profile);
  ASSERT_TRUE(account);
  EXPECT_NEAR(account->unexplained, -65.7e-6, 1e-6);  // 100 us of compute less 165.9 us of kernels
  EXPECT_FALSE(account->closes);
}

TEST(Accounting, OfALayerRunAloneSaysThatItsOwnCostIsNotKnown) {
  Profile profile = bare_profile();
  EXPECT_FALSE(account_of(profile));
  profile.layer_run = LayerRun{};
  profile.layer_run->layers = {layer_taking("a", LayerClass::convolution, 3e-3),
                               layer_taking("b", LayerClass::pooling, 1e-3)};
  EXPECT_FALSE(account_of(profile));  // no time of a whole inference
  profile.layer_run->total = series_of(std::vector<double>(8, 5e-3));
  const auto account = account_of(profile);
  ASSERT_TRUE(account);
  EXPECT_TRUE(account->of_layer_run);
  EXPECT_NEAR(account->unexplained, 1e-3, 1e-12);
  EXPECT_FALSE(account->closes);
  EXPECT_EQ(account->find(TermKind::profilers_cost)->known, HowKnown::unknown);
}

TEST(Accounting, OfAnEndToEndRunAloneKnowsNothingInside) {
  Profile profile = bare_profile();
  profile.end_to_end = EndToEnd{};
  profile.end_to_end->total = series_of(std::vector<double>(8, 5e-3));
  const auto account = account_of(profile);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->basis, AccountBasis::nothing);
  EXPECT_EQ(account->find(TermKind::compute)->known, HowKnown::unknown);
  EXPECT_NEAR(account->unexplained, 5e-3, 1e-12);
  EXPECT_FALSE(account->closes);
}

// Copies that ran under compute, on a clock that sees the whole inference.
TEST(Accounting, OverlapIsATermBelowZero) {
  Profile profile = bare_profile();
  profile.end_to_end = EndToEnd{};
  const auto constant = [](double value) { return series_of(std::vector<double>(8, value)); };
  profile.end_to_end->total = constant(10e-3);
  profile.end_to_end->host_to_device = constant(4e-3);
  profile.end_to_end->device_to_host = constant(1e-3);
  profile.end_to_end->compute = constant(8e-3);
  const auto account = account_of(profile);
  ASSERT_TRUE(account);
  EXPECT_NEAR(seconds(*account, TermKind::overlap), -3e-3, 1e-12);
  EXPECT_TRUE(account->closes);
}

}  // namespace
}  // namespace trtprof::test
