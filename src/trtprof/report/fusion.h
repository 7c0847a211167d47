// How `inspect` shows what an engine fused: as text and as a part of a JSON document (docs/inspection.schema.json).
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include "trtprof/cost/fusion_report.h"

namespace trtprof {

class JsonWriter;

struct FusionTextOptions {
  bool color = false;
  bool layers = true;              // list every layer with the nodes inside it
  std::size_t broken_chains = 16;  // broken chains that are listed; all are counted
  std::size_t columns = 100;       // lines are cut to this width, names in their middle; 40 at least
};

// "Fusion: 44 of 45 chains fused", then each chain that is not with the place where it broke, then the layers.
void write_fusion_text(std::ostream& out, const FusionReport& report, const FusionTextOptions& options);

// The value of the key "fusion", an object, at the writer's current place.
void write_fusion_json(JsonWriter& json, const FusionReport& report);
// The same as a document of its own. Ends in a newline.
[[nodiscard]] std::string fusion_to_json(const FusionReport& report);

}  // namespace trtprof
