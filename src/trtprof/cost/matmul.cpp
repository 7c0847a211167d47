// Matrix products. A bias initialises the accumulator, so that it adds nothing to two FLOPs a multiply-add.
#include <algorithm>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

// Elements of the broadcast of the leading dimensions, all but the last `kept`; nullopt when they do not broadcast.
std::optional<double> broadcast_batch(const Dims& a, const Dims& b) {
  const std::size_t a_batch = a.size() - std::min<std::size_t>(a.size(), 2);
  const std::size_t b_batch = b.size() - std::min<std::size_t>(b.size(), 2);
  double result = 1.0;
  for (std::size_t i = 0; i < std::max(a_batch, b_batch); ++i) {  // from the right
    const std::int64_t left = i < a_batch ? a[a_batch - 1 - i] : 1;
    const std::int64_t right = i < b_batch ? b[b_batch - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) {
      return std::nullopt;
    }
    result *= static_cast<double>(left == 1 ? right : left);
  }
  return result;
}

Arithmetic count_product(const OperatorFacts& facts, const OperatorRow& row, std::size_t a_index, std::size_t b_index) {
  const Dims* a_shape = input_shape(facts, a_index);
  const Dims* b_shape = input_shape(facts, b_index);
  if (a_shape == nullptr || b_shape == nullptr) {
    return missing_shape(facts);
  }
  if (a_shape->empty() || b_shape->empty()) {
    return unexpected_shapes(facts);
  }
  Dims a = *a_shape;
  Dims b = *b_shape;
  if (a.size() == 1) {
    a.insert(a.begin(), 1);
  } else if (int_attribute(facts, "transA", 0) != 0) {  // of com.microsoft FusedMatMul
    std::swap(a[a.size() - 1], a[a.size() - 2]);
  }
  if (b.size() == 1) {
    b.push_back(1);
  } else if (int_attribute(facts, "transB", 0) != 0) {
    std::swap(b[b.size() - 1], b[b.size() - 2]);
  }
  const auto batch = broadcast_batch(a, b);
  if (!batch || a.back() != b[b.size() - 2]) {
    return unexpected_shapes(facts);
  }
  const double results = *batch * static_cast<double>(a[a.size() - 2]) * static_cast<double>(b.back());
  return multiply_adds(results * static_cast<double>(a.back()), results * row.per_output);
}

}  // namespace

Arithmetic count_matmul(const OperatorFacts& facts, const OperatorRow& row) {
  return count_product(facts, row, 0, 1);
}

Arithmetic count_quantized_matmul(const OperatorFacts& facts, const OperatorRow& row) {
  return count_product(facts, row, 0, 3);
}

Arithmetic count_gemm(const OperatorFacts& facts, const OperatorRow& row) {
  const Dims* a = input_shape(facts, 0);
  const Dims* b = input_shape(facts, 1);
  if (a == nullptr || b == nullptr) {
    return missing_shape(facts);
  }
  return a->size() == 2 && b->size() == 2 ? count_product(facts, row, 0, 1) : unexpected_shapes(facts);
}

// com.microsoft MatMulNBits: the weight's shape tells its blocks, the attribute K the inner dimension.
Arithmetic count_block_quantized_matmul(const OperatorFacts& facts, const OperatorRow&) {
  const auto results = output_elements(facts, 0);
  const std::int64_t inner = int_attribute(facts, "K", 0);
  return results && inner > 0 ? multiply_adds(*results * static_cast<double>(inner)) : missing_shape(facts);
}

// Each coordinate is the product of a row of theta [N, axes, axes + 1] with the base grid's point.
Arithmetic count_affine_grid(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* grid = output_shape(facts, 0);
  if (grid == nullptr || grid->empty()) {
    return missing_shape(facts);
  }
  return multiply_adds(product(*grid) * static_cast<double>(grid->back()));
}

}  // namespace trtprof::counting
