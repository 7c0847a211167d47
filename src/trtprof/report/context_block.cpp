#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof::text_report {
namespace {

// Enough to recognise a file by; the profile holds all 64 digits.
constexpr std::size_t kHashDigits = 12;
// A model may have hundreds of inputs (caches of a language model); the profile holds them all.
constexpr std::size_t kMaxInputs = 16;
// What a shell takes as it is.
constexpr std::string_view kPlainCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";

// "a, b, c" of those that are not empty.
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) {
      text += (text.empty() ? "" : ", ") + part;
    }
  }
  return text;
}

std::string in_parentheses(const std::string& text) {
  return text.empty() ? "" : fmt::format(" ({})", text);
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "not known" : printable(text);
}

std::string device(const Environment& environment) {
  return or_unknown(environment.device_name) + (environment.device_kind == DeviceKind::cpu ? " (CPU)" : " (GPU)");
}

// Environment::properties of a GPU that make a line of their own, in the order and the words of that line.
struct GpuFact {
  std::string_view property;
  std::string_view before;
  std::string_view behind;
};
constexpr std::array<GpuFact, 5> kGpuFacts = {{{"device", "", ""},
                                               {"compute capability", "compute capability ", ""},
                                               {"multiprocessors", "", " multiprocessors"},
                                               {"device memory", "", " memory"},
                                               {"L2 cache", "", " L2 cache"}}};
constexpr std::array<GpuFact, 2> kCudaFacts = {{{"CUDA driver", "driver ", ""}, {"CUDA runtime", "runtime ", ""}}};

template <std::size_t count>
std::string facts(const Environment& environment, const std::array<GpuFact, count>& wanted) {
  std::vector<std::string> parts;
  for (const GpuFact& fact : wanted) {
    const auto found = environment.properties.find(std::string(fact.property));
    const bool known = found != environment.properties.end() && !found->second.empty();
    parts.push_back(known ? fmt::format("{}{}{}", fact.before, printable(found->second), fact.behind) : "");
  }
  return joined(parts);
}

// Whatever else was in force: "CUDA graph yes, transfers overlapped".
std::string other_settings(const Environment& environment) {
  const auto is_in = [](const auto& wanted, const std::string& name) {
    return std::ranges::any_of(wanted, [&](const GpuFact& fact) { return fact.property == name; });
  };
  std::vector<std::string> parts;
  for (const auto& [name, value] : environment.properties) {
    const bool said = is_in(kGpuFacts, name) || is_in(kCudaFacts, name);
    parts.push_back(said || value.empty() ? "" : printable(fmt::format("{} {}", name, value)));
  }
  return joined(parts);
}

void add_gpu(KeyValues& lines, const Environment& environment) {
  if (environment.device_kind == DeviceKind::cpu) {
    return;
  }
  lines.insert(lines.end(), {{"GPU", facts(environment, kGpuFacts)},
                             {"CUDA", facts(environment, kCudaFacts)},
                             {"Settings", other_settings(environment)}});
}

std::string machine(const Environment& environment) {
  return joined({printable(environment.hostname), printable(environment.operating_system),
                 environment.device_kind == DeviceKind::gpu ? printable(environment.cpu_model) : "",
                 environment.logical_cpus ? fmt::format("{} logical CPUs", *environment.logical_cpus) : "",
                 environment.memory_bytes ? format_bytes(*environment.memory_bytes) + " memory" : ""});
}

std::string engine(const Environment& environment) {
  const std::string version = environment.engine_version.empty() ? "" : ' ' + printable(environment.engine_version);
  return or_unknown(environment.engine_name) + version +
         in_parentheses(environment.backend.empty() ? "" : fmt::format("backend {}", printable(environment.backend)));
}

std::string opsets(const ModelInfo& model) {
  std::vector<std::string> parts;
  parts.reserve(model.opsets.size());
  for (const auto& [domain, version] : model.opsets) {
    parts.push_back(domain.empty() ? fmt::format("opset {}", version)
                                   : fmt::format("{} {}", printable(domain), version));
  }
  return joined(parts);
}

void add_inputs(KeyValues& lines, const std::vector<TensorDesc>& inputs) {
  for (std::size_t i = 0; i < std::min(inputs.size(), kMaxInputs); ++i) {
    const TensorDesc& input = inputs[i];
    lines.emplace_back(
        i > 0               ? ""
        : inputs.size() > 1 ? "Inputs"
                            : "Input",
        fmt::format("{} {} {}", printable(input.name), input.element_type.empty() ? "?" : printable(input.element_type),
                    format_shape(input.shape)));
  }
  if (inputs.size() > kMaxInputs) {
    lines.emplace_back("", fmt::format("and {} more", inputs.size() - kMaxInputs));
  }
}

// As a POSIX shell would read it back.
std::string shell_word(const std::string& word) {
  if (!word.empty() && word.find_first_not_of(kPlainCharacters) == std::string::npos) {
    return word;
  }
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return text + "'";
}

std::string command(const std::vector<std::string>& command_line) {
  std::string text;
  for (const std::string& word : command_line) {
    text += (text.empty() ? "" : " ") + printable(shell_word(word));
  }
  return text;
}

std::string tool(const Environment& environment) {
  if (environment.tool_version.empty()) {
    return "";
  }
  const std::string& commit = environment.tool_commit;
  return fmt::format("tensorrt_profiling {}{}", printable(environment.tool_version),
                     in_parentheses(commit.empty() ? "" : fmt::format("commit {}", printable(commit))));
}

template <class Number>
std::string text_of(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "";
}

}  // namespace

void write_list(std::ostream& out, const std::vector<std::string>& sentences, const std::string& heading) {
  if (sentences.empty()) {
    return;
  }
  out << '\n' << heading << '\n';
  for (const std::string& sentence : sentences) {
    out << "  - " << printable(sentence) << '\n';
  }
}

std::string describe_model(const ModelInfo& model) {
  const std::string details =
      joined({model.file_bytes ? format_bytes(*model.file_bytes) : "",
              model.sha256.empty() ? "" : fmt::format("sha256 {}", printable(model.sha256.substr(0, kHashDigits))),
              opsets(model), model.node_count ? fmt::format("{} nodes", *model.node_count) : ""});
  return or_unknown(model.path) + in_parentheses(details);
}

void write_context(std::ostream& out, const Profile& profile) {
  const Environment& environment = profile.environment;
  KeyValues lines = {{"Device", device(environment)}};
  add_gpu(lines, environment);
  lines.insert(
      lines.end(),
      {{"Machine", machine(environment)}, {"Engine", engine(environment)}, {"Model", describe_model(profile.model)}});
  add_inputs(lines, profile.model.inputs);
  lines.insert(lines.end(), {{"Precision", printable(environment.precision)},
                             {"Threads", text_of(environment.threads)},
                             {"Streams", text_of(environment.streams)},
                             {"Batch", text_of(profile.model.batch)},
                             {"Command", command(environment.command_line)},
                             {"Tool", tool(environment)},
                             {"Date", printable(environment.started_at)}});
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  write_key_values(out, lines, "");
}

}  // namespace trtprof::text_report
