#include "trtprof/base/stop_flag.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

StopFlag* flag_of_handler = nullptr;

TEST(StopFlag, StartsClearAndStaysRequested) {
  StopFlag flag;
  EXPECT_FALSE(flag.requested());
  flag.request();
  flag.request();
  EXPECT_TRUE(flag.requested());
}

TEST(StopFlag, IsSetFromASignalHandler) {
  StopFlag flag;
  flag_of_handler = &flag;
  const auto before = std::signal(SIGUSR1, [](int) { flag_of_handler->request(); });
  EXPECT_FALSE(flag.requested());
  std::raise(SIGUSR1);
  EXPECT_TRUE(flag.requested());
  std::signal(SIGUSR1, before);
  flag_of_handler = nullptr;
}

TEST(StopFlag, IsSeenByAnotherThread) {
  StopFlag flag;
  std::thread waiting([&flag] {
    while (!flag.requested()) {
      std::this_thread::yield();
    }
  });
  flag.request();
  waiting.join();
  EXPECT_TRUE(flag.requested());
}

}  // namespace
}  // namespace trtprof
