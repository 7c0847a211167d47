#include "trtprof/optimize/loop/journal.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMode = 0644;

tl::unexpected<Error> failed(const std::filesystem::path& path, std::string_view what) {
  return fail(fmt::format("cannot {} the journal {}: {}", what, printable(path.string()),
                          std::error_code(errno, std::system_category()).message()));
}

std::string head_line(const JournalHead& head) {
  Json json;
  json["schema"] = {
      {"name", kLoopJournalSchemaName}, {"major", kLoopJournalSchemaMajor}, {"minor", kLoopJournalSchemaMinor}};
  json["model_sha256"] = head.model_sha256;
  json["data_sha256"] = head.data_sha256;
  json["arguments"] = head.arguments;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_journal(const Json& json) {
  const Json* schema = json.is_object() && json.contains("schema") ? &json.at("schema") : nullptr;
  return schema != nullptr && schema->is_object() && schema->value("name", Json()) == kLoopJournalSchemaName &&
         schema->value("major", Json()) == kLoopJournalSchemaMajor;
}

// Why this journal cannot be gone on with; empty: it can. Compared as it would be written: names of files need not be
// UTF-8, and JSON is.
std::string why_another(const Json& json, const JournalHead& head) {
  const Json wanted = Json::parse(head_line(head), nullptr, false);
  const auto differs = [&](const char* field) { return json.value(field, Json()) != wanted.value(field, Json()); };
  if (differs("model_sha256")) return "it is of another model";
  if (differs("data_sha256")) return "it was made with other data";
  if (differs("arguments")) return "it was made with other options: " + json.value("arguments", Json()).dump();
  return "";
}

}  // namespace

Result<LoopJournal> LoopJournal::open(const std::filesystem::path& path, const JournalHead& head) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
  if (file < 0) return failed(path, "open");
  LoopJournal journal(path, file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return fail(fmt::format("{} is in use by another run", printable(path.string())), "--work names another folder");
  }
  if (const Status done = journal.read(head); !done) return forward_error(done);
  return journal;
}

LoopJournal::LoopJournal(LoopJournal&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), events_(std::move(other.events_)) {}

LoopJournal::~LoopJournal() {
  if (file_ >= 0) ::close(file_);
}

Status LoopJournal::read(const JournalHead& head) {
  const auto content = read_file(path_);
  if (!content) return forward_error(content);
  // Every whole line ends in a newline; what follows the last one was cut short.
  const std::size_t whole = content->rfind('\n') == std::string::npos ? 0 : content->rfind('\n') + 1;
  if (whole != content->size() && ::ftruncate(file_, static_cast<off_t>(whole)) != 0) return failed(path_, "mend");
  if (whole == 0) return write_line(head_line(head));
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < whole;) {
    const std::size_t end = content->find('\n', begin);
    const std::string line = content->substr(begin, end - begin);
    begin = end + 1;
    if (++number == 1) {
      const Json json = Json::parse(line, nullptr, false);
      const bool known = is_journal(json);
      const std::string why =
          known ? why_another(json, head) : std::string("it is no journal of this version of the program");
      if (why.empty()) continue;
      // Nothing was done yet: a slip of the command line would be in the way for ever.
      if (known && begin == whole) return begin_anew(head);
      return usage_error(fmt::format("{} cannot be gone on with: {}", printable(path_.string()), printable(why)),
                         "--work names another folder, or remove this one");
    }
    auto event = event_from_json_line(line);
    if (!event) {
      return fail(fmt::format("{}, line {}: {}", printable(path_.string()), number, printable(event.error().message)),
                  "remove the work folder to begin anew");
    }
    events_.push_back(*std::move(event));
  }
  return {};
}

Status LoopJournal::begin_anew(const JournalHead& head) {
  if (::ftruncate(file_, 0) != 0) return failed(path_, "write");
  return write_line(head_line(head));
}

Status LoopJournal::append(const LoopEvent& event) {
  return write_line(to_json_line(event));
}

Status LoopJournal::write_line(const std::string& line) {
  const std::string text = line + '\n';
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(file_, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(path_, "write");
    at += static_cast<std::size_t>(written);
  }
  return ::fsync(file_) == 0 ? Status{} : Status(failed(path_, "write"));
}

}  // namespace trtprof
