#include "interrupt.h"

#include <csignal>

namespace trtprof::cli {
namespace {

// A signal handler reaches nothing but globals.
StopFlag g_stop;   // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
int g_scopes = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables) that are open, one in the other

extern "C" void on_signal(int) {
  g_stop.request();
}

void install(void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

// SA_RESETHAND gives the second signal its default effect. SA_RESTART: no read or write is cut short.
InterruptScope::InterruptScope() {
  if (g_scopes++ > 0) return;
  install(&on_signal, static_cast<int>(SA_RESETHAND | SA_RESTART));
}
InterruptScope::~InterruptScope() {
  if (--g_scopes > 0) return;
  install(SIG_DFL, 0);
}
const StopFlag& InterruptScope::flag() const {
  return g_stop;
}

}  // namespace trtprof::cli
