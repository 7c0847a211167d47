// How a profile is shown. One file per format behind one function type.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class LayerOrder { execution, time, name, type };

struct TextReportOptions {
  int top = 5;  // of the Top N block
  LayerOrder order = LayerOrder::execution;
  bool color = false;
  bool quiet = false;  // the guide's report alone: no context block, no statistics
};

// The guide's report, with a context block before it and classes, end-to-end statistics and the distance of the layer
// sum from end to end after it. Width: rules of 80 columns.
void write_text_report(std::ostream& out, const Profile& profile, const TextReportOptions& options);

// One row a layer, RFC 4180; times in seconds; docs/csv.md describes the columns. Writes the header row alone for a
// profile without a layer run.
void write_csv_report(std::ostream& out, const Profile& profile);

struct ClassShare {
  LayerClass layer_class;
  double seconds = 0.0;
  double share = 0.0;  // of the layer sum, 0 to 1
  int layers = 0;
};
// The classes that have layers, by time, largest first. Shares add to 1, or are all 0 when no layer took any time.
[[nodiscard]] std::vector<ClassShare> time_by_class(const LayerRun& run);

}  // namespace trtprof
