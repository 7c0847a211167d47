// How a model's accuracy against a reference is shown: as text, and as a document (docs/accuracy.schema.json).
#pragma once

#include <iosfwd>
#include <string>

#include "trtprof/optimize/accuracy/accuracy.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

inline constexpr const char* kAccuracySchemaName = "trtprof-accuracy";
inline constexpr int kAccuracySchemaMajor = 1;
inline constexpr int kAccuracySchemaMinor = 0;

// One of the two that were run.
struct AccuracySide {
  ModelInfo model;
  Environment environment;  // backend, engine, device, precision
};

struct AccuracyData {
  std::string path;        // as the user gave it; empty: random
  std::uint64_t seed = 0;  // of random data
};

struct AccuracyDocument {
  const AccuracyResult& result;
  AccuracyGates gates;
  GateVerdict verdict;  // of no gate: passed
  AccuracySide model;
  AccuracySide reference;
  AccuracyData data;
};

// Ends in a newline.
[[nodiscard]] std::string accuracy_to_json(const AccuracyDocument& document);

class JsonWriter;
namespace json_fields {
// The fields of the document, without schema and tool, into an object that is open: for documents that hold one.
void accuracy(JsonWriter& json, const AccuracyDocument& document);
}  // namespace json_fields

void write_accuracy_text(std::ostream& out, const AccuracyDocument& document, bool color);

}  // namespace trtprof
