// What this module uses of cuBLASLt, declared from its documented C API ("cuBLAS Library", chapter "Using the cuBLASLt
// API"). The library is opened at run time and needs no header here; its versions 12 and 13 agree in all of this.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cuda_runtime_api.h>
#include <library_types.h>
#include <memory>
#include <string>

#include "trtprof/base/error.h"

namespace trtprof::tensorrt::cublas {

struct HandleRecord;
struct DescriptionRecord;
struct LayoutRecord;
struct PreferenceRecord;
using Handle = HandleRecord*;            // cublasLtHandle_t
using Description = DescriptionRecord*;  // cublasLtMatmulDesc_t
using Layout = LayoutRecord*;            // cublasLtMatrixLayout_t
using Preference = PreferenceRecord*;    // cublasLtMatmulPreference_t

// cublasStatus_t, those that are treated by name.
inline constexpr int kSuccess = 0;
inline constexpr int kNotSupported = 15;

// cublasComputeType_t
inline constexpr int kCompute32F = 68;
inline constexpr int kCompute32FFastTf32 = 77;
inline constexpr int kCompute32I = 72;

// cublasLtMatmulDescAttributes_t
inline constexpr int kTransposeA = 3;
inline constexpr int kFastAccumulation = 25;
inline constexpr std::int32_t kTransposed = 1;  // cublasOperation_t

// cublasLtMatmulPreferenceAttributes_t
inline constexpr int kMaxWorkspaceBytes = 1;

struct Algorithm {  // cublasLtMatmulAlgo_t
  std::array<std::uint64_t, 8> data;
};

struct Candidate {  // cublasLtMatmulHeuristicResult_t
  Algorithm algorithm;
  std::size_t workspace_bytes;
  int status;
  float waves;
  std::array<int, 4> reserved;
};
static_assert(sizeof(Candidate) == 96);

class Library {
 public:
  // Loads once and keeps. ErrorCode::unavailable, with how to get it, where it is not to be had. Searched are the
  // folder TRTPROF_CUBLASLT_PATH, where the loader looks, and where wheels and toolkits put it.
  [[nodiscard]] static Result<const Library*> get();

  [[nodiscard]] std::string version_text() const;  // "13.1.0"
  // "cublasLtMatmul failed: CUBLAS_STATUS_..."
  [[nodiscard]] Status check(int status, const char* call) const;

  int (*create)(Handle*) = nullptr;
  int (*destroy)(Handle) = nullptr;
  int (*description_create)(Description*, int compute_type, int scale_type) = nullptr;
  int (*description_destroy)(Description) = nullptr;
  int (*description_set)(Description, int attribute, const void*, std::size_t) = nullptr;
  int (*layout_create)(Layout*, int type, std::uint64_t rows, std::uint64_t columns, std::int64_t leading) = nullptr;
  int (*layout_destroy)(Layout) = nullptr;
  int (*preference_create)(Preference*) = nullptr;
  int (*preference_destroy)(Preference) = nullptr;
  int (*preference_set)(Preference, int attribute, const void*, std::size_t) = nullptr;
  int (*heuristic)(Handle, Description, Layout a, Layout b, Layout c, Layout d, Preference, int wanted, Candidate*,
                   int* found) = nullptr;
  int (*multiply)(Handle, Description, const void* alpha, const void* a, Layout, const void* b, Layout,
                  const void* beta, const void* c, Layout, void* d, Layout, const Algorithm*, void* workspace,
                  std::size_t workspace_bytes, cudaStream_t) = nullptr;

 private:
  [[nodiscard]] static Result<Library> load();
  [[nodiscard]] bool resolve(void* library);

  std::size_t (*version_)() = nullptr;
  const char* (*status_name_)(int) = nullptr;
};

}  // namespace trtprof::tensorrt::cublas
