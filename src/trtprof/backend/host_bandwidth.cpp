#include "trtprof/backend/host_bandwidth.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/steady_time.h"

namespace trtprof {
namespace {

constexpr std::size_t kLineWords = 8;  // of a cache line of 64 bytes
constexpr std::size_t kPageBytes = 4096;

// Sums that do not depend on each other, so that loads and not additions set the pace.
constexpr std::size_t kSums = 32;

std::uint64_t sum_of(std::span<const std::uint64_t> words) {
  std::array<std::uint64_t, kSums> sums{};
  std::size_t i = 0;
  for (; i + kSums <= words.size(); i += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += words[i + k];
  }
  std::uint64_t sum = 0;
  for (; i < words.size(); ++i) sum += words[i];
  for (const std::uint64_t each : sums) sum += each;
  return sum;
}

}  // namespace

class ThreadTeam::Body {
 public:
  explicit Body(std::size_t threads)
      : begins_(threads), ends_(threads), gate_(static_cast<std::ptrdiff_t>(threads) + 1) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this, i] { serve(i); });
  }
  ~Body() {
    work_ = nullptr;
    gate_.arrive_and_wait();
    for (std::thread& thread : threads_) thread.join();
  }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  [[nodiscard]] std::size_t size() const { return threads_.size(); }

  double run(const std::function<void(std::size_t)>& work) {
    work_ = &work;
    gate_.arrive_and_wait();  // all begin
    gate_.arrive_and_wait();  // all are done
    return *std::ranges::max_element(ends_) - *std::ranges::min_element(begins_);
  }

 private:
  void serve(std::size_t thread) {
    while (true) {
      gate_.arrive_and_wait();
      if (work_ == nullptr) return;
      begins_[thread] = steady_seconds();
      (*work_)(thread);
      ends_[thread] = steady_seconds();
      gate_.arrive_and_wait();
    }
  }

  std::vector<double> begins_;
  std::vector<double> ends_;
  std::barrier<> gate_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::vector<std::thread> threads_;
};

ThreadTeam::ThreadTeam(std::size_t threads) : body_(std::make_unique<Body>(std::max<std::size_t>(threads, 1))) {}
ThreadTeam::~ThreadTeam() = default;

std::size_t ThreadTeam::size() const {
  return body_->size();
}

double ThreadTeam::run(const std::function<void(std::size_t)>& work) {
  return body_->run(work);
}

void HostArray::Free::operator()(std::uint64_t* data) const {
  std::free(data);
}

Result<HostArray> HostArray::make(std::uint64_t bytes, ThreadTeam& team) {
  const std::uint64_t rounded = (std::max<std::uint64_t>(bytes, 1) + kPageBytes - 1) / kPageBytes * kPageBytes;
  HostArray array;
  array.data_.reset(static_cast<std::uint64_t*>(std::aligned_alloc(kPageBytes, rounded)));
  if (array.data_ == nullptr) return fail(fmt::format("no memory for an array of {}", format_bytes(rounded)));
  array.words_ = rounded / sizeof(std::uint64_t);
  team.run([&](std::size_t thread) { std::ranges::fill(array.part(thread, team.size()), thread + 1); });
  return array;
}

std::span<std::uint64_t> HostArray::part(std::size_t thread, std::size_t threads) const {
  const std::uint64_t lines = words_ / kLineWords;
  const std::uint64_t begin = lines * thread / threads * kLineWords;
  const std::uint64_t end = thread + 1 == threads ? words_ : lines * (thread + 1) / threads * kLineWords;
  return {data_.get() + begin, static_cast<std::size_t>(end - begin)};
}

double copy_seconds(ThreadTeam& team, const HostArray& from, const HostArray& to) {
  return team.run([&](std::size_t thread) {
    const auto source = from.part(thread, team.size());
    const auto target = to.part(thread, team.size());
    std::memcpy(target.data(), source.data(), source.size_bytes());
  });
}

double read_seconds(ThreadTeam& team, const HostArray& array, std::size_t rounds) {
  std::atomic<std::uint64_t> all = 0;  // that the reads are not left out
  const double seconds = team.run([&](std::size_t thread) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < rounds; ++i) {
      sum += sum_of(array.part(thread, team.size()));
      all.fetch_add(sum, std::memory_order_relaxed);
    }
  });
  return seconds;
}

}  // namespace trtprof
