#include "trtprof/base/error.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

// The codes are the program's exit codes, which scripts rely on.
TEST(Error, CodesAreTheDocumentedExitCodes) {
  EXPECT_EQ(static_cast<int>(ErrorCode::failed), 1);
  EXPECT_EQ(static_cast<int>(ErrorCode::usage), 2);
  EXPECT_EQ(static_cast<int>(ErrorCode::gate_failed), 3);
  EXPECT_EQ(static_cast<int>(ErrorCode::unavailable), 4);
  EXPECT_EQ(static_cast<int>(ErrorCode::interrupted), 130);
}

TEST(Error, EachMakerSetsItsCode) {
  const Status failed = fail("a", "b");
  EXPECT_EQ(failed.error(), (Error{ErrorCode::failed, "a", "b"}));
  const Status usage = usage_error("a");
  EXPECT_EQ(usage.error(), (Error{ErrorCode::usage, "a", ""}));
  const Status missing = unavailable("a", "b");
  EXPECT_EQ(missing.error(), (Error{ErrorCode::unavailable, "a", "b"}));
}

TEST(Error, ForwardingKeepsCodeMessageAndHint) {
  const Result<int> first = unavailable("no GPU", "use --backend openvino");
  const Result<double> second = forward_error(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), first.error());
}

}  // namespace
}  // namespace trtprof
