#include "trtprof/import/trtexec_profile.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/text.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/import/trtexec_layer_run.h"
#include "trtprof/import/trtexec_names.h"

namespace trtprof {
namespace {

using nlohmann::json;

class Reader {
 public:
  Reader(JsonStream& stream, const std::filesystem::path& path)
      : stream_(stream), imported_(tensorrt_file(ForeignFormat::trtexec_profile, path)) {}

  Result<Imported> read() {
    const Status read = for_each_element(stream_, "", [this](json&& element) { return take(element); });
    if (!read) return forward_error(read);
    for (std::string& note : stream_.notes()) imported_.notes.push_back(std::move(note));
    if (Status finished = rows_.finish(imported_, iterations_); !finished) {
      stream_.refuse(finished.error().message, finished.error().hint);
      return forward_error(stream_.status());
    }
    return std::move(imported_);
  }

 private:
  Status take(const json& element) {
    if (!element.is_object()) return refuse("an element of its list is no object");
    if (const auto count = element.find("count"); count != element.end() && !element.contains("name")) {
      if (!count->is_number_integer() || count->get<std::int64_t>() < 0) return refuse("its \"count\" is no count");
      iterations_ = count->get<std::int64_t>();
      return {};
    }
    const auto name = element.find("name");
    if (name == element.end() || !name->is_string()) return refuse("one of its layers has no name");
    const auto number = [&](const char* key) -> std::optional<double> {
      const auto found = element.find(key);
      return found != element.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
    };
    if (Status added = rows_.add({name->get<std::string>(), number("averageMs"), number("medianMs")}); !added) {
      return refuse(added.error().message);
    }
    return {};
  }

  Status refuse(std::string sentence) {
    stream_.refuse(std::move(sentence));
    return stream_.status();
  }

  JsonStream& stream_;
  Imported imported_;
  TrtexecRows rows_;
  std::optional<std::int64_t> iterations_;
};

}  // namespace

bool is_trtexec_profile(std::string_view beginning) {
  const JsonOutline outline = json_outline(beginning);
  return outline.root == '[' && (outline.element_has("averageMs") || outline.element_has("count")) &&
         (outline.element_has("percentage") || !outline.element_has("name"));
}

Result<Imported> read_trtexec_profile(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  JsonStream stream(*file);
  return Reader(stream, path).read();
}

}  // namespace trtprof
