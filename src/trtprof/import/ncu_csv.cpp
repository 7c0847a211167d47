#include "trtprof/import/ncu_csv.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/import/csv_lines.h"
#include "trtprof/import/metric_units.h"
#include "trtprof/import/ncu_columns.h"
#include "trtprof/import/ncu_labels.h"
#include "trtprof/import/ncu_rows.h"
#include "trtprof/import/nvtx_ranges.h"

namespace trtprof {
namespace {

using Fields = NcuFields;

constexpr std::string_view kDeviceAttribute = "device__attribute_";
constexpr std::string_view kDeviceName = "device__attribute_display_name";
// Of some 150: what the figures are read against.
constexpr std::array<std::string_view, 4> kKeptAttributes = {"multiprocessor_count", "l2_cache_size",
                                                             "max_gpu_frequency_khz", "max_mem_frequency_khz"};
// Messages of the tool that are kept, and columns of each.
constexpr std::size_t kMaxMessages = 20;
constexpr std::size_t kMaxMessage = 300;

// Reads until the style of the numbers is certain.
NumberStyle number_style(std::istream& in) {
  NumberStyle style;
  NcuColumns columns;
  NcuRowFinder finder({.header =
                           [&](const Fields&, const NcuColumns& found) {
                             columns = found;
                             return true;
                           },
                       .row =
                           [&](const Fields& fields, NcuRowKind kind) {
                             if (kind == NcuRowKind::units) return true;
                             if (columns.details()) return !style.observe(fields[*columns.metric_value]);
                             return std::ranges::none_of(columns.metrics,
                                                         [&](std::size_t i) { return style.observe(fields[i]); });
                           }});
  LineReader lines(in);
  for (std::string line; lines.next(line);) {
    if (!finder.line(line)) break;
  }
  return style;
}

// Where the values of a column go.
struct Slot {
  std::size_t column = 0;
  std::size_t metric = 0;
  double factor = 1.0;
};

class Reader {
 public:
  explicit Reader(NumberStyle style) : style_(style) {}

  void read(std::istream& in) {
    NcuRowFinder finder({.header = [this](const Fields& f, const NcuColumns& c) { return begin_report(f, c); },
                         .row =
                             [this](const Fields& f, NcuRowKind kind) {
                               has_ranges_ = kind != NcuRowKind::kernel_without_ranges;
                               return kind == NcuRowKind::units ? set_units(f) : add_row(f);
                             },
                         .message = [this](std::string_view text) { add_message(text); },
                         .cut_row = [this] { ++cut_rows_; }});
    LineReader lines(in);
    for (std::string line; lines.next(line);) finder.line(line);
    finder.end();
  }

  Result<NcuImport> finish(std::string_view source) {
    if (reports_ == 0) return no_report(source);
    if (import_.counters.kernels.empty()) {
      return fail(fmt::format("{} holds a report of Nsight Compute without a kernel{}", source, quoted_messages()));
    }
    join_by_ranges();
    drop_empty_metrics();
    fill_launches();
    say_what_was_left_out();
    import_.counters.tool = "Nsight Compute";
    return std::move(import_);
  }

 private:
  bool begin_report(const Fields& header, const NcuColumns& columns) {
    ++reports_;
    columns_ = columns;
    last_key_.clear();
    slots_.clear();
    device_columns_.clear();
    if (columns_.details()) return true;
    for (const std::size_t i : columns_.metrics) {
      if (header[i].starts_with(kDeviceAttribute)) {
        device_columns_.emplace_back(i, header[i]);
      } else {
        slots_.push_back({i, metric_index(header[i]), 1.0});
      }
    }
    return true;
  }

  bool set_units(const Fields& units) {
    for (Slot& slot : slots_) slot.factor = factor_of(units[slot.column]);
    return true;
  }

  bool add_row(const Fields& fields) {
    columns_.details() ? add_metric(fields) : add_kernel(fields);
    return true;
  }

  void add_kernel(const Fields& fields) {
    CountedKernel& kernel = begin_kernel(fields);
    kernel.values.resize(import_.counters.metrics.size());
    for (const Slot& slot : slots_) style_.observe(fields[slot.column]);
    for (const Slot& slot : slots_) kernel.values[slot.metric] = value_of(fields[slot.column], slot.factor);
    if (!import_.device_name.empty()) return;
    for (const auto& [column, name] : device_columns_) {
      if (name == kDeviceName) {
        import_.device_name = fields[column];
      } else {
        const std::string attribute = name.substr(kDeviceAttribute.size());
        const bool kept = std::ranges::find(kKeptAttributes, attribute) != kKeptAttributes.end();
        const auto value = kept ? style_.parse(fields[column]) : std::nullopt;
        if (value) import_.device_properties[attribute] = fmt::format("{:.0f}", *value);
      }
    }
  }

  // A row of the details page: those of a kernel follow each other.
  void add_metric(const Fields& fields) {
    std::string key = fields[*columns_.id];
    if (columns_.process) key += '/' + fields[*columns_.process];
    if (key != last_key_) begin_kernel(fields);
    last_key_ = std::move(key);
    const std::string& label = fields[*columns_.metric_name];
    if (label.empty()) return;  // a rule's row
    const std::string unit = columns_.metric_unit ? fields[*columns_.metric_unit] : "";
    const std::size_t metric =
        metric_index(metric_of_label(columns_.section ? fields[*columns_.section] : "", label, unit));
    CountedKernel& kernel = import_.counters.kernels.back();
    if (kernel.values.size() <= metric) kernel.values.resize(metric + 1);
    style_.observe(fields[*columns_.metric_value]);
    kernel.values[metric] = value_of(fields[*columns_.metric_value], factor_of(unit));
  }

  CountedKernel& begin_kernel(const Fields& fields) {
    CountedKernel kernel;
    kernel.launch.name = fields[*columns_.kernel];
    if (columns_.grid) kernel.launch.grid = parse_dimensions(fields[*columns_.grid]);
    if (columns_.block) kernel.launch.block = parse_dimensions(fields[*columns_.block]);
    if (columns_.compute_capability) {
      import_.device_properties["compute_capability"] = fields[*columns_.compute_capability];
    }
    bool inside = false;
    for (const std::size_t i : columns_.nvtx) {
      const std::vector<NvtxRange> ranges =
          parse_nvtx_cell(fields[i], i == columns_.start_stop ? NvtxCell::start_stop : NvtxCell::push_pop)
              .value_or(std::vector<NvtxRange>{});
      any_range_ = any_range_ || !ranges.empty();
      inside = inside || std::ranges::any_of(ranges, is_inference_range);
      if (kernel.layer.empty()) kernel.layer = layer_of_ranges(ranges);
    }
    if (!has_ranges_) ++unread_ranges_;
    any_inside_ = any_inside_ || inside;
    outside_.push_back(has_ranges_ && !inside);
    import_.counters.kernels.push_back(std::move(kernel));
    return import_.counters.kernels.back();
  }

  std::size_t metric_index(const std::string& name) {
    const auto [entry, added] = indices_.try_emplace(name, import_.counters.metrics.size());
    if (added) import_.counters.metrics.push_back(name);
    return entry->second;
  }

  double factor_of(const std::string& unit) {
    const MetricUnit parsed = parse_metric_unit(unit);
    if (!parsed.known) unknown_units_.insert(unit);
    return parsed.factor;
  }

  [[nodiscard]] std::optional<double> value_of(const std::string& text, double factor) const {
    const std::optional<double> value = style_.parse(text);
    if (!value || *value < 0.0) return std::nullopt;  // no metric counts below zero
    return *value * factor;
  }

  void add_message(std::string_view line) {
    const bool error = line.starts_with("==ERROR==");
    if (!error && !line.starts_with("==WARNING==")) return;
    line.remove_prefix(line.find("== ", 2) == std::string_view::npos ? line.size() : line.find("== ", 2) + 3);
    if (line.starts_with("Note: ")) line.remove_prefix(6);
    std::string text = shorten_middle(line, kMaxMessage);
    if (text.empty() || messages_.size() == kMaxMessages) return;
    if (std::ranges::find(messages_, text) == messages_.end()) messages_.push_back(std::move(text));
  }

  [[nodiscard]] std::string quoted_messages() const {
    return messages_.empty() ? "" : fmt::format("; the tool said: {}", fmt::join(messages_, " / "));
  }

  [[nodiscard]] Result<NcuImport> no_report(std::string_view source) const {
    return fail(fmt::format("{} holds no report of Nsight Compute{}", source, quoted_messages()),
                "such a report is the output of `ncu --csv --page raw`, or of `--page details`");
  }

  // Kernels outside of this program's measured inferences are none of them.
  void join_by_ranges() {
    Counters& counters = import_.counters;
    std::vector<CountedKernel>& kernels = counters.kernels;
    const auto outside = std::ranges::count(outside_, true);
    if (unread_ranges_ > 0) {
      counters.notes.push_back(
          fmt::format("The NVTX ranges of {} of {} kernels could not be read.", unread_ranges_, kernels.size()));
    }
    if (any_inside_ && outside > 0) {
      counters.notes.push_back(fmt::format("{} of {} kernels ran outside of the measured inferences and were left out.",
                                           outside, kernels.size()));
      std::size_t kept = 0;
      for (std::size_t i = 0; i < kernels.size(); ++i) {
        if (!outside_[i] && kept++ != i) kernels[kept - 1] = std::move(kernels[i]);
      }
      kernels.resize(kept);
    }
    const auto layered = std::ranges::count_if(kernels, [](const CountedKernel& k) { return !k.layer.empty(); });
    if (layered == 0) {
      counters.join_reason = any_range_           ? "none of the report's NVTX ranges is that of a TensorRT layer"
                             : unread_ranges_ > 0 ? "the report's NVTX ranges could not be read"
                                                  : "the report has no NVTX ranges (ncu --nvtx writes them)";
      return;
    }
    counters.join = CounterJoin::markers;
    if (static_cast<std::size_t>(layered) < kernels.size()) {
      counters.notes.push_back(fmt::format("{} of {} kernels lie in no layer's range.",
                                           kernels.size() - static_cast<std::size_t>(layered), kernels.size()));
    }
    number_inferences(kernels);
  }

  // A new inference begins where the first layer comes again.
  static void number_inferences(std::vector<CountedKernel>& kernels) {
    std::int64_t inference = 0;
    for (std::size_t i = 1; i < kernels.size(); ++i) {
      if (kernels[i].layer == kernels[0].layer && kernels[i - 1].layer != kernels[0].layer) ++inference;
      kernels[i].inference = inference;
    }
  }

  void drop_empty_metrics() {
    Counters& counters = import_.counters;
    std::vector<bool> used(counters.metrics.size());
    for (CountedKernel& kernel : counters.kernels) {
      kernel.values.resize(counters.metrics.size());
      for (std::size_t i = 0; i < used.size(); ++i) used[i] = used[i] || kernel.values[i].has_value();
    }
    const auto compact = [&](auto& elements) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < used.size(); ++i) {
        if (used[i] && kept++ != i) elements[kept - 1] = std::move(elements[i]);
      }
      elements.resize(kept);
    };
    for (CountedKernel& kernel : counters.kernels) compact(kernel.values);
    compact(counters.metrics);
  }

  [[nodiscard]] std::optional<std::size_t> find_metric(std::string_view name) const {
    const auto& metrics = import_.counters.metrics;
    const auto found = std::ranges::find(metrics, name);
    return found == metrics.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - metrics.begin()));
  }

  void fill_launches() {
    const auto seconds = find_metric("gpu__time_duration.sum");
    const auto registers = find_metric("launch__registers_per_thread");
    const auto shared = find_metric("launch__shared_mem_per_block_static");
    const auto dynamic = find_metric("launch__shared_mem_per_block_dynamic");
    const auto occupancy = find_metric("sm__maximum_warps_per_active_cycle_pct");
    for (CountedKernel& kernel : import_.counters.kernels) {
      const auto value = [&](const std::optional<std::size_t>& metric) {
        return metric ? kernel.values[*metric] : std::nullopt;
      };
      kernel.seconds = value(seconds);
      if (const auto n = value(registers)) kernel.launch.registers_per_thread = static_cast<std::int64_t>(*n);
      if (const auto n = value(shared)) kernel.launch.static_shared_bytes = static_cast<std::uint64_t>(*n);
      if (const auto n = value(dynamic)) kernel.launch.dynamic_shared_bytes = static_cast<std::uint64_t>(*n);
      if (const auto n = value(occupancy)) kernel.launch.theoretical_occupancy = std::min(1.0, *n / 100.0);
    }
  }

  void say_what_was_left_out() {
    std::vector<std::string>& notes = import_.counters.notes;
    if (cut_rows_ > 0) {
      notes.push_back(fmt::format("{} row{} of the report {} cut short and left out.", cut_rows_,
                                  cut_rows_ == 1 ? "" : "s", cut_rows_ == 1 ? "was" : "were"));
    }
    if (!unknown_units_.empty()) {
      notes.push_back(
          fmt::format("Values in units that are not known were kept as printed: {}.", fmt::join(unknown_units_, ", ")));
    }
    for (const std::string& message : messages_) notes.push_back(fmt::format("Nsight Compute: {}", message));
  }

  NumberStyle style_;
  NcuImport import_;
  NcuColumns columns_;
  std::vector<Slot> slots_;
  std::vector<std::pair<std::size_t, std::string>> device_columns_;
  std::unordered_map<std::string, std::size_t> indices_;
  std::vector<bool> outside_;  // by kernel: its ranges are known, and this program's is none of them
  std::vector<std::string> messages_;
  std::set<std::string> unknown_units_;
  std::string last_key_;
  bool has_ranges_ = true;  // the row's can be read
  bool any_range_ = false;
  bool any_inside_ = false;
  int reports_ = 0;
  int cut_rows_ = 0;
  int unread_ranges_ = 0;
};

}  // namespace

Result<NcuImport> parse_ncu_csv(std::istream& in, std::string_view source) {
  const std::istream::pos_type start = in.tellg();
  NumberStyle style;
  if (start != std::istream::pos_type(-1)) {
    style = number_style(in);
    in.clear();
    in.seekg(start);
  }
  Reader reader(style);
  reader.read(in);
  if (in.bad()) return fail(fmt::format("{} could not be read to its end", source));
  return reader.finish(source);
}

Result<NcuImport> read_ncu_csv(const std::filesystem::path& path) {
  const std::string name = printable(path.string());
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return fail(fmt::format("{} is a folder", name));
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(fmt::format("{} cannot be opened", name), "is the name right, and may you read it?");
  const int first = in.get();
  const int second = in.peek();
  if ((first == 0xff && second == 0xfe) || (first == 0xfe && second == 0xff)) {
    return fail(fmt::format("{} is in UTF-16", name), "convert it: iconv -f UTF-16 -t UTF-8");
  }
  in.clear();
  in.seekg(0);
  return parse_ncu_csv(in, name);
}

Profile kernel_profile(NcuImport imported) {
  Profile profile;
  Environment& environment = profile.environment;
  environment.device_kind = DeviceKind::gpu;
  environment.device_name = std::move(imported.device_name);
  environment.properties = std::move(imported.device_properties);
  profile.counters = std::move(imported.counters);
  return profile;
}

}  // namespace trtprof
