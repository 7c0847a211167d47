// Inspections made by hand, for tests of how they are shown.
#pragma once

#include "trtprof/report/inspection.h"

namespace trtprof::test {

// Every field is set and every optional has a value; names hold what has to be escaped.
[[nodiscard]] ModelInspection full_model_inspection();

// A model with open inputs and nothing known: every optional is absent.
[[nodiscard]] ModelInspection open_model_inspection();

// full_profile() with what its reader left out.
[[nodiscard]] ProfileInspection full_profile_inspection();

// An engine that was loaded, with its record and a chain that broke.
[[nodiscard]] EngineInspection full_engine_inspection();

// An engine of which nothing but the header could be seen.
[[nodiscard]] EngineInspection bare_engine_inspection();

}  // namespace trtprof::test
