#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/fusion_worth.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

constexpr std::size_t kPatternWidth = 31;
constexpr std::size_t kLeastName = 24;
constexpr std::size_t kFiguresOfAnInstance = 59;

std::string milliseconds(double seconds) {
  return format_milliseconds(seconds, 3);
}

// "0.412 [0.398, 0.431]"
std::string with_interval(const Effect& effect) {
  if (!effect.interval) return milliseconds(effect.seconds);
  return fmt::format("{} [{}, {}]", milliseconds(effect.seconds), milliseconds(effect.interval->low),
                     milliseconds(effect.interval->high));
}

std::string worth(const KindWorth& kind) {
  if (kind.worth) return with_interval(*kind.worth);
  return kind.bound ? fmt::format("not available, <= {}", milliseconds(kind.bound->seconds)) : "not available";
}

// Of the inference without the fusion, which is how the guide counts: "24.0% [21.1, 25.7]".
std::string saves(const std::optional<Effect>& effect, const std::optional<double>& original) {
  if (!effect || !original || !(*original > 0.0)) return "-";
  const auto part = [&](double seconds) { return seconds / (*original + seconds); };
  if (!effect->interval || *original + effect->interval->low <= 0.0) return format_percent(part(effect->seconds), 1);
  return fmt::format("{} [{:.1f}, {:.1f}]", format_percent(part(effect->seconds), 1),
                     100.0 * part(effect->interval->low), 100.0 * part(effect->interval->high));
}

std::string guide(FusionPairKind kind) {
  const auto figure = guides_figure(kind);
  return figure ? fmt::format("about {:.0f} %", *figure * 100.0) : "-";
}

// A sentence for instances of this state; empty: nothing to say.
std::string_view reason(InstanceState state) {
  switch (state) {
    case InstanceState::not_prevented:
      return "fused although the tensor in between is read from: no figure";
    case InstanceState::retyped:
      return "written in another type when the tensor in between is read from: no figure";
    case InstanceState::no_control:
      return "whose layer changes when its result is read from, so that there is no control: no figure";
    case InstanceState::not_told:
      return "of which the engine does not tell whether it fuses them";
    case InstanceState::not_tried:
      return "not tried, because it was stopped";
    case InstanceState::measured:
    case InstanceState::apart:
      break;
  }
  return "";
}

class FusionWorthText {
 public:
  FusionWorthText(std::ostream& out, const FusionWorthReport& report, const FusionWorthTextOptions& options)
      : out_(out), report_(report), options_(options), paint_(options.color) {}

  void write() {
    if (!options_.quiet) write_context();
    if (report_.kinds.empty()) {
      out_ << "The model has no nodes that an engine is known to fuse.\n";
      return;
    }
    write_table();
    if (options_.quiet) return;
    write_details();
    if (report_.per_instance) write_instances();
    write_legend();
    text_report::write_list(out_, report_.notes, paint_.bold("Notes:"));
    text_report::write_list(out_, report_.warnings, paint_.warning("Warnings:"));
  }

 private:
  void write_context() {
    Profile profile;
    profile.environment = report_.environment;
    profile.model = report_.model;
    out_ << paint_.bold("What each fusion is worth") << (report_.partial ? "  PARTIAL: interrupted" : "") << "\n\n";
    text_report::write_context(out_, profile);
    if (report_.inference) out_ << fmt::format("One inference takes {}.\n", format_duration(*report_.inference));
    out_ << '\n';
  }

  void write_table() {
    out_ << paint_.bold(fmt::format("{:<{}}{:>9}  {:<25}{:<20}{:>10}{:>12}", "Pattern", kPatternWidth, "Fused",
                                    "Worth ms [95 %]", "Saves [95 %]", "By layers", "The guide"))
         << '\n';
    for (const KindWorth& kind : report_.kinds) {
      const std::size_t fused =
          kind.instances.size() - kind.count(InstanceState::apart) - kind.count(InstanceState::not_told);
      out_ << fmt::format("{:<{}}{:>9}  {:<25}{:<20}{:>10}{:>12}\n", describe(kind.kind), kPatternWidth,
                          fmt::format("{} of {}", fused, kind.instances.size()), worth(kind),
                          saves(kind.worth, kind.original), kind.layers ? milliseconds(kind.layers->seconds) : "-",
                          guide(kind.kind));
    }
  }

  void write_details() {
    for (const KindWorth& kind : report_.kinds) {
      const std::vector<std::string> lines = details_of(kind);
      if (lines.empty()) continue;
      out_ << '\n' << paint_.bold(describe(kind.kind)) << '\n';
      for (const std::string& line : lines) out_ << "  " << line << '\n';
    }
  }

  [[nodiscard]] static std::vector<std::string> details_of(const KindWorth& kind) {
    std::vector<std::string> lines;
    if (kind.worth) add_measured(kind, lines);
    if (kind.count(InstanceState::apart) > 0) add_apart(kind, lines);
    for (const InstanceState state : {InstanceState::not_prevented, InstanceState::retyped, InstanceState::no_control,
                                      InstanceState::not_told, InstanceState::not_tried}) {
      if (const std::size_t count = kind.count(state); count > 0)
        lines.push_back(fmt::format("{} {}", count, reason(state)));
    }
    return lines;
  }

  static void add_measured(const KindWorth& kind, std::vector<std::string>& lines) {
    const auto bytes = kind.bytes(InstanceState::measured);
    lines.push_back(
        fmt::format("{} measured in {} rounds{}", kind.count(InstanceState::measured), kind.worth->rounds,
                    bytes ? fmt::format("; they spare {} of memory traffic", format_bytes(*bytes)) : std::string()));
    if (!kind.worth->seen()) lines.emplace_back("no effect to be seen: the interval holds zero");
    if (kind.barrier) {
      lines.push_back(fmt::format("reading from the tensors costs {} ms of its own, already taken off",
                                  with_interval(*kind.barrier)));
    }
    if (kind.layers) lines.push_back(fmt::format("by the layers' own times: {} ms", with_interval(*kind.layers)));
    if (kind.other_layers_changed > 0) {
      lines.push_back(fmt::format("{} fused otherwise where these are prevented, and in the figure too",
                                  counted(static_cast<std::int64_t>(kind.other_layers_changed), "other layer")));
    }
  }

  static void add_apart(const KindWorth& kind, std::vector<std::string>& lines) {
    const auto bytes = kind.bytes(InstanceState::apart);
    lines.push_back(fmt::format(
        "{} not fused by this engine{}", kind.count(InstanceState::apart),
        bytes ? fmt::format("; fused they would spare {} of memory traffic", format_bytes(*bytes)) : std::string()));
    if (!kind.bound) {
      lines.emplace_back("how much that is worth at most is not known; 'ceilings' measures the bandwidth that tells");
      return;
    }
    lines.push_back(fmt::format("worth at most {} ms, {}", milliseconds(kind.bound->seconds),
                                kind.bound->basis == BoundBasis::memory_bandwidth
                                    ? "which these bytes take at the memory's bandwidth"
                                    : "which the layers take that would go away"));
  }

  void write_instances() {
    const std::size_t room = std::max(options_.columns, kLeastName + kFiguresOfAnInstance) - kFiguresOfAnInstance;
    for (const KindWorth& kind : report_.kinds) {
      if (kind.count(InstanceState::measured) == 0) continue;
      out_ << '\n' << paint_.bold(fmt::format("{}, one by one", describe(kind.kind))) << '\n';
      for (const FusionInstance& instance : kind.instances) {
        if (instance.state != InstanceState::measured) continue;
        out_ << fmt::format("  {}  {:<25}{:<20}{:>10}\n", fit_left(instance.pair.tail.back(), room),
                            instance.worth ? with_interval(*instance.worth) : "-", saves(instance.worth, kind.original),
                            instance.layers ? milliseconds(instance.layers->seconds) : "-");
      }
    }
  }

  void write_legend() {
    out_ << "\nWorth: how much longer an inference takes without the fusion; a control takes off what preventing it "
            "costs.\n"
            "Saves: the same as a part of the inference without the fusion. By layers: the same by the times of the\n"
            "layers concerned, in ms. Worths do not add up: each is against the model with all its other fusions. The\n"
            "guide's figures are rules of thumb for MobileNetV2.\n";
    if (report_.other_fused_layers > 0) {
      out_ << fmt::format("{} beside these run several nodes in other ways, which are not measured.\n",
                          counted(static_cast<std::int64_t>(report_.other_fused_layers), "layer"));
    }
  }

  std::ostream& out_;
  const FusionWorthReport& report_;
  const FusionWorthTextOptions& options_;
  Paint paint_;
};

}  // namespace

std::string_view describe(FusionPairKind kind) {
  switch (kind) {
    case FusionPairKind::conv_bn:
      return "Conv + BatchNormalization";
    case FusionPairKind::conv_affine:
      return "Conv + bias or scale";
    case FusionPairKind::conv_activation:
      return "Conv + activation";
    case FusionPairKind::conv_add:
      return "Conv + residual addition";
    case FusionPairKind::depthwise_pointwise:
      return "depthwise Conv + 1x1 Conv";
    case FusionPairKind::matmul_affine:
      return "MatMul + bias or scale";
    case FusionPairKind::matmul_activation:
      return "MatMul + activation";
    case FusionPairKind::matmul_add:
      return "MatMul + residual addition";
    case FusionPairKind::add_activation:
      return "residual addition + activation";
    case FusionPairKind::pointwise:
      break;
  }
  return "elementwise + elementwise";
}

std::optional<double> guides_figure(FusionPairKind kind) {
  if (kind == FusionPairKind::conv_bn) return 0.30;
  if (kind == FusionPairKind::conv_activation) return 0.20;
  if (kind == FusionPairKind::depthwise_pointwise) return 0.15;
  return std::nullopt;
}

void write_fusion_worth_text(std::ostream& out, const FusionWorthReport& report,
                             const FusionWorthTextOptions& options) {
  FusionWorthText(out, report, options).write();
}

}  // namespace trtprof
