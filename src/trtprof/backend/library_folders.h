// Where NVIDIA's libraries lie beside the loader's own folders: CUDA toolkits, and the wheels of Python environments.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace trtprof {

struct LibraryPlaces {
  std::filesystem::path root = "/";
  std::string path;         // PATH: the environments of the interpreters on it
  std::string virtual_env;  // VIRTUAL_ENV
  std::string conda;        // CONDA_PREFIX
  std::string home;         // HOME: what pip installs for a user
};
// From the environment of this process.
[[nodiscard]] LibraryPlaces library_places();

// Folders that exist and hold CUDA libraries, each once, wheels of active environments first, then the others', then
// toolkits, the newest first.
[[nodiscard]] std::vector<std::filesystem::path> cuda_library_folders(const LibraryPlaces& places);

}  // namespace trtprof
