// Progress of anything that may take over a second. The library reports through this interface and never prints.
#pragma once

#include <string_view>

namespace trtprof {

class Progress {
 public:
  virtual ~Progress() = default;
  // A new phase begins, for example "warming up" or "measuring layers".
  virtual void phase(std::string_view name) = 0;
  // fraction of the phase in [0, 1]; `detail` is a few words, for example "median 1.82 ms +- 0.6 %".
  virtual void update(double fraction, std::string_view detail) = 0;
  // The last phase is over; whatever was drawn is taken away.
  virtual void finish() = 0;
};

// For callers that want none.
class NoProgress final : public Progress {
 public:
  void phase(std::string_view) override {}
  void update(double, std::string_view) override {}
  void finish() override {}
};

}  // namespace trtprof
