#include "trtprof/import/ncu_import.h"

#include <utility>

#include "trtprof/import/foreign_stream.h"
#include "trtprof/import/ncu_csv.h"

namespace trtprof {

// The header of either page begins with the number of the launch; before it stand the tool's messages and whatever the
// program printed, in any amount: then those messages are what tells.
bool is_nsight_compute_csv(std::string_view beginning) {
  for (const std::string_view sign : {R"("ID","Process ID",)", "==PROF==", "\nID,Process ID,"}) {
    if (beginning.find(sign) != std::string_view::npos) return true;
  }
  return beginning.starts_with("ID,Process ID,");
}

Result<Imported> read_nsight_compute_csv(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  auto report = parse_ncu_csv(file->in(), file->name());
  if (const Status read = file->status(); !read) return forward_error(read);
  if (!report) return forward_error(report);
  Imported imported;
  imported.format = ForeignFormat::nsight_compute_csv;
  imported.path = path.string();
  imported.profile = kernel_profile(std::move(*report));
  // As every other source calls them.
  auto& properties = imported.profile.environment.properties;
  for (const auto& [theirs, ours] :
       {std::pair{"compute_capability", "compute capability"}, std::pair{"multiprocessor_count", "multiprocessors"}}) {
    if (auto property = properties.extract(theirs)) {
      property.key() = ours;
      properties.insert(std::move(property));
    }
  }
  return imported;
}

}  // namespace trtprof
