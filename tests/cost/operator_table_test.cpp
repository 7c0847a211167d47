// The table has every operator of ONNX, each once, and says why where it cannot count.
#include "trtprof/cost/operator_table.h"

#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "cost/facts.h"
#include "test_paths.h"

namespace trtprof::test {
namespace {

// All of the default domain in the ONNX that the library is built with, one a line.
std::vector<std::string> onnx_operators() {
  std::ifstream file(std::string(kDataDir) + "/onnx_operators.txt");
  std::vector<std::string> names;
  for (std::string name; std::getline(file, name);) {
    if (!name.empty() && name[0] != '#') {
      names.push_back(name);
    }
  }
  return names;
}

TEST(OperatorTable, HasEveryOperatorOfTheDefaultDomain) {
  const auto names = onnx_operators();
  ASSERT_GT(names.size(), 190U);
  for (const std::string& name : names) {
    EXPECT_NE(counting::find_row("", name), nullptr) << name;
    EXPECT_EQ(counting::find_row("ai.onnx", name), counting::find_row("", name)) << name;
  }
}

TEST(OperatorTable, HasNoOperatorTwiceAndNoneThatOnnxDoesNotHave) {
  const auto names = onnx_operators();
  const std::set<std::string> known(names.begin(), names.end());
  std::set<std::string> seen;
  for (const auto& row : counting::operator_table()) {
    EXPECT_TRUE(seen.insert(std::string(row.domain) + "::" + std::string(row.op_type)).second) << row.op_type;
    if (row.domain.empty() && row.op_type != "SimplifiedLayerNormalization") {
      EXPECT_EQ(known.count(std::string(row.op_type)), 1U) << row.op_type;
    }
  }
}

TEST(OperatorTable, CannotCountOnlyTheseAndSaysWhy) {
  // Arithmetic unknown whatever the shapes. Others are unknown for some attributes or missing shapes only.
  const std::set<std::string> expected{"Bernoulli",
                                       "ConcatFromSequence",
                                       "If",
                                       "ImageDecoder",
                                       "Loop",
                                       "MaxRoiPool",
                                       "MelWeightMatrix",
                                       "Multinomial",
                                       "NonMaxSuppression",
                                       "Optional",
                                       "OptionalGetElement",
                                       "OptionalHasElement",
                                       "RandomNormal",
                                       "RandomNormalLike",
                                       "RandomUniform",
                                       "RandomUniformLike",
                                       "RegexFullMatch",
                                       "Scan",
                                       "SequenceAt",
                                       "SequenceConstruct",
                                       "SequenceEmpty",
                                       "SequenceErase",
                                       "SequenceInsert",
                                       "SequenceLength",
                                       "SequenceMap",
                                       "SplitToSequence",
                                       "StringConcat",
                                       "StringNormalizer",
                                       "StringSplit",
                                       "TfIdfVectorizer",
                                       "Unique"};
  std::set<std::string> unknown;
  for (const auto& row : counting::operator_table()) {
    if (row.count == counting::count_unknown) {
      unknown.insert(std::string(row.op_type));
      EXPECT_FALSE(row.unknown_reason.empty()) << row.op_type;
    }
  }
  EXPECT_EQ(unknown, expected);
}

// What must never happen whatever a model says: a crash, a negative cost, an unknown without its reason.
TEST(OperatorTable, SurvivesEveryOperatorWithNothingKnown) {
  const std::vector<std::vector<std::optional<TensorFacts>>> operands{
      {},
      {std::nullopt, std::nullopt, std::nullopt},
      {unknown_tensor(), unknown_tensor()},
      std::vector<std::optional<TensorFacts>>(8, tensor({})),
      std::vector<std::optional<TensorFacts>>(8, tensor({3})),
      std::vector<std::optional<TensorFacts>>(8, tensor({0, 0, 0})),
      std::vector<std::optional<TensorFacts>>(8, tensor({2, 3, 4, 5})),
      std::vector<std::optional<TensorFacts>>(8, tensor({1, 2, 3, 4, 5})),
  };
  for (const auto& row : counting::operator_table()) {
    for (const auto& inputs : operands) {
      for (const auto& outputs : operands) {
        for (const std::int64_t heads : {0, 1, 3}) {
          OperatorFacts facts = op(std::string(row.op_type), inputs, outputs,
                                   {{"num_heads", heads}, {"q_num_heads", heads}, {"kv_num_heads", heads}});
          facts.domain = row.domain;
          const Cost cost = cost_of(facts);
          EXPECT_GE(cost.flops.value_or(0.0), 0.0) << row.op_type;
          EXPECT_GE(cost.bytes_read.value_or(0.0), 0.0) << row.op_type;
          EXPECT_EQ(cost.known(), cost.unknown_reason.empty()) << row.op_type << ": " << cost.unknown_reason;
          EXPECT_EQ(cost.flops.has_value(), cost.macs.has_value()) << row.op_type;
        }
      }
    }
  }
}

}  // namespace
}  // namespace trtprof::test
