// An ONNX model from disk: loaded whole and unchanged, checked, described.
//
// Weights in external files stay there (a model over 2 GB is held by reference); protobuf fields that this version of
// ONNX does not know are kept and written back.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace onnx {
class ModelProto;
}

namespace trtprof {

enum class FileKind { onnx_model, tensorrt_engine, tensorrt_rtx_engine, profile_json, unknown };

// By content, not by name: the engine magics "ftrt" and "vtrt", a JSON object with a Profile's keys, a plausible
// ModelProto. Fails for a path that is missing, a directory, empty or unreadable.
[[nodiscard]] Result<FileKind> detect_file_kind(const std::filesystem::path& path);

class OnnxModel {
 public:
  // Errors, one sentence each: missing, a directory, empty, truncated, not ONNX (and what it looks like instead),
  // no graph, a newer IR version than the ONNX library knows, external data missing, shorter than it claims, or
  // escaping the model's folder ("../", absolute paths, symbolic links out), a graph the ONNX checker refuses.
  // Objections of the checker that engines do not share, and opsets newer than it knows, become warnings().
  [[nodiscard]] static Result<OnnxModel> load(const std::filesystem::path& path);
  [[nodiscard]] static OnnxModel from_proto(onnx::ModelProto proto);

  OnnxModel(OnnxModel&&) noexcept;
  OnnxModel& operator=(OnnxModel&&) noexcept;
  OnnxModel(const OnnxModel&) = delete;
  OnnxModel& operator=(const OnnxModel&) = delete;
  ~OnnxModel();

  // The same graph and weights, to be changed; external data stays in its files.
  [[nodiscard]] OnnxModel clone() const;

  [[nodiscard]] const onnx::ModelProto& proto() const;
  [[nodiscard]] onnx::ModelProto& mutable_proto();
  [[nodiscard]] const std::filesystem::path& path() const;  // empty for from_proto()
  [[nodiscard]] bool has_external_data() const;
  // What load() found odd but tolerable, a sentence each.
  [[nodiscard]] const std::vector<std::string>& warnings() const;

  [[nodiscard]] Graph graph() const;
  // Everything of ModelInfo but the bound input and output shapes, which the backend tells: dimensions left open are
  // -1. sha256 is that of the file; with external data, that of the lines "<sha256>  <location>" of the model (location
  // "") and its data files in order of name. Without a path, that of the bytes save() would write.
  [[nodiscard]] Result<ModelInfo> info() const;

  // External data is not copied: saving beside the original keeps the references valid, elsewhere is an error.
  [[nodiscard]] Status save(const std::filesystem::path& path) const;

  // Anywhere: the files of external data come to lie beside it, as hard links where the file system can, else as
  // copies. A data file of that name that is there already is an error, unless it holds the same.
  [[nodiscard]] Status save_with_data(const std::filesystem::path& path) const;

 private:
  struct Impl;
  explicit OnnxModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace trtprof
