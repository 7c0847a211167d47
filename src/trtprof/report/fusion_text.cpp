#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/report/fusion.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

constexpr std::size_t kLeastColumns = 40;
constexpr std::size_t kLeastName = 16;
constexpr std::size_t kClassWidth = 15;
constexpr std::size_t kKindWidth = 20;

std::string_view in_words(FusionStatus status) {
  switch (status) {
    case FusionStatus::fused:
      return "fused";
    case FusionStatus::partly_fused:
      return "partly fused";
    case FusionStatus::not_fused:
      return "not fused";
    case FusionStatus::not_told:
      break;
  }
  return "not told";
}

// Fits `name` between `before` and `after` into `width` columns: the name gives way first.
std::string fit_name(std::string_view before, std::string_view name, std::string_view after, std::size_t width) {
  const std::size_t fixed = display_width(printable(before)) + display_width(printable(after));
  const std::size_t room = std::max(kLeastName, width > fixed ? width - fixed : 0);
  return shorten_middle(fmt::format("{}{}{}", before, shorten_middle(name, room), after), width);
}

// One node by its name, the others by what they do: "/stem/conv + BatchNormalization + Relu".
template <class Node>
std::string label(const std::vector<Node>& nodes, const std::string& named, std::size_t width) {
  std::string before;
  std::string after;
  bool behind = false;
  for (const Node& node : nodes) {
    if (!behind && node.name == named) {
      behind = true;
    } else if (behind) {
      after += " + " + (node.op_type.empty() ? node.name : node.op_type);
    } else {
      before += (node.op_type.empty() ? node.name : node.op_type) + " + ";
    }
  }
  return fit_name(before, named, after, width);
}

std::string label(const EngineLayerNodes& layer, std::size_t width) {
  if (layer.nodes.empty()) {
    const bool known = layer.layer_class != LayerClass::opaque && layer.layer_class != LayerClass::fused;
    return fit_name(known ? "inserted: " : "not told: ", layer.name, "", width);
  }
  Layer stand_in;
  stand_in.layer_class = layer.layer_class;
  stand_in.origin_nodes = layer.nodes;
  return label(layer.nodes, main_origin(stand_in)->name, width);
}

class FusionText {
 public:
  FusionText(std::ostream& out, const FusionReport& report, const FusionTextOptions& options)
      : out_(out), report_(report), options_(options), paint_(options.color) {}

  void write() {
    write_summary();
    if (!report_.chains.empty()) {
      write_kinds();
      write_broken();
    }
    write_nowhere();
    if (options_.layers) {
      write_layers();
    }
  }

 private:
  // What is left of a line behind `used` columns.
  [[nodiscard]] std::size_t room(std::size_t used) const { return std::max(options_.columns, kLeastColumns) - used; }

  void write_summary() {
    if (!report_.model_known) {
      out_ << paint_.bold("Fusion:") << " the model is not at hand, so its chains are not known\n";
      return;
    }
    if (report_.chains.empty()) {
      out_ << paint_.bold("Fusion:") << " the model has no convolution with anything to fuse\n";
      return;
    }
    std::string text = fmt::format("Fusion: {} of {} fused", report_.chains_with(FusionStatus::fused),
                                   counted(static_cast<std::int64_t>(report_.chains.size()), "chain"));
    for (const FusionStatus status : {FusionStatus::partly_fused, FusionStatus::not_fused, FusionStatus::not_told}) {
      if (const std::size_t count = report_.chains_with(status); count > 0) {
        text += fmt::format(", {} {}", count, in_words(status));
      }
    }
    out_ << paint_.bold(text) << '\n';
  }

  void write_kinds() {
    std::map<FusionKind, std::pair<std::size_t, std::size_t>> kinds;  // fused, all
    for (const ChainFusion& chain : report_.chains) {
      auto& [fused, all] = kinds[chain.kind];
      fused += chain.status == FusionStatus::fused ? 1U : 0U;
      ++all;
    }
    for (const auto& [kind, counts] : kinds) {
      out_ << fmt::format("  {:<{}}{:>5} of {}\n", to_string(kind), kKindWidth, counts.first, counts.second);
    }
  }

  void write_broken() {
    std::size_t listed = 0;
    std::size_t broken = 0;
    for (const ChainFusion& chain : report_.chains) {
      if (chain.status == FusionStatus::fused || ++broken > options_.broken_chains) {
        continue;
      }
      out_ << (listed++ == 0 ? "\n" + paint_.bold("Not in one layer:") + "\n" : "");
      write_chain(chain);
    }
    if (broken > listed) {
      out_ << fmt::format("  and {} more\n", broken - listed);
    }
  }

  void write_chain(const ChainFusion& chain) {
    const std::string status = fmt::format("  {}: ", in_words(chain.status));
    out_ << status << label(chain.nodes, chain.nodes.front().name, room(status.size())) << '\n';
    if (!chain.why_not_told.empty()) {
      write_reason(chain.why_not_told);
    }
    for (const FusionBreak& where : chain.breaks) {
      write_reason(reason(chain, where));
    }
    for (const ChainNode& node : chain.nodes) {
      if (chain.status != FusionStatus::not_told && node.layers.size() > 1) {
        write_reason(fmt::format("{} runs in {}", node.op_type,
                                 counted(static_cast<std::int64_t>(node.layers.size()), "layer")));
      }
    }
  }

  void write_reason(const std::string& text) { out_ << "    " << shorten_middle(text, room(4)) << '\n'; }

  [[nodiscard]] std::string reason(const ChainFusion& chain, const FusionBreak& where) const {
    const auto op_type = [&](const std::string& name) {
      const auto node = std::ranges::find_if(chain.nodes, [&](const ChainNode& n) { return n.name == name; });
      return node == chain.nodes.end() ? name : node->op_type;
    };
    const std::string place = fmt::format("{} | {}", op_type(where.after), op_type(where.before));
    switch (where.cause) {
      case BreakCause::reformat:
      case BreakCause::layers: {
        const EngineLayerNodes& first = report_.layers[where.between.front()];
        const std::size_t others = where.between.size() - 1;
        const std::string what = fmt::format(
            "{}: {}{} in between: ", place, display_name(first.layer_class),
            others == 0 ? "" : fmt::format(" and {}", counted(static_cast<std::int64_t>(others), "more layer")));
        return fit_name(what, first.name, "", room(4));
      }
      case BreakCause::precision:
        return fmt::format("{}: {} before, {} behind", place, where.precision_after, where.precision_before);
      case BreakCause::none_seen:
        break;
    }
    return fmt::format("{}: {} -> {}, nothing in between", place, type_of(where.layer_after),
                       type_of(where.layer_before));
  }

  [[nodiscard]] std::string type_of(std::size_t layer) const {
    const EngineLayerNodes& it = report_.layers[layer];
    return it.engine_type.empty() ? std::string(display_name(it.layer_class)) : it.engine_type;
  }

  void write_nowhere() {
    if (report_.nowhere.empty()) {
      return;
    }
    std::map<std::string, std::size_t> types;
    for (const OriginNode& node : report_.nowhere) {
      ++types[node.op_type];
    }
    std::vector<std::string> counts;
    counts.reserve(types.size());
    for (const auto& [type, count] : types) {
      counts.push_back(fmt::format("{} {}", type, count));
    }
    const std::string text = fmt::format("{}: {}", counted(static_cast<std::int64_t>(report_.nowhere.size()), "node"),
                                         fmt::join(counts, ", "));
    out_ << '\n' << paint_.bold("In no layer:") << ' ' << shorten_middle(text, room(13)) << '\n';
  }

  void write_layers() {
    out_ << '\n' << paint_.bold(fmt::format("Engine layers: {}", report_.layers.size())) << '\n';
    out_ << fmt::format("  {:>4}  {:<{}}{}\n", "#", "Type", kClassWidth, "ONNX nodes inside");
    for (std::size_t i = 0; i < report_.layers.size(); ++i) {
      const EngineLayerNodes& layer = report_.layers[i];
      out_ << fmt::format("  {:>4}  {:<{}}{}\n", i, display_name(layer.layer_class), kClassWidth,
                          label(layer, room(8 + kClassWidth)));
    }
  }

  std::ostream& out_;
  const FusionReport& report_;
  const FusionTextOptions& options_;
  Paint paint_;
};

}  // namespace

void write_fusion_text(std::ostream& out, const FusionReport& report, const FusionTextOptions& options) {
  FusionText(out, report, options).write();
}

}  // namespace trtprof
