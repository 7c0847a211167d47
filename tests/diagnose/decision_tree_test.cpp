#include "trtprof/diagnose/decision_tree.h"

#include <gmock/gmock.h>

#include "support/analyzed.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

const TreeBranch& branch(const Analyzed& analyzed, Branch which) {
  return analyzed.analysis.tree.branches.at(static_cast<std::size_t>(which));
}

const TreeStep& step(const TreeBranch& branch, const std::string& beginning) {
  for (const TreeStep& each : branch.steps) {
    if (each.what.starts_with(beginning)) return each;
  }
  ADD_FAILURE() << "no step " << beginning;
  return branch.steps.front();
}

std::vector<Branch> taken(const Analyzed& analyzed) {
  std::vector<Branch> branches;
  for (const TreeBranch& each : analyzed.analysis.tree.branches) {
    if (each.state == BranchState::taken) branches.push_back(each.branch);
  }
  return branches;
}

TEST(DecisionTree, HasTheGuidesBranchesAndOneOfItsOwnInOrder) {
  const Analyzed result = analyzed(stored_profile("mobilenetv2_b64_graph"));
  ASSERT_EQ(result.analysis.tree.branches.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(result.analysis.tree.branches[i].branch, static_cast<Branch>(i));
    EXPECT_FALSE(result.analysis.tree.branches[i].why.empty());
    EXPECT_GE(result.analysis.tree.branches[i].steps.size(), 3U);
  }
}

TEST(DecisionTree, ABatchOf64GoesToTheConvolutions) {
  const Analyzed result = analyzed(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  EXPECT_EQ(taken(result), std::vector{Branch::convolutions});
  const TreeBranch& convolutions = branch(result, Branch::convolutions);
  EXPECT_THAT(convolutions.why, HasSubstr("97%"));
  EXPECT_EQ(step(convolutions, "Fuse").state, StepState::done);
  const TreeStep& depthwise = step(convolutions, "Write a kernel");
  EXPECT_EQ(depthwise.state, StepState::to_do);
  EXPECT_EQ(depthwise.rule, "slow-depthwise");
  EXPECT_EQ(step(convolutions, "Quantise").state, StepState::to_do) << "most layers are bound by the memory";
  const TreeBranch& transfers = branch(result, Branch::transfers);
  EXPECT_EQ(step(transfers, "Use page-locked").state, StepState::done);
  EXPECT_EQ(step(transfers, "Copy asynchronously").state, StepState::done);
  EXPECT_EQ(step(transfers, "Copy less often").state, StepState::nothing_gained) << "one copy in, one out";
}

TEST(DecisionTree, ABatchOfOneWaitsForLaunchesOrIsTooSmall) {
  const Analyzed stream = analyzed(stored_profile("mobilenetv2_b1_stream"), "mobilenetv2", 1);
  EXPECT_EQ(taken(stream), std::vector{Branch::idle_device});
  EXPECT_EQ(step(branch(stream, Branch::idle_device), "Launch the inference as a CUDA graph").state, StepState::to_do);
  EXPECT_EQ(branch(stream, Branch::convolutions).state, BranchState::also) << "convolutions are most of what runs";

  const Analyzed graph = analyzed(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  EXPECT_EQ(taken(graph), std::vector{Branch::idle_device});
  EXPECT_EQ(step(branch(graph, Branch::idle_device), "Launch the inference as a CUDA graph").state, StepState::done);
  EXPECT_EQ(step(branch(graph, Branch::idle_device), "Enlarge the batch").state, StepState::to_do);
}

TEST(DecisionTree, TheTransferSampleGoesToTheTransfers) {
  const Analyzed pageable = analyzed(stored_profile("transfer_pageable"), "transfer");
  EXPECT_EQ(taken(pageable), std::vector{Branch::transfers});
  const TreeBranch& transfers = branch(pageable, Branch::transfers);
  EXPECT_EQ(step(transfers, "Use page-locked").state, StepState::to_do);
  EXPECT_EQ(step(transfers, "Copy asynchronously").state, StepState::to_do);
  const Analyzed pinned = analyzed(stored_profile("transfer"), "transfer");
  EXPECT_EQ(taken(pinned), std::vector{Branch::transfers});
  EXPECT_EQ(step(branch(pinned, Branch::transfers), "Use page-locked").state, StepState::done);
}

TEST(DecisionTree, TheTransformerGoesToManyOperators) {
  Profile profile = stored_profile("transformer");
  const Analyzed result = analyzed(std::move(profile), "transformer");
  const TreeBranch& many = branch(result, Branch::many_operators);
  EXPECT_TRUE(many.state == BranchState::taken || many.state == BranchState::also);
  EXPECT_NE(branch(result, Branch::convolutions).state, BranchState::taken);
}

TEST(DecisionTree, OnACpuNothingIsCopied) {
  const Analyzed result = analyzed(stored_profile("mobilenetv2_cpu"), "mobilenetv2", 1);
  EXPECT_EQ(branch(result, Branch::transfers).state, BranchState::not_taken);
  EXPECT_THAT(branch(result, Branch::transfers).why, HasSubstr("nothing is copied"));
}

// No stored run was held back by its power limit: one is, by hand.
TEST(DecisionTree, APowerCapTakesTheBranchOfPower) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  ASSERT_TRUE(profile.telemetry);
  EXPECT_EQ(branch(analyzed(profile), Branch::power).state, BranchState::not_taken);
  profile.telemetry->throttle_reasons = {{"sw_power_cap", 0.8}};
  const Analyzed capped = analyzed(profile);
  EXPECT_EQ(branch(capped, Branch::power).state, BranchState::taken);
  EXPECT_THAT(branch(capped, Branch::power).why, HasSubstr("80%"));
  profile.telemetry.reset();
  EXPECT_EQ(branch(analyzed(profile), Branch::power).state, BranchState::not_known);
}

TEST(DecisionTree, AnEmptyProfileTakesNoBranch) {
  const Analyzed result = analyzed(Profile{});
  for (const TreeBranch& each : result.analysis.tree.branches) {
    EXPECT_NE(each.state, BranchState::taken) << each.question;
    EXPECT_FALSE(each.why.empty()) << each.question;
  }
}

}  // namespace
}  // namespace trtprof::test
