#include "trtprof/diagnose/pattern.h"

#include <algorithm>
#include <array>
#include <map>

namespace trtprof {
namespace {

constexpr double kMost = 0.5;
// As many classes, were the time spread evenly over them (the inverse of Simpson's index): 1.4 where convolutions have
// 85 %, 4.4 where the largest of five classes has 30 %.
constexpr double kDiverse = 2.0;

bool tells_nothing(LayerClass layer_class) {
  return layer_class == LayerClass::opaque;
}

double share_where(const std::vector<TimeByClass>& classes, bool (*wanted)(LayerClass)) {
  double share = 0.0;
  for (const TimeByClass& each : classes) share += wanted(each.layer_class) ? each.share : 0.0;
  return share;
}

std::vector<TimeByClass> classes_of(const Profile& profile, const Roofline& roofline) {
  std::map<LayerClass, TimeByClass> by_class;
  const double total = roofline.seconds + roofline.seconds_of_no_layer;
  for (const LayerRoofline& layer : roofline.layers) {
    if (!layer.seconds) continue;
    const LayerClass layer_class = profile.layer_run->layers[layer.layer].layer_class;
    TimeByClass& entry = by_class[layer_class];
    entry.layer_class = layer_class;
    entry.seconds += *layer.seconds;
    ++entry.layers;
  }
  std::vector<TimeByClass> classes;
  for (auto& [layer_class, entry] : by_class) {
    entry.share = total > 0.0 ? entry.seconds / total : 0.0;
    classes.push_back(entry);
  }
  std::ranges::stable_sort(classes, std::ranges::greater(), &TimeByClass::seconds);
  return classes;
}

// Every kind of convolution is one class here: they are one problem, and one set of remedies.
double effective_classes(const std::vector<TimeByClass>& classes) {
  double convolutions = 0.0;
  double squares = 0.0;
  double sum = 0.0;
  for (const TimeByClass& each : classes) {
    sum += each.share;
    if (is_convolution(each.layer_class)) {
      convolutions += each.share;
    } else {
      squares += each.share * each.share;
    }
  }
  squares += convolutions * convolutions;
  return squares > 0.0 ? sum * sum / squares : 0.0;
}

double transfer_share(const TimeAccount& account) {
  double seconds = 0.0;
  for (const TermKind kind : {TermKind::host_to_device, TermKind::device_to_host}) {
    const TimeTerm* term = account.find(kind);
    if (term != nullptr) seconds += term->seconds.value_or(0.0);
  }
  return account.end_to_end > 0.0 ? seconds / account.end_to_end : 0.0;
}

}  // namespace

PatternVerdict pattern_of(const Profile& profile, const TimeAccount& account, const Roofline* roofline) {
  PatternVerdict verdict;
  const double transfers = transfer_share(account);
  verdict.evidence.push_back({"copies, of end to end", transfers, "1", {}});
  if (roofline != nullptr && profile.layer_run) verdict.classes = classes_of(profile, *roofline);
  double known = 0.0;
  for (const TimeByClass& each : verdict.classes) known += tells_nothing(each.layer_class) ? 0.0 : each.share;
  const double convolutions = share_where(verdict.classes, is_convolution);
  const double effective = effective_classes(verdict.classes);
  if (!verdict.classes.empty()) {
    verdict.evidence.push_back({"convolutions, of the layers' time", convolutions, "1", {}});
    verdict.evidence.push_back({"classes that share the time, as if evenly", effective, "", {}});
    verdict.evidence.push_back({"layers that tell what they are, of the layers' time", known, "1", {}});
  }
  if (transfers >= kMost) {
    verdict.pattern = Pattern::transfer_bound;
  } else if (known < kMost) {
    verdict.pattern = Pattern::unknown;
  } else if (convolutions >= kMost) {
    verdict.pattern = Pattern::convolution_dominated;
  } else {
    verdict.pattern = effective >= kDiverse ? Pattern::operator_diverse : Pattern::one_class_dominated;
  }
  return verdict;
}

std::string_view to_string(Pattern pattern) {
  constexpr std::array<std::string_view, 5> names{"convolution_dominated", "transfer_bound", "operator_diverse",
                                                  "one_class_dominated", "unknown"};
  return names[static_cast<std::size_t>(pattern)];
}

}  // namespace trtprof
