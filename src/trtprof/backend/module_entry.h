// What a module's door does; each module has a source file with the door itself (see module.h).
#pragma once

#include <new>
#include <string>

#include "trtprof/backend/module.h"

namespace trtprof {

// For `trtprof_backend_open`: the interface to a backend of type `Implementation`, closed to callers of another build.
template <class Implementation>
const ModuleInterface* module_interface(const char* caller_stamp) {
  static const std::string stamp = abi_stamp();
  static const ModuleInterface open{stamp.c_str(), []() -> Backend* { return new (std::nothrow) Implementation; },
                                    [](Backend* backend) { delete backend; }};
  static const ModuleInterface closed{stamp.c_str(), nullptr, nullptr};
  return caller_stamp != nullptr && stamp == caller_stamp ? &open : &closed;
}

}  // namespace trtprof
