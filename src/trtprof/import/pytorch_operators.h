// Which operators of a trace are layers, and which inference each belongs to.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/import/pytorch_events.h"

namespace trtprof {

// An outermost operator. Ranges without a namespace that hold operators ("forward" of TorchScript, "Torch-Compiled
// Region: 0/0") are looked through.
struct PytorchRoot {
  std::size_t op = 0;  // index into PytorchEvents::operators
  std::size_t inference = kNoParent;
  std::size_t position = 0;  // in its inference
};

struct PytorchInferences {
  std::vector<PytorchRoot> roots;     // by start
  std::vector<std::size_t> root_of;   // by operator: index into `roots`, or kNoParent
  std::vector<TraceSpan> windows;     // of inferences; the last one may have no end
  std::vector<std::size_t> sequence;  // roots of the first of the inferences that are alike, which are most of them
  std::vector<std::size_t> alike;     // those inferences
  bool stepped = false;               // by the profiler's steps
  std::size_t outside = 0;            // roots in no inference
};

[[nodiscard]] PytorchInferences find_inferences(PytorchEvents& events);

// The innermost module ("Conv2d_0") that was called around each root; empty: not known.
[[nodiscard]] std::vector<std::string> modules_of_roots(const PytorchEvents& events,
                                                        const PytorchInferences& inferences);

// The operator beneath each root, itself counted in, in which most time was spent; by index of `sequence`.
[[nodiscard]] std::vector<std::string> main_operators(const PytorchEvents& events, const PytorchInferences& inferences);

// Index of the root of a thread within which a moment lies, or kNoParent.
class RootsByTime {
 public:
  RootsByTime(const PytorchEvents& events, const PytorchInferences& inferences);
  [[nodiscard]] std::size_t find(std::uint32_t thread, double moment) const;

 private:
  struct Entry {
    TraceSpan span;
    std::size_t root = 0;
  };
  std::vector<Entry> entries_;  // by thread and start
};

}  // namespace trtprof
