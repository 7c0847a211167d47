#include "trtprof/base/utf8.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(Utf8, WellFormedAlone) {
  for (const char* text : {"", "conv1/relu", "\xC3\xA4", "\xE5\x8D\xB7\xE7\xA7\xAF", "\xF0\x9F\x94\xA5"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  // A stray byte, one that is missing, an overlong form, a surrogate, beyond Unicode.
  for (const char* text : {"a\xB5", "\xE5\x8D", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace trtprof
