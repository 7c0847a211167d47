// The nodes of a sample model with their shapes, as a user has them who gives the model beside a profile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {

class SampleOperators {
 public:
  SampleOperators(const std::string& kind, std::int64_t batch) {
    SampleOptions options;
    options.batch = batch;
    const auto model = make_sample(kind, options);
    auto shapes = model ? infer_shapes(*model) : forward_error(model);
    if (!shapes) {
      ADD_FAILURE() << shapes.error().message;
      return;
    }
    shapes_ = std::make_unique<InferredShapes>(std::move(*shapes));
    operators_ = std::make_unique<OnnxOperators>(shapes_->graph, tensor_table(shapes_->graph, shapes_->values));
  }
  [[nodiscard]] const OnnxOperators* get() const { return operators_.get(); }

 private:
  std::unique_ptr<InferredShapes> shapes_;
  std::unique_ptr<OnnxOperators> operators_;
};

}  // namespace trtprof::test
