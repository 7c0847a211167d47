// Begin and end of every layer of OpenVINO's CPU plugin, by its own instrumentation.
//
// OpenVINO's release builds carry Intel's Instrumentation and Tracing Technology (ITT) API: every executed node is
// bracketed by a task whose name is the node's, in the domain "ov::op::cpu::details". The first ITT call of each
// library looks for a collector in the shared object that INTEL_LIBITTNOTIFY64 names and calls its __itt_api_init;
// this module is that object. It is the only source of single layer times: the profiling info holds averages since the
// graph was made, cut to whole microseconds.
//
// One collector per process, as ITT has it. All members may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace trtprof::openvino {

struct LayerSpan {
  const std::string* name;  // one pointer per name for the life of the process
  std::int64_t begin_ns;    // by std::chrono::steady_clock
  std::int64_t end_ns;
  std::int64_t thread;  // the kernel's number of it
};

class IttCollector {
 public:
  static IttCollector& instance();
  IttCollector(const IttCollector&) = delete;
  IttCollector& operator=(const IttCollector&) = delete;

  // Before OpenVINO's first ITT call: points INTEL_LIBITTNOTIFY64 at this module. Where the variable is set already
  // (VTune), it is left alone and there will be nothing to collect.
  void offer();
  // After a model was compiled, when every library has made its first call: takes the variable back, so that programs
  // started from here do not load this module.
  void withdraw();
  // Another collector was named by the user.
  [[nodiscard]] bool displaced() const;

  // Between begin() and end() layers are recorded, `capacity` begins and ends at most. One recording at a time: begin()
  // waits for another thread's end().
  void begin(std::size_t capacity);
  struct Recording {
    std::vector<LayerSpan> spans;  // in the order of their begin
    std::size_t lost = 0;          // begins and ends that did not fit
  };
  // After the inference is over.
  [[nodiscard]] Recording end();

 private:
  IttCollector() = default;
  ~IttCollector() = default;
};

}  // namespace trtprof::openvino
