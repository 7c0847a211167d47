#include "trtprof/ceilings/choose.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/ceilings/ceilings_json.h"
#include "trtprof/ceilings/device_table.h"
#include "trtprof/ceilings/measured.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using Choice = Result<std::optional<DeviceCeilings>>;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 24;
// A name may be off by this much to be taken for a slip.
constexpr std::size_t kSlip = 4;

bool names(const DeviceCeilings& device, const std::string& name) {
  return device.device == name || std::ranges::find(device.names, name) != device.names.end();
}

Choice of_file(const std::string& file, const Profile& profile) {
  const auto text = read_file(file, kMostBytes);
  if (!text) return forward_error(text);
  auto table = ceilings_from_json(*text, printable(file));
  if (!table) return forward_error(table);
  if (table->size() == 1) return std::move(table->front());
  const std::string& wanted = profile.environment.device_name;
  const auto found = std::ranges::find_if(*table, [&](const DeviceCeilings& each) { return names(each, wanted); });
  if (found != table->end()) return std::move(*found);
  return usage_error(
      fmt::format("{}: none of its {} devices has the name '{}'", printable(file), table->size(), printable(wanted)),
      "Add the name to the device's \"names\", or give a file with one device.");
}

Error no_such_name(const std::string& name) {
  const auto distance = [&](const DeviceCeilings& device) { return edit_distance(device.device, name); };
  const auto known = known_devices();
  const auto nearest = std::ranges::min_element(known, {}, distance);
  std::string hint = "The table has: ";
  if (nearest != known.end() && distance(*nearest) <= kSlip) {
    hint = fmt::format("Did you mean '{}'?", nearest->device);
  } else {
    std::vector<std::string> all;
    for (const DeviceCeilings& device : known) all.push_back(device.device);
    hint += fmt::format("{}.", fmt::join(all, ", "));
  }
  return {ErrorCode::usage, fmt::format("'{}' is neither a file nor a device of the table", printable(name)),
          std::move(hint)};
}

Choice of_option(const std::string& option, const Profile& profile) {
  if (auto known = find_ceilings(option)) return known;
  std::error_code ignored;
  const bool looks_like_file = option.find('/') != std::string::npos || option.ends_with(".json");
  if (looks_like_file || fs::exists(option, ignored)) return of_file(option, profile);
  return tl::unexpected<Error>(no_such_name(option));
}

Choice of_device(const Profile& profile, const fs::path* cache_folder) {
  auto known = find_ceilings(profile.environment.device_name);
  const auto key = ceilings_key(profile.environment);
  if (key && cache_folder != nullptr) {
    if (auto record = find_measured(*cache_folder, *key)) {
      return with_known(std::move(record->measured.ceilings), known);
    }
  }
  return known;
}

}  // namespace

Choice choose_ceilings(const std::string& option, const Profile& profile) {
  if (!option.empty()) return of_option(option, profile);
  const auto folder = ceilings_cache_folder();
  return of_device(profile, folder ? &*folder : nullptr);
}

Choice choose_ceilings(const std::string& option, const Profile& profile, const fs::path& cache_folder) {
  return option.empty() ? of_device(profile, &cache_folder) : of_option(option, profile);
}

DeviceCeilings with_known(DeviceCeilings measured, const std::optional<DeviceCeilings>& known) {
  if (!known) return measured;
  for (const CeilingFigure& figure : known->figures) {
    const bool told = std::ranges::any_of(measured.figures, [&](const CeilingFigure& other) {
      return other.kind == figure.kind && other.basis == figure.basis;
    });
    if (!told) measured.figures.push_back(figure);
  }
  return measured;
}

}  // namespace trtprof
