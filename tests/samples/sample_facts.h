// What the tests of the sample kinds look at: a sample's structure, its cost, and what it computes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/samples/samples.h"

namespace trtprof::test {

struct SampleFacts {
  std::map<std::string, int> operators;
  int depthwise_convolutions = 0;
  // What is learnt: weights, biases, normalisation's scale and bias; not batch norm's running statistics.
  std::int64_t parameters = 0;
  std::set<std::string> node_names;
  double macs = 0.0;  // of the cost table, with shapes from ONNX's inference
  std::int64_t operators_of_unknown_cost = 0;
};
[[nodiscard]] SampleFacts facts_of(const std::string& kind, const SampleOptions& options = {});

struct NodeScale {
  std::string name;
  std::string op_type;
  double deviation = 0.0;  // of its output
  bool finite = false;
};

// 16 random inputs through another implementation (check_activations.py).
struct SampleRun {
  std::vector<NodeScale> nodes;
  double over_classes = 0.0;  // standard deviation of the last output
  double over_inputs = 0.0;
  std::size_t inputs = 0;
  std::size_t different_answers = 0;  // classes that are the first choice for any input
  std::optional<double> difference;   // largest, of the folded sample's outputs, over their standard deviation
};
enum class Folded { ignore, compare };
[[nodiscard]] SampleRun run_sample(const std::string& kind, const SampleOptions& options, Folded folded);

// Every node's output is finite, and its deviation within the range of its operator; `others` for those not listed.
using Range = std::pair<double, double>;
void expect_scales(const SampleRun& run, const std::map<std::string, Range>& ranges, const Range& others);
// Outputs tell classes apart and inputs apart.
void expect_discerning(const SampleRun& run, double smallest_deviation);

}  // namespace trtprof::test
