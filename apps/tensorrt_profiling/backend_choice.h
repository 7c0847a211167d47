// Which backend module does the work: what the user asked for, what the file needs, what is there.
#pragma once

#include <string>
#include <vector>

#include "trtprof/backend/engine_file.h"
#include "trtprof/backend/module.h"

namespace trtprof::cli {

// To run models. auto: a GPU backend that loads and finds its device (TensorRT, newest first, then TensorRT-RTX), else
// OpenVINO. tensorrt: any version of TensorRT, newest first. Named: that one. Or the reason why not.
[[nodiscard]] Result<LoadedBackend> open_backend(const std::string& asked);

// A module that was tried, and why it cannot be used.
struct Refusal {
  std::string module;
  Error reason;
};

struct Builder {
  LoadedBackend backend;
  std::string module;             // empty where it found a GPU
  std::vector<Refusal> refusals;  // where none did: all that were tried, this one too
};

// To build engines: as above without OpenVINO, and where no GPU is found, the one that builds ahead of time without
// one.
[[nodiscard]] Result<Builder> open_builder(const std::string& asked);

// `failure` is what the builder said; taken without a GPU, what kept the others from being taken belongs to it.
[[nodiscard]] Error why_not_built(const Builder& builder, const Error& failure);

// To run an engine: its flavour and major version decide; a newer major may run what was built version compatible. Not
// probed. A backend of the other flavour is a usage error.
[[nodiscard]] Result<LoadedBackend> open_engine_backend(const std::string& asked, const EngineFile& engine);

}  // namespace trtprof::cli
