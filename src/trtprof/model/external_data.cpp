#include "trtprof/model/external_data.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/stored_tensors.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

bool is_external(const onnx::TensorProto& tensor) {
  return tensor.data_location() == onnx::TensorProto::EXTERNAL;
}

struct Claim {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  // none: to the end of the file
};

std::optional<std::uint64_t> parse_count(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<Claim> read_claim(const onnx::TensorProto& tensor, const std::string& who) {
  Claim claim;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") {
      claim.location = entry.value();
    } else if (entry.key() == "offset" || entry.key() == "length") {
      const auto value = parse_count(entry.value());
      if (!value) {
        return fail(fmt::format("{} has an external data {} that is not a number: '{}'", who, entry.key(),
                                printable(entry.value())));
      }
      if (entry.key() == "offset") {
        claim.offset = *value;
      } else {
        claim.length = value;
      }
    }
  }
  if (claim.location.empty()) return fail(who + " is stored externally, but the model does not say in which file");
  return claim;
}

Status check_location(const std::string& location, const fs::path& folder, const std::string& who) {
  const fs::path relative(location);
  const auto escapes = [&](std::string_view how) {
    return fail(fmt::format("{} keeps its data in '{}', {}", who, printable(location), how),
                "external data must lie in the model's own folder");
  };
  if (location.find('\0') != std::string::npos) return escapes("which is not a file name");
  if (relative.is_absolute()) return escapes("an absolute path");
  if (std::ranges::find(relative, "..") != relative.end()) {
    return escapes("which leads out of the model's folder");
  }
  std::error_code error;
  const fs::path real_folder = fs::weakly_canonical(folder, error);
  const fs::path real_file = error ? fs::path() : fs::weakly_canonical(folder / relative, error);
  if (error) return escapes(fmt::format("which cannot be looked up: {}", error.message()));
  const auto [end_of_folder, rest] = std::ranges::mismatch(real_folder, real_file);
  if (end_of_folder != real_folder.end()) return escapes("a symbolic link that leads out of the model's folder");
  return {};
}

Result<std::uint64_t> size_of_data_file(const fs::path& path, const std::string& location, const std::string& who) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return fail(fmt::format("{} keeps its data in '{}', which is missing", who, printable(location)),
                "put the file beside the model");
  }
  if (!error && status.type() != fs::file_type::regular) {
    return fail(fmt::format("{} keeps its data in '{}', which is not a regular file", who, printable(location)));
  }
  const std::uintmax_t size = error ? 0 : fs::file_size(path, error);
  if (error) {
    return fail(
        fmt::format("{} keeps its data in '{}', which cannot be read: {}", who, printable(location), error.message()));
  }
  return size;
}

// nullopt where the type's size is not known or the dimensions make no sense; the ONNX checker speaks of those.
std::optional<std::uint64_t> bytes_of(const onnx::TensorProto& tensor) {
  const std::size_t bits = bits_of(element_type_from_onnx(tensor.data_type()));
  const auto count = element_count({tensor.dims().begin(), tensor.dims().end()});
  if (bits == 0 || !count || *count > UINT64_MAX / bits) return std::nullopt;
  return (*count * bits + 7) / 8;
}

Status check_extent(const onnx::TensorProto& tensor, const Claim& claim, std::uint64_t file_bytes,
                    const std::string& who) {
  const std::uint64_t available = claim.offset <= file_bytes ? file_bytes - claim.offset : 0;
  const std::uint64_t claimed = claim.length.value_or(bytes_of(tensor).value_or(0));
  if (claim.offset > file_bytes || claimed > available) {
    return fail(fmt::format("{} claims {} bytes from offset {} of '{}', which has only {} bytes", who, claimed,
                            claim.offset, printable(claim.location), file_bytes),
                "the file is incomplete or belongs to another model");
  }
  const auto needed = bytes_of(tensor);
  if (needed && claim.length && *claim.length < *needed) {
    return fail(fmt::format("{} needs {} bytes for its shape, but its external data is {} bytes long", who, *needed,
                            *claim.length));
  }
  return {};
}

}  // namespace

bool uses_external_data(const onnx::ModelProto& model) {
  bool found = false;
  for_each_stored_tensor(model, [&found](const onnx::TensorProto& tensor) { found = found || is_external(tensor); });
  return found;
}

Result<std::vector<ExternalFile>> find_external_data(const onnx::ModelProto& model, const fs::path& model_path) {
  const fs::path folder = model_path.has_parent_path() ? model_path.parent_path() : fs::path(".");
  std::map<std::string, ExternalFile> files;
  Status status;
  const auto check = [&](const onnx::TensorProto& tensor) -> Status {
    const std::string who = fmt::format("{}: tensor '{}'", printable(model_path.string()), printable(tensor.name()));
    const auto claim = read_claim(tensor, who);
    if (!claim) return forward_error(claim);
    auto known = files.find(claim->location);
    if (known == files.end()) {
      if (Status inside = check_location(claim->location, folder, who); !inside) return inside;
      const fs::path path = folder / claim->location;
      const auto size = size_of_data_file(path, claim->location, who);
      if (!size) return forward_error(size);
      known = files.emplace(claim->location, ExternalFile{claim->location, path, *size}).first;
    }
    return check_extent(tensor, *claim, known->second.bytes, who);
  };
  for_each_stored_tensor(model, [&](const onnx::TensorProto& tensor) {
    if (status && is_external(tensor)) status = check(tensor);
  });
  if (!status) return forward_error(status);
  std::vector<ExternalFile> result;
  result.reserve(files.size());
  for (auto& [location, file] : files) result.push_back(std::move(file));
  return result;
}

Result<std::string> read_external_data(const onnx::TensorProto& tensor, const fs::path& model_path) {
  const fs::path folder = model_path.has_parent_path() ? model_path.parent_path() : fs::path(".");
  const std::string who = fmt::format("tensor '{}'", printable(tensor.name()));
  if (model_path.empty()) return fail(who + " keeps its data in a file, but the model was not read from one");
  const auto claim = read_claim(tensor, who);
  if (!claim) return forward_error(claim);
  if (const Status inside = check_location(claim->location, folder, who); !inside) return forward_error(inside);
  const fs::path path = folder / claim->location;
  const auto size = size_of_data_file(path, claim->location, who);
  if (!size) return forward_error(size);
  if (const Status extent = check_extent(tensor, *claim, *size, who); !extent) return forward_error(extent);
  const std::uint64_t wanted = bytes_of(tensor).value_or(claim->length.value_or(*size - claim->offset));
  std::string data(wanted, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(claim->offset));
  if (!file.read(data.data(), static_cast<std::streamsize>(wanted))) {
    return fail(fmt::format("{} keeps its data in '{}', which cannot be read", who, printable(claim->location)));
  }
  return data;
}

}  // namespace trtprof
