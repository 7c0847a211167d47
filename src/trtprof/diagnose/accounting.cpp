#include "trtprof/diagnose/accounting.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

// What a reader still takes for closed: beside it, medians of parts need not add up to the median of the whole.
constexpr double kClosed = 0.05;

std::optional<double> median_of(const std::optional<SampleSeries>& series) {
  return series ? trtprof::median_of(*series) : std::nullopt;
}

// Half the width of the median's 95 % interval; 0 where there is none.
double half_width(const SampleSeries& series) {
  const auto summary = summary_of(series);
  return summary && summary->median_interval ? (summary->median_interval->high - summary->median_interval->low) / 2.0
                                             : 0.0;
}

// Builds an account one term at a time, and keeps their sum and their doubt.
class Book {
 public:
  explicit Book(double end_to_end) { account_.end_to_end = end_to_end; }

  void measured(TermKind kind, double seconds, std::string basis) {
    add({kind, seconds, HowKnown::measured, std::nullopt, std::move(basis)});
  }
  void bounded(TermKind kind, double seconds, Interval bounds, std::string basis) {
    add({kind, seconds, HowKnown::bounded, bounds, std::move(basis)});
  }
  void unknown(TermKind kind, std::string basis) {
    add({kind, std::nullopt, HowKnown::unknown, std::nullopt, std::move(basis)});
  }
  void doubt(const SampleSeries& series) { variance_ += half_width(series) * half_width(series); }
  [[nodiscard]] double sum() const { return sum_; }
  [[nodiscard]] TimeAccount& account() { return account_; }

  [[nodiscard]] TimeAccount close() && {
    account_.unexplained = account_.end_to_end - sum_;
    account_.uncertainty = std::sqrt(variance_);
    const double off = std::abs(account_.unexplained);
    const bool complete =
        std::ranges::none_of(account_.terms, [](const TimeTerm& term) { return term.known == HowKnown::unknown; });
    account_.closes = complete && (off <= kClosed * account_.end_to_end || off <= account_.uncertainty);
    return std::move(account_);
  }

 private:
  void add(TimeTerm term) {
    sum_ += term.seconds.value_or(0.0);
    account_.terms.push_back(std::move(term));
  }

  TimeAccount account_;
  double sum_ = 0.0;
  double variance_ = 0.0;
};

// Copies to and from the device by the end-to-end run's own clock.
void book_transfers(const EndToEnd& run, Book& book) {
  for (const auto& [kind, series] :
       {std::pair{TermKind::host_to_device, &run.host_to_device}, {TermKind::device_to_host, &run.device_to_host}}) {
    if (const auto seconds = median_of(*series)) {
      book.measured(kind, *seconds, "the end-to-end run");
      book.doubt(**series);
    }
  }
}

// What watching added is taken off no further than to what cannot have waited less: `waiting` seconds at most.
void book_watching(double watched, double undisturbed, double waiting, const char* basis, Book& book) {
  const double added = std::max(watched - undisturbed, 0.0);
  const double cost = std::min(added, waiting);
  book.bounded(TermKind::profilers_cost, -cost, {-added, 0.0}, basis);
}

struct TracedParts {
  double kernels = 0.0;
  double busy = 0.0;
  double idle = 0.0;
  double span = 0.0;
};

std::optional<TracedParts> traced_parts(const Timeline& timeline) {
  const auto kernels = trtprof::median_of(timeline.kernel_sum);
  const auto busy = trtprof::median_of(timeline.busy);
  const auto idle = trtprof::median_of(timeline.idle);
  const auto span = trtprof::median_of(timeline.span);
  if (!kernels || !busy || !idle || !span) return std::nullopt;
  return TracedParts{*kernels, *busy, *idle, *span};
}

// `undisturbed`: what the end-to-end run says of the same part of an inference.
void book_timeline(const Profile& profile, const TracedParts& parts, double undisturbed, Book& book) {
  const Timeline& timeline = *profile.timeline;
  const bool gpu = !timeline.kernels.empty();
  book.measured(gpu ? TermKind::kernels : TermKind::layers, parts.kernels, "timestamps of the traced run");
  if (parts.busy < parts.kernels) {
    book.measured(TermKind::overlap, parts.busy - parts.kernels, "kernels of the traced run that ran at once");
  } else if (parts.busy > parts.kernels) {
    book.measured(TermKind::other_work, parts.busy - parts.kernels, "fills and copies within the traced run's span");
  }
  const auto traced = median_of(timeline.compute);
  const double around = traced ? std::max(*traced - parts.span, 0.0) : 0.0;
  const double added = traced ? std::max(*traced - undisturbed, 0.0) : 0.0;
  const Interval gaps{std::clamp(undisturbed - parts.busy - around, 0.0, parts.idle), parts.idle};
  if (added > 0.0) {
    book.bounded(TermKind::gaps, parts.idle, gaps, "timestamps of the traced run, the tracer's share in them");
  } else {
    book.measured(TermKind::gaps, parts.idle, "timestamps of the traced run");
  }
  if (!traced) {
    book.unknown(TermKind::outside, "no clock told what the traced inference took from outside");
    return;
  }
  book.measured(TermKind::outside, around, "compute of the traced run without its span");
  book_watching(*traced, undisturbed, parts.idle + around, "compute of the traced run against the end-to-end run's",
                book);
  book.doubt(timeline.busy);
}

// An inference of the layer run is timed as a whole inference is, copies and all.
void book_layers(const LayerRun& run, double transfers, double undisturbed, Book& book) {
  const double sum = layer_sum(run);
  const auto total = trtprof::median_of(run.total);
  if (!total) {
    book.bounded(TermKind::layers, sum, {0.0, sum}, "the layer run, the engine's timing in them");
    book.unknown(TermKind::profilers_cost, "the layer run tells no time of a whole inference");
    return;
  }
  const double outside = std::max(*total - transfers - sum, 0.0);
  const double added = std::max(*total - undisturbed, 0.0);
  if (added > 0.0) {
    book.bounded(TermKind::layers, sum, {std::max(sum - added, 0.0), sum},
                 "the layer run, the engine's timing in them");
  } else {
    book.measured(TermKind::layers, sum, "the layer run");
  }
  book.measured(TermKind::outside, outside, "an inference of the layer run without its layers and copies");
  // The engine's timing is in each layer's time too, not in what lies between them alone.
  book_watching(*total, undisturbed, outside + sum, "an inference of the layer run against the end-to-end run's", book);
  book.doubt(run.total);
}

TimeAccount account_of_layer_run(const LayerRun& run, double total) {
  Book book(total);
  book.account().of_layer_run = true;
  book.account().basis = AccountBasis::layers;
  book.measured(TermKind::layers, layer_sum(run), "the layer run");
  book.unknown(TermKind::profilers_cost, "there is no end-to-end run without layer timing");
  book.doubt(run.total);
  return std::move(book).close();
}

bool has_times(const std::optional<LayerRun>& run) {
  return run && std::ranges::any_of(run->layers, [](const Layer& layer) { return layer_seconds(layer).has_value(); });
}

void book_pipelining(const EndToEnd& run, TimeAccount& account) {
  account.interval = median_of(run.interval);
  if (account.interval) account.beside_other_inferences = std::max(account.end_to_end - *account.interval, 0.0);
}

}  // namespace

const TimeTerm* TimeAccount::find(TermKind kind) const {
  const auto found = std::ranges::find(terms, kind, &TimeTerm::kind);
  return found != terms.end() ? &*found : nullptr;
}

std::optional<TimeAccount> account_of(const Profile& profile) {
  const auto total = profile.end_to_end ? trtprof::median_of(profile.end_to_end->total) : std::nullopt;
  if (!total) {
    const auto layer_total = profile.layer_run ? trtprof::median_of(profile.layer_run->total) : std::nullopt;
    return layer_total && has_times(profile.layer_run)
               ? std::optional(account_of_layer_run(*profile.layer_run, *layer_total))
               : std::nullopt;
  }
  const EndToEnd& run = *profile.end_to_end;
  Book book(*total);
  book.doubt(run.total);
  book_transfers(run, book);
  const double transfers = book.sum();
  const auto compute = median_of(run.compute);
  const auto parts = profile.timeline ? traced_parts(*profile.timeline) : std::nullopt;
  if (parts) {
    book.account().basis = AccountBasis::timeline;
    book_timeline(profile, *parts, compute.value_or(*total - transfers), book);
  } else if (has_times(profile.layer_run)) {
    book.account().basis = AccountBasis::layers;
    book_layers(*profile.layer_run, transfers, *total, book);
  } else if (compute) {
    book.measured(TermKind::compute, *compute, "the end-to-end run");
  } else {
    book.unknown(TermKind::compute, "neither a layer run nor a timeline tells what an inference consists of");
  }
  // Whole inferences whose parts ran at once: copies under compute, on a clock that sees all of them.
  if (compute && transfers + *compute > *total * (1.0 + kClosed)) {
    book.measured(TermKind::overlap, *total - transfers - *compute, "copies and compute against the whole inference");
  }
  book_pipelining(run, book.account());
  return std::move(book).close();
}

std::string_view to_string(TermKind kind) {
  constexpr std::array<std::string_view, 10> names{"host_to_device", "device_to_host", "kernels", "layers",
                                                   "overlap",        "other_work",     "gaps",    "outside",
                                                   "profilers_cost", "compute"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(HowKnown known) {
  constexpr std::array<std::string_view, 3> names{"measured", "bounded", "unknown"};
  return names[static_cast<std::size_t>(known)];
}

}  // namespace trtprof
