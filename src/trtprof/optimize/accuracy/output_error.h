// How far one output of a model is from the reference, over a stream of inferences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"

namespace trtprof {

struct ClassAgreement {
  std::uint64_t rows = 0;             // vectors of class scores that were compared
  std::uint64_t top1 = 0;             // the same class comes first
  std::optional<std::uint64_t> top5;  // the reference's first is among the first five; nullopt: five classes or fewer
};

struct OutputError {
  std::string output;
  std::uint64_t elements = 0;       // that both have as finite numbers, over all samples
  std::uint64_t nan_reference = 0;  // counts of elements
  std::uint64_t nan_other = 0;
  std::uint64_t infinite_reference = 0;
  std::uint64_t infinite_other = 0;
  std::uint64_t not_finite_apart = 0;  // a finite number of one where the other has none, or another infinity
  bool identical = false;              // bit for bit, but for the sign of zero and NaN's payload
  // Of the finite elements. nullopt: there are none, or (cosine, sqnr_db) one of both is all zero.
  std::optional<double> cosine;         // of all elements as one vector
  std::optional<double> lowest_cosine;  // of one sample
  std::optional<double> sqnr_db;        // 10 log10 (sum reference^2 / sum difference^2); nullopt too when identical
  std::optional<double> max_absolute;
  std::optional<double> max_relative;  // as a part of the reference's largest magnitude
  std::optional<double> mean_absolute;
  std::optional<double> mean;               // signed: other - reference
  double largest_reference = 0.0;           // magnitude
  std::optional<ClassAgreement> agreement;  // of outputs of at least two classes
};

class OutputErrorCollector {
 public:
  // `axis`: along which classes lie; negative counts from the last.
  explicit OutputErrorCollector(std::string output, int axis = -1);

  // One inference: `samples` of the leading dimension count, what a batch was filled up with does not. Integers and
  // f16 are compared as numbers. Fails where the shapes differ, where the axis is none, and for strings.
  [[nodiscard]] Status add(const Tensor& reference, const Tensor& other, std::size_t samples);
  [[nodiscard]] OutputError error() const;

 private:
  void add_element(double reference, double other);
  void end_sample();

  OutputError total_;
  int axis_;
  bool identical_ = true;
  double dot_ = 0.0;
  double reference_squares_ = 0.0;
  double other_squares_ = 0.0;
  double difference_squares_ = 0.0;
  double absolute_ = 0.0;
  double signed_ = 0.0;
  double largest_difference_ = 0.0;
  double sample_dot_ = 0.0;
  double sample_reference_ = 0.0;
  double sample_other_ = 0.0;
};

// Elements as numbers; nullopt for strings and types under 8 bits.
[[nodiscard]] std::optional<std::vector<double>> numbers_of(const Tensor& tensor);

}  // namespace trtprof
