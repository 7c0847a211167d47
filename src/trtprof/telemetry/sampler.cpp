#include "trtprof/telemetry/sampler.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace trtprof {
namespace {

using Steady = std::chrono::steady_clock;

// Signals are for the threads that know what to do with them: none arrives at a thread started within this scope.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

// Ends a wait of another thread.
class Wakeup {
 public:
  Wakeup() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {}
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  ~Wakeup() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] bool usable() const { return descriptor_ >= 0; }
  void wake() const { static_cast<void>(::eventfd_write(descriptor_, 1)); }
  // True: woken before the time.
  [[nodiscard]] bool wait_until(Steady::time_point time) const {
    const auto left = std::max(std::chrono::nanoseconds(time - Steady::now()), std::chrono::nanoseconds(0));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    pollfd polled{descriptor_, POLLIN, 0};
    return ::ppoll(&polled, 1, &timeout, nullptr) > 0;
  }

 private:
  int descriptor_;
};

}  // namespace

class TelemetrySampler::Worker {
 public:
  Worker(TelemetrySource source, double period, std::function<double()> clock, double epoch)
      : has_work_(!source.empty()), recorder_(std::move(source), period), clock_(std::move(clock)), epoch_(epoch) {
    if (!has_work_ || !wakeup_.usable()) return;
    const SignalsBlocked blocked;
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      failure_ = "no thread could be started to sample it: there are readings at the ends of phases alone";
    }
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { stop(); }

  void begin_phase(std::string_view name) {
    const std::lock_guard lock(mutex_);
    recorder_.begin_phase(std::string(name), now());
  }
  void end_phase(std::int64_t inferences) {
    const std::lock_guard lock(mutex_);
    recorder_.end_phase(now(), inferences);
  }
  [[nodiscard]] Telemetry finish() {
    stop();
    Telemetry telemetry = recorder_.finish();
    if (!failure_.empty()) telemetry.missing.push_back(failure_);
    return telemetry;
  }

 private:
  [[nodiscard]] double now() const { return clock_() - epoch_; }

  void run() {
    try {
      auto next = Steady::now();
      do {
        next = std::max(next + one_round(), Steady::now());  // a round that came late is not made up for
      } while (!wakeup_.wait_until(next));
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex_);
      failure_ = std::string("sampling ended early: ") + error.what();
    }
  }

  // The time until the next.
  Steady::duration one_round() {
    const std::lock_guard lock(mutex_);
    recorder_.round(now());
    return std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(recorder_.period()));
  }

  void stop() {
    if (!thread_.joinable()) return;
    wakeup_.wake();
    thread_.join();
  }

  bool has_work_;
  std::mutex mutex_;  // of the recorder and `failure_`
  TelemetryRecorder recorder_;
  std::string failure_;
  std::function<double()> clock_;
  double epoch_;
  Wakeup wakeup_;
  std::thread thread_;
};

TelemetrySampler::TelemetrySampler(TelemetrySource source, std::optional<double> period, std::function<double()> clock,
                                   double epoch) {
  const double seconds = period.value_or(source.default_period);
  worker_ = std::make_unique<Worker>(std::move(source), seconds, std::move(clock), epoch);
}
TelemetrySampler::~TelemetrySampler() = default;

void TelemetrySampler::begin_phase(std::string_view name) {
  worker_->begin_phase(name);
}
void TelemetrySampler::end_phase(std::int64_t inferences) {
  worker_->end_phase(inferences);
}
Telemetry TelemetrySampler::finish() {
  return worker_->finish();
}

}  // namespace trtprof
