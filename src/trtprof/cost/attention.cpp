// Attention of ONNX (opset 23 and later) and of ONNX Runtime (com.microsoft). Only the query-key pairs that a causal or
// sliding window lets through are counted: an engine need not compute the others.
#include <algorithm>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

struct Heads {
  double batch = 0.0;
  double queries_heads = 0.0;
  std::int64_t queries = 0;
  std::int64_t keys = 0;    // past ones included
  std::int64_t offset = 0;  // keys before the first query's own
  double head_size = 0.0;
  double value_size = 0.0;
};

struct Window {
  std::int64_t left = -1;  // -1: open
  std::int64_t right = -1;
};

double pairs_of(const Heads& heads, const Window& window) {
  if (window.left < 0 && window.right < 0) {
    return static_cast<double>(heads.queries) * static_cast<double>(heads.keys);
  }
  double pairs = 0.0;
  for (std::int64_t i = 0; i < heads.queries; ++i) {
    const std::int64_t self = i + heads.offset;
    const std::int64_t first = window.left < 0 ? 0 : std::max<std::int64_t>(self - window.left, 0);
    const std::int64_t last = window.right < 0 ? heads.keys - 1 : std::min(self + window.right, heads.keys - 1);
    pairs += static_cast<double>(std::max<std::int64_t>(last - first + 1, 0));
  }
  return pairs;
}

// Q K^T and P V; per score the scaling, the softmax (5) and what is added to it.
Arithmetic attend(const Heads& heads, const Window& window, double extra_per_score) {
  const double scores = heads.batch * heads.queries_heads * pairs_of(heads, window);
  return multiply_adds(scores * (heads.head_size + heads.value_size), scores * (1.0 + 5.0 + extra_per_score));
}

// The two dimensions that [batch, length, heads * size] and [batch, heads, length, size] hold in different places.
struct Operand {
  std::int64_t batch = 0;
  std::int64_t heads = 0;
  std::int64_t length = 0;
  std::int64_t size = 0;
};

std::optional<Operand> operand_of(const Dims& shape, std::int64_t heads) {
  if (shape.size() == 4) {
    return Operand{shape[0], shape[1], shape[2], shape[3]};
  }
  if (shape.size() == 3 && heads > 0 && shape[2] % heads == 0) {
    return Operand{shape[0], heads, shape[1], shape[2] / heads};
  }
  return std::nullopt;
}

}  // namespace

Arithmetic count_attention(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* q_shape = input_shape(facts, 0);
  const Dims* k_shape = input_shape(facts, 1);
  const Dims* v_shape = input_shape(facts, 2);
  const Dims* past = input_shape(facts, 4);
  if (q_shape == nullptr || k_shape == nullptr || v_shape == nullptr || (input(facts, 4) != nullptr && !past)) {
    return missing_shape(facts);
  }
  const auto q = operand_of(*q_shape, int_attribute(facts, "q_num_heads", 0));
  const auto k = operand_of(*k_shape, int_attribute(facts, "kv_num_heads", 0));
  const auto v = operand_of(*v_shape, int_attribute(facts, "kv_num_heads", 0));
  if (!q || !k || !v || (past != nullptr && past->size() != 4)) {
    return unexpected_shapes(facts);
  }
  Heads heads;
  heads.batch = static_cast<double>(q->batch);
  heads.queries_heads = static_cast<double>(q->heads);
  heads.queries = q->length;
  heads.offset = past != nullptr ? (*past)[2] : 0;
  heads.keys = k->length + heads.offset;
  heads.head_size = static_cast<double>(q->size);
  heads.value_size = static_cast<double>(v->size);
  Window window{int_attribute(facts, "left_window_size", -1), int_attribute(facts, "right_window_size", -1)};
  if (int_attribute(facts, "is_causal", 0) != 0) {
    window.right = 0;
  }
  const bool lengths_are_data = input(facts, 6) != nullptr;  // nonpad_kv_seqlen: count the whole cache
  const double mask = input(facts, 3) != nullptr ? 1.0 : 0.0;
  const double soft_cap = float_attribute(facts, "softcap", 0.0) != 0.0 ? 3.0 : 0.0;  // /, tanh, *
  return attend(heads, lengths_are_data ? Window{} : window, mask + soft_cap);
}

Arithmetic count_flex_attention(const OperatorFacts& facts, const OperatorRow& row) {
  if (has_attribute(facts, "score_mod") || has_attribute(facts, "prob_mod")) {
    return unknown("FlexAttention: its cost depends on the subgraphs that modify its scores");
  }
  return count_attention(facts, row);
}

// One step per token and key-value head on a state [key size, value size]: the update's outer product, its retrieval
// for the delta rules, its decay for the gated ones; and a product with the state per query head.
Arithmetic count_linear_attention(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* q = input_shape(facts, 0);
  const Dims* v = input_shape(facts, 2);
  const std::int64_t q_heads = int_attribute(facts, "q_num_heads", 0);
  const std::int64_t kv_heads = int_attribute(facts, "kv_num_heads", 0);
  if (q == nullptr || v == nullptr) {
    return missing_shape(facts);
  }
  if (q->size() != 3 || v->size() != 3 || q_heads < 1 || kv_heads < 1) {
    return unexpected_shapes(facts);
  }
  const std::string rule = text_attribute(facts, "update_rule", "gated_delta");
  const bool delta = rule == "delta" || rule == "gated_delta";
  const bool gated = rule == "gated" || rule == "gated_delta";
  const double tokens = static_cast<double>((*q)[0]) * static_cast<double>((*q)[1]);
  const double key_size = static_cast<double>((*q)[2]) / static_cast<double>(q_heads);
  const double value_size = static_cast<double>((*v)[2]) / static_cast<double>(kv_heads);
  const double state = key_size * value_size;
  const double macs =
      tokens * state * (static_cast<double>(kv_heads) * (delta ? 2.0 : 1.0) + static_cast<double>(q_heads));
  double other = tokens * static_cast<double>(q_heads) * value_size;  // * scale
  if (delta) {
    other += tokens * static_cast<double>(kv_heads) * 2.0 * value_size;  // v - retrieved, * beta
  }
  if (gated) {
    other += tokens * static_cast<double>(kv_heads) * state + input_elements(facts, 4).value_or(0.0);  // decay, exp
  }
  return multiply_adds(macs, other);
}

// Inputs: query, key, value, bias, key_padding_mask, attention_bias, past_key, past_value. The query may hold key and
// value too [batch, length, heads, 3, size], or the key the value [batch, length, heads, 2, size].
Arithmetic count_ms_multi_head_attention(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* q = input_shape(facts, 0);
  const Dims* k = input_shape(facts, 1);
  const Dims* v = input_shape(facts, 2);
  const Dims* past = input_shape(facts, 6);
  const std::int64_t head_count = int_attribute(facts, "num_heads", 0);
  if (q == nullptr || (input(facts, 1) != nullptr && k == nullptr) || (input(facts, 2) != nullptr && v == nullptr) ||
      (input(facts, 6) != nullptr && past == nullptr)) {
    return missing_shape(facts);
  }
  const bool packed_all = q->size() == 5;
  const bool fits = head_count > 0 && (packed_all || (q->size() == 3 && k != nullptr && k->size() >= 3)) &&
                    (past == nullptr || past->size() == 4) && (v == nullptr || v->size() >= 3);
  if (!fits) {
    return unexpected_shapes(facts);
  }
  Heads heads;
  heads.batch = static_cast<double>((*q)[0]);
  heads.queries_heads = static_cast<double>(head_count);
  heads.queries = (*q)[1];
  heads.head_size =
      packed_all ? static_cast<double>((*q)[4]) : static_cast<double>((*q)[2]) / static_cast<double>(head_count);
  heads.value_size = heads.head_size;
  if (v != nullptr) {
    heads.value_size =
        v->size() == 4 ? static_cast<double>((*v)[3]) : static_cast<double>((*v)[2]) / static_cast<double>(head_count);
  }
  heads.offset = past != nullptr ? (*past)[2] : 0;
  heads.keys = heads.offset + (packed_all ? (*q)[1] : k->size() == 4 ? (*k)[2] : (*k)[1]);
  const double masks = (input(facts, 4) != nullptr ? 1.0 : 0.0) + (input(facts, 5) != nullptr ? 1.0 : 0.0);
  const Window window{-1, int_attribute(facts, "unidirectional", 0) != 0 ? 0 : -1};
  Arithmetic result = attend(heads, window, masks);
  if (input(facts, 3) != nullptr) {  // the bias of the projections that fed it
    *result.flops += product(*q) + (k != nullptr ? product(*k) : 0.0) + (v != nullptr ? product(*v) : 0.0);
  }
  return result;
}

// Inputs: input [batch, length, width], weights [width, q + k + v], bias, mask_index, past [2, batch, heads, length,
// size], attention_bias. It projects first.
Arithmetic count_ms_attention(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  const Dims* weights = input_shape(facts, 1);
  const Dims* past = input_shape(facts, 4);
  const std::int64_t head_count = int_attribute(facts, "num_heads", 0);
  if (x == nullptr || weights == nullptr || (input(facts, 4) != nullptr && past == nullptr)) {
    return missing_shape(facts);
  }
  if (x->size() != 3 || weights->size() != 2 || head_count < 1 || (past != nullptr && past->size() != 5)) {
    return unexpected_shapes(facts);
  }
  Dims sizes{(*weights)[1] / 3, (*weights)[1] / 3, (*weights)[1] / 3};
  if (const auto found = facts.attributes.find("qkv_hidden_sizes"); found != facts.attributes.end()) {
    if (const auto* given = std::get_if<Dims>(&found->second); given != nullptr && given->size() == 3) {
      sizes = *given;
    }
  }
  Heads heads;
  heads.batch = static_cast<double>((*x)[0]);
  heads.queries_heads = static_cast<double>(head_count);
  heads.queries = (*x)[1];
  heads.offset = past != nullptr ? (*past)[3] : 0;
  heads.keys = (*x)[1] + heads.offset;
  heads.head_size = static_cast<double>(sizes[0]) / static_cast<double>(head_count);
  heads.value_size = static_cast<double>(sizes[2]) / static_cast<double>(head_count);
  const double masks = (input(facts, 3) != nullptr ? 1.0 : 0.0) + (input(facts, 5) != nullptr ? 1.0 : 0.0);
  const Window window{-1, int_attribute(facts, "unidirectional", 0) != 0 ? 0 : -1};
  const Arithmetic scores = attend(heads, window, masks);
  const double projection = product(*x) * static_cast<double>((*weights)[1]);
  return multiply_adds(*scores.macs + projection, *scores.flops - 2.0 * *scores.macs);
}

// Inputs: query [batch, length, heads * size], key, value (left out: all three in the query), past_key, past_value,
// seqlens_k. Causal always.
Arithmetic count_ms_group_query_attention(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* q = input_shape(facts, 0);
  const std::int64_t q_heads = int_attribute(facts, "num_heads", 0);
  const std::int64_t kv_heads = int_attribute(facts, "kv_num_heads", 0);
  if (q == nullptr) {
    return missing_shape(facts);
  }
  if (input(facts, 3) != nullptr) {
    return unknown("GroupQueryAttention: how many keys of its cache are valid is the value of an input");
  }
  if (q->size() != 3 || q_heads < 1 || kv_heads < 1) {
    return unexpected_shapes(facts);
  }
  const std::int64_t head_count = input(facts, 1) == nullptr ? q_heads + 2 * kv_heads : q_heads;
  Heads heads;
  heads.batch = static_cast<double>((*q)[0]);
  heads.queries_heads = static_cast<double>(q_heads);
  heads.queries = (*q)[1];
  heads.keys = (*q)[1];
  heads.head_size = static_cast<double>((*q)[2]) / static_cast<double>(head_count);
  heads.value_size = heads.head_size;
  const std::int64_t local = int_attribute(facts, "local_window_size", -1);
  return attend(heads, {local > 0 ? local - 1 : -1, 0}, 0.0);
}

// Each pair of values is turned: four multiplications and two additions. rotary_embedding_dim turns but the first
// values of a head.
Arithmetic count_rotary_embedding(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  if (x == nullptr) {
    return missing_shape(facts);
  }
  if (x->size() != 3 && x->size() != 4) {
    return unexpected_shapes(facts);
  }
  const std::int64_t turned = int_attribute(facts, "rotary_embedding_dim", 0);
  const std::int64_t head_count = x->size() == 4 ? 1 : int_attribute(facts, "num_heads", 0);
  double share = 1.0;
  if (turned > 0) {
    if (head_count < 1 || x->back() < 1) {
      return unexpected_shapes(facts);
    }
    share = static_cast<double>(turned * head_count) / static_cast<double>(x->back());
  }
  return flops_only(3.0 * product(*x) * share);
}

}  // namespace trtprof::counting
