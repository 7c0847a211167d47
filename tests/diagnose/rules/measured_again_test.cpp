#include "trtprof/diagnose/rules/measured_again.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using rules::measured_again;
using testing::ElementsAre;
using testing::IsEmpty;

Profile measured_by(std::vector<std::string> line) {
  Profile profile;
  profile.environment.command_line = std::move(line);
  profile.model.path = "net.onnx";
  return profile;
}

TEST(MeasuredAgain, KeepsHowItWasMeasuredAndDropsWhatItWrote) {
  EXPECT_THAT(measured_again(measured_by({"/usr/bin/tensorrt_profiling", "a b.onnx", "--batch", "2", "--json", "x.json",
                                          "--csv=y.csv", "--pageable", "--spin"}),
                             {"--batch 4"}, {"--pageable"}),
              ElementsAre("tensorrt_profiling profile 'a b.onnx' --spin --batch 4"));
}

TEST(MeasuredAgain, TakesTheModelWhereTheProfileIsAnotherCommandsOrAnotherPrograms) {
  for (const auto& line : {std::vector<std::string>{"tensorrt_profiling", "nsys", "x.sqlite"},
                           std::vector<std::string>{"trtexec", "--onnx=net.onnx"}, std::vector<std::string>{}}) {
    EXPECT_THAT(measured_again(measured_by(line), {"--spin"}),
                ElementsAre("tensorrt_profiling profile net.onnx --spin"));
  }
  EXPECT_THAT(measured_again(Profile{}, {"--spin"}), IsEmpty());
}

TEST(MeasuredAgain, OfAnAnalysisTakesWhatItMeasured) {
  EXPECT_THAT(
      measured_again(measured_by({"tensorrt_profiling", "analyze", "net.engine", "--against", "old.json", "--tree",
                                  "--fail-on", "critical", "--save-profile", "new.json", "--no-graph"}),
                     {"--spin"}),
      ElementsAre("tensorrt_profiling profile net.engine --no-graph --spin"));
}

}  // namespace
}  // namespace trtprof
