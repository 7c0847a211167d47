#include "fuzz/fuzz_target.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "trtprof/base/text.h"

namespace trtprof::fuzz {
namespace {

// Messages quote names of files, which printable() makes longer and shorten_middle() shorter; no reader reads more.
constexpr std::size_t kLongestSentence = 4096;

}  // namespace

std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void require_sentence(std::string_view sentence) {
  if (sentence.size() > kLongestSentence) {
    require(false, "a sentence is short: " + std::string(sentence.substr(0, kLongestSentence)));
  }
  if (printable(sentence) != sentence) require(false, "a sentence can be printed: " + printable(sentence));
}

void require_sentence(const Error& error) {
  require(!error.message.empty(), "an error says what is wrong");
  require_sentence(error.message);
  require_sentence(error.hint);
}

std::filesystem::path as_file(std::string_view bytes, std::string_view name) {
  static const TemporaryFolder folder = TemporaryFolder::create("trtprof-fuzz").value();
  std::filesystem::path path = folder.path() / name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  require(!file.fail(), "the input can be written to a file");
  return path;
}

}  // namespace trtprof::fuzz
