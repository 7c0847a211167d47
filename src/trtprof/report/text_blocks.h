// The parts of the text report, in the order write_text_report() prints them.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trtprof/profile/profile.h"
#include "trtprof/report/report.h"

namespace trtprof::text_report {

// ANSI colours when asked, nothing otherwise. Text is printable() before it is painted.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  [[nodiscard]] std::string bold(std::string_view text) const { return paint("1", text); }
  [[nodiscard]] std::string warning(std::string_view text) const { return paint("1;33", text); }  // yellow
  [[nodiscard]] std::string alarm(std::string_view text) const { return paint("1;31", text); }    // red

 private:
  [[nodiscard]] std::string paint(std::string_view code, std::string_view text) const;
  bool on_;
};

// "Key:    value" lines, values in one column. An empty key goes on with the key before it.
using KeyValues = std::vector<std::pair<std::string, std::string>>;
void write_key_values(std::ostream& out, const KeyValues& lines, std::string_view indent);

// An empty line, the heading, a line for each sentence; nothing where there are none.
void write_list(std::ostream& out, const std::vector<std::string>& sentences, const std::string& heading);

// "m.onnx (14.2 MB, sha256 0123456789ab, opset 17, 155 nodes)"
[[nodiscard]] std::string describe_model(const ModelInfo& model);

// What was run, on what, with what.
void write_context(std::ostream& out, const Profile& profile);

// The guide's report: rules, title, table, total, Top N.
void write_layer_table(std::ostream& out, const Profile& profile, const TextReportOptions& options, const Paint& paint);

// Time by class, end-to-end latency, the distance of the layer sum from it, notes, warnings; each after an empty line.
void write_time_by_class(std::ostream& out, const LayerRun& run, const Paint& paint);
void write_end_to_end(std::ostream& out, const Profile& profile, const Paint& paint);
void write_layer_sum(std::ostream& out, const Profile& profile, const Paint& paint);
// Nothing where nothing was sampled and nothing is missing.
void write_telemetry(std::ostream& out, const Telemetry& telemetry, const Paint& paint);
// Nothing without a timeline.
void write_timeline(std::ostream& out, const Profile& profile, const TextReportOptions& options, const Paint& paint);
void write_remarks(std::ostream& out, const Profile& profile, const Paint& paint);

}  // namespace trtprof::text_report
