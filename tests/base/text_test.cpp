#include "trtprof/base/text.h"

#include <clocale>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(DisplayWidth, AsciiIsOneEach) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("Conv_12 / relu"), 14U);
}

TEST(DisplayWidth, EastAsianWideAndEmojiAreTwo) {
  EXPECT_EQ(display_width("卷积层"), 6U);
  EXPECT_EQ(display_width("레이어"), 6U);
  EXPECT_EQ(display_width("カナ"), 4U);
  EXPECT_EQ(display_width("ｶﾅ"), 2U);  // half-width forms
  EXPECT_EQ(display_width("Ａ"), 2U);  // full-width form
  EXPECT_EQ(display_width("🔥"), 2U);
}

TEST(DisplayWidth, CombiningMarksAreZero) {
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("\u1112\u1161\u11AB"), 2U);  // one syllable from conjoining jamo
  EXPECT_EQ(display_width("a\u200Db"), 2U);            // zero-width joiner
}

TEST(DisplayWidth, OtherScriptsSymbolsAndPrivateUseAreOne) {
  EXPECT_EQ(display_width("слой"), 4U);
  EXPECT_EQ(display_width("…±µ"), 3U);
  EXPECT_EQ(display_width("\uE0A0"), 1U);  // private use: terminals draw a glyph of the font, or a box
}

TEST(DisplayWidth, InvalidBytesAreOneEach) {
  EXPECT_EQ(display_width("\xFF\xFE"), 2U);
  EXPECT_EQ(display_width("a\xC3"), 2U);             // cut off
  EXPECT_EQ(display_width("\xED\xA0\x80"), 3U);      // a surrogate
  EXPECT_EQ(display_width("\xC0\xAF"), 2U);          // overlong
  EXPECT_EQ(display_width("\xF4\x90\x80\x80"), 4U);  // past U+10FFFF
}

TEST(DisplayWidth, DoesNotDependOnTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* locale : {"C", "C.UTF-8"}) {
    if (std::setlocale(LC_ALL, locale) != nullptr) {
      EXPECT_EQ(display_width("卷积 e\u0301"), 6U) << locale;
    }
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Printable, OrdinaryTextStays) {
  for (const char* text : {"", "/model/block.3/Conv", "卷积层 🔥", "e\u0301", "naïve"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, ControlCharactersBecomePictures) {
  EXPECT_EQ(printable("a\x1B[31mb"), "a␛[31mb");
  EXPECT_EQ(printable("a\nb\tc\rd"), "a␊b␉c␍d");
  EXPECT_EQ(printable("\x7F"), "␡");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "␀");
  EXPECT_EQ(printable("\u009B2J"), "\uFFFD2J");  // the one-byte CSI of 8-bit terminals
  EXPECT_EQ(printable("a\u0085b"), "a\uFFFDb");  // next line
}

TEST(Printable, LineSeparatorsAndBidirectionalControlsBecomeReplacements) {
  for (const char* control :
       {"\u2028", "\u2029", "\u061C", "\u200E", "\u200F", "\u202A", "\u202E", "\u2066", "\u2069"}) {
    EXPECT_EQ(printable(std::string("a") + control + "b"), "a\uFFFDb");
  }
}

TEST(Printable, InvalidBytesBecomeReplacements) {
  EXPECT_EQ(printable("a\xFF"), "a\uFFFD");
  EXPECT_EQ(printable("\xE5\x8D"
                      "b"),
            "\uFFFD\uFFFDb");
  EXPECT_EQ(printable("\xC0\xAF"), "\uFFFD\uFFFD");
}

TEST(Printable, AnyBytesGiveOneLineOfTheSameWidthThatIsStable) {
  std::mt19937 random(3);
  std::uniform_int_distribution<int> byte(0, 255);
  for (int i = 0; i < 2000; ++i) {
    std::string text(24, '\0');
    for (char& c : text) {
      c = static_cast<char>(byte(random));
    }
    const std::string shown = printable(text);
    EXPECT_EQ(shown.find_first_of("\n\r\x1B\x7F"), std::string::npos);
    EXPECT_EQ(printable(shown), shown);
    EXPECT_EQ(display_width(shown), display_width(text));
  }
}

TEST(ShortenMiddle, WhatFitsStays) {
  EXPECT_EQ(shorten_middle("Conv_12", 7), "Conv_12");
  EXPECT_EQ(shorten_middle("卷积层", 6), "卷积层");
  EXPECT_EQ(shorten_middle("", 3), "");
}

TEST(ShortenMiddle, KeepsBothEnds) {
  EXPECT_EQ(shorten_middle("abcdefghij", 9), "abcd…ghij");
  EXPECT_EQ(shorten_middle("abcdefghij", 8), "abc…ghij");
  EXPECT_EQ(shorten_middle("abcdefghij", 3), "a…j");
}

TEST(ShortenMiddle, WideCharactersAreNotCut) {
  // 5 columns: two for the head, two for the tail, one for the mark.
  EXPECT_EQ(shorten_middle("卷积神经网络", 5), "卷…络");
  // 4 columns: no wide character fits into the head's one column; the tail gets it.
  EXPECT_EQ(shorten_middle("卷积神经网络", 4), "…络");
  EXPECT_EQ(shorten_middle("卷积神经网络", 3), "…络");
}

TEST(ShortenMiddle, NeverCutsInsideAGraphemeCluster) {
  const std::string family = "👨\u200D👩\u200D👧";  // one cluster
  const std::string accented = "e\u0301";
  EXPECT_EQ(shorten_middle(accented + accented + accented + accented + accented, 3), accented + "…" + accented);
  const std::string shortened = shorten_middle("ab" + family + family + "cd", 10);
  EXPECT_EQ(shortened.find("👨") != std::string::npos, shortened.find("👧") != std::string::npos);
  EXPECT_THAT(shortened, StartsWith("ab"));
  EXPECT_THAT(shortened, EndsWith("cd"));
  const std::string flags = "🇩🇪🇫🇷🇯🇵🇬🇧";  // pairs of regional indicators
  EXPECT_EQ(shorten_middle(flags, 5), "🇩🇪…🇬🇧");
}

TEST(ShortenMiddle, AppliesPrintable) {
  EXPECT_THAT(shorten_middle("abc\x1B[2Jdefghijkl", 8), Not(HasSubstr("\x1B")));
  EXPECT_EQ(shorten_middle("a\nb", 3), "a␊b");
}

// Any mix of narrow, wide, combining and hostile pieces at any width.
TEST(ShortenMiddle, NeverTooWideAndNeverInvalid) {
  const std::vector<std::string> pieces{"a",      "/",    "卷",     "🔥", "e\u0301", "👨\u200D👩\u200D👧",
                                        "🇩🇪",     "\xFF", "\u202E", "\n", "한",      "\u0301",
                                        "\u200B", "…"};
  std::mt19937 random(5);
  std::uniform_int_distribution<std::size_t> pick(0, pieces.size() - 1);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (int k = 0; k < 20; ++k) {
      text += pieces[pick(random)];
    }
    for (std::size_t columns = 3; columns <= 30; columns += 3) {
      const std::string shortened = shorten_middle(text, columns);
      EXPECT_LE(display_width(shortened), columns) << text;
      EXPECT_EQ(printable(shortened), shortened) << text;
      EXPECT_EQ(display_width(fit_left(text, columns)), columns) << text;
    }
  }
}

TEST(FitLeft, PadsToExactlyTheColumns) {
  EXPECT_EQ(fit_left("Conv", 6), "Conv  ");
  EXPECT_EQ(fit_left("卷", 4), "卷  ");
  EXPECT_EQ(fit_left("卷积神经网络", 4), "…络 ");
  EXPECT_EQ(fit_left("abcdefghij", 8), "abc…ghij");
}

TEST(EditDistance, KnownValues) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("saturday", "sunday"), 3U);
  EXPECT_EQ(edit_distance("input", "imput"), 1U);
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2U);
}

TEST(EditDistance, CountsCharactersNotBytes) {
  EXPECT_EQ(edit_distance("卷积", "卷层"), 1U);
}

TEST(EditDistance, IsSymmetric) {
  EXPECT_EQ(edit_distance("intention", "execution"), 5U);
  EXPECT_EQ(edit_distance("execution", "intention"), 5U);
}

TEST(Wrap, BreaksBetweenWordsAndIndentsWhatFollows) {
  EXPECT_EQ(wrap("one two three four", 9, 2, 0), "one two\n  three\n  four");
  EXPECT_EQ(wrap("one two", 9, 2, 6), "one\n  two") << "the first line begins where the caller is";
  EXPECT_EQ(wrap("  one \n two  ", 80, 0, 0), "one two") << "white space between words is one space";
  EXPECT_EQ(wrap("", 80, 2, 0), "");
}

TEST(Wrap, AWiderWordHasALineOfItsOwnAndColumnsAreThoseOfATerminal) {
  EXPECT_EQ(wrap("a bbbbbbbbbbbb c", 6, 1, 0), "a\n bbbbbbbbbbbb\n c");
  EXPECT_EQ(wrap("\xe6\xb7\xb1\xe5\xba\xa6 ab", 6, 0, 0), "\xe6\xb7\xb1\xe5\xba\xa6\nab")
      << "two wide characters are four columns";
}

TEST(Sentences, BeginWithACapitalAndEndWithAFullStop) {
  EXPECT_EQ(as_sentence("the layer is slow"), "The layer is slow.");
  EXPECT_EQ(as_sentence("INT8 is slow."), "INT8 is slow.");
  EXPECT_EQ(as_sentence("\u00e9tat"), "\u00e9tat.");
  EXPECT_EQ(as_sentence(""), "");
  EXPECT_EQ(upper_first("zebra"), "Zebra");
  EXPECT_EQ(upper_first("{}"), "{}");
}

}  // namespace
}  // namespace trtprof
