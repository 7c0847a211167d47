// Rows of the option table: how near a model's answers are to those of a reference, and what `accuracy` takes of
// `profile`.
#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "option_rows.h"
#include "option_values.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

constexpr std::array<std::string_view, 13> kOthers = {
    "--backend", "--device", "--precision", "--plugin",  "--allow-engine-code", "--shape",  "--batch",
    "--seed",    "--json",   "--quiet",     "--verbose", "--no-color",          "--threads"};

constexpr int kMostAxes = 64;

// "99", "99%".
Status set_min_agreement(Settings& settings, std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const Result<double> percent = parse_number(text, 0.0);
  if (!percent) return forward_error(percent);
  if (*percent > 100.0) return usage_error("wants at most 100 %");
  settings.accuracy.min_agreement = *percent / 100.0;
  return {};
}

// No drop at all is a good wish.
Status set_max_drop(Settings& settings, std::string_view text) {
  const Result<double> points = parse_number(text, std::numeric_limits<double>::lowest());
  if (!points) return forward_error(points);
  if (*points < 0.0) return usage_error(fmt::format("wants 0 or more, not {}", printable(std::string(text))));
  settings.accuracy.max_drop = *points + 0.0;  // of -0.0 it makes 0
  return {};
}

}  // namespace

std::vector<Option> accuracy_options() {
  const std::vector<std::string_view> in_accuracy = {"accuracy", "optimize"};
  return {
      {.name = "--data",
       .value = "FILE|FOLDER",
       .section = "Accuracy",
       .help = "Samples: an .npz with an array for each input and perhaps 'labels', or a folder of .npy files or of "
               "images (docs/accuracy.md).",
       .default_text = "random values, with a warning",
       .commands = in_accuracy,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.accuracy.data = v;
         return {};
       }},
      {.name = "--preprocess",
       .value = "FILE",
       .section = "Accuracy",
       .help = "How images become the model's numbers, as JSON (docs/calibration.md).",
       .default_text = "preprocess.json beside the images",
       .commands = in_accuracy,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.accuracy.preprocess = v;
         return {};
       }},
      {.name = "--samples",
       .value = "N",
       .section = "Accuracy",
       .help = "The first N samples of the data, or so many random ones.",
       .default_text = "all; 64 random ones",
       .commands = in_accuracy,
       .apply = [](Settings& s, std::string_view v) { return store(s.accuracy.samples, parse_integer(v, 1)); }},
      {.name = "--class-axis",
       .value = "N",
       .section = "Accuracy",
       .help = "The axis of outputs along which scores of classes lie; negative counts from the last.",
       .default_text = "-1",
       .commands = in_accuracy,
       .apply =
           [](Settings& s, std::string_view v) {
             return store(s.accuracy.class_axis, parse_integer(v, -kMostAxes, kMostAxes));
           }},
      {.name = "--label-output",
       .value = "NAME",
       .section = "Accuracy",
       .help = "The output whose classes the labels name.",
       .default_text = "the first with a row for each sample",
       .commands = in_accuracy,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.accuracy.label_output = v;
         return {};
       }},
      {.name = "--reference-backend",
       .value = "NAME",
       .section = "Accuracy",
       .help = "What runs the reference; for optimize, what the model is checked and calibrated on.",
       .default_text = "as --backend; optimize takes openvino where it can",
       .commands = in_accuracy,
       .choices = {"auto", "openvino", "tensorrt", "tensorrt-10", "tensorrt-11", "tensorrt-rtx"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.accuracy.reference_backend = v;
         return {};
       }},
      {.name = "--reference-precision",
       .value = "TYPE",
       .section = "Accuracy",
       .help = "What the reference is computed in, where the backend can choose.",
       .default_text = "f32",
       .commands = {"accuracy"},
       .choices = {"f32", "f16", "bf16"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.accuracy.reference_precision = v;
         return {};
       }},
      {.name = "--min-agreement",
       .value = "PERCENT",
       .section = "Accuracy",
       .help = "Exit code 3 when the first class is the reference's in fewer rows than this of any output.",
       .commands = in_accuracy,
       .apply = set_min_agreement},
      {.name = "--max-drop",
       .value = "POINTS",
       .section = "Accuracy",
       .help = "Exit code 3 when top-1 accuracy on the labels drops by more than so many points of percent.",
       .commands = in_accuracy,
       .apply = set_max_drop},
  };
}

void let_accuracy_take(std::vector<Option>& table) {
  for (Option& option : table) {
    const bool wanted = std::ranges::find(kOthers, option.name) != kOthers.end();
    if (wanted && takes(option, "profile")) option.commands.emplace_back("accuracy");
  }
}

}  // namespace trtprof::cli
