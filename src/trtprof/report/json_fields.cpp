#include "trtprof/report/json_fields.h"

#include "trtprof/base/build_info.h"

namespace trtprof::json_fields {

void head(JsonWriter& json, std::string_view name, int major, int minor) {
  schema(json, name, major, minor);
  json.key("tool");
  json.begin_object();
  field(json, "version", kVersion);
  field(json, "commit", kCommit);
  json.end_object();
}

}  // namespace trtprof::json_fields
