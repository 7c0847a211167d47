#include "trtprof/import/ncu_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;

const std::string kHeader = R"("ID","Kernel Name","a__b.sum")";

// What the finder makes of the lines: "H" a header, "U" units, "R name" a row, "M text" a message, "X" a row cut short.
std::vector<std::string> found(const std::vector<std::string>& lines) {
  std::vector<std::string> events;
  NcuRowFinder finder({.header =
                           [&](const NcuFields&, const NcuColumns&) {
                             events.emplace_back("H");
                             return true;
                           },
                       .row =
                           [&](const NcuFields& fields, bool units) {
                             events.push_back(units ? "U" : "R " + fields.at(1));
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

}  // namespace
}  // namespace trtprof
