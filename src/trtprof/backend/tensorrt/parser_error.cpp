#include "trtprof/backend/tensorrt/parser_error.h"

#include <string_view>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/logger.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

// "node 'conv1' (Conv)", by name where it has one.
std::string node_of(const nvonnxparser::IParserError& error) {
  const char* name = error.nodeName();
  const char* op = error.nodeOperator();
  const bool named = name != nullptr && *name != '\0';
  const std::string type = op != nullptr && *op != '\0' ? fmt::format(" ({})", printable(op)) : "";
  if (named) return fmt::format("node '{}'{}", printable(name), type);
  return error.node() >= 0 ? fmt::format("node {}{}", error.node(), type) : std::string{};
}

// The parser tells by the C++ condition that did not hold: `creator && "Plugin not found, ..."`,
// "Assertion failed: (condition): what is wrong. ", or a bare "false".
std::string parser_reason(const char* description) {
  constexpr std::string_view assertion = "Assertion failed: ";
  std::string_view text = description == nullptr ? std::string_view{} : std::string_view(description);
  if (text == "false" || text.empty()) return {};
  if (const std::size_t quote = text.find(" && \""); quote != std::string_view::npos && text.ends_with('"')) {
    text.remove_prefix(quote + 5);
    text.remove_suffix(1);
  } else if (text.starts_with(assertion)) {
    const std::size_t told = text.find("): ");
    text.remove_prefix(told == std::string_view::npos ? assertion.size() : told + 3);
  }
  return plain_message(std::string(text));
}

}  // namespace

ParserComplaint complaint_of(const nvonnxparser::IParserError& error) {
  const std::string node = node_of(error);
  const std::string reason = parser_reason(error.desc());
  const bool unsupported = error.code() == nvonnxparser::ErrorCode::kUNSUPPORTED_NODE;
  ParserComplaint complaint;
  complaint.unsupported_operator = unsupported || reason.starts_with("Plugin not found");
  complaint.text = fmt::format("{}{}{}", node, node.empty() ? "" : ": ",
                               !reason.empty() ? reason
                               : unsupported   ? "the operator is not supported"
                                               : "it does not say why");
  return complaint;
}

}  // namespace trtprof::tensorrt
