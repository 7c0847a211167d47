// How `fusion` shows what each fusion is worth: as text, and as a JSON document (docs/fusion.schema.json).
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/optimize/fusion_worth_report.h"

namespace trtprof {

inline constexpr int kFusionWorthSchemaMajor = 1;
inline constexpr int kFusionWorthSchemaMinor = 0;

struct FusionWorthTextOptions {
  bool color = false;
  bool quiet = false;         // the table alone
  std::size_t columns = 110;  // lists of instances are cut to this width, names in their middle
};

// "Conv + BatchNormalization", for the Pattern column.
[[nodiscard]] std::string_view describe(FusionPairKind kind);
// What the optimisation guide promises of this fusion, as a part of the inference without it: 0.30, 0.20, 0.15; nullopt
// where it says nothing. Its figures are rules of thumb for MobileNetV2, given without a machine.
[[nodiscard]] std::optional<double> guides_figure(FusionPairKind kind);

// The model and the machine, the table, what there is to say of each kind, each instance where they were measured.
void write_fusion_worth_text(std::ostream& out, const FusionWorthReport& report, const FusionWorthTextOptions& options);

// Ends in a newline.
[[nodiscard]] std::string fusion_worth_to_json(const FusionWorthReport& report);

}  // namespace trtprof
