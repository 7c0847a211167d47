// How a comparison is shown: as text, and as a document of its own (docs/comparison.schema.json).
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "trtprof/compare/comparison.h"

namespace trtprof {

// A profile that a side was judged by.
struct ComparisonSource {
  std::string path;    // as the user gave it, or as it was saved; empty: it was measured and not kept
  std::string sha256;  // of the file, or of what save_profile() would write
};

struct ComparisonDocument {
  const Comparison& comparison;
  std::vector<ComparisonSource> a;  // in the order of the launches
  std::vector<ComparisonSource> b;
};

// Ends in a newline.
[[nodiscard]] std::string comparison_to_json(const ComparisonDocument& document);

class JsonWriter;
namespace json_fields {
// The fields of the document, without schema and tool, into an object that is open: for documents that hold one.
void comparison(JsonWriter& json, const ComparisonDocument& document);
}  // namespace json_fields

struct ComparisonTextOptions {
  bool color = false;
  bool quiet = false;    // the verdict and the figures alone
  std::size_t top = 10;  // groups of layers, by how much their time changed
  std::size_t columns = 100;
};

// The verdict in the first line, then why, figures, layers, what changed, notes and warnings.
void write_comparison_text(std::ostream& out, const Comparison& comparison, const ComparisonTextOptions& options);

// The first line of it, without its end.
[[nodiscard]] std::string verdict_line(const Comparison& comparison);

}  // namespace trtprof
