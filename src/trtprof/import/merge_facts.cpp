#include "trtprof/import/merge_facts.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

constexpr std::size_t kNameColumns = 80;

// "10.6.0" and "10.6.0.26" are one version, told to another depth; what follows a dash is a build's.
bool same_version(std::string_view a, std::string_view b) {
  a = a.substr(0, a.find('-'));
  b = b.substr(0, b.find('-'));
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '.');
}

bool same_shape(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  if (a.empty() || b.empty()) return true;
  return std::ranges::equal(a, b, [](std::int64_t x, std::int64_t y) { return x == y || x < 0 || y < 0; });
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

bool tells_batch(const ModelInfo& model) {
  return model.batch && std::ranges::any_of(model.inputs, [](const TensorDesc& t) { return !t.shape.empty(); });
}

class Check {
 public:
  Check(const SourcedProfile& a, const SourcedProfile& b) : a_(a), b_(b) {}

  Status run() const {
    const Environment& a = a_.profile->environment;
    const Environment& b = b_.profile->environment;
    if (Status same = text("the engine", a.engine_name, b.engine_name); !same) return same;
    if (!a.engine_version.empty() && !b.engine_version.empty() && !same_version(a.engine_version, b.engine_version)) {
      return differ(fmt::format("the version of {}", a.engine_name), a.engine_version, b.engine_version);
    }
    if (Status same = text("the device", a.device_name, b.device_name); !same) return same;
    if (Status same = text("the precision", a.precision, b.precision); !same) return same;
    const ModelInfo& model_a = a_.profile->model;
    const ModelInfo& model_b = b_.profile->model;
    if (Status same = tensors("input", model_a.inputs, model_b.inputs); !same) return same;
    if (Status same = tensors("output", model_a.outputs, model_b.outputs); !same) return same;
    if (model_a.batch && model_b.batch && model_a.batch != model_b.batch &&
        (tells_batch(model_a) || tells_batch(model_b))) {
      return differ("the batch", std::to_string(*model_a.batch), std::to_string(*model_b.batch));
    }
    return text("the model's SHA-256", model_a.sha256, model_b.sha256);
  }

 private:
  [[nodiscard]] Status differ(std::string_view what, std::string_view a, std::string_view b) const {
    return contradiction(a_.file, b_.file,
                         fmt::format("{} is {} in the one and {} in the other", what, shorten_middle(a, kNameColumns),
                                     shorten_middle(b, kNameColumns)));
  }

  [[nodiscard]] Status text(std::string_view what, const std::string& a, const std::string& b) const {
    return a.empty() || b.empty() || a == b ? Status{} : differ(what, a, b);
  }

  [[nodiscard]] Status tensors(std::string_view kind, const std::vector<TensorDesc>& in_a,
                               const std::vector<TensorDesc>& in_b) const {
    if (in_a.empty() || in_b.empty()) return {};
    bool any = false;
    for (const TensorDesc& a : in_a) {
      const auto b = std::ranges::find(in_b, a.name, &TensorDesc::name);
      if (b == in_b.end()) continue;
      any = true;
      const std::string name = fmt::format("{} \"{}\"", kind, shorten_middle(a.name, kNameColumns));
      if (!same_shape(a.shape, b->shape)) {
        return differ(fmt::format("the shape of {}", name), shape_text(a.shape), shape_text(b->shape));
      }
      if (Status same = text(fmt::format("the type of {}", name), a.element_type, b->element_type); !same) return same;
    }
    if (any) return {};
    return differ(fmt::format("the first {}", kind), fmt::format("\"{}\"", in_a.front().name),
                  fmt::format("\"{}\"", in_b.front().name));
  }

  const SourcedProfile& a_;
  const SourcedProfile& b_;
};

void fill(const std::string& from, std::string& into) {
  if (into.empty()) into = from;
}

template <class Value>
void fill(const std::optional<Value>& from, std::optional<Value>& into) {
  if (!into) into = from;
}

// By name: what one knows of a tensor and the other does not.
void fill(const std::vector<TensorDesc>& from, std::vector<TensorDesc>& into) {
  if (into.empty()) into = from;
  for (TensorDesc& tensor : into) {
    const auto found = std::ranges::find(from, tensor.name, &TensorDesc::name);
    if (found == from.end()) continue;
    const bool open = std::ranges::any_of(tensor.shape, [](std::int64_t dim) { return dim < 0; });
    if (tensor.shape.empty() || (open && found->shape.size() == tensor.shape.size())) tensor.shape = found->shape;
    fill(found->element_type, tensor.element_type);
    fill(found->layout, tensor.layout);
    fill(found->bytes, tensor.bytes);
  }
}

}  // namespace

tl::unexpected<Error> contradiction(const std::string& a, const std::string& b, const std::string& difference) {
  return fail(fmt::format("{} and {} are not of one engine: {}", a, b, difference),
              "give files of one engine, exported in one session");
}

Status check_facts(const SourcedProfile& a, const SourcedProfile& b) {
  return Check(a, b).run();
}

void fill_facts(const Profile& from, Profile& into) {
  const Environment& there = from.environment;
  Environment& here = into.environment;
  for (const auto field :
       {&Environment::tool_version, &Environment::tool_commit, &Environment::started_at, &Environment::hostname,
        &Environment::operating_system, &Environment::cpu_model, &Environment::device_name, &Environment::backend,
        &Environment::engine_name, &Environment::precision}) {
    fill(there.*field, here.*field);
  }
  if (there.engine_version.size() > here.engine_version.size()) here.engine_version = there.engine_version;
  if (here.command_line.empty()) here.command_line = there.command_line;
  if (there.device_kind == DeviceKind::gpu) here.device_kind = DeviceKind::gpu;
  fill(there.logical_cpus, here.logical_cpus);
  fill(there.memory_bytes, here.memory_bytes);
  fill(there.threads, here.threads);
  fill(there.streams, here.streams);
  here.properties.insert(there.properties.begin(), there.properties.end());
  const ModelInfo& model = from.model;
  ModelInfo& known = into.model;
  for (const auto field :
       {&ModelInfo::path, &ModelInfo::format, &ModelInfo::sha256, &ModelInfo::producer, &ModelInfo::graph_name}) {
    fill(model.*field, known.*field);
  }
  fill(model.file_bytes, known.file_bytes);
  fill(model.node_count, known.node_count);
  fill(model.batch, known.batch);
  fill(model.inputs, known.inputs);
  fill(model.outputs, known.outputs);
  if (known.opsets.empty()) known.opsets = model.opsets;
}

}  // namespace trtprof
