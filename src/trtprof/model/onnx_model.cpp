#include "trtprof/model/onnx_model.h"

#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/model/external_data.h"
#include "trtprof/model/graph_from_proto.h"
#include "trtprof/model/model_check.h"
#include "trtprof/model/model_file.h"

namespace trtprof {

namespace fs = std::filesystem;

struct OnnxModel::Impl {
  onnx::ModelProto proto;
  fs::path path;
  std::vector<std::string> warnings;
};

namespace {

TensorDesc describe(const ValueInfo& value) {
  TensorDesc desc;
  desc.name = value.name;
  if (value.type != ElementType::unknown) desc.element_type = to_string(value.type);
  if (value.shape) {
    for (const Dimension& dimension : *value.shape) desc.shape.push_back(dimension.value.value_or(-1));
  }
  return desc;
}

struct Content {
  std::string sha256;
  std::uint64_t bytes = 0;
};

Result<Content> content_of_files(const fs::path& path, const std::vector<ExternalFile>& external) {
  auto hash = sha256_of_file(path);
  if (!hash) return forward_error(hash);
  std::error_code error;
  Content content{*std::move(hash), fs::file_size(path, error)};
  if (error) return fail(fmt::format("{}: {}", printable(path.string()), error.message()));
  if (external.empty()) return content;
  std::string lines = content.sha256 + "  \n";
  for (const ExternalFile& file : external) {
    const auto data_hash = sha256_of_file(file.path);
    if (!data_hash) return forward_error(data_hash);
    lines += *data_hash + "  " + file.location + "\n";
    content.bytes += file.bytes;
  }
  content.sha256 = sha256_of(lines);
  return content;
}

Content content_of_proto(const onnx::ModelProto& proto) {
  const std::string bytes = proto.SerializeAsString();
  return {sha256_of(bytes), bytes.size()};
}

// Are they the same bytes? A copy on another file system is no other name of the same file.
Result<bool> are_alike(const fs::path& one, const fs::path& other) {
  std::error_code error;
  if (fs::equivalent(one, other, error)) return true;
  if (!fs::is_regular_file(other, error) || fs::file_size(one, error) != fs::file_size(other, error)) return false;
  const auto hash = sha256_of_file(one);
  if (!hash) return forward_error(hash);
  const auto other_hash = sha256_of_file(other);
  if (!other_hash) return forward_error(other_hash);
  return *hash == *other_hash;
}

// A hard link where the file system can; else a copy that is there whole or not at all.
Status put_data(const fs::path& data, const fs::path& target) {
  std::error_code error;
  if (fs::exists(target, error)) {
    const auto alike = are_alike(data, target);
    if (!alike) return forward_error(alike);
    if (*alike) return {};
    return fail(fmt::format("{} is there already: the model's external data of that name would replace it",
                            printable(target.string())),
                "name another folder");
  }
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  fs::create_hard_link(data, target, error);
  if (!error) return {};
  const auto bytes = fs::file_size(data, error);
  return write_file(target, [&](std::ostream& out) -> Status {
    std::ifstream in(data, std::ios::binary);
    if (bytes > 0) out << in.rdbuf();
    return in ? Status{} : Status(fail(fmt::format("{} cannot be read", printable(data.string()))));
  });
}

}  // namespace

OnnxModel::OnnxModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OnnxModel::OnnxModel(OnnxModel&&) noexcept = default;
OnnxModel& OnnxModel::operator=(OnnxModel&&) noexcept = default;
OnnxModel::~OnnxModel() = default;

Result<OnnxModel> OnnxModel::load(const fs::path& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  const std::string name = printable(path.string());
  if (const Status status = read_model_file(path, impl->proto); !status) return forward_error(status);
  const onnx::GraphProto& graph = impl->proto.graph();
  if (graph.node().empty() && graph.input().empty()) {
    return fail(name + " has an empty graph: no nodes and no inputs", "it may be truncated, or not an ONNX model");
  }
  if (const auto external = find_external_data(impl->proto, path); !external) return forward_error(external);
  if (const Status status = check_model_proto(impl->proto, name, impl->warnings); !status) return forward_error(status);
  return OnnxModel(std::move(impl));
}

OnnxModel OnnxModel::from_proto(onnx::ModelProto proto) {
  auto impl = std::make_unique<Impl>();
  impl->proto = std::move(proto);
  return OnnxModel(std::move(impl));
}

OnnxModel OnnxModel::clone() const {
  return OnnxModel(std::make_unique<Impl>(*impl_));
}

const onnx::ModelProto& OnnxModel::proto() const {
  return impl_->proto;
}
onnx::ModelProto& OnnxModel::mutable_proto() {
  return impl_->proto;
}
const fs::path& OnnxModel::path() const {
  return impl_->path;
}
const std::vector<std::string>& OnnxModel::warnings() const {
  return impl_->warnings;
}
bool OnnxModel::has_external_data() const {
  return uses_external_data(impl_->proto);
}
Graph OnnxModel::graph() const {
  return graph_from_proto(impl_->proto);
}

Result<ModelInfo> OnnxModel::info() const {
  const onnx::ModelProto& proto = impl_->proto;
  const Graph plain = graph();
  ModelInfo info;
  info.path = impl_->path.string();
  info.format = "onnx";
  info.producer = proto.producer_name();
  if (!proto.producer_version().empty()) info.producer += (info.producer.empty() ? "" : " ") + proto.producer_version();
  info.graph_name = plain.name;
  for (const auto& opset : proto.opset_import()) {
    info.opsets[opset.domain() == "ai.onnx" ? "" : opset.domain()] = opset.version();
  }
  info.node_count = static_cast<std::int64_t>(plain.nodes.size());
  for (const ValueInfo& input : plain.inputs) info.inputs.push_back(describe(input));
  for (const ValueInfo& output : plain.outputs) info.outputs.push_back(describe(output));
  if (!info.inputs.empty() && !info.inputs[0].shape.empty() && info.inputs[0].shape[0] >= 0) {
    info.batch = info.inputs[0].shape[0];
  }
  Content content;
  if (impl_->path.empty()) {
    content = content_of_proto(proto);
  } else {
    const auto external = find_external_data(proto, impl_->path);
    if (!external) return forward_error(external);
    auto of_files = content_of_files(impl_->path, *external);
    if (!of_files) return forward_error(of_files);
    content = *std::move(of_files);
  }
  info.sha256 = std::move(content.sha256);
  info.file_bytes = content.bytes;
  return info;
}

Status OnnxModel::save(const fs::path& path) const {
  if (has_external_data()) {
    std::error_code error;
    const auto folder = [&error](const fs::path& file) {
      return fs::weakly_canonical(fs::absolute(file), error).parent_path();
    };
    const fs::path from = impl_->path.empty() ? fs::path() : folder(impl_->path);
    const fs::path to = folder(path);
    if (impl_->path.empty() || error || from != to) {
      return fail(
          fmt::format("{} cannot be written: the model's external data lies elsewhere", printable(path.string())),
          from.empty() ? "" : fmt::format("save it in {}, beside its data", printable(from.string())));
    }
  }
  return write_model_file(impl_->proto, path);
}

Status OnnxModel::save_with_data(const fs::path& path) const {
  const auto external = find_external_data(impl_->proto, impl_->path);
  if (!external) return forward_error(external);
  for (const ExternalFile& file : *external) {
    if (const Status put = put_data(file.path, path.parent_path() / file.location); !put) return put;
  }
  return write_model_file(impl_->proto, path);
}

}  // namespace trtprof
