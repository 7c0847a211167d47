// How fast the processors of this machine copy memory and read their last cache, all of them at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "trtprof/base/error.h"

namespace trtprof {

// Threads that wait for work and begin it together.
class ThreadTeam {
 public:
  explicit ThreadTeam(std::size_t threads);
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();
  [[nodiscard]] std::size_t size() const;
  // Seconds from the first begin to the last end. `work` takes the number of its thread and throws nothing.
  double run(const std::function<void(std::size_t thread)>& work);

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

// Memory whose pages each thread of the team first wrote for its own part, so that they lie near it.
class HostArray {
 public:
  [[nodiscard]] static Result<HostArray> make(std::uint64_t bytes, ThreadTeam& team);
  // The part of a thread: whole cache lines, all parts together the whole array.
  [[nodiscard]] std::span<std::uint64_t> part(std::size_t thread, std::size_t threads) const;
  [[nodiscard]] std::uint64_t bytes() const { return words_ * sizeof(std::uint64_t); }

 private:
  struct Free {
    void operator()(std::uint64_t* data) const;
  };
  std::unique_ptr<std::uint64_t, Free> data_;
  std::uint64_t words_ = 0;
};

// Each part of `from` into that of `to`, once. They have the same size.
double copy_seconds(ThreadTeam& team, const HostArray& from, const HostArray& to);
// Each part read `rounds` times.
double read_seconds(ThreadTeam& team, const HostArray& array, std::size_t rounds);

}  // namespace trtprof
