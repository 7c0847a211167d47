// How experiments that prove a diagnosis are shown: a section in text, and fields of a document.
#pragma once

#include <iosfwd>

#include "trtprof/optimize/experiment.h"

namespace trtprof {

class JsonWriter;

struct ExperimentsTextOptions {
  bool color = false;
  std::size_t columns = 100;
};

void write_experiments_text(std::ostream& out, const ExperimentsReport& report, const ExperimentsTextOptions& options);

namespace json_fields {
// Its fields into an object that is open.
void experiments(JsonWriter& json, const ExperimentsReport& report);
}  // namespace json_fields

}  // namespace trtprof
