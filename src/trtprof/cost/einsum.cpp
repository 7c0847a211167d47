// Einsum: the equation as sets of labels, its operands contracted two at a time in the cheapest order.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

// 'a' to 'Z' of the equation; the dimensions of "..." become '0', '1', ... counted from the right.
using Labels = std::set<char>;
using Sizes = std::map<char, double>;

constexpr std::size_t kMaxOperands = 6;  // every order is tried; 6 operands have 2700
constexpr std::int64_t kMaxEllipsis = 10;

struct Equation {
  std::vector<Labels> operands;
  Labels result;
  Sizes sizes;
};

struct Work {
  double macs = 0.0;
  double flops = 0.0;  // beside the multiply-adds
  [[nodiscard]] double total() const { return 2.0 * macs + flops; }
};

std::vector<std::string> split_terms(const std::string& text) {
  std::vector<std::string> terms(1);
  for (const char c : text) {
    if (c == ',') {
      terms.emplace_back();
    } else {
      terms.back() += c;
    }
  }
  return terms;
}

// One label per dimension; empty for a term that the shape contradicts.
std::optional<std::string> expand_ellipsis(const std::string& term, std::size_t rank) {
  const std::size_t dots = term.find("...");
  if (dots == std::string::npos) {
    return term.size() == rank ? std::optional(term) : std::nullopt;
  }
  const std::size_t named = term.size() - 3;
  if (named > rank || static_cast<std::int64_t>(rank - named) > kMaxEllipsis) {
    return std::nullopt;
  }
  std::string dims;
  for (std::size_t i = rank - named; i > 0; --i) {
    dims += static_cast<char>('0' + static_cast<char>(i - 1));
  }
  return term.substr(0, dots) + dims + term.substr(dots + 3);
}

std::optional<Equation> parse(const OperatorFacts& facts, const std::vector<const Dims*>& shapes) {
  std::string text = text_attribute(facts, "equation", "");
  std::erase(text, ' ');
  const std::size_t arrow = text.find("->");
  const auto terms = split_terms(text.substr(0, arrow));
  if (terms.size() != shapes.size()) {
    return std::nullopt;
  }
  Equation equation;
  std::map<char, int> uses;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto labels = expand_ellipsis(terms[i], shapes[i]->size());
    if (!labels) {
      return std::nullopt;
    }
    for (std::size_t d = 0; d < labels->size(); ++d) {
      const char label = (*labels)[d];
      double& size = equation.sizes[label];
      size = std::max(size, static_cast<double>((*shapes[i])[d]));  // 1 broadcasts
      ++uses[label];
    }
    equation.operands.emplace_back(labels->begin(), labels->end());
  }
  for (const auto& [label, count] : uses) {
    const bool of_ellipsis = label >= '0' && label <= '9';
    const bool kept = arrow == std::string::npos ? of_ellipsis || count == 1
                      : of_ellipsis              ? text.find("...", arrow) != std::string::npos
                                                 : text.find(label, arrow + 2) != std::string::npos;
    if (kept) {
      equation.result.insert(label);
    }
  }
  return equation;
}

double volume(const Labels& labels, const Sizes& sizes) {
  double result = 1.0;
  for (const char label : labels) {
    result *= sizes.at(label);
  }
  return result;
}

// Sums over what only this operand has and the result does not: additions.
Work sum_out(Labels& operand, const Labels& needed, const Sizes& sizes) {
  Labels kept;
  std::ranges::set_intersection(operand, needed, std::inserter(kept, kept.begin()));
  const double additions = volume(operand, sizes) - volume(kept, sizes);
  operand = kept;
  return {0.0, additions};
}

Labels needed_besides(const std::vector<Labels>& operands, std::size_t left, std::size_t right, const Labels& result) {
  Labels needed = result;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i != left && i != right) {
      needed.insert(operands[i].begin(), operands[i].end());
    }
  }
  return needed;
}

// Multiply-adds where a label is summed over, plain multiplications where none is.
Work contract(const Labels& a, const Labels& b, const Labels& needed, const Sizes& sizes, Labels& product_labels) {
  Labels all = a;
  all.insert(b.begin(), b.end());
  product_labels.clear();
  std::ranges::set_intersection(all, needed, std::inserter(product_labels, product_labels.begin()));
  const double products = volume(all, sizes);
  return product_labels.size() < all.size() ? Work{products, 0.0} : Work{0.0, products};
}

Work cheapest(const std::vector<Labels>& operands, const Labels& result, const Sizes& sizes) {
  if (operands.size() < 2) {
    return {};
  }
  Work best{std::numeric_limits<double>::infinity(), 0.0};
  for (std::size_t i = 0; i < operands.size(); ++i) {
    for (std::size_t j = i + 1; j < operands.size(); ++j) {
      Labels merged;
      Work work = contract(operands[i], operands[j], needed_besides(operands, i, j, result), sizes, merged);
      std::vector<Labels> rest = operands;
      rest[i] = merged;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
      const Work others = cheapest(rest, result, sizes);
      work.macs += others.macs;
      work.flops += others.flops;
      best = work.total() < best.total() ? work : best;
    }
  }
  return best;
}

}  // namespace

Arithmetic count_einsum(const OperatorFacts& facts, const OperatorRow&) {
  std::vector<const Dims*> shapes;
  for (std::size_t i = 0; i < facts.inputs.size(); ++i) {
    shapes.push_back(input_shape(facts, i));
    if (shapes.back() == nullptr) {
      return missing_shape(facts);
    }
  }
  if (shapes.size() > kMaxOperands) {
    return unknown("Einsum: the order in which so many operands are contracted decides its cost");
  }
  auto equation = parse(facts, shapes);
  if (!equation) {
    return unknown("Einsum: its equation does not fit its operands");
  }
  Work work;
  for (std::size_t i = 0; i < equation->operands.size(); ++i) {
    const Labels needed = needed_besides(equation->operands, i, i, equation->result);
    work.flops += sum_out(equation->operands[i], needed, equation->sizes).flops;
  }
  const Work products = cheapest(equation->operands, equation->result, equation->sizes);
  return multiply_adds(work.macs + products.macs, work.flops + products.flops);
}

}  // namespace trtprof::counting
