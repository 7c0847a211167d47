// Marks for a profiler that watches from outside: NVTX ranges, always (they cost nothing unwatched), and
// cudaProfilerStart/Stop around the samples, by which `nsys profile -c cudaProfilerApi` and
// `ncu --profile-from-start off` tell what to record.
#pragma once

#include <string_view>

namespace trtprof::tensorrt {

class OutsideMarks {
 public:
  OutsideMarks() = default;
  OutsideMarks(const OutsideMarks&) = delete;
  OutsideMarks& operator=(const OutsideMarks&) = delete;
  ~OutsideMarks() { end(); }

  void begin(std::string_view run);
  void end();

 private:
  bool open_ = false;
};

// The range of one inference.
class InferenceMark {
 public:
  InferenceMark();
  InferenceMark(const InferenceMark&) = delete;
  InferenceMark& operator=(const InferenceMark&) = delete;
  ~InferenceMark();
};

}  // namespace trtprof::tensorrt
