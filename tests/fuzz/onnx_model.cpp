// ONNX models: loaded and checked, described, every shape inferred, weights looked at.
#include "trtprof/model/onnx_model.h"

#include "fuzz/fuzz_target.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/model/sparsity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const std::filesystem::path path = fuzz::as_file(fuzz::as_text(data, size));
  if (!fuzz::read(detect_file_kind(path))) return 0;
  const auto model = OnnxModel::load(path);
  if (!fuzz::read(model)) return 0;
  for (const std::string& warning : model->warnings()) fuzz::require_sentence(warning);
  static_cast<void>(model->graph());
  const auto info = model->info();
  if (fuzz::read(info)) fuzz::require(info->file_bytes >= size, "a model's size is that of its files");
  const auto shapes = infer_shapes(*model);
  if (fuzz::read(shapes)) {
    for (const std::string& note : shapes->notes) fuzz::require_sentence(note);
  }
  static_cast<void>(fuzz::read(find_structured_sparsity(*model)));
  return 0;
}
