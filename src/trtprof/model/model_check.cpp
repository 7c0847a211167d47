#include "trtprof/model/model_check.h"

#include <algorithm>
#include <array>
#include <functional>
#include <ranges>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/stored_tensors.h"
#include "trtprof/model/walk.h"

namespace trtprof {
namespace {

// Objections of the checker (by a part of their text) that engines do not share: they ignore attributes they do not
// know, still run operators that ONNX has retired, and do not read metadata.
constexpr std::array<std::string_view, 4> kToleratedObjections = {
    "Unrecognized attribute: ",
    " is deprecated in domain_version of ",
    " has been deprecated since version ",
    "duplicate keys in metadata_props",
};

// Changes to a model for the time of the check, undone in reverse order. Each makes up for a habit of real exporters or
// of large models that the checker has no patience with, so that it still looks at everything else.
class Concessions {
 public:
  Concessions(onnx::ModelProto& model, std::vector<std::string>& warnings) : model_(model), warnings_(warnings) {
    name_graph();
    allow_initializers_beside_inputs();
    import_missing_domains();
    give_shapes_to_inputs_and_outputs();
    hide_external_data();
  }
  ~Concessions() {
    for (const auto& undo : std::views::reverse(undo_)) undo();
  }
  Concessions(const Concessions&) = delete;
  Concessions& operator=(const Concessions&) = delete;

 private:
  void name_graph() {
    onnx::GraphProto& graph = *model_.mutable_graph();
    if (!graph.name().empty()) return;
    const bool had_name = graph.has_name();
    graph.set_name("graph");
    undo_.emplace_back([&graph, had_name] {
      if (had_name) {
        graph.set_name("");
      } else {
        graph.clear_name();
      }
    });
  }

  // Before IR version 4 initializers had to be inputs too; exporters left them out early.
  void allow_initializers_beside_inputs() {
    constexpr std::int64_t initializers_need_not_be_inputs = 4;
    const std::int64_t version = model_.ir_version();
    if (version >= initializers_need_not_be_inputs || model_.opset_import().empty()) return;
    model_.set_ir_version(initializers_need_not_be_inputs);
    undo_.emplace_back([this, version] { model_.set_ir_version(version); });
  }

  void import_missing_domains() {
    std::set<std::string> imported = {"", "ai.onnx"};
    for (const auto& opset : model_.opset_import()) imported.insert(opset.domain());
    if (model_.opset_import().empty()) return;
    const int before = model_.opset_import_size();
    for (const auto& node : model_.graph().node()) {
      if (!imported.insert(node.domain()).second) continue;
      warnings_.push_back(fmt::format("the model uses operator {} of domain '{}' without importing an opset of it",
                                      printable(node.op_type()), printable(node.domain())));
      auto& opset = *model_.add_opset_import();
      opset.set_domain(node.domain());
      opset.set_version(1);
    }
    undo_.emplace_back([this, before] {
      auto& opsets = *model_.mutable_opset_import();
      opsets.DeleteSubrange(before, opsets.size() - before);
    });
  }

  // An input or output of unknown rank is rare but legal for engines that are told the shape.
  void give_shapes_to_inputs_and_outputs() {
    onnx::GraphProto& graph = *model_.mutable_graph();
    for (auto* values : {graph.mutable_input(), graph.mutable_output()}) {
      for (auto& value : *values) {
        if (!value.type().has_tensor_type() || value.type().tensor_type().has_shape()) continue;
        auto& tensor = *value.mutable_type()->mutable_tensor_type();
        tensor.mutable_shape();
        undo_.emplace_back([&tensor] { tensor.clear_shape(); });
      }
    }
  }

  // find_external_data() has looked at the files. The checker would refuse every symbolic and hard link, which download
  // caches are made of, and would look for them in the current folder.
  void hide_external_data() {
    for_each_stored_tensor(model_, [this](onnx::TensorProto& tensor) {
      if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
      tensor.set_data_location(onnx::TensorProto::DEFAULT);
      std::vector<std::int64_t> dims(tensor.dims().begin(), tensor.dims().end());
      tensor.clear_dims();
      tensor.add_dims(0);
      undo_.emplace_back([&tensor, dims = std::move(dims)] {
        tensor.set_data_location(onnx::TensorProto::EXTERNAL);
        tensor.mutable_dims()->Assign(dims.begin(), dims.end());
      });
    });
  }

  onnx::ModelProto& model_;
  std::vector<std::string>& warnings_;
  std::vector<std::function<void()>> undo_;
};

// The checker writes several lines: "X\n\n==> Context: Bad node spec for node. Name: conv1 OpType: Conv".
std::string one_sentence(std::string_view message) {
  constexpr std::string_view context_mark = "==> Context: ";
  std::string context;
  if (const std::size_t at = message.find(context_mark); at != std::string_view::npos) {
    context = fmt::format(" ({})", message.substr(at + context_mark.size()));
    message = message.substr(0, at);
  }
  while (!message.empty() && std::string_view(" \n.").find(message.back()) != std::string_view::npos) {
    message.remove_suffix(1);
  }
  std::string text = std::string(message) + context;
  std::ranges::replace(text, '\n', ' ');
  const auto both_spaces = [](char a, char b) { return a == ' ' && b == ' '; };
  text.erase(std::ranges::unique(text, both_spaces).begin(), text.end());
  return printable(text);
}

// Sentences for every domain whose opset this ONNX library is too old for.
std::vector<std::string> newer_opsets(const onnx::ModelProto& model) {
  std::vector<std::string> sentences;
  // Static, so that a thread sanitizer sees who filled the map: the library, where it sees nothing, on the first call.
  static const auto& known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  for (const auto& opset : model.opset_import()) {
    const auto range = known.find(opset.domain() == "ai.onnx" ? "" : opset.domain());
    if (range == known.end() || opset.version() <= range->second.second) continue;
    sentences.push_back(fmt::format(
        "the model uses opset {} of {}, newer than the opset {} that the ONNX library knows", opset.version(),
        opset.domain().empty() ? "ai.onnx" : printable(opset.domain()), range->second.second));
  }
  return sentences;
}

// The checker's objection, or "" for none.
std::string objection_to(onnx::ModelProto& model, std::vector<std::string>& warnings) {
  const Concessions concessions(model, warnings);
  try {
    onnx::checker::check_model(model);
  } catch (const std::exception& objection) {
    return one_sentence(objection.what());
  }
  return "";
}

// Nothing could use such a node, and the checker passes over those of operators that it does not know.
Status check_outputs(const onnx::ModelProto& model, const std::string& name) {
  Status status;
  for_each_node(model, [&](const onnx::NodeProto& node, const std::string& /*path*/) {
    if (!status || node.output_size() > 0) return;
    status = fail(fmt::format("{} is not a valid ONNX model: node '{}' ({}) has no outputs", name,
                              printable(node.name()), printable(node.op_type())));
  });
  return status;
}

}  // namespace

Status check_model_proto(onnx::ModelProto& model, const std::string& name, std::vector<std::string>& warnings) {
  if (model.ir_version() > onnx::Version::IR_VERSION) {
    return fail(fmt::format("{} has ONNX IR version {}, newer than the {} that this program knows", name,
                            model.ir_version(), static_cast<int>(onnx::Version::IR_VERSION)),
                "export it with an older IR version");
  }
  if (const Status outputs = check_outputs(model, name); !outputs) return outputs;
  const std::vector<std::string> newer = newer_opsets(model);
  warnings.insert(warnings.end(), newer.begin(), newer.end());
  const std::string objection = objection_to(model, warnings);
  if (objection.empty()) return {};
  const bool tolerated =
      std::ranges::any_of(kToleratedObjections, [&](auto part) { return objection.find(part) != std::string::npos; });
  if (!tolerated && newer.empty()) {
    return fail(fmt::format("{} is not a valid ONNX model: {}", name, objection));
  }
  warnings.push_back("the ONNX checker objects: " + objection);
  return {};
}

}  // namespace trtprof
