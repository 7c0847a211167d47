#include "trtprof/samples/samples.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using testing::HasSubstr;

Error error_of(const std::string& kind, const SampleOptions& options) {
  const auto model = make_sample(kind, options);
  EXPECT_FALSE(model.has_value());
  return model ? Error{} : model.error();
}

TEST(Samples, KindsHaveNamesAndDescriptions) {
  ASSERT_FALSE(sample_kinds().empty());
  for (const SampleKind& kind : sample_kinds()) {
    EXPECT_FALSE(kind.name.empty());
    EXPECT_FALSE(kind.description.empty());
    EXPECT_TRUE(make_sample(kind.name, {.width = 0.35, .resolution = 32}).has_value()) << kind.name;
  }
}

TEST(Samples, UnknownKindListsThoseThereAre) {
  const Error error = error_of("resnet9000", {});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_THAT(error.message, HasSubstr("'resnet9000'"));
  for (const SampleKind& kind : sample_kinds()) EXPECT_THAT(error.message, HasSubstr(kind.name));
}

TEST(Samples, ValuesOutOfRangeAreUsageErrors) {
  for (const double width :
       {0.0, -1.0, 4.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Error error = error_of("mobilenetv2", {.width = width});
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_THAT(error.message, HasSubstr("width"));
  }
  for (const std::int64_t resolution : {std::int64_t{-224}, std::int64_t{0}, std::int64_t{31}, std::int64_t{1} << 40}) {
    EXPECT_THAT(error_of("mobilenetv2", {.resolution = resolution}).message,
                HasSubstr("resolution of mobilenetv2 must be 32 to"));
  }
  for (const std::int64_t batch : {std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_THAT(error_of("mobilenetv2", {.batch = batch}).message, HasSubstr("batch must be at least 1"));
  }
  for (const std::int64_t classes : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{1} << 40}) {
    EXPECT_THAT(error_of("mobilenetv2", {.classes = classes}).message, HasSubstr("classes"));
  }
}

}  // namespace
}  // namespace trtprof
