// What a conversion to f16 or bf16 did, as text. Private to report/.
#pragma once

#include <cstddef>
#include <iosfwd>

#include "trtprof/report/optimization.h"

namespace trtprof {

// A heading, what was converted, and what stays in f32 with the reasons; with `explain` each node of it.
void write_precision_text(std::ostream& out, const PrecisionDone& done, const OptimizationTextOptions& options);

}  // namespace trtprof
