#include "trtprof/report/reasons_text.h"

#include <algorithm>
#include <map>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

// Of reasons that are told in the short form.
constexpr std::size_t kReasonsTold = 5;

// "blocked by name ('/conv')" of the node '/conv' itself: the same reason as that of others that are named one by one.
std::string without_own_name(const BlockedNode& node) {
  const std::string own = fmt::format(" ('{}')", printable(node.node));
  const bool named = node.reason.ends_with(own);
  return named ? node.reason.substr(0, node.reason.size() - own.size()) : node.reason;
}

}  // namespace

void write_reasons(std::ostream& out, const std::vector<BlockedNode>& nodes, const std::string& heading,
                   const OptimizationTextOptions& options) {
  if (nodes.empty()) return;
  const text_report::Paint paint(options.color);
  struct Reason {
    std::string text;
    std::string first;
    std::size_t nodes = 0;
  };
  std::map<std::string, Reason> by_text;
  for (const BlockedNode& node : nodes) {
    const std::string why = without_own_name(node);
    Reason& reason = by_text[node.op_type + ": " + why];
    reason.text = fmt::format("{}: {}", printable(node.op_type), printable(why));
    if (reason.nodes++ == 0) reason.first = node.node;
  }
  std::vector<Reason> reasons;
  reasons.reserve(by_text.size());
  for (auto& [text, reason] : by_text) reasons.push_back(std::move(reason));
  std::ranges::stable_sort(reasons, std::ranges::greater(), &Reason::nodes);
  out << '\n' << paint.bold(heading) << '\n';
  const std::size_t told = options.explain ? reasons.size() : std::min(reasons.size(), kReasonsTold);
  for (std::size_t i = 0; i < told; ++i) {
    const Reason& reason = reasons[i];
    const std::string who = reason.nodes == 1 ? fmt::format(" ('{}')", printable(reason.first)) : "";
    const std::string lead = fmt::format("  {:>4}  ", reason.nodes);
    out << lead << wrap(reason.text + who, options.columns, lead.size(), lead.size()) << '\n';
  }
  if (told < reasons.size()) {
    out << fmt::format("        and {} more reasons; --explain-passes names the nodes\n", reasons.size() - told);
  }
  if (!options.explain) return;
  for (const BlockedNode& node : nodes) {
    const std::string who = fmt::format("    {} '{}': ", printable(node.op_type), printable(node.node));
    out << who << wrap(node.reason, options.columns, 6, display_width(who)) << '\n';
  }
}

}  // namespace trtprof
