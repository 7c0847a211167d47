// What the fuzz targets share. A target is a file that defines LLVMFuzzerTestOneInput(): libFuzzer calls it with inputs
// that it makes up, run_files.cpp with those of files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace trtprof::fuzz {

[[nodiscard]] std::string_view as_text(const std::uint8_t* data, std::size_t size);

// Ends the program as a crash does, which libFuzzer keeps the input of.
void require(bool holds, std::string_view what);

// What every error must be, whatever is in the file: a sentence that can be printed on one line and read.
void require_sentence(const Error& error);
void require_sentence(std::string_view sentence);

// True: there is a value to go on with. An error must be a sentence.
template <class T>
[[nodiscard]] bool read(const Result<T>& result) {
  if (!result) require_sentence(result.error());
  return result.has_value();
}

// For readers of files: one file with the input, in a folder that holds nothing but such files. The same path each
// time; the next call of that name writes over it.
[[nodiscard]] std::filesystem::path as_file(std::string_view bytes, std::string_view name = "input");

}  // namespace trtprof::fuzz
