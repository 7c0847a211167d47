#include "trtprof/backend/openvino/request_pool.h"

#include <algorithm>
#include <cstring>
#include <exception>

namespace trtprof::openvino {
namespace {

double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Memory as OpenVINO allocates it is not initialised, and denormal or NaN values would change the times.
void clear_inputs(ov::InferRequest& request, std::size_t inputs) {
  for (std::size_t i = 0; i < inputs; ++i) {
    ov::Tensor tensor = request.get_input_tensor(i);
    if (tensor.get_element_type() != ov::element::string) std::memset(tensor.data(), 0, tensor.get_byte_size());
  }
}

}  // namespace

RequestPool::RequestPool(ov::CompiledModel& model, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->request = model.create_infer_request();
    clear_inputs(slot->request, model.inputs().size());
    // NOLINTNEXTLINE(performance-unnecessary-value-param): the signature is OpenVINO's
    slot->request.set_callback([this, i](std::exception_ptr) { completed(i); });
    slots_.push_back(std::move(slot));
  }
}

RequestPool::~RequestPool() {
  try {
    drain();
  } catch (...) {  // NOLINT(bugprone-empty-catch): a failed inference was either reported or is of no interest any more
  }
}

std::vector<ov::InferRequest> RequestPool::requests() {
  std::vector<ov::InferRequest> all;
  all.reserve(slots_.size());
  for (const auto& slot : slots_) all.push_back(slot->request);
  return all;
}

void RequestPool::start(std::size_t index) {
  Slot& slot = *slots_[index];
  slot.running = true;
  slot.start = std::chrono::steady_clock::now();
  slot.request.start_async();
}

// Called on a thread of OpenVINO. The time is taken under the lock, so that completions are queued in its order.
void RequestPool::completed(std::size_t index) {
  {
    const std::lock_guard lock(mutex_);
    slots_[index]->end = std::chrono::steady_clock::now();
    done_.push_back(index);
  }
  ready_.notify_one();
}

// As benchmark_app does under its latency hint: the caller's thread takes part in the inference, which start_async()
// would leave to a thread of the engine.
RunTimes RequestPool::run_alone() {
  Slot& slot = *slots_.front();
  slot.start = std::chrono::steady_clock::now();
  slot.request.infer();
  slot.end = std::chrono::steady_clock::now();
  latest_ = 0;
  RunTimes times;
  times.total = seconds(slot.end - slot.start);
  return times;
}

RunTimes RequestPool::next() {
  if (slots_.size() == 1) return run_alone();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i]->running) start(i);
  }
  std::size_t index = 0;
  {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return !done_.empty(); });
    index = done_.front();
    done_.pop_front();
  }
  Slot& slot = *slots_[index];
  slot.running = false;
  slot.request.wait();  // throws what the inference threw; only after it may the request start anew
  latest_ = index;
  RunTimes times;
  times.total = seconds(slot.end - slot.start);
  if (last_end_) times.interval = seconds(slot.end - *last_end_);
  last_end_ = slot.end;
  start(index);
  return times;
}

void RequestPool::drain() {
  std::exception_ptr first;
  for (const auto& slot : slots_) {
    if (!slot->running) continue;
    try {
      slot->request.wait();
    } catch (...) {
      first = first ? first : std::current_exception();
    }
    slot->running = false;
  }
  const std::lock_guard lock(mutex_);
  done_.clear();
  last_end_.reset();
  if (first) std::rethrow_exception(first);
}

}  // namespace trtprof::openvino
