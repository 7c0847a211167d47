// JSON as a stream, which need not be quite JSON: valid JSON reads the same as by the library, and without notes.
#include "trtprof/import/json_stream.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const std::string text(fuzz::as_text(data, size));
  static_cast<void>(json_outline(text));

  std::istringstream tokens(text);
  JsonStream passed(tokens, "input.json");
  for (JsonToken token = passed.next(); token != JsonToken::end; token = passed.next()) {
    if (token != JsonToken::failed) continue;
    fuzz::require(!passed.status().has_value(), "what failed has a reason");
    fuzz::require_sentence(passed.status().error());
    fuzz::require(passed.next() == JsonToken::failed, "what failed stays so");
    break;
  }

  std::istringstream values(text);
  JsonStream taken(values, "input.json");
  nlohmann::json value;
  const bool whole = taken.value(taken.next(), value) && taken.next() == JsonToken::end;
  if (whole) fuzz::require(passed.status().has_value(), "what can be taken whole can be read token by token");
  for (const std::string& note : taken.notes()) fuzz::require_sentence(note);
  const nlohmann::json expected = nlohmann::json::parse(text, nullptr, false);
  if (whole && taken.notes().empty() && !expected.is_discarded()) {
    fuzz::require(value == expected, "valid JSON is read as such");
  }
  return 0;
}
