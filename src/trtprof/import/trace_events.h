// What traces in Chrome's format have in common, whoever wrote them: events with a start and a duration in microseconds
// on a thread, nested by time.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "trtprof/base/error.h"
#include "trtprof/import/nsys_sqlite.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// A complete event ("ph": "X").
struct TraceEvent {
  std::string category;
  std::string name;
  std::string thread;     // "PID/TID"
  double start = 0.0;     // microseconds
  double duration = 0.0;  // microseconds, not negative
};

// nullopt: an event of another kind (metadata, a counter, an arrow). An error names `number`, its place in the file.
[[nodiscard]] Result<std::optional<TraceEvent>> complete_event(const nlohmann::json& event, std::uint64_t number);

// A member that is a finite number, or a text that is one: some writers quote them.
[[nodiscard]] std::optional<double> member_number(const nlohmann::json& object, const char* key);
// A member that is a text, or a whole number as one; empty otherwise.
[[nodiscard]] std::string member_text(const nlohmann::json& object, const char* key);
// A list of whole numbers; nullopt for anything else.
[[nodiscard]] std::optional<std::vector<std::int64_t>> whole_numbers(const nlohmann::json& value);
// The same of dimensions, as TensorDesc::shape has them: what is negative is -1.
[[nodiscard]] std::optional<std::vector<std::int64_t>> dimensions(const nlohmann::json& value);

// Each text once, by number.
class TextTable {
 public:
  [[nodiscard]] std::uint32_t index(std::string_view text);
  [[nodiscard]] const std::string& text(std::uint32_t index) const { return *texts_[index]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  std::unordered_map<std::string, std::uint32_t> indices_;
  std::vector<const std::string*> texts_;  // keys of indices_, which stay where they are
};

// Each launch once, by number.
class LaunchTable {
 public:
  [[nodiscard]] std::int64_t index(KernelLaunch launch);
  [[nodiscard]] const KernelLaunch& launch(std::int64_t index) const {
    return launches_[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] std::vector<KernelLaunch> take() { return std::move(launches_); }

 private:
  TextTable names_;
  std::vector<KernelLaunch> launches_;
};

struct TraceSpan {
  std::uint32_t thread = 0;
  double start = 0.0;
  double duration = 0.0;
};

inline constexpr std::size_t kNoParent = static_cast<std::size_t>(-1);

// By thread and start, those that contain others before them.
[[nodiscard]] std::vector<std::size_t> in_order(std::span<const TraceSpan> spans);
// For each span the innermost one of its thread within which it begins, or kNoParent. `order` is in_order(spans).
[[nodiscard]] std::vector<std::size_t> parents(std::span<const TraceSpan> spans, std::span<const std::size_t> order);

// Names that are there more than once get " #1", " #2" and so on, in order: a layer's name is unique in a profile.
void make_names_unique(std::vector<Layer>& layers);

// What most of the time of the layers is computed in; empty where none tells.
[[nodiscard]] std::string main_precision(const std::vector<Layer>& layers);

// "float16", "c10::Half", "FP16", "long int" as TensorDesc::element_type has them; other words as they are.
[[nodiscard]] std::string element_type_of(std::string_view word);

// Of a convolution with these inputs: weights [M, 1, ...] on several channels.
[[nodiscard]] bool is_depthwise_convolution(const std::vector<TensorDesc>& inputs);

// Inferences that run the kernels that most of them run come before the others: a first one that chose among
// implementations is not what the others are compared with.
void most_common_first(std::vector<NsysInference>& inferences);

[[nodiscard]] SampleSeries series_of_samples(std::vector<double> samples);

}  // namespace trtprof
