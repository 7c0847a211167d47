// Infer requests of one compiled model, kept busy.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/infer_request.hpp>

#include "trtprof/backend/backend.h"

namespace trtprof::openvino {

// Times are those of benchmark_app: one request alone runs by infer(); of several, each from start_async() to its
// completion callback. Members throw what OpenVINO throws.
class RequestPool {
 public:
  RequestPool(ov::CompiledModel& model, std::size_t count);
  RequestPool(const RequestPool&) = delete;
  RequestPool& operator=(const RequestPool&) = delete;
  ~RequestPool();

  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] std::vector<ov::InferRequest> requests();
  [[nodiscard]] ov::InferRequest& latest() { return slots_[latest_]->request; }

  // The next completion; see CompiledModel::run_once(). With one request nothing runs between calls.
  [[nodiscard]] RunTimes next();
  // Waits until nothing is in flight. Before inputs change, outputs are read or layers are timed.
  void drain();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Slot {
    ov::InferRequest request;
    TimePoint start;
    TimePoint end;
    bool running = false;
  };

  [[nodiscard]] RunTimes run_alone();
  void start(std::size_t slot);
  void completed(std::size_t slot);

  std::vector<std::unique_ptr<Slot>> slots_;
  std::mutex mutex_;  // over done_ and the ends
  std::condition_variable ready_;
  std::deque<std::size_t> done_;
  std::optional<TimePoint> last_end_;
  std::size_t latest_ = 0;
};

}  // namespace trtprof::openvino
