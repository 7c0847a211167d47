// JSON read as a stream: one token, or one value, at a time. For files of other tools, which may be large, cut off,
// hostile, or not quite JSON: trtexec writes names without escaping them, and NaN as "nan".
//
// What is valid JSON is read as such. Beyond it these are taken and counted: a quote, a backslash or a control
// character inside a text, bytes that are not UTF-8 (as Latin-1, so that two names stay two), nan and inf (as numbers
// that are not finite).
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign_stream.h"

namespace trtprof {

struct JsonLimits {
  std::size_t depth = 512;
  std::size_t text = std::size_t{16} << 20;   // bytes of one text; a longer one is an error
  std::size_t value = std::size_t{32} << 20;  // bytes of a value that is taken whole: value(), for_each_element()
  std::size_t nodes = 1'000'000;              // values inside of such a value
};

// The longest name of anything (layer, kernel, operator): longer ones are an error in every importer.
inline constexpr std::size_t kLongestForeignName = std::size_t{1} << 20;
// The most layers, kernels or operators of one file, and bytes of their names: engines have thousands of layers, and
// each is kept several times over.
inline constexpr std::size_t kMostForeignLayers = 250'000;
inline constexpr std::size_t kMostForeignNames = std::size_t{256} << 20;

enum class JsonToken {
  begin_object,
  end_object,
  begin_array,
  end_array,
  key,      // text()
  text,     // text()
  number,   // number()
  boolean,  // boolean()
  null,
  end,     // after the one value of the document; whatever follows it but white space is an error
  failed,  // status() says why; stays so
};

class JsonStream {
 public:
  // `source` names the text in errors.
  JsonStream(std::istream& in, std::string source, JsonLimits limits = {});
  // Faults of the file come before those of its text. `file` must live as long as this.
  explicit JsonStream(ForeignStream& file, JsonLimits limits = {});

  JsonToken next();
  [[nodiscard]] const std::string& text() const { return text_; }                 // UTF-8
  [[nodiscard]] double number() const { return number_; }                         // may be NaN or infinite
  [[nodiscard]] std::optional<std::int64_t> integer() const { return integer_; }  // of a number written without a point
  [[nodiscard]] bool boolean() const { return boolean_; }
  // Passes over the value that begins with `token`, the one just read. False: failed.
  bool skip(JsonToken token);
  // Takes the value that begins with `token`, the one just read. False: failed.
  bool value(JsonToken token, nlohmann::json& into);

  [[nodiscard]] Status status() const;
  // For importers that find a fault in what is valid JSON: "SOURCE: SENTENCE"; next() gives `failed` from here on.
  void refuse(std::string sentence, std::string hint = {});
  [[nodiscard]] std::uint64_t position() const { return consumed_ + at_; }  // in bytes
  // What was not JSON and read in spite of it, a sentence each; empty for valid JSON.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  struct Level {
    bool object = false;
    bool any = false;        // it has had an element
    bool after_key = false;  // the next token is a member's value
  };

  [[nodiscard]] int peek(std::size_t ahead = 0);
  // Beyond white space, from `ahead` on; -2 where there is more of it than anybody looks through.
  [[nodiscard]] int peek_solid(std::size_t& ahead);
  bool fill(std::size_t wanted);
  void skip_space();
  JsonToken value_token();
  JsonToken open(bool object);
  JsonToken close(bool object);
  JsonToken read_text(bool key);
  JsonToken read_word();
  JsonToken fault(const std::string& what);
  void read_escape();
  [[nodiscard]] std::optional<std::uint32_t> peek_hex(std::size_t ahead);
  [[nodiscard]] bool closes_text(bool key);
  [[nodiscard]] bool begins_member(std::size_t ahead);

  std::istream& in_;
  const ForeignStream* file_ = nullptr;
  std::string source_;
  JsonLimits limits_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t consumed_ = 0;
  bool exhausted_ = false;
  std::vector<Level> levels_;
  bool started_ = false;
  std::string text_;
  bool unescaped_text_ = false;  // the one being read
  double number_ = 0.0;
  std::optional<std::int64_t> integer_;
  bool boolean_ = false;
  Status status_;
  std::uint64_t unescaped_ = 0;  // texts with characters that had to be escaped
  std::uint64_t latin1_ = 0;     // texts that are not UTF-8
};

// For the common form, a long array of small objects at the root or in a member of the root object. `element` gets each
// element of the array; `member` every other member of the root object, whole, before or after the array (nullptr: they
// are passed over). `array` is the key of the array, empty where it is the root itself. `element` and `member` end the
// reading with an error of their own. A document of another form is an error.
[[nodiscard]] Status for_each_element(JsonStream& json, std::string_view array,
                                      const std::function<Status(nlohmann::json&&)>& element,
                                      const std::function<Status(const std::string&, nlohmann::json&&)>& member = {});

// What the beginning of a document shows, for recognising formats. A document that is cut off or broken shows what
// comes before.
struct JsonOutline {
  char root = '\0';                       // '{', '[', '\0': neither
  std::vector<std::string> keys;          // of the root object
  std::vector<std::string> element_keys;  // of the first objects in an array at the root, or in an array that is a
                                          // member of the root object, each once
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool element_has(std::string_view key) const;
};
[[nodiscard]] JsonOutline json_outline(std::string_view beginning);

}  // namespace trtprof
