// Rows of benchmark_app's counters as layers.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// A row, by its columns.
struct OpenvinoCounter {
  std::string name;
  std::string status;  // "EXECUTED", "Status.NOT_RUN", "OPTIMIZED_OUT"
  std::string type;
  std::string exec_type;
  double seconds = 0.0;
};

class OpenvinoLayers {
 public:
  // The counters of another infer request follow.
  void begin_request();
  [[nodiscard]] Status add(OpenvinoCounter counter);
  // What the report itself says that the request's rows add up to.
  void end_request(double total_seconds);

  // `source` names the file in errors. To be called once.
  [[nodiscard]] Result<Profile> finish(const std::string& source);

 private:
  struct Row {
    Layer layer;
    bool executed = false;
    double seconds = 0.0;  // over all requests
    std::size_t requests = 0;
    std::size_t last_request = 0;
  };

  std::vector<Row> rows_;
  std::unordered_map<std::string, std::size_t> indices_;
  std::map<std::string, std::size_t> seen_;  // in this request, where a name comes again
  std::size_t requests_ = 0;
  std::size_t rows_of_request_ = 0;
  double sum_ = 0.0;  // of the request
  std::size_t wrong_totals_ = 0;
  std::size_t repeated_ = 0;
};

}  // namespace trtprof
