#include "trtprof/optimize/loop/journal.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// One of each kind, every field other than its default.
std::vector<LoopEvent> every_event() {
  Candidate one = candidate("int8+f16", LoopStep::mixed);
  one.change.precision = std::vector<std::string>{"--precision", "int8+f16"};
  one.change.run = {{"--precision", "f32"}, {"--sparsity", ""}};
  one.claims.push_back({ClaimKind::computes_in, "int8"});
  one.claims.push_back({ClaimKind::faster_depthwise, {}, "int8"});
  one.expected_gain = 0.1 + 0.2;  // no short decimal
  one.findings = {"tensor-cores"};
  one.competes = false;
  one.after_inaccurate = "int8";
  RunFacts facts = facts_of_layers(78, 1.0 / 3.0);
  facts.interval = 0.25;
  facts.joules = 1e-3;
  facts.threads = 2;
  facts.streams = 1;
  facts.reformats = 3;
  facts.reformat_seconds = 1e-6;
  facts.tensor_bytes = 1e9;
  AccuracyFacts accuracy{1000, true, true, 0.99, 0.991, 0.998, 41.5, "gate", false, {"it drops"}, {"few samples"}};
  LookFacts look;
  look.outcome = Outcome::faster;
  look.effect = -0.123;
  look.interval = {-0.2, -0.05};
  look.level = 0.975;
  look.seconds_a = 0.01;
  look.seconds_b = 0.00877;
  look.launches = 5;
  look.builds = 3;
  look.reimplemented = 7;
  look.reason = "it \"is\"\nso";
  look.a = facts;
  look.b = facts_of_layers(44, 0.1);
  look.per_item = true;
  look.figure = FigureKind::interval;
  look.reformatting = PartTime{Outcome::slower, 1e-5, 2e-5};
  look.depthwise = PartTime{Outcome::faster, 2e-3, 1e-3};
  return {{"", 2.5, BaselineTaken{"sha", 1.5, facts, accuracy, {one}, {{"custom", LoopStep::custom, "none"}}}},
          {"int8+f16", 0.0, CandidateStarted{apply_change({}, one.change), "passes-3"}},
          {"int8+f16", 3.0,
           CandidateMade{"candidates/m.onnx", "abc", 1234, std::vector<std::string>{"--keep-node", "a b"}}},
          {"int8+f16", 4.0, AccuracyMeasured{accuracy}},
          {"int8+f16", 5.0, LookTaken{look}},
          {"int8+f16", 0.0,
           Decided{{DecisionKind::no_mechanism, "Nothing is seen.", {{{ClaimKind::fewer_bytes, {}}, true, "text"}}}}},
          {"int8+f16", 6.0, ConfirmationLook{look}},
          {"int8+f16", 0.0, Confirmed{false, "They do not agree."}}};
}

TEST(LoopJournal, EveryEventComesBackAsItWas) {
  for (const LoopEvent& event : every_event()) {
    const std::string line = to_json_line(event);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto back = event_from_json_line(line);
    ASSERT_TRUE(back.has_value()) << back.error().message << '\n' << line;
    EXPECT_EQ(*back, event) << line;
  }
}

TEST(LoopJournal, LinesThatAreNoEventsAreErrors) {
  for (const char* line :
       {"", "{}", "[]", "null", R"({"event": "look", "seconds": 1})", R"({"event": "walk", "seconds": 1, "what": {}})",
        R"({"event": "decided", "seconds": 1, "what": {"decision": {"kind": "won", "reason": "", "claims": []}}})",
        R"({"event": "confirmed", "seconds": "1", "what": {"kept": true, "reason": ""}})"}) {
    EXPECT_FALSE(event_from_json_line(line).has_value()) << line;
  }
}

class JournalFile : public ::testing::Test {
 protected:
  fs::path path() const { return folder_.path() / "journal.jsonl"; }
  Result<LoopJournal> open() const { return LoopJournal::open(path(), head_); }

  JournalHead head_{"model", "data", {"--data", "x.npz"}};
  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-journal").value();
};

TEST_F(JournalFile, GoesOnWhereItEnded) {
  const std::vector<LoopEvent> events = every_event();
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto journal = open();
    ASSERT_TRUE(journal.has_value()) << journal.error().message;
    EXPECT_EQ(journal->events().size(), i);
    ASSERT_TRUE(journal->append(events[i]).has_value());
  }
  EXPECT_EQ(open()->events(), events);
}

// As a kill leaves it: any number of bytes of the last line.
TEST_F(JournalFile, ALineCutShortAnywhereIsTakenAway) {
  const std::vector<LoopEvent> events = every_event();
  {
    auto journal = open();
    ASSERT_TRUE(journal.has_value());
    for (const LoopEvent& event : events) ASSERT_TRUE(journal->append(event).has_value());
  }
  const std::string whole = read_file(path()).value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const bool at_an_end = whole[size] == '\n' || (size > 0 && whole[size - 1] == '\n');
    if (!at_an_end && size % 97 != 0) continue;
    ASSERT_TRUE(write_file(path(), std::string_view(whole).substr(0, size)).has_value());
    auto journal = open();
    ASSERT_TRUE(journal.has_value()) << size << ": " << journal.error().message;
    const auto lines =
        static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    EXPECT_EQ(journal->events().size(), lines == 0 ? 0 : lines - 1) << size;
    ASSERT_TRUE(journal->append(events.back()).has_value());
    const std::string mended = read_file(path()).value();
    EXPECT_EQ(std::count(mended.begin(), mended.end(), '\n'),
              static_cast<std::ptrdiff_t>(std::max<std::size_t>(lines, 1) + 1));
  }
}

TEST_F(JournalFile, OfAnotherModelDataOrOptionsIsRefused) {
  {
    auto journal = open();
    ASSERT_TRUE(journal.has_value());
    ASSERT_TRUE(journal->append(every_event().front()).has_value());
  }
  for (const JournalHead& other :
       {JournalHead{"other", "data", {"--data", "x.npz"}}, JournalHead{"model", "other", {"--data", "x.npz"}},
        JournalHead{"model", "data", {}}}) {
    const auto refused = LoopJournal::open(path(), other);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::usage);
    EXPECT_THAT(refused.error().hint, HasSubstr("--work"));
  }
  ASSERT_TRUE(write_file(path(), "{\"schema\": 1}\n").has_value());
  EXPECT_THAT(open().error().message, HasSubstr("no journal of this version"));
}

// Nothing was done: a slip of the command line is not in the way of the next.
TEST_F(JournalFile, WithoutEventsItIsOfWhoeverOpensIt) {
  ASSERT_TRUE(open().has_value());
  head_.arguments = {"--data", "y.npz"};
  {
    auto journal = open();
    ASSERT_TRUE(journal.has_value()) << journal.error().message;
    ASSERT_TRUE(journal->append(every_event().front()).has_value());
  }
  EXPECT_EQ(open()->events().size(), 1U);
  head_.arguments = {"--data", "x.npz"};
  EXPECT_FALSE(open().has_value());
}

TEST_F(JournalFile, NamesOfFilesNeedNotBeUtf8) {
  head_.arguments = {"--data", "d\xe9.npz"};
  {
    auto journal = open();
    ASSERT_TRUE(journal.has_value());
    ASSERT_TRUE(journal->append(every_event().front()).has_value());
  }
  const auto again = open();
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->events().size(), 1U);
}

TEST_F(JournalFile, ADamagedLineInTheMiddleIsAnErrorThatNamesIt) {
  {
    auto journal = open();
    ASSERT_TRUE(journal.has_value());
    ASSERT_TRUE(journal->append(every_event().back()).has_value());
  }
  const std::string text = read_file(path()).value();
  ASSERT_TRUE(write_file(path(), text + "garbage\n" + to_json_line(every_event().back()) + "\n").has_value());
  const auto damaged = open();
  ASSERT_FALSE(damaged.has_value());
  EXPECT_THAT(damaged.error().message, HasSubstr("line 3"));
}

TEST_F(JournalFile, IsOneRunsAlone) {
  const auto first = open();
  ASSERT_TRUE(first.has_value());
  const auto second = open();
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("in use by another run"));
}

}  // namespace
}  // namespace trtprof::test
