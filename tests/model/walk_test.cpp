#include "trtprof/model/walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_files.h"

namespace trtprof {
namespace {

using testing::ElementsAre;

TEST(Walk, VisitsSubgraphsAndFunctionsWithTheirPath) {
  onnx::ModelProto model = test::branching_model();
  auto& function = *model.add_functions();
  function.set_name("Twice");
  function.set_domain("com.acme");
  function.add_node()->set_name("inner");
  std::vector<std::string> seen;
  for_each_node(model, [&seen](const onnx::NodeProto& node, const std::string& path) {
    seen.push_back(path + ":" + node.name());
  });
  EXPECT_THAT(seen, ElementsAre(":add1", ":if1", "if1/then_branch:then_branch_node", "if1/else_branch:else_branch_node",
                                "function com.acme.Twice:inner"));
}

}  // namespace
}  // namespace trtprof
