#include "trtprof/profile/enum_names.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(EnumNames, ReadBack) {
  for (const DeviceKind kind : {DeviceKind::cpu, DeviceKind::gpu}) {
    EXPECT_EQ(device_kind_from_string(to_string(kind)), kind);
  }
  for (const StopReason reason :
       {StopReason::converged, StopReason::iterations, StopReason::max_duration, StopReason::interrupted}) {
    EXPECT_EQ(stop_reason_from_string(to_string(reason)), reason);
  }
  for (const OriginSource source : {OriginSource::none, OriginSource::reported, OriginSource::inferred}) {
    EXPECT_EQ(origin_source_from_string(to_string(source)), source);
  }
  for (const KernelJoin join :
       {KernelJoin::none, KernelJoin::markers, KernelJoin::graph_nodes, KernelJoin::launch_order}) {
    EXPECT_EQ(kernel_join_from_string(to_string(join)), join);
  }
  for (const CounterJoin join : {CounterJoin::none, CounterJoin::markers, CounterJoin::launch_order}) {
    EXPECT_EQ(counter_join_from_string(to_string(join)), join);
  }
  for (const ActivityKind kind :
       {ActivityKind::inference, ActivityKind::layer, ActivityKind::kernel, ActivityKind::copy, ActivityKind::fill,
        ActivityKind::synchronization, ActivityKind::host_call}) {
    EXPECT_EQ(activity_kind_from_string(to_string(kind)), kind);
  }
}

TEST(EnumNames, AreStable) {
  EXPECT_EQ(to_string(DeviceKind::gpu), "gpu");
  EXPECT_EQ(to_string(StopReason::max_duration), "max_duration");
  EXPECT_EQ(to_string(OriginSource::inferred), "inferred");
  EXPECT_EQ(to_string(KernelJoin::graph_nodes), "graph_nodes");
  EXPECT_EQ(to_string(CounterJoin::launch_order), "launch_order");
  EXPECT_EQ(to_string(ActivityKind::host_call), "host_call");
}

TEST(EnumNames, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(device_kind_from_string("CPU"), std::nullopt);
  EXPECT_EQ(stop_reason_from_string(""), std::nullopt);
  EXPECT_EQ(origin_source_from_string("guessed"), std::nullopt);
  EXPECT_EQ(kernel_join_from_string("guessed"), std::nullopt);
  EXPECT_EQ(counter_join_from_string("graph_nodes"), std::nullopt);
  EXPECT_EQ(activity_kind_from_string("call"), std::nullopt);
}

}  // namespace
}  // namespace trtprof
