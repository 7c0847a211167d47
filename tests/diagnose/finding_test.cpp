#include "trtprof/diagnose/finding.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(Severity, IsByWhatThereIsToGain) {
  EXPECT_EQ(severity_of(0.2, 1.0), Severity::critical);
  EXPECT_EQ(severity_of(0.199, 1.0), Severity::major);
  EXPECT_EQ(severity_of(0.049, 1.0), Severity::minor);
  EXPECT_EQ(severity_of(0.0099, 1.0), Severity::note);
  EXPECT_EQ(severity_of(1.0, 0.0), Severity::note) << "no inference to hold it against";
}

TEST(Severity, NamesReadBack) {
  for (const Severity severity : {Severity::critical, Severity::major, Severity::minor, Severity::note}) {
    EXPECT_EQ(severity_from_string(to_string(severity)), severity);
  }
  EXPECT_FALSE(severity_from_string("fatal"));
}

}  // namespace
}  // namespace trtprof
