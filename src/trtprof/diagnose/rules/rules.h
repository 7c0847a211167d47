// What each file of this folder defines. Private to it.
#pragma once

#include "trtprof/diagnose/rule.h"

namespace trtprof::rules {

RuleAnswer transfers(const Subject& subject);
RuleAnswer launch_bound(const Subject& subject);
RuleAnswer host_bound(const Subject& subject);
RuleAnswer latency_bound(const Subject& subject);
RuleAnswer small_batch(const Subject& subject);
RuleAnswer large_batch(const Subject& subject);
RuleAnswer convolution_dominance(const Subject& subject);
RuleAnswer slow_depthwise(const Subject& subject);
RuleAnswer layer_limits(const Subject& subject);
RuleAnswer unfused_convolutions(const Subject& subject);
RuleAnswer depthwise_pointwise(const Subject& subject);
RuleAnswer reformats(const Subject& subject);
RuleAnswer tensor_cores(const Subject& subject);
RuleAnswer precision_audit(const Subject& subject);
RuleAnswer int8_slower(const Subject& subject);
RuleAnswer structured_sparsity(const Subject& subject);
RuleAnswer constant_folding(const Subject& subject);
RuleAnswer redundant_nodes(const Subject& subject);
RuleAnswer opaque_blocks(const Subject& subject);
RuleAnswer throttling(const Subject& subject);
RuleAnswer energy(const Subject& subject);
RuleAnswer noisy_measurement(const Subject& subject);

}  // namespace trtprof::rules
