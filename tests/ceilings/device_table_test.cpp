#include "trtprof/ceilings/device_table.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/ceilings/ceilings_json.h"

namespace trtprof {
namespace {

using testing::SizeIs;

TEST(DeviceTable, IsTheCommittedFile) {
  const auto text = read_file(std::filesystem::path(test::kSourceDir) / "src/trtprof/ceilings/devices.json");
  ASSERT_TRUE(text);
  const auto table = ceilings_from_json(*text, "devices.json");
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_THAT(known_devices(), SizeIs(table->size()));
  for (std::size_t i = 0; i < table->size(); ++i) EXPECT_EQ(known_devices()[i], (*table)[i]);
}

TEST(DeviceTable, FindsDevicesAsTheirDriverNamesThem) {
  for (const auto& [name, device] : {std::pair{"NVIDIA H200", "NVIDIA H200 SXM"},
                                     {"NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM"},
                                     {"NVIDIA H100 PCIe", "NVIDIA H100 PCIe"},
                                     {"NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM 80GB"},
                                     {"tesla t4", "NVIDIA T4"},
                                     {"jetson agx orin 64gb", "Jetson AGX Orin 64GB"}}) {
    const auto found = find_ceilings(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->device, device);
  }
}

TEST(DeviceTable, TakesNoDeviceForAnother) {
  EXPECT_FALSE(find_ceilings("NVIDIA H100"));  // which of them is not told
  EXPECT_FALSE(find_ceilings("Orin"));         // a name of several modules
  EXPECT_FALSE(find_ceilings("NVIDIA H200 MIG 1g.18gb"));
  EXPECT_FALSE(find_ceilings(""));
}

TEST(DeviceTable, TheH200HasMeasuredAndDatasheetFigures) {
  const auto h200 = find_ceilings("NVIDIA H200");
  ASSERT_TRUE(h200);
  const CeilingFigure* bandwidth = h200->find(CeilingKind::memory_bandwidth);
  ASSERT_NE(bandwidth, nullptr);
  EXPECT_EQ(bandwidth->basis, CeilingBasis::measured);
  EXPECT_DOUBLE_EQ(bandwidth->value, 4.3e12);
  const CeilingFigure* fp16 = h200->find(CeilingKind::fp16_peak);
  ASSERT_NE(fp16, nullptr);
  EXPECT_EQ(fp16->basis, CeilingBasis::measured);
  EXPECT_LT(fp16->value, 989.5e12) << "of the datasheet, which the power does not let it reach";
  EXPECT_TRUE(std::ranges::any_of(h200->figures, [](const CeilingFigure& figure) {
    return figure.kind == CeilingKind::fp16_peak && figure.basis == CeilingBasis::datasheet;
  }));
}

// Slips of a power of ten, and figures with sparsity among those without.
TEST(DeviceTable, FiguresAreOfPlausibleSizeAndOrder) {
  for (const DeviceCeilings& device : known_devices()) {
    const CeilingFigure* bandwidth = device.find(CeilingKind::memory_bandwidth);
    const CeilingFigure* fp32 = device.find(CeilingKind::fp32_peak);
    const CeilingFigure* fp16 = device.find(CeilingKind::fp16_peak);
    const CeilingFigure* int8 = device.find(CeilingKind::int8_peak);
    ASSERT_NE(bandwidth, nullptr) << device.device;
    ASSERT_NE(fp32, nullptr) << device.device;
    EXPECT_GT(bandwidth->value, 1e11) << device.device;
    EXPECT_LT(bandwidth->value, 1e13) << device.device;
    EXPECT_GT(fp32->value, 1e12) << device.device;
    EXPECT_LT(fp32->value, 2e14) << device.device;
    if (fp16 != nullptr) {
      EXPECT_GT(fp16->value, 1.5 * fp32->value) << device.device;
    }
    if (fp16 != nullptr && int8 != nullptr) {
      EXPECT_NEAR(int8->value / fp16->value, 2.0, 0.05) << device.device;
    }
    for (const CeilingFigure& figure : device.figures) {
      const CeilingFigure* best = device.find(figure.kind);
      if (best->basis == CeilingBasis::measured && figure.basis == CeilingBasis::datasheet) {
        EXPECT_LT(best->value, figure.value) << device.device << " measured above its datasheet";
      }
    }
  }
}

}  // namespace
}  // namespace trtprof
