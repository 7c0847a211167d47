// parse_shape_option() and bind_shapes() of graph.h: what the user said of shapes, against what the model says.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/text.h"
#include "trtprof/model/graph.h"

namespace trtprof {
namespace {

using Shape = std::vector<std::int64_t>;

// A word of a shell command line that the shell hands over unchanged, whatever the model calls its inputs.
std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:@%+,=").find(c) != std::string_view::npos;
  };
  if (std::ranges::all_of(text, plain)) return text;
  const bool showable = printable(text) == text;
  std::string word = showable ? "'" : "$'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!showable && (byte < 0x20 || byte >= 0x7f)) {
      word += fmt::format("\\x{:02x}", byte);
    } else if (!showable && (c == '\\' || c == '\'')) {
      word += '\\';
      word += c;
    } else if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::string list_inputs(const Graph& graph) {
  std::vector<std::string> inputs;
  inputs.reserve(graph.inputs.size());
  for (const ValueInfo& input : graph.inputs) inputs.push_back(to_string(input));
  return fmt::format("{}", fmt::join(inputs, "; "));
}

// The input whose name is close enough to be what was meant; empty when none is.
std::string nearest_input(const Graph& graph, const std::string& name) {
  std::string nearest;
  std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const ValueInfo& input : graph.inputs) {
    const std::size_t distance = edit_distance(name, input.name);
    if (distance < best) {
      best = distance;
      nearest = input.name;
    }
  }
  return nearest;
}

// What one call of bind_shapes() works out, step by step; each step may end it with a sentence.
class ShapeBinder {
 public:
  ShapeBinder(const Graph& graph, const ShapeRequest& request) : graph_(graph), request_(request) {}

  Result<BoundShapes> bind() {
    if (const Status status = start_from_model(); !status) return forward_error(status);
    if (const Status status = take_requested_shapes(); !status) return forward_error(status);
    if (const Status status = take_batch(); !status) return forward_error(status);
    if (const Status status = bind_symbols(); !status) return forward_error(status);
    if (has_open_dimension()) return open_dimension_error();
    return finished();
  }

 private:
  using Open = std::optional<std::int64_t>;

  struct Binding {
    const ValueInfo* input = nullptr;
    bool rank_known = false;
    bool from_user = false;
    std::vector<Open> dims;
  };

  struct SymbolValue {
    std::int64_t value = 0;
    std::string input;  // the one that bound it
  };

  Status start_from_model() {
    for (const ValueInfo& input : graph_.inputs) {
      Binding binding;
      binding.input = &input;
      if (input.shape) {
        binding.rank_known = true;
        for (const Dimension& dimension : *input.shape) {
          if (dimension.value && *dimension.value < 1) {
            return fail(fmt::format("input {} has a dimension of {} in the model, so there is nothing to run",
                                    to_string(input), *dimension.value));
          }
          binding.dims.push_back(dimension.value);
        }
      }
      bindings_.push_back(std::move(binding));
    }
    return {};
  }

  Status take_requested_shapes() {
    for (const auto& [name, shape] : request_.by_input) {
      auto binding = find(name);
      if (!binding) return forward_error(binding);
      if (Status status = take_shape(**binding, shape); !status) return status;
    }
    return {};
  }

  Result<Binding*> find(const std::string& name) {
    if (bindings_.empty()) return usage_error("--shape is given, but the model has no inputs");
    if (name.empty()) return only_input();
    for (Binding& binding : bindings_) {
      if (binding.input->name == name) return &binding;
    }
    const std::string nearest = nearest_input(graph_, name);
    return usage_error(
        fmt::format("the model has no input named '{}'; its inputs are: {}", printable(name), list_inputs(graph_)),
        nearest.empty() ? "" : fmt::format("did you mean '{}'?", printable(nearest)));
  }

  Result<Binding*> only_input() {
    if (bindings_.size() > 1) {
      return usage_error(fmt::format("--shape needs the name of the input it is for; the model has {} inputs: {}",
                                     bindings_.size(), list_inputs(graph_)),
                         "write --shape NAME:1x3x224x224");
    }
    const std::string& name = bindings_[0].input->name;
    if (request_.by_input.contains(name)) {
      return usage_error(fmt::format("--shape is given twice for input {}", printable(name)));
    }
    return bindings_.data();
  }

  static Status take_shape(Binding& binding, const Shape& shape) {
    const ValueInfo& input = *binding.input;
    if (binding.rank_known && shape.size() != binding.dims.size()) {
      return usage_error(fmt::format("--shape {}:{} has {} dimensions, the model wants {} ({})", printable(input.name),
                                     shape_to_string(shape), shape.size(), binding.dims.size(), to_string(input)));
    }
    if (!binding.rank_known) {
      binding.rank_known = true;
      binding.dims.assign(shape.size(), std::nullopt);
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] < 1) {
        return usage_error(fmt::format("--shape {}:{}: dimension {} must be at least 1", printable(input.name),
                                       shape_to_string(shape), i));
      }
      if (binding.dims[i] && *binding.dims[i] != shape[i]) {
        return usage_error(fmt::format("--shape {}:{} contradicts the model: dimension {} of {} is fixed at {}",
                                       printable(input.name), shape_to_string(shape), i, to_string(input),
                                       *binding.dims[i]));
      }
      binding.dims[i] = shape[i];
    }
    binding.from_user = true;
    return {};
  }

  // Where at least one input leaves its leading dimension open, fixed ones beside it are not batch dimensions
  // (a recurrent state of [2, batch, 128], a constant table), so they stay.
  Status take_batch() {
    if (!request_.batch) return {};
    const std::int64_t batch = *request_.batch;
    if (batch < 1) return usage_error(fmt::format("--batch {} must be at least 1", batch));
    bool taken = false;
    for (Binding& binding : bindings_) {
      if (!leading_dimension_open_in_model(*binding.input)) continue;
      if (!binding.rank_known || binding.dims.empty()) continue;
      if (binding.dims[0] && *binding.dims[0] != batch) {
        return usage_error(fmt::format("--batch {} contradicts --shape for input {}, whose leading dimension is {}",
                                       batch, printable(binding.input->name), *binding.dims[0]));
      }
      binding.dims[0] = batch;
      taken = true;
    }
    if (taken) return {};
    for (const Binding& binding : bindings_) {
      if (!binding.dims.empty() && binding.dims[0] && *binding.dims[0] != batch) {
        return usage_error(fmt::format("--batch {} contradicts the model: the leading dimension of {} is fixed at {}",
                                       batch, to_string(*binding.input), *binding.dims[0]),
                           "export the model with a dynamic batch dimension to measure other batch sizes");
      }
    }
    return {};
  }

  static bool leading_dimension_open_in_model(const ValueInfo& input) {
    return !input.shape || (!input.shape->empty() && !input.shape->front().value);
  }

  Status bind_symbols() {
    for (const Binding& binding : bindings_) {
      for (std::size_t i = 0; i < binding.dims.size(); ++i) {
        if (!binding.dims[i]) continue;
        if (Status status = bind_symbol(symbol_of(binding, i), *binding.dims[i], binding); !status) return status;
      }
    }
    for (Binding& binding : bindings_) {
      for (std::size_t i = 0; i < binding.dims.size(); ++i) {
        const auto known = symbols_.find(symbol_of(binding, i));
        if (!binding.dims[i] && known != symbols_.end()) binding.dims[i] = known->second.value;
      }
    }
    return {};
  }

  Status bind_symbol(const std::string& symbol, std::int64_t value, const Binding& binding) {
    if (symbol.empty()) return {};
    const auto [known, added] = symbols_.try_emplace(symbol, SymbolValue{value, binding.input->name});
    if (added || known->second.value == value) return {};
    return usage_error(fmt::format("dimension '{}' cannot be both {} (input {}) and {} (input {})", printable(symbol),
                                   known->second.value, printable(known->second.input), value,
                                   printable(binding.input->name)));
  }

  // "" for a fixed or nameless dimension.
  static const std::string& symbol_of(const Binding& binding, std::size_t index) {
    static const std::string none;
    const auto& shape = binding.input->shape;
    if (!shape || index >= shape->size() || (*shape)[index].value) return none;
    return (*shape)[index].symbol;
  }

  static bool is_open(const Binding& binding) {
    return !binding.rank_known || std::ranges::any_of(binding.dims, [](const Open& d) { return !d.has_value(); });
  }

  bool has_open_dimension() const { return std::ranges::any_of(bindings_, is_open); }

  // The example is a suggestion the user can paste: it binds every open dimension, together with what was said already.
  tl::unexpected<Error> open_dimension_error() {
    std::vector<std::string> open;
    std::string example;
    for (const Binding& binding : bindings_) {
      if (!is_open(binding)) continue;
      open.push_back(to_string(*binding.input));
      const Shape shape = example_shape(binding);
      const std::string dims = shape.empty() ? "" : shape_to_string(shape);
      example += " --shape " + shell_word(binding.input->name + ":" + dims);
    }
    return usage_error(
        fmt::format("the model leaves input dimensions open, give them with --shape: {}", fmt::join(open, "; ")),
        "for example" + example);
  }

  Shape example_shape(const Binding& binding) {
    if (!binding.rank_known) {
      return {request_.batch.value_or(1)};
    }
    Shape shape;
    for (std::size_t i = 0; i < binding.dims.size(); ++i) {
      const std::string& symbol = symbol_of(binding, i);
      std::int64_t value = binding.dims[i].value_or(usual_dimension(i, binding.dims.size()));
      if (!symbol.empty())
        value = symbols_.try_emplace(symbol, SymbolValue{value, binding.input->name}).first->second.value;
      shape.push_back(value);
    }
    return shape;
  }

  // What image models (NCHW, 224 pixels) and sequence models (batch, tokens) are commonly tried with.
  static std::int64_t usual_dimension(std::size_t index, std::size_t rank) {
    if (index == 0) return 1;
    if (rank == 4) return index == 1 ? 3 : 224;
    return 128;
  }

  Result<BoundShapes> finished() const {
    BoundShapes bound;
    for (const Binding& binding : bindings_) {
      Shape shape;
      for (const Open& dimension : binding.dims) shape.push_back(dimension.value_or(0));
      if (!element_count(shape)) {
        return usage_error(fmt::format("input {} would have more elements than a 64-bit number counts ({})",
                                       printable(binding.input->name), shape_to_string(shape)));
      }
      bound[binding.input->name] = std::move(shape);
    }
    return bound;
  }

  const Graph& graph_;
  const ShapeRequest& request_;
  std::vector<Binding> bindings_;
  std::map<std::string, SymbolValue> symbols_;
};

constexpr const char* kShapeFormHint = "write NAME:1x3x224x224, or 1x3x224x224 for a model with one input";

// "1x3x224x224", or "" for a scalar; `option` is the whole text, for errors.
Result<Shape> parse_dimensions(const std::string_view dims, std::string_view option) {
  Shape shape;
  for (std::string_view rest = dims; !rest.empty();) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    const auto used = static_cast<std::size_t>(end - rest.data());
    const bool separated = used == rest.size() || (rest[used] == 'x' && used + 1 < rest.size());
    if (error == std::errc::result_out_of_range) {
      return usage_error(fmt::format("--shape {}: a dimension is too large", printable(option)), kShapeFormHint);
    }
    if (error != std::errc() || !separated) {
      return usage_error(fmt::format("--shape {}: '{}' is not a list of dimensions separated by 'x'", printable(option),
                                     printable(dims)),
                         kShapeFormHint);
    }
    if (value < 1) {
      return usage_error(
          fmt::format("--shape {}: every dimension must be at least 1, not {}", printable(option), value));
    }
    shape.push_back(value);
    rest.remove_prefix(std::min(used + 1, rest.size()));
  }
  return shape;
}

}  // namespace

Result<std::pair<std::string, std::vector<std::int64_t>>> parse_shape_option(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (text.empty()) return usage_error("--shape is empty", kShapeFormHint);
  if (colon == 0) {
    return usage_error(fmt::format("--shape {}: no input name before ':'", printable(text)), kShapeFormHint);
  }
  const bool named = colon != std::string_view::npos;
  auto shape = parse_dimensions(named ? text.substr(colon + 1) : text, text);
  if (!shape) return forward_error(shape);
  return std::pair(std::string(named ? text.substr(0, colon) : ""), *std::move(shape));
}

Result<BoundShapes> bind_shapes(const Graph& graph, const ShapeRequest& request) {
  return ShapeBinder(graph, request).bind();
}

}  // namespace trtprof
