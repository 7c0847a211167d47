// One row per operator: what becomes of its operands, and how its arithmetic is counted. Private to cost/.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "trtprof/cost/counting.h"

namespace trtprof::counting {

struct OperatorRow;
using Counter = Arithmetic (*)(const OperatorFacts& facts, const OperatorRow& row);

struct OperatorRow {
  std::string_view domain;
  std::string_view op_type;
  Movement movement;
  Counter count;
  double per_input = 0.0;           // FLOPs per element of the first input, and ...
  double per_output = 0.0;          // ... of the first output; counters of their own may use them too
  std::string_view unknown_reason;  // of count_unknown
  std::uint32_t unread_inputs = 0;  // bit i: of input i only shape or type matter
};

// nullptr for an operator that the table does not have. "ai.onnx" is the default domain too.
[[nodiscard]] const OperatorRow* find_row(std::string_view domain, std::string_view op_type);
[[nodiscard]] const std::vector<OperatorRow>& operator_table();

// The row's movement, but for operators where the facts decide: a Transpose that only moves dimensions of 1, a Resize
// to the nearest value.
[[nodiscard]] Movement movement_of(const OperatorFacts& facts, const OperatorRow& row);

// counters.cpp
[[nodiscard]] Arithmetic count_linear(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_unknown(const OperatorFacts& facts, const OperatorRow& row);
// Sum, Mean, Max, Min of any number of operands: one operation per operand but the first, and per_output.
[[nodiscard]] Arithmetic count_variadic(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_gelu(const OperatorFacts& facts, const OperatorRow& row);
// One operation per element of the update (the third input) when `reduction` asks for it.
[[nodiscard]] Arithmetic count_scatter(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_negative_log_likelihood(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_determinant(const OperatorFacts& facts, const OperatorRow& row);

// convolution.cpp
[[nodiscard]] Arithmetic count_convolution(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_quantized_convolution(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_transposed_convolution(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_deformable_convolution(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_causal_convolution(const OperatorFacts& facts, const OperatorRow& row);

// matmul.cpp
[[nodiscard]] Arithmetic count_matmul(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_quantized_matmul(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_gemm(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_block_quantized_matmul(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_affine_grid(const OperatorFacts& facts, const OperatorRow& row);

// einsum.cpp
[[nodiscard]] Arithmetic count_einsum(const OperatorFacts& facts, const OperatorRow& row);

// normalization.cpp
[[nodiscard]] Arithmetic count_batch_normalization(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_layer_normalization(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_local_response_normalization(const OperatorFacts& facts, const OperatorRow& row);

// pooling.cpp
[[nodiscard]] Arithmetic count_max_pool(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_average_pool(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_lp_pool(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_roi_align(const OperatorFacts& facts, const OperatorRow& row);

// resampling.cpp
[[nodiscard]] Arithmetic count_resize(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_grid_sample(const OperatorFacts& facts, const OperatorRow& row);

// recurrent.cpp
[[nodiscard]] Arithmetic count_recurrent(const OperatorFacts& facts, const OperatorRow& row);

// attention.cpp
[[nodiscard]] Arithmetic count_attention(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_flex_attention(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_linear_attention(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_ms_multi_head_attention(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_ms_attention(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_ms_group_query_attention(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_rotary_embedding(const OperatorFacts& facts, const OperatorRow& row);

// signal.cpp
[[nodiscard]] Arithmetic count_fourier_transform(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_short_time_fourier_transform(const OperatorFacts& facts, const OperatorRow& row);

// quantize.cpp
[[nodiscard]] Arithmetic count_quantize(const OperatorFacts& facts, const OperatorRow& row);
[[nodiscard]] Arithmetic count_dequantize(const OperatorFacts& facts, const OperatorRow& row);

}  // namespace trtprof::counting
