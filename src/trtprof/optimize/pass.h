// A rewrite of a model's graph: what it does, what it could not do and why.
//
// As ONNX Runtime's rewrite rules, a pass names the operators it looks at, the condition under which it acts, and its
// effect. Passes look at the main graph. Nodes inside If, Loop and Scan, and of model-local functions, stay as they
// are; what those capture of the main graph is seen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/pass_context.h"

namespace trtprof {

// What a pass may do to the numbers. The manager runs every pass of a level and of those below it.
enum class PassLevel {
  exact = 1,      // the same arithmetic: dead code, redundant nodes, canonical forms, constants
  rounding = 2,   // the same function with other roundings: factors folded into weights
  structure = 3,  // other nodes in another order: convolutions merged, layouts moved
};

// One rewrite that was done.
struct Application {
  std::vector<std::string> nodes;  // display names of those that changed or went
  std::string what;  // a sentence without its full stop: "BatchNormalization 'bn1' is part of Conv 'conv1'"
};

// A node of an operator that the pass looks at, which it left alone.
struct NearMiss {
  std::string node;  // display name
  std::string op_type;
  std::string reason;  // a clause: "its mean is not a constant"
};

struct PassReport {
  std::vector<Application> applications;
  std::vector<NearMiss> near_misses;
};

class Pass {
 public:
  Pass() = default;
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;
  virtual ~Pass() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;         // "fold-batch-normalization"
  [[nodiscard]] virtual std::string_view description() const = 0;  // one line
  [[nodiscard]] virtual PassLevel level() const = 0;
  // Operators it looks at; empty: all.
  [[nodiscard]] virtual std::vector<std::string_view> op_types() const = 0;

  // Once over the graph. Does no more rewrites than the context allows. After an error the model may be half changed:
  // the caller goes back to its copy.
  [[nodiscard]] virtual Result<PassReport> apply(PassContext& context) const = 0;
};

// What a pass did with one node.
struct Attempt {
  enum class Outcome { not_mine, near_miss, applied };
  Outcome outcome = Outcome::not_mine;
  std::string text = {};                // Application::what or NearMiss::reason
  std::vector<std::string> nodes = {};  // Application::nodes
};
[[nodiscard]] Attempt not_mine();  // nothing to say of this node
[[nodiscard]] Attempt near_miss(std::string reason);
[[nodiscard]] Attempt applied(std::string what, std::vector<std::string> nodes);

// A pass that decides node by node, in stored order. One attempt is one rewrite at most. After a rewrite the nodes that
// it made are visited too, those visited before are not.
class NodePass : public Pass {
 public:
  [[nodiscard]] Result<PassReport> apply(PassContext& context) const override;

 protected:
  // Only nodes of op_types() of ONNX's own domain come here. The node may be gone afterwards.
  [[nodiscard]] virtual Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const = 0;
};

}  // namespace trtprof
