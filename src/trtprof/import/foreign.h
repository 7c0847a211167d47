// Files of other tools, recognised by what is in them, as parts of a Profile.
//
// An importer is one file and one row of the table in foreign.cpp. It reads its file as a stream, never as a whole: a
// file of 1 GB must not need 4. What a tool writes is not trusted: broken, cut off or hostile files are an error in one
// sentence, and what can be read in spite of a known fault of the tool (names that are not escaped) is read, with a
// note.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class ForeignFormat {
  profile,                // this program's own, of any schema version that it reads
  trtexec_profile,        // --exportProfile
  trtexec_times,          // --exportTimes
  trtexec_layers,         // --exportLayerInfo, and the JSON of IEngineInspector
  trtexec_log,            // what trtexec printed
  nsight_compute_csv,     // ncu --csv
  nsight_systems_sqlite,  // nsys export --type sqlite
  onnxruntime_trace,      // SessionOptions.enable_profiling
  openvino_counters,      // benchmark_app: average_counters, detailed_counters, sort_detailed_counters
  openvino_statistics,    // benchmark_app: JSON statistics
  pytorch_trace,          // torch.profiler: Chrome trace
};

// What one file tells. Of a Profile it fills what it knows; runs that it does not know stay empty.
struct Imported {
  ForeignFormat format = ForeignFormat::profile;
  std::string path;
  Profile profile;
  // What names the engine, for the check that files belong together; empty: the file does not say.
  std::vector<std::string> layer_names;  // in the order of the file
  std::vector<std::string> notes;        // faults that were read over, what was left out: a sentence each
};

struct Importer {
  ForeignFormat format;
  std::string_view name;  // "trtexec --exportProfile", for messages
  // By the beginning of the file, 64 KiB at most, decompressed where it was gzip; names and extensions do not count.
  bool (*recognises)(std::string_view beginning);
  Result<Imported> (*read)(const std::filesystem::path& path);
};

// In the order in which they are asked: formats that others could be taken for come last.
[[nodiscard]] std::span<const Importer> all_importers();

// Recognises the file and reads it. An unknown format is an error that says what the file looks like and what is read.
[[nodiscard]] Result<Imported> import_file(const std::filesystem::path& path);

// One Profile of files of one engine or model: layers with their times and what the inspector tells of them, end-to-end
// times, kernels, counters. Files that contradict each other (other layers, counts, shapes, kernels, precisions,
// another batch) are an error that names both files and what differs; what only one of them has is taken from it; what
// several have is taken from the most detailed one, and a note says so. `given` is not empty.
[[nodiscard]] Result<Profile> merge_imported(std::vector<Imported> given);

[[nodiscard]] std::string_view to_string(ForeignFormat format);  // "trtexec_profile"

}  // namespace trtprof
