// How it is shown which layers a lower precision costs accuracy in: a section of the report of `optimize`, in text and
// in its document.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "trtprof/optimize/sensitivity/sensitivity.h"

namespace trtprof {

class JsonWriter;

// What was found, and on what.
struct SensitivityDone {
  SensitivityReport report;
  std::string precision = {};  // that was converted to: "f16"
  AccuracyGates gates = {};    // that were searched for
  std::string data = {};       // "models/digits/heldout.npz", "random inputs (seed 1)"
  std::uint64_t data_samples = 0;
  std::uint64_t ranking_samples = 0;
  std::string engine = {};  // that the trials ran on: "OpenVINO 2026.4.0"
  std::string device = {};  // "Intel(R) Xeon(R) Platinum 8480+"
};

struct SensitivityTextOptions {
  bool color = false;
  bool explain = false;  // every group
  std::size_t columns = 100;
};

// What is to be left out as options, or that nothing helps: the result of a search, which --quiet does not keep back.
// Nothing where none was asked for.
void write_kept_options(std::ostream& out, const SensitivityDone& done, bool color);

void write_sensitivity_text(std::ostream& out, const SensitivityDone& done, const SensitivityTextOptions& options);

namespace json_fields {
// Its fields into an object that is open.
void sensitivity(JsonWriter& json, const SensitivityDone& done);
}  // namespace json_fields

}  // namespace trtprof
