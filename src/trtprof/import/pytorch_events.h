// What is kept of a trace of PyTorch's profiler: its events, sorted by kind.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "trtprof/base/error.h"
#include "trtprof/import/trace_events.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

inline constexpr std::uint32_t kNoInputs = static_cast<std::uint32_t>(-1);

// Times are microseconds since `origin`: the profiler's own have so many digits that little is left behind the point.
struct PytorchEvents {
  struct Operator {
    std::uint32_t name = 0;
    std::uint32_t inputs = kNoInputs;  // index into `inputs`
    std::optional<std::int64_t> id;    // "External id"
  };
  struct Call {
    Activity activity;
    std::uint32_t thread = 0;
  };
  struct Device {
    Activity activity;
    std::optional<std::int64_t> id;  // of the operator that launched it
  };
  struct Range {
    std::uint32_t name = 0;
    TraceSpan span;
  };

  TextTable names;
  TextTable threads;
  LaunchTable launches;
  std::vector<std::vector<TensorDesc>> inputs;  // each once
  std::vector<TraceSpan> spans;                 // of operators
  std::vector<Operator> operators;
  std::vector<Range> steps;
  std::vector<Range> modules;
  std::vector<Call> calls;
  std::vector<Device> device;
  std::uint64_t events = 0;

  // One element of "traceEvents".
  [[nodiscard]] Status add(const nlohmann::json& event);

 private:
  void add_operator(const TraceEvent& event, const nlohmann::json& args);
  void add_call(const TraceEvent& event, const nlohmann::json& args);
  void add_device(const TraceEvent& event, const nlohmann::json& args);
  [[nodiscard]] std::uint32_t inputs_of(const nlohmann::json& args);
  [[nodiscard]] TraceSpan span_of(const TraceEvent& event);

  std::optional<double> origin_;
  TextTable input_texts_;
};

}  // namespace trtprof
