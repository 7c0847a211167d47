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
}

TEST(EnumNames, AreStable) {
  EXPECT_EQ(to_string(DeviceKind::gpu), "gpu");
  EXPECT_EQ(to_string(StopReason::max_duration), "max_duration");
  EXPECT_EQ(to_string(OriginSource::inferred), "inferred");
}

TEST(EnumNames, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(device_kind_from_string("CPU"), std::nullopt);
  EXPECT_EQ(stop_reason_from_string(""), std::nullopt);
  EXPECT_EQ(origin_source_from_string("guessed"), std::nullopt);
}

}  // namespace
}  // namespace trtprof
