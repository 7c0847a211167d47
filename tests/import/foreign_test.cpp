#include "trtprof/import/foreign.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"
#include "support/nsys_export.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

class Foreign : public ::testing::Test {
 protected:
  std::string error_of(std::string_view name, std::string_view text) {
    const auto imported = import_file(files_.write(name, text));
    return imported ? std::string("read as ") + std::string(to_string(imported->format)) : imported.error().message;
  }
  ForeignFiles files_;
};

TEST_F(Foreign, RecognisesRealFilesByWhatIsInThem) {
  for (const auto& [name, format] :
       {std::pair{"mnv2_b1_fp16_graph.profile.json", ForeignFormat::trtexec_profile},
        std::pair{"mnv2_b64_fp16_stream_notransfer.times.json.gz", ForeignFormat::trtexec_times},
        std::pair{"mnv2_b1_fp16_graph.layers.json", ForeignFormat::trtexec_layers},
        std::pair{"mnv2_b64_fp32.inspector.json", ForeignFormat::trtexec_layers},
        std::pair{"mnv2_b1_fp16_graph.log", ForeignFormat::trtexec_log},
        std::pair{"mnv2_b1_fp16_weak.ncu_raw.csv", ForeignFormat::nsight_compute_csv},
        std::pair{"mnv2_b1_fp16_nvtx.ncu_raw.csv", ForeignFormat::nsight_compute_csv},
        std::pair{"mnv2_b1_fp16_counted.profile.json", ForeignFormat::profile}}) {
    // Neither name nor extension helps.
    const auto imported = import_file(files_.write("file.txt", text_of_file(real_file(name))));
    ASSERT_TRUE(imported) << name << ": " << imported.error().message;
    EXPECT_EQ(to_string(imported->format), to_string(format)) << name;
  }
}

TEST_F(Foreign, CallsADeviceOfNsightComputeAsAllOthersDo) {
  const auto imported = import_file(real_file("mnv2_b1_fp16_weak.ncu_raw.csv"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->profile.environment.properties.at("compute capability"), "9.0");
  EXPECT_EQ(imported->profile.environment.properties.at("multiprocessors"), "132");
}

TEST_F(Foreign, ReadsTheSameFromAPackedFile) {
  for (const char* name :
       {"mnv2_b1_fp16_graph.profile.json", "mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_graph.log",
        "mnv2_b1_fp16_nvtx.ncu_raw.csv", "mnv2_b1_fp16_counted.profile.json"}) {
    const std::string text = text_of_file(real_file(name));
    const auto plain = import_file(files_.write("file", text));
    const auto packed = import_file(files_.write("file", gzipped(text)));
    ASSERT_TRUE(plain && packed) << name;
    EXPECT_TRUE(plain->profile == packed->profile) << name;
    EXPECT_EQ(plain->notes, packed->notes) << name;
  }
}

TEST_F(Foreign, ReadsAnExportOfNsightSystems) {
  const auto path = files_.folder() / "export.bin";
  write_nsys_export(path, "");
  const auto imported = import_file(path);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->format, ForeignFormat::nsight_systems_sqlite);
  ASSERT_TRUE(imported->profile.timeline);
  EXPECT_FALSE(imported->profile.timeline->kernels.empty());
  EXPECT_EQ(imported->profile.environment.device_name, "NVIDIA Synthetic");
  const auto packed = import_file(files_.write("export.gz", gzipped(text_of_file(path))));
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_TRUE(packed->profile == imported->profile);
}

TEST_F(Foreign, SaysWhatAFileIsThatItDoesNotRead) {
  EXPECT_THAT(error_of("empty", ""), HasSubstr("is of no format that is read: it is empty"));
  EXPECT_THAT(error_of("zip", "PK\x03\x04"), HasSubstr("it is a ZIP archive"));
  EXPECT_THAT(error_of("binary", std::string_view("\x7f"
                                                  "ELF\x02\x01\0\0\0\x01",
                                                  10)),
              HasSubstr("it is binary"));
  EXPECT_THAT(error_of("text", "hello\x1b[2J\nworld"),
              AllOf(HasSubstr("it is text that begins with \"hello"), ::testing::Not(HasSubstr("\x1b"))));
  EXPECT_THAT(error_of("object", R"({"kind": "other"})"), HasSubstr("an object that begins with \"kind\""));
  EXPECT_THAT(error_of("array", R"([{"first": 1}])"), HasSubstr("an array of objects that begin with \"first\""));
  EXPECT_THAT(error_of("numbers", "[1,2]"), HasSubstr("it is JSON of another form"));
  const auto unknown = import_file(files_.write("x", "hello"));
  ASSERT_FALSE(unknown);
  for (const Importer& importer : all_importers()) {
    EXPECT_THAT(unknown.error().hint, HasSubstr(std::string(importer.name)));
  }
}

TEST_F(Foreign, EveryImporterSaysWhenItsFileIsCutOff) {
  for (const char* name :
       {"mnv2_b1_fp16_graph.profile.json", "mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_counted.profile.json"}) {
    const std::string text = text_of_file(real_file(name));
    for (const double part : {0.3, 0.5, 0.9, 0.99}) {
      const auto size = static_cast<std::size_t>(static_cast<double>(text.size()) * part);
      const auto imported = import_file(files_.write("cut", text.substr(0, size)));
      EXPECT_FALSE(imported) << name << " cut at " << size;
    }
  }
}

TEST_F(Foreign, NamesAndFormatsAreDistinct) {
  std::set<ForeignFormat> formats;
  std::set<std::string_view> names;
  for (const Importer& importer : all_importers()) {
    EXPECT_TRUE(formats.insert(importer.format).second) << importer.name;
    EXPECT_TRUE(names.insert(to_string(importer.format)).second) << importer.name;
    EXPECT_FALSE(to_string(importer.format).empty());
    EXPECT_FALSE(importer.recognises("")) << importer.name;
  }
}

TEST_F(Foreign, AtMostOneImporterTakesARealFile) {
  for (const char* name :
       {"mnv2_b1_fp16_graph.profile.json", "mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_graph.log",
        "mnv2_b1_fp16_weak.ncu_raw.csv", "mnv2_b1_fp16_counted.profile.json"}) {
    const std::string beginning = text_of_file(real_file(name)).substr(0, std::size_t{64} << 10);
    int takers = 0;
    for (const Importer& importer : all_importers()) takers += importer.recognises(beginning) ? 1 : 0;
    EXPECT_EQ(takers, 1) << name;
  }
}

}  // namespace
}  // namespace trtprof::test
