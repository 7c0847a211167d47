#include "trtprof/optimize/sensitivity/replayed_model.h"

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {

Result<RunTimes> ReplayedModel::run_once() {
  const bool replayed = next_ < kept_.size();
  ++next_;
  if (replayed) return RunTimes{};
  auto times = model_->run_once();
  if (!times || full_ || next_ != kept_.size() + 1) return times;
  if (const Status kept = keep(); !kept) return forward_error(kept);
  return times;
}

Status ReplayedModel::keep() {
  std::map<std::string, Tensor> outputs;
  std::uint64_t bytes = 0;
  for (const TensorDesc& desc : model_->outputs()) {
    auto tensor = model_->output(desc.name);
    if (!tensor) return forward_error(tensor);
    bytes += tensor->data.size();
    outputs.emplace(desc.name, *std::move(tensor));
  }
  full_ = bytes > left_;
  if (full_) return {};
  left_ -= bytes;
  kept_.push_back(std::move(outputs));
  return {};
}

Result<Tensor> ReplayedModel::output(const std::string& name) {
  if (next_ == 0 || next_ > kept_.size()) return model_->output(name);
  const auto& outputs = kept_[next_ - 1];
  const auto found = outputs.find(name);
  if (found == outputs.end()) return fail(fmt::format("the model has no output '{}'", printable(name)));
  return found->second;
}

}  // namespace trtprof
