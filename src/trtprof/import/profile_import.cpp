#include "trtprof/import/profile_import.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/json_stream.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof {
namespace {

// A profile becomes a tree of values before it is one: what is larger than this was not made by this program.
constexpr std::size_t kLargestProfile = std::size_t{1} << 30;

Result<std::string> whole_text(ForeignStream& file) {
  std::string text;
  std::string chunk(kForeignBeginning, '\0');
  while (file.in().read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.in().gcount() > 0) {
    text.append(chunk, 0, static_cast<std::size_t>(file.in().gcount()));
    if (text.size() > kLargestProfile) {
      return fail(fmt::format("{} is larger than {} MiB, and no profile is", file.name(), kLargestProfile >> 20));
    }
  }
  if (const Status read = file.status(); !read) return forward_error(read);
  return text;
}

}  // namespace

bool is_profile(std::string_view beginning) {
  return beginning.find(kProfileSchemaName) != std::string_view::npos && json_outline(beginning).has("schema");
}

Result<Imported> read_profile(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  const auto text = whole_text(*file);
  if (!text) return forward_error(text);
  auto loaded = profile_from_json(*text, path.string());
  if (!loaded) return forward_error(loaded);
  Imported imported;
  imported.format = ForeignFormat::profile;
  imported.path = path.string();
  imported.profile = std::move(loaded->profile);
  imported.notes = std::move(loaded->notes);
  if (imported.profile.layer_run) {
    for (const Layer& layer : imported.profile.layer_run->layers) imported.layer_names.push_back(layer.name);
  }
  return imported;
}

}  // namespace trtprof
