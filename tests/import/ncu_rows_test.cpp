#include "trtprof/import/ncu_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;

const std::string kHeader = R"("ID","Kernel Name","a__b.sum")";

// What the finder makes of the lines: "H" a header, "U" units, "R name" a row, "? name" one whose
// ranges cannot be read, "M text" a message, "X" a row cut short.
std::vector<std::string> found(const std::vector<std::string>& lines) {
  std::vector<std::string> events;
  NcuRowFinder finder({.header =
                           [&](const NcuFields&, const NcuColumns&) {
                             events.emplace_back("H");
                             return true;
                           },
                       .row =
                           [&](const NcuFields& fields, NcuRowKind kind) {
                             const std::string row = kind == NcuRowKind::kernel_without_ranges ? "? " : "R ";
                             events.push_back(kind == NcuRowKind::units ? "U" : row + fields.at(1));
                             return true;
                           },
                       .message = [&](std::string_view text) { events.push_back("M " + std::string(text)); },
                       .cut_row = [&] { events.emplace_back("X"); }});
  for (const std::string& line : lines) finder.line(line);
  finder.end();
  return events;
}

TEST(NcuRows, AreFoundAmongWhatElseIsPrinted) {
  EXPECT_THAT(found({"hello", "==PROF== a", R"("9","no header yet","1")", kHeader, R"("","","inst")", "1 of 2",
                     R"("0","f","1")", "\"quoted\" chatter", R"("1","g","2")"}),
              ElementsAre("M ==PROF== a", "H", "U", "R f", "R g"));
}

TEST(NcuRows, GoOnOverLinesButNotForEver) {
  EXPECT_THAT(found({kHeader, "\"0\",\"two", "lines\",\"1\""}), ElementsAre("H", "R two\nlines"));
  std::vector<std::string> open = {kHeader, "\"0\",\"open"};
  open.insert(open.end(), 100, "chatter");
  open.emplace_back(R"("1","g","2")");
  EXPECT_THAT(found(open), ElementsAre("H", "X", "R g"));
}

TEST(NcuRows, ThoseThatAreCutShortAreTold) {
  EXPECT_THAT(found({kHeader, "\"0\",\"open", R"("1","g","2")", R"("2","h")", "\"3\",\"end"}),
              ElementsAre("H", "X", "R g", "X", "X"));
}

TEST(NcuRows, UnitsComeOnceAndFirst) {
  EXPECT_THAT(found({kHeader, R"("0","f","1")", R"("","","inst")", kHeader, R"("","","inst")"}),
              ElementsAre("H", "R f", "H", "U"));
}

// ---- with NVTX ranges

const std::string kNvtxHeader =
    R"csv("ID","Kernel Name","thread Domain:Push/Pop_Range:PL_Type","Id:Domain:Start/Stop_Range:PL_Type","Grid Size","Block Size","a__b.sum")csv";

std::string nvtx_row(const std::string& cells, const std::string& name = "f") {
  return R"csv("0",")csv" + name + "\"," + cells + R"csv(,"(1, 1, 1)","(32, 1, 1)","1")csv";
}
const std::string kRange =
    R"(""TensorRT:pool:JsonRegistered:{\n  "Name": "po\"ol, {",\n  "Metadata": ""\n}:RGB:0xff:REGISTERED:pool"")";

TEST(NcuRows, PayloadsThatAreNotQuotedAreNoEndOfTheCell) {
  EXPECT_THAT(found({kNvtxHeader, nvtx_row("\"7  " + kRange + " \",\"\""),
                     nvtx_row("\"7  " + kRange + "  " + kRange + " \",\" " + kRange + " \"", "g, h")}),
              ElementsAre("H", "R f", "R g, h"));
}

TEST(NcuRows, PayloadsMayGoOnOverLines) {
  EXPECT_THAT(found({kNvtxHeader, R"("0","f","7  ""TensorRT:pool:JsonRegistered:{)", R"("Name": "pool")",
                     R"csv(}:RGB:0xff:REGISTERED:pool"" ","","(1, 1, 1)","(32, 1, 1)","1")csv"}),
              ElementsAre("H", "R f"));
}

TEST(NcuRows, TheRestOfARowIsReadWhereItsRangesCannotBe) {
  EXPECT_THAT(found({kNvtxHeader, nvtx_row(R"("7  ""TensorRT:say "hi", he:none:none:none:none:none:none"" ","")"),
                     nvtx_row(R"("7  ""TensorRT:say "hi":none:none:none:none:none:none"" ","")"),
                     nvtx_row(R"("7  ""TensorRT:a:JsonRegistered:{\n "Na:none"" ","")"), nvtx_row("\"\",\"\"", "g")}),
              ElementsAre("H", "? f", "? f", "? f", "R g"));
}

TEST(NcuRows, ThoseCutShortWithinTheirRangesTakeNoOtherWithThem) {
  const std::string whole = nvtx_row("\"7  " + kRange + " \",\"\"");
  for (std::size_t length = 4; length < whole.size(); ++length) {
    EXPECT_THAT(found({kNvtxHeader, whole.substr(0, length), nvtx_row("\"\",\"\"", "g")}), ElementsAre("H", "X", "R g"))
        << whole.substr(0, length);
  }
}

}  // namespace
}  // namespace trtprof
