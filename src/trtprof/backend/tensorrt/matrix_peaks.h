// What a GPU's matrix units reach in large products, by cuBLASLt.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "trtprof/backend/tensorrt/ceiling_kernels.h"
#include "trtprof/backend/tensorrt/gpu_timer.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/profile/device_ceilings.h"

namespace trtprof::tensorrt {

struct MatrixPrecision {
  CeilingKind kind;
  const char* name;  // "FP16"
  FillType fill;
  int input_type;  // cudaDataType
  int output_type;
  int compute_type;  // cublasComputeType_t
  int scale_type;
  std::size_t input_bytes;  // of an element
  std::size_t output_bytes;
  bool fast_accumulation;
};
[[nodiscard]] const std::array<MatrixPrecision, 5>& matrix_precisions();

struct MatrixPeakRequest {
  const MatrixPrecision& precision;
  std::string compute_capability;  // "9.0", for sentences
  double seconds = 0.5;
};
// ErrorCode::unavailable without cuBLASLt, and where it has no such product for the device.
[[nodiscard]] Result<CeilingFigure> measure_matrix_peak(const GpuTimer& timer, const MatrixPeakRequest& request,
                                                        const StopFlag& stop);

}  // namespace trtprof::tensorrt
