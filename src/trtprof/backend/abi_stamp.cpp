#include <string>

#include "trtprof/backend/module.h"
#include "trtprof/base/build_info.h"

namespace trtprof {

// Text, so that the message about a mismatch can show both sides.
std::string abi_stamp() {
  std::string stamp = std::string("trtprof ") + kVersion + "; build " + kBuildId;
#if defined(__clang__)
  stamp += "; clang " __clang_version__;
#elif defined(__GNUC__)
  stamp += "; gcc " __VERSION__;
#endif
#if defined(_GLIBCXX_RELEASE)
  stamp += "; libstdc++ " + std::to_string(_GLIBCXX_RELEASE) + (_GLIBCXX_USE_CXX11_ABI ? " cxx11" : " old");
#elif defined(_LIBCPP_VERSION)
  stamp += "; libc++ " + std::to_string(_LIBCPP_VERSION);
#endif
#if defined(_GLIBCXX_DEBUG)
  stamp += " debug";
#endif
  return stamp;
}

}  // namespace trtprof
