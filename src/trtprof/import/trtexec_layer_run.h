// The layer times that trtexec gives, in its export and in the table of its log, as a layer run. Private to import/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

// As written: milliseconds. The median came with TensorRT 8.4.
struct TrtexecRow {
  std::string name;
  std::optional<double> average;
  std::optional<double> median;
};

class TrtexecRows {
 public:
  // Errors are sentences without the file's name.
  [[nodiscard]] Status add(TrtexecRow row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Fills the layer run and the layers' names.
  [[nodiscard]] Status finish(Imported& imported, std::optional<std::int64_t> iterations);

 private:
  std::vector<TrtexecRow> rows_;
  std::size_t name_bytes_ = 0;
};

}  // namespace trtprof
