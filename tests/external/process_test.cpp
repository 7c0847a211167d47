#include "trtprof/external/process.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_tools.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  ProcessEnd end;
  std::string out;
  std::string err;
  double seconds = 0.0;
};

Outcome run(const std::string& script, ProcessOptions options = {}) {
  Outcome result;
  options.on_out = [&](std::string_view chunk) { result.out += chunk; };
  options.on_err = [&](std::string_view chunk) { result.err += chunk; };
  const auto start = std::chrono::steady_clock::now();
  const auto end = run_process({"/bin/sh", "-c", script}, options);
  EXPECT_TRUE(end) << (end ? "" : end.error().message);
  if (end) result.end = *end;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

TEST(Process, TellsHowItEndedAndWhatItSaid) {
  const Outcome done = run("echo out; echo err >&2; exit 3");
  EXPECT_EQ(done.end.exit_code, 3);
  EXPECT_FALSE(done.end.signal);
  EXPECT_EQ(done.out, "out\n");
  EXPECT_EQ(done.err, "err\n");
}

TEST(Process, ReadsBothOutputsWhateverTheirOrderAndLength) {
  // More than a pipe holds on each: a reader of one after the other would wait for ever.
  const Outcome done =
      run("i=0; while [ $i -lt 3000 ]; do printf '%0200d\\n' $i; printf '%0200d\\n' $i >&2; i=$((i+1)); done",
          {.timeout_seconds = 60.0});
  EXPECT_EQ(done.out.size(), 3000U * 201U);
  EXPECT_EQ(done.err.size(), 3000U * 201U);
  EXPECT_FALSE(done.end.timed_out);
}

TEST(Process, ArgumentsReachItAsTheyAre) {
  std::string out;
  ProcessOptions options;
  options.on_out = [&](std::string_view chunk) { out += chunk; };
  ASSERT_TRUE(run_process({"/bin/sh", "-c", "printf '%s|' \"$@\"", "sh", "a b", "$HOME", "'; exit 9", ""}, options));
  EXPECT_EQ(out, "a b|$HOME|'; exit 9||");
}

TEST(Process, EnvironmentIsReplacedAndTakenAway) {
  setenv("TRTPROF_TEST_A", "old", 1);
  setenv("TRTPROF_TEST_B", "there", 1);
  const Outcome done = run("echo \"$TRTPROF_TEST_A:${TRTPROF_TEST_B-gone}:$PATH\"",
                           {.environment = {{"TRTPROF_TEST_A", "new"}}, .unset = {"TRTPROF_TEST_B"}});
  EXPECT_THAT(done.out, HasSubstr("new:gone:/"));
}

TEST(Process, StandardInputIsEmpty) {
  EXPECT_EQ(run("cat; echo done").out, "done\n");
}

TEST(Process, ASignalThatEndedItIsTold) {
  const Outcome done = run("kill -SEGV $$");
  EXPECT_EQ(done.end.signal, SIGSEGV);
  EXPECT_EQ(done.end.exit_code, 128 + SIGSEGV);
}

TEST(Process, OneThatHangsIsEndedWithAllItStarted) {
  const auto folder = TemporaryFolder::create("trtprof-process");
  const std::string mark = (folder->path() / "alive").string();
  const Outcome done = run("(sleep 2; touch " + mark + ") & trap '' INT; echo started; sleep 30; sleep 30",
                           {.timeout_seconds = 0.3, .grace_seconds = 0.3});
  EXPECT_TRUE(done.end.timed_out);
  EXPECT_FALSE(done.end.interrupted);
  EXPECT_EQ(done.out, "started\n");
  EXPECT_LT(done.seconds, 20.0);
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST(Process, TheUsersStopReachesIt) {
  StopFlag stop;
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request();
  });
  const Outcome done = run("trap 'echo cleaning up; exit 130' INT; while :; do sleep 0.1; done", {.stop = &stop});
  user.join();
  EXPECT_TRUE(done.end.interrupted);
  EXPECT_EQ(done.out, "cleaning up\n");
  EXPECT_EQ(done.end.exit_code, 130);
}

TEST(Process, AGrandchildThatKeepsThePipesDoesNotKeepUs) {
  const Outcome done = run("setsid sleep 60 & echo gone", {.grace_seconds = 0.3});
  EXPECT_EQ(done.out, "gone\n");
  EXPECT_LT(done.seconds, 20.0);
}

// A run that is killed leaves nothing behind that would go on measuring.
TEST(Process, ItEndsWithUsHoweverWeEnd) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // so that the orphan is ours to wait for
  const auto folder = TemporaryFolder::create("trtprof-process").value();
  const std::string file = (folder.path() / "pid").string();
  const pid_t parent = fork();
  if (parent == 0) {
    static_cast<void>(run_process({"/bin/sh", "-c", "echo $$ > " + file + "; exec sleep 60"}, {}));
    _exit(0);
  }
  pid_t program = 0;
  for (int i = 0; i < 500 && program == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream(file) >> program;
  }
  ASSERT_GT(program, 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 500 && ended == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ended = waitpid(program, &status, WNOHANG);
  }
  EXPECT_EQ(ended, program) << "it is still there";
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  kill(program, SIGKILL);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(Process, AFileThatIsNoProgramIsAnError) {
  const auto end = run_process({"/nonexistent/ncu"}, {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "/nonexistent/ncu could not be started: No such file or directory");
}

TEST(Process, CommandsAreShownAsAShellWouldTakeThem) {
  EXPECT_EQ(shown_command({"/usr/bin/ncu", "--metrics", "a.sum,b", "my model.onnx", "it's", "", "a*"}),
            "/usr/bin/ncu --metrics a.sum,b 'my model.onnx' 'it'\\''s' '' 'a*'");
}

}  // namespace
}  // namespace trtprof::test
