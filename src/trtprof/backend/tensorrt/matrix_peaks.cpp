#include "trtprof/backend/tensorrt/matrix_peaks.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/backend/ceiling_figures.h"
#include "trtprof/backend/tensorrt/cublas_lt.h"
#include "trtprof/base/format.h"

namespace trtprof::tensorrt {
namespace {

using cublas::Library;

constexpr std::size_t kSide = 8192;
constexpr std::size_t kSmallSide = 4096;
// Of what is free, for operands and workspace of the larger size.
constexpr std::size_t kShareOfMemory = 2;
// cuBLAS' own default for Hopper and newer.
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;
constexpr int kCandidates = 8;
constexpr int kTrials = 3;
constexpr double kSampleSeconds = 0.01;

// Handles of cuBLASLt, destroyed by the library that made them.
template <class Record>
using Owned = std::unique_ptr<Record, int (*)(Record*)>;

class Product {
 public:
  static Result<std::unique_ptr<Product>> make(const Library& library, const MatrixPrecision& precision,
                                               std::size_t side);
  // Algorithms that the library proposes, best first by its own estimate.
  Result<std::vector<cublas::Candidate>> candidates(const std::string& compute_capability) const;
  Status enqueue(const cublas::Candidate& candidate, cudaStream_t stream) const;
  Status fill(cudaStream_t stream) const;

 private:
  Product(const Library& library, const MatrixPrecision& precision, std::size_t side)
      : library_(library), precision_(precision), side_(side) {}
  Status make_descriptions();
  Status make_memory();
  Status make_layout(Owned<cublas::LayoutRecord>& layout, int type);

  const Library& library_;
  const MatrixPrecision& precision_;
  std::size_t side_;
  Owned<cublas::HandleRecord> handle_{nullptr, library_.destroy};
  Owned<cublas::DescriptionRecord> description_{nullptr, library_.description_destroy};
  Owned<cublas::LayoutRecord> input_{nullptr, library_.layout_destroy};
  Owned<cublas::LayoutRecord> output_{nullptr, library_.layout_destroy};
  DeviceMemory a_;
  DeviceMemory b_;
  DeviceMemory d_;
  DeviceMemory workspace_;
};

Result<std::unique_ptr<Product>> Product::make(const Library& library, const MatrixPrecision& precision,
                                               std::size_t side) {
  std::unique_ptr<Product> product(new Product(library, precision, side));
  if (Status made = product->make_descriptions(); !made) return forward_error(made);
  if (Status made = product->make_memory(); !made) return forward_error(made);
  return product;
}

Status Product::make_layout(Owned<cublas::LayoutRecord>& layout, int type) {
  cublas::Layout raw = nullptr;
  const auto leading = static_cast<std::int64_t>(side_);
  Status made = library_.check(library_.layout_create(&raw, type, side_, side_, leading), "cublasLtMatrixLayoutCreate");
  layout.reset(raw);
  return made;
}

// The transposed first operand, which every precision has; others, 8 bits have not.
Status Product::make_descriptions() {
  cublas::Handle handle = nullptr;
  if (Status made = library_.check(library_.create(&handle), "cublasLtCreate"); !made) return made;
  handle_.reset(handle);
  cublas::Description description = nullptr;
  const int created = library_.description_create(&description, precision_.compute_type, precision_.scale_type);
  if (Status made = library_.check(created, "cublasLtMatmulDescCreate"); !made) return made;
  description_.reset(description);
  const std::int32_t transposed = cublas::kTransposed;
  const int set = library_.description_set(description, cublas::kTransposeA, &transposed, sizeof(transposed));
  if (Status done = library_.check(set, "cublasLtMatmulDescSetAttribute"); !done) return done;
  if (precision_.fast_accumulation) {
    const std::int8_t fast = 1;
    const int set_fast = library_.description_set(description, cublas::kFastAccumulation, &fast, sizeof(fast));
    if (Status done = library_.check(set_fast, "cublasLtMatmulDescSetAttribute"); !done) return done;
  }
  if (Status made = make_layout(input_, precision_.input_type); !made) return made;
  return make_layout(output_, precision_.output_type);
}

Status Product::make_memory() {
  const std::size_t elements = side_ * side_;
  const std::array<std::pair<DeviceMemory*, std::size_t>, 4> wanted = {{{&a_, elements * precision_.input_bytes},
                                                                        {&b_, elements * precision_.input_bytes},
                                                                        {&d_, elements * precision_.output_bytes},
                                                                        {&workspace_, kWorkspaceBytes}}};
  for (const auto& [memory, bytes] : wanted) {
    auto allocated = DeviceMemory::allocate(bytes, "a product of matrices");
    if (!allocated) return forward_error(allocated);
    *memory = *std::move(allocated);
  }
  return {};
}

Status Product::fill(cudaStream_t stream) const {
  for (const DeviceMemory* memory : {&a_, &b_}) {
    const auto code = launch_fill(memory->data(), side_ * side_, precision_.fill, stream);
    if (Status filled = cuda_check(code, "a kernel's launch"); !filled) return filled;
  }
  return {};
}

Result<std::vector<cublas::Candidate>> Product::candidates(const std::string& compute_capability) const {
  cublas::Preference raw = nullptr;
  if (Status made = library_.check(library_.preference_create(&raw), "cublasLtMatmulPreferenceCreate"); !made) {
    return forward_error(made);
  }
  const Owned<cublas::PreferenceRecord> preference(raw, library_.preference_destroy);
  const std::uint64_t workspace = kWorkspaceBytes;
  const int set = library_.preference_set(raw, cublas::kMaxWorkspaceBytes, &workspace, sizeof(workspace));
  if (Status done = library_.check(set, "cublasLtMatmulPreferenceSetAttribute"); !done) return forward_error(done);
  std::vector<cublas::Candidate> found(kCandidates);
  int count = 0;
  const int asked = library_.heuristic(handle_.get(), description_.get(), input_.get(), input_.get(), output_.get(),
                                       output_.get(), raw, kCandidates, found.data(), &count);
  if (asked == cublas::kNotSupported || (asked == cublas::kSuccess && count == 0)) {
    return unavailable(fmt::format("cuBLASLt {} has no product of {} matrices for compute capability {}",
                                   library_.version_text(), precision_.name, compute_capability));
  }
  if (Status done = library_.check(asked, "cublasLtMatmulAlgoGetHeuristic"); !done) return forward_error(done);
  found.resize(static_cast<std::size_t>(count));
  std::erase_if(found, [](const cublas::Candidate& candidate) { return candidate.status != cublas::kSuccess; });
  return found;
}

// alpha and beta are of the scale's type: 1 and 0 as a float or as an integer.
Status Product::enqueue(const cublas::Candidate& candidate, cudaStream_t stream) const {
  static constexpr float kOne = 1.0F;
  static constexpr float kZero = 0.0F;
  static constexpr std::int32_t kIntegerOne = 1;
  static constexpr std::int32_t kIntegerZero = 0;
  const bool integer = precision_.scale_type == CUDA_R_32I;
  const void* alpha = integer ? static_cast<const void*>(&kIntegerOne) : &kOne;
  const void* beta = integer ? static_cast<const void*>(&kIntegerZero) : &kZero;
  const int status = library_.multiply(handle_.get(), description_.get(), alpha, a_.data(), input_.get(), b_.data(),
                                       input_.get(), beta, d_.data(), output_.get(), d_.data(), output_.get(),
                                       &candidate.algorithm, workspace_.data(), workspace_.size(), stream);
  return library_.check(status, "cublasLtMatmul");
}

// The fastest of the candidates by trial, and the seconds of one product.
Result<std::pair<cublas::Candidate, double>> fastest(const Product& product, const GpuTimer& timer,
                                                     const std::vector<cublas::Candidate>& candidates) {
  std::optional<std::pair<cublas::Candidate, double>> best;
  Status last;
  for (const cublas::Candidate& candidate : candidates) {
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto seconds = timer.seconds([&](cudaStream_t stream) { return product.enqueue(candidate, stream); });
      if (!seconds) {
        last = forward_error(seconds);
        break;
      }
      if (trial > 0 && (!best || *seconds < best->second)) best = {candidate, *seconds};
    }
  }
  if (best) return *best;
  if (!last) return forward_error(last);
  return fail("cuBLASLt proposed no algorithm that runs");
}

Result<std::size_t> side_for(const MatrixPrecision& precision) {
  std::size_t free = 0;
  std::size_t total = 0;
  if (Status asked = cuda_check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo"); !asked) return forward_error(asked);
  const std::size_t bytes = kSide * kSide * (2 * precision.input_bytes + precision.output_bytes) + kWorkspaceBytes;
  return bytes <= free / kShareOfMemory ? kSide : kSmallSide;
}

}  // namespace

const std::array<MatrixPrecision, 5>& matrix_precisions() {
  static const std::array<MatrixPrecision, 5> precisions{
      {{CeilingKind::tf32_peak, "TF32", FillType::f32, CUDA_R_32F, CUDA_R_32F, cublas::kCompute32FFastTf32, CUDA_R_32F,
        4, 4, false},
       {CeilingKind::fp16_peak, "FP16", FillType::f16, CUDA_R_16F, CUDA_R_16F, cublas::kCompute32F, CUDA_R_32F, 2, 2,
        false},
       {CeilingKind::bf16_peak, "BF16", FillType::bf16, CUDA_R_16BF, CUDA_R_16BF, cublas::kCompute32F, CUDA_R_32F, 2, 2,
        false},
       {CeilingKind::int8_peak, "INT8", FillType::i8, CUDA_R_8I, CUDA_R_32I, cublas::kCompute32I, CUDA_R_32I, 1, 4,
        false},
       {CeilingKind::fp8_peak, "FP8 (E4M3)", FillType::f8_e4m3, CUDA_R_8F_E4M3, CUDA_R_16BF, cublas::kCompute32F,
        CUDA_R_32F, 1, 2, true}}};
  return precisions;
}

Result<CeilingFigure> measure_matrix_peak(const GpuTimer& timer, const MatrixPeakRequest& request,
                                          const StopFlag& stop) {
  const auto library = Library::get();
  if (!library) return forward_error(library);
  const MatrixPrecision& precision = request.precision;
  const auto side = side_for(precision);
  if (!side) return forward_error(side);
  const auto product = Product::make(**library, precision, *side);
  if (!product) return forward_error(product);
  const auto candidates = (*product)->candidates(request.compute_capability);
  if (!candidates) return forward_error(candidates);
  if (Status filled = (*product)->fill(timer.stream()); !filled) return forward_error(filled);
  const auto best = fastest(**product, timer, *candidates);
  if (!best) return forward_error(best);
  const int times = GpuTimer::times_for(best->second, kSampleSeconds);
  const GpuTimer::Enqueue run = [&](cudaStream_t stream) -> Status {
    for (int i = 0; i < times; ++i) {
      if (Status enqueued = (*product)->enqueue(best->first, stream); !enqueued) return enqueued;
    }
    return {};
  };
  const auto samples = sample_runs(request.seconds, stop, [&] { return timer.seconds(run); });
  if (!samples) return forward_error(samples);
  const auto clock = timer.clock_behind(run);
  if (!clock) return forward_error(clock);
  const auto n = static_cast<double>(*side);
  return rate_figure(
      precision.kind, 2.0 * n * n * n * times, *samples,
      fmt::format("products of {0} x {0} matrices of random {1} values by cuBLASLt {2}, accumulated in "
                  "{3}, the fastest of {4} algorithms, at {5}",
                  *side, precision.name, (*library)->version_text(),
                  precision.scale_type == CUDA_R_32I ? "INT32" : "FP32", candidates->size(), format_clock(*clock)));
}

}  // namespace trtprof::tensorrt
