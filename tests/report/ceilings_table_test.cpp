#include "trtprof/report/ceilings_table.h"

#include <sstream>

#include <gmock/gmock.h>

namespace trtprof {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(CeilingsTable, FormatsByKind) {
  EXPECT_EQ(format_ceiling(CeilingKind::memory_bandwidth, 4.3e12), "4.30 TB/s");
  EXPECT_EQ(format_ceiling(CeilingKind::bf16_peak, 7.69e14), "769.0 TFLOP/s");
  EXPECT_EQ(format_ceiling(CeilingKind::int8_peak, 1.979e15), "1.98 POP/s");
  EXPECT_EQ(format_ceiling(CeilingKind::launch_cost, 1.98e-6), "1.98 us");
}

TEST(CeilingsTable, EveryKindHasAName) {
  for (int i = 0; i <= static_cast<int>(CeilingKind::pageable_device_to_host_rate); ++i) {
    EXPECT_NE(describe_ceiling(static_cast<CeilingKind>(i)), "?") << i;
  }
}

TEST(CeilingsTable, MeasuredBesideTheDatasheet) {
  const DeviceCeilings measured = {
      "NVIDIA H200",
      {},
      {{CeilingKind::memory_bandwidth, 4.32e12, CeilingBasis::measured, "copies", CeilingSpread{4.3e12, 4.35e12, 20}},
       {CeilingKind::launch_cost, 2e-6, CeilingBasis::measured, "launches", CeilingSpread{1.9e-6, 2.1e-6, 9}}}};
  const DeviceCeilings known = {"NVIDIA H200 SXM",
                                {},
                                {{CeilingKind::memory_bandwidth, 4.8e12, CeilingBasis::datasheet, "its datasheet"},
                                 {CeilingKind::fp8_peak, 1.979e15, CeilingBasis::datasheet, "its datasheet"}}};
  const std::vector<MissingCeiling> missing = {{CeilingKind::fp8_peak, "cuBLASLt is not on this machine"}};
  const std::vector<std::string> notes = {"Clocks were left as they are."};
  std::ostringstream out;
  write_ceilings_table(out, {measured, &known, missing, notes}, false);
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("4.30 TB/s to 4.35 TB/s (20)"));
  EXPECT_THAT(text, testing::ContainsRegex("memory bandwidth.* 4.32 TB/s .*measured .*4.80 TB/s +90.0%"));
  EXPECT_THAT(text, testing::ContainsRegex("FP8 peak.* 1.98 PFLOP/s .*datasheet .*1.98 PFLOP/s +-\n"));
  EXPECT_THAT(text, testing::ContainsRegex("cost of a launch.* 2.00 us .*1.90 us to 2.10 us .9. +measured +- +-\n"));
  EXPECT_THAT(text, HasSubstr("FP8 peak: cuBLASLt is not on this machine"));
  EXPECT_THAT(text, HasSubstr("Clocks were left as they are."));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace trtprof
