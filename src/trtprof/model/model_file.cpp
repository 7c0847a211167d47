#include "trtprof/model/model_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <limits>
#include <ostream>
#include <system_error>

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/model/file_content.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
namespace io = google::protobuf::io;

// protobuf counts the bytes of a message in an int.
constexpr std::uint64_t kLargestMessage = std::numeric_limits<int>::max();
constexpr int kReadBlockBytes = 1 << 20;

Status explain_foreign_file(const fs::path& path, const FileHead& head) {
  const std::string looks_like = describe_content(head);
  const std::string name = printable(path.string());
  if (looks_like.empty()) return fail(name + " is not an ONNX model");
  return fail(fmt::format("{} is not an ONNX model; it looks like {}", name, looks_like));
}

Status check_outline(const fs::path& path, const FileHead& head) {
  const ModelOutline outline = outline_of_model(path);
  const std::string name = printable(path.string());
  if (!outline.looks_like_model()) return explain_foreign_file(path, head);
  if (outline.truncated) {
    return fail(fmt::format("{} is truncated: it has {} bytes, but its content claims at least {}", name,
                            head.file_bytes, outline.claimed_bytes),
                "copy or download it again");
  }
  if (!outline.has_graph) {
    return fail(name + " holds no graph, so it is not a whole ONNX model", "it may be truncated, or hold weights only");
  }
  if (head.file_bytes > kLargestMessage) {
    return fail(fmt::format("{} has {} bytes, more than the 2 GiB that an ONNX file can hold", name, head.file_bytes),
                "save the model with its weights as external data");
  }
  return {};
}

// For a profile's JSON: looks for {"schema": {"name": ...}} and stops there. A profile that a newer version wrote still
// has it, so that its loader can say what is wrong.
class SchemaNameFinder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool found() const { return found_; }

  bool key(string_t& name) override {
    path_.resize(static_cast<std::size_t>(depth_) - 1);
    path_.push_back(name);
    return true;
  }
  bool string(string_t& text) override {
    found_ = depth_ == 2 && path_ == std::vector<std::string>{"schema", "name"} && text == kProfileSchemaName;
    return !found_;
  }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool enter() {
    path_.resize(static_cast<std::size_t>(++depth_) - 1);
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  std::vector<std::string> path_;  // the keys that lead here; "" stands for an array
  bool found_ = false;
};

bool is_profile_json(const fs::path& path, const FileHead& head) {
  const std::size_t begin = head.bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || head.bytes[begin] != '{') return false;
  std::ifstream stream(path, std::ios::binary);
  SchemaNameFinder name;
  // The result says only whether the whole text was read; what counts is what was seen on the way.
  static_cast<void>(nlohmann::json::sax_parse(stream, &name));
  return name.found();
}

}  // namespace

Result<FileKind> detect_file_kind(const fs::path& path) {
  const auto head = read_file_head(path);
  if (!head) return forward_error(head);
  if (head->bytes.starts_with(kTensorRtMagic)) return FileKind::tensorrt_engine;
  if (head->bytes.starts_with(kTensorRtRtxMagic)) return FileKind::tensorrt_rtx_engine;
  if (is_profile_json(path, *head)) return FileKind::profile_json;
  return outline_of_model(path).looks_like_model() ? FileKind::onnx_model : FileKind::unknown;
}

Status read_model_file(const fs::path& path, onnx::ModelProto& model) {
  const auto head = read_file_head(path);
  if (!head) return forward_error(head);
  if (Status status = check_outline(path, *head); !status) return status;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    const int reason = errno;
    return fail(
        fmt::format("{} cannot be read: {}", printable(path.string()), std::generic_category().message(reason)));
  }
  io::FileInputStream stream(file, kReadBlockBytes);
  stream.SetCloseOnDelete(true);
  io::CodedInputStream coded(&stream);
  coded.SetTotalBytesLimit(std::numeric_limits<int>::max());
  if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) {
    if (stream.GetErrno() != 0) {
      return fail(fmt::format("{} cannot be read: {}", printable(path.string()),
                              std::generic_category().message(stream.GetErrno())));
    }
    return fail(printable(path.string()) + " is damaged: it begins like an ONNX model, but does not parse as one",
                "copy or download it again");
  }
  return {};
}

Status write_model_file(const onnx::ModelProto& model, const fs::path& path) {
  if (model.ByteSizeLong() > kLargestMessage) {
    return fail(fmt::format("{} would have {} bytes, more than the 2 GiB that an ONNX file can hold",
                            printable(path.string()), model.ByteSizeLong()));
  }
  return write_file(path, [&model](std::ostream& stream) -> Status {
    io::OstreamOutputStream output(&stream);
    io::CodedOutputStream coded(&output);
    coded.SetSerializationDeterministic(true);
    if (!model.SerializeToCodedStream(&coded)) return fail("the model could not be written");
    return {};
  });
}

}  // namespace trtprof
