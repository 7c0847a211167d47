// Layers of several files of one engine as one layer run. Private to import/.
#pragma once

#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

// Of `given` those that have layers; `file` gives each one's name for messages. What the layers are is taken from the
// file that tells most of them, their times from the one that measured them best; notes say so. Layers that differ in
// name, number, shapes, kernel or precision are an error.
[[nodiscard]] Status merge_layer_runs(const std::vector<const Imported*>& given, Profile& into);

}  // namespace trtprof
