#include "trtprof/model/graph.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {

const std::string& GraphNode::display_name() const {
  if (!name.empty()) return name;
  const auto output = std::ranges::find_if(outputs, [](const std::string& o) { return !o.empty(); });
  return output == outputs.end() ? name : *output;
}

std::string to_string(const ValueInfo& value) {
  std::string text = fmt::format("{}: {} ", printable(value.name), to_string(value.type));
  if (!value.shape) return text + "(rank not known)";
  text += '[';
  for (std::size_t i = 0; i < value.shape->size(); ++i) {
    const Dimension& dimension = (*value.shape)[i];
    if (i > 0) text += ", ";
    if (dimension.value) {
      text += std::to_string(*dimension.value);
    } else {
      text += dimension.symbol.empty() ? "?" : printable(dimension.symbol);
    }
  }
  return text + ']';
}

}  // namespace trtprof
