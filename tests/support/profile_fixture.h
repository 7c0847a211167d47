// Profiles made by hand, for tests of what reads profiles.
#pragma once

#include <string>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof::test {

// Samples with their summary.
[[nodiscard]] SampleSeries series_of(std::vector<double> samples);

// A layer whose samples are all `seconds`.
[[nodiscard]] Layer layer_taking(std::string name, LayerClass layer_class, double seconds);

// Every field and every optional is set, each to a value of its own; names hold what has to be escaped.
[[nodiscard]] Profile full_profile();

// Nothing optional is set: no layer run, no end-to-end run.
[[nodiscard]] Profile bare_profile();

// The rows and the total of the guide's sample report (tests/data/report/guide_sample.txt), the rows it leaves out made
// up of its Top 5 and two more.
[[nodiscard]] Profile guide_profile();

// A TensorRT engine on a GPU, with the parts of an inference.
[[nodiscard]] Profile gpu_profile();

}  // namespace trtprof::test
