#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/experiments_fixture.h"

namespace trtprof::test {
namespace {

std::string text_of(const ExperimentsReport& report) {
  std::ostringstream out;
  write_experiments_text(out, report, {});
  return out.str();
}

TEST(ExperimentsText, ShowsWhatWasPromisedBesideWhatWasSeen) {
  EXPECT_EQ(text_of(experiments_done()), R"(
Experiments
  The same model as it was diagnosed (A) and without what a finding blames (B), launched in turns.

  1. [PROVEN] transfers: Blocking copies: compute waits for 8.39 ms of copies
     A  --pageable --sync-transfers            8.48 ms   copies 8.39 ms, 98.9% of the latency
     B  as this program runs it                1.14 ms   copies 2.03 ms, 98.4% of the latency
     Promised: at most 7.51 ms (bound) of the pace
     Seen:     7.34 ms (7.30 ms to 7.37 ms), FASTER -86.6 %; 5 and 5 launches
     Result:   7.34 ms of the time from one inference to the next are saved that way.

  2. [REFUTED] host-bound: the device waits for the host
     A  as this program runs it                8.48 ms
     B  --threads 1                            1.14 ms
     Promised: no figure of the latency
     Seen:     -1.00 us (-2.00 us to -500 ns), SLOWER +10.0 %; 5 and 5 launches
     Result:   The latency of an inference is longer that way: the finding's gain is not to be had
               by it.

Not tried, and why
  reformats (2 changes of layout): it takes another model or another build
  launch-bound: the kernels are launched as one CUDA graph

Notes
  - the launches have 2 warnings
)");
}

TEST(ExperimentsText, SaysWhenThereIsNothingToTry) {
  ExperimentsReport report;
  EXPECT_EQ(text_of(report), "\nExperiments\n  No finding blames how the model is launched.\n");
}

}  // namespace
}  // namespace trtprof::test
