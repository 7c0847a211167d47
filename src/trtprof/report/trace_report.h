// The timeline as a trace for Perfetto (ui.perfetto.dev) and Chrome (chrome://tracing).
#pragma once

#include <iosfwd>

#include "trtprof/profile/profile.h"

namespace trtprof {

// JSON in the Trace Event Format ("JSON Object Format", complete events "X", counters "C", flows "s" and "f", metadata
// "M"); docs/timeline.md describes tracks and arguments. Microseconds with three decimals, since the measurement began.
// Things of one track that overlap without one holding the other get a second row of that track: viewers drop them
// else. A profile without timeline and telemetry gives a trace without events.
void write_trace_report(std::ostream& out, const Profile& profile);

}  // namespace trtprof
