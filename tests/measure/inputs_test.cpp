#include "trtprof/measure/inputs.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/half.h"

namespace trtprof {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(test::kDataDir) / "measure" / name;
}

TensorDesc desc(const std::string& name, const std::string& type, std::vector<std::int64_t> shape) {
  TensorDesc result;
  result.name = name;
  result.element_type = type;
  result.shape = std::move(shape);
  return result;
}

template <class Value>
std::vector<Value> values_of(const Tensor& tensor) {
  std::vector<Value> values(tensor.data.size() / sizeof(Value));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

// ---- parse_input_option

TEST(ParseInputOption, SplitsAtTheLastColonSoThatNamesMayHoldColons) {
  EXPECT_EQ(parse_input_option("a.npy").input, "");
  EXPECT_EQ(parse_input_option("a.npy").path, "a.npy");
  EXPECT_EQ(parse_input_option("x:a.npy").input, "x");
  EXPECT_EQ(parse_input_option("x:a.npy").path, "a.npy");
  EXPECT_EQ(parse_input_option("input:0:folder/a.npy").input, "input:0");
  EXPECT_EQ(parse_input_option("input:0:folder/a.npy").path, "folder/a.npy");
}

TEST(ParseInputOption, AFileThatIsThereMayHaveAColonInItsName) {
  const auto folder = TemporaryFolder::create("trtprof-inputs-");
  ASSERT_TRUE(folder) << folder.error().message;
  const std::string path = (folder->path() / "12:30.npy").string();
  std::ofstream(path) << "x";
  EXPECT_EQ(parse_input_option(path).input, "");
  EXPECT_EQ(parse_input_option(path).path, path);
}

// ---- load_inputs

TEST(LoadInputs, AFileWithoutANameIsTheOnlyInput) {
  const auto inputs = load_inputs({{"", data("x.npy")}}, {"image"});
  ASSERT_TRUE(inputs) << inputs.error().message;
  ASSERT_EQ(inputs->count("image"), 1U);
  EXPECT_EQ(inputs->at("image").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(values_of<float>(inputs->at("image")), (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST(LoadInputs, AFileWithoutANameIsRefusedWhereThereAreSeveralInputs) {
  const auto inputs = load_inputs({{"", data("x.npy")}}, {"image", "mask"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("x.npy"), HasSubstr("\"image\", \"mask\"")));
  EXPECT_THAT(inputs.error().hint, HasSubstr("NAME:FILE"));
}

TEST(LoadInputs, AnUnknownNameIsAnsweredWithTheNearest) {
  const auto inputs = load_inputs({{"imge", data("x.npy")}}, {"mask", "image"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("\"imge\""), HasSubstr("\"mask\", \"image\"")));
  EXPECT_THAT(inputs.error().hint, HasSubstr("did you mean \"image\""));
}

TEST(LoadInputs, ANameThatIsLikeNoneIsAnsweredWithoutAGuess) {
  const auto inputs = load_inputs({{"tokens", data("x.npy")}}, {"image"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().hint, "");
}

TEST(LoadInputs, ArraysOfAnNpzGoByTheirNames) {
  const auto inputs = load_inputs({{"", data("named.npz")}}, {"ids", "x"});
  ASSERT_TRUE(inputs) << inputs.error().message;
  EXPECT_EQ(values_of<std::int64_t>(inputs->at("ids")), (std::vector<std::int64_t>{7, 9}));
  EXPECT_EQ(inputs->at("x").type, ElementType::f32);
}

TEST(LoadInputs, ArraysWithoutNamesGoByTheirOrder) {
  std::vector<std::string> names;
  for (char c = 'a'; c < 'a' + 12; ++c) names.emplace_back(1, c);
  const auto inputs = load_inputs({{"", data("unnamed.npz")}}, names);
  ASSERT_TRUE(inputs) << inputs.error().message;
  for (std::int32_t i = 0; i < 12; ++i) {
    EXPECT_EQ(values_of<std::int32_t>(inputs->at(names[static_cast<std::size_t>(i)])), std::vector<std::int32_t>{i});
  }
}

TEST(LoadInputs, MoreArraysThanInputsAreRefused) {
  const auto inputs = load_inputs({{"", data("unnamed.npz")}}, {"a", "b"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("unnamed.npz"), HasSubstr("with 2: \"a\", \"b\"")));
}

TEST(LoadInputs, AnArrayThatIsNoInputIsRefusedByName) {
  const auto inputs = load_inputs({{"", data("unknown.npz")}}, {"ids", "x"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("unknown.npz"), HasSubstr("\"idz\"")));
  EXPECT_THAT(inputs.error().hint, HasSubstr("\"ids\""));
}

TEST(LoadInputs, ANamedNpzGivesItsOnlyArrayOrTheOneOfThatName) {
  const auto only = load_inputs({{"image", data("one.npz")}}, {"image", "mask"});
  ASSERT_TRUE(only) << only.error().message;
  EXPECT_EQ(only->at("image").type, ElementType::f32);

  const auto same_name = load_inputs({{"ids", data("named.npz")}}, {"ids", "mask"});
  ASSERT_TRUE(same_name) << same_name.error().message;
  EXPECT_EQ(same_name->at("ids").type, ElementType::i64);
  EXPECT_EQ(same_name->size(), 1U);

  const auto neither = load_inputs({{"image", data("named.npz")}}, {"image", "mask"});
  ASSERT_FALSE(neither);
  EXPECT_THAT(neither.error().message, HasSubstr("\"ids\", \"x\""));
}

TEST(LoadInputs, AnInputGivenTwiceIsRefusedWithBothFiles) {
  const auto inputs = load_inputs({{"x", data("x.npy")}, {"", data("named.npz")}}, {"ids", "x"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("x.npy"), HasSubstr("named.npz")));
}

TEST(LoadInputs, OtherFilesAreRefused) {
  const auto other = load_inputs({{"", data("make.py")}}, {"x"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::usage);
  EXPECT_THAT(other.error().message, AllOf(HasSubstr("make.py"), HasSubstr(".npy or .npz")));

  const auto missing = load_inputs({{"", data("missing.npy")}}, {"x"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("missing.npy"));
}

// ---- random_tensor

TEST(RandomTensor, IsTheSameForTheSameSeedAndNameAndOtherwiseNot) {
  const auto x = desc("x", "f32", {100});
  EXPECT_EQ(random_tensor(x, 1).data, random_tensor(x, 1).data);
  EXPECT_NE(random_tensor(x, 1).data, random_tensor(x, 2).data);
  EXPECT_NE(random_tensor(x, 1).data, random_tensor(desc("y", "f32", {100}), 1).data);
}

// Profiles of different machines are compared, so the bytes are part of what is promised.
TEST(RandomTensor, TheBytesNeverChange) {
  const auto bytes = [](const std::string& type) {
    const Tensor tensor = random_tensor(desc("x", type, {1000}), 1);
    return sha256_of({reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()}).substr(0, 16);
  };
  EXPECT_EQ(bytes("f32"), "5d1dadb19c74665c");
  EXPECT_EQ(bytes("f16"), "e8df5625e88ff005");
  EXPECT_EQ(bytes("u8"), "9f9dc1e26301b82b");
  EXPECT_EQ(bytes("i64"), "6dd6fa0f12f6762c");
}

void expect_standard_normal(const std::vector<double>& values) {
  double sum = 0.0;
  double squares = 0.0;
  double fourth = 0.0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0.0, 0.02);
  EXPECT_NEAR(squares / n, 1.0, 0.02);
  EXPECT_NEAR(fourth / n, 2.9, 0.1);  // of twelve uniform numbers: 3 - 1.2 / 12
}

TEST(RandomTensor, FloatingPointIsStandardNormal) {
  constexpr std::int64_t kCount = 100'000;
  const auto make = [&](const std::string& type) { return random_tensor(desc("x", type, {10, kCount / 10}), 1); };
  const auto f32 = values_of<float>(make("f32"));
  ASSERT_EQ(f32.size(), static_cast<std::size_t>(kCount));
  expect_standard_normal({f32.begin(), f32.end()});
  expect_standard_normal(values_of<double>(make("f64")));

  std::vector<double> f16;
  for (const auto bits : values_of<std::uint16_t>(make("f16"))) f16.push_back(f16_to_float(bits));
  expect_standard_normal(f16);
  std::vector<double> bf16;
  for (const auto bits : values_of<std::uint16_t>(make("bf16"))) bf16.push_back(bf16_to_float(bits));
  expect_standard_normal(bf16);
}

TEST(RandomTensor, UnsignedBytesHaveAllValues) {
  const auto values = values_of<std::uint8_t>(random_tensor(desc("x", "u8", {1, 3, 50, 50}), 1));
  EXPECT_EQ(values.size(), 7500U);
  EXPECT_EQ(std::set<std::uint8_t>(values.begin(), values.end()).size(), 256U);
}

template <class Value>
void expect_zeros_and_ones(const std::string& type) {
  const auto values = values_of<Value>(random_tensor(desc("x", type, {1000}), 1));
  ASSERT_EQ(values.size(), 1000U) << type;
  EXPECT_EQ(std::set<Value>(values.begin(), values.end()), (std::set<Value>{0, 1})) << type;
}

TEST(RandomTensor, OtherIntegersAndBoolAreZeroOrOne) {
  expect_zeros_and_ones<std::int8_t>("i8");
  expect_zeros_and_ones<std::uint8_t>("bool");
  expect_zeros_and_ones<std::int16_t>("i16");
  expect_zeros_and_ones<std::uint16_t>("u16");
  expect_zeros_and_ones<std::int32_t>("i32");
  expect_zeros_and_ones<std::uint32_t>("u32");
  expect_zeros_and_ones<std::int64_t>("i64");
  expect_zeros_and_ones<std::uint64_t>("u64");
}

TEST(RandomTensor, SmallTypesFillTheirBytes) {
  const auto nibbles = values_of<std::uint8_t>(random_tensor(desc("x", "i4", {999}), 1));
  EXPECT_EQ(nibbles.size(), 500U);
  EXPECT_EQ(std::set<std::uint8_t>(nibbles.begin(), nibbles.end()), (std::set<std::uint8_t>{0x00, 0x01, 0x10, 0x11}));
  // -2, -1, 0, 1, 2 of each format.
  const auto e4m3 = values_of<std::uint8_t>(random_tensor(desc("x", "f8e4m3", {1000}), 1));
  EXPECT_EQ(std::set<std::uint8_t>(e4m3.begin(), e4m3.end()), (std::set<std::uint8_t>{0x00, 0x38, 0x40, 0xB8, 0xC0}));
  const auto e5m2 = values_of<std::uint8_t>(random_tensor(desc("x", "f8e5m2", {1000}), 1));
  EXPECT_EQ(std::set<std::uint8_t>(e5m2.begin(), e5m2.end()), (std::set<std::uint8_t>{0x00, 0x3C, 0x40, 0xBC, 0xC0}));
}

TEST(RandomTensor, AScalarHasOneElementAndAnEmptyShapeNone) {
  EXPECT_EQ(random_tensor(desc("x", "f32", {}), 1).data.size(), 4U);
  EXPECT_EQ(random_tensor(desc("x", "f32", {0, 3}), 1).data.size(), 0U);
}

// ---- complete_inputs

TEST(CompleteInputs, TakesWhatIsGivenAndMakesTheRest) {
  auto given = load_inputs({{"x", data("x.npy")}}, {"x", "mask"});
  ASSERT_TRUE(given) << given.error().message;
  const auto inputs = complete_inputs({desc("x", "f32", {2, 3}), desc("mask", "bool", {4})}, *given, 1);
  ASSERT_TRUE(inputs) << inputs.error().message;
  EXPECT_EQ(inputs->size(), 2U);
  EXPECT_EQ(inputs->at("x").data, given->at("x").data);
  EXPECT_EQ(inputs->at("mask").data, random_tensor(desc("mask", "bool", {4}), 1).data);
}

TEST(CompleteInputs, RefusesAnotherElementTypeByBothNames) {
  auto given = load_inputs({{"x", data("x_f64.npy")}}, {"x"});
  ASSERT_TRUE(given) << given.error().message;
  const auto inputs = complete_inputs({desc("x", "f32", {2, 3})}, *given, 1);
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_EQ(inputs.error().message, "input \"x\" wants f32 2x3, the array given for it holds f64 2x3");
  EXPECT_THAT(inputs.error().hint, HasSubstr("f32"));
}

TEST(CompleteInputs, RefusesAnotherShapeByBothShapes) {
  auto given = load_inputs({{"x", data("x.npy")}}, {"x"});
  ASSERT_TRUE(given) << given.error().message;
  const auto inputs = complete_inputs({desc("x", "f32", {3, 2})}, *given, 1);
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("wants f32 3x2"), HasSubstr("holds f32 2x3")));
  EXPECT_THAT(inputs.error().hint, HasSubstr("--shape"));
}

TEST(CompleteInputs, ADimensionThatIsNotKnownTakesAnySize) {
  auto given = load_inputs({{"x", data("x.npy")}}, {"x"});
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_TRUE(complete_inputs({desc("x", "f32", {-1, 3})}, *given, 1));
  const auto open = complete_inputs({desc("x", "f32", {-1, 3})}, {}, 1);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().message, HasSubstr("\"x\""));
}

TEST(CompleteInputs, RefusesWhatNoInputTakes) {
  const auto inputs = complete_inputs({desc("ids", "i64", {1})}, {{"idz", Tensor{}}}, 1);
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, HasSubstr("no input \"idz\""));
  EXPECT_THAT(inputs.error().hint, HasSubstr("\"ids\""));
}

TEST(CompleteInputs, RefusesToMakeUpStrings) {
  const auto inputs = complete_inputs({desc("text", "string", {1})}, {}, 1);
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::usage);
  EXPECT_THAT(inputs.error().message, AllOf(HasSubstr("\"text\""), HasSubstr("string")));
}

}  // namespace
}  // namespace trtprof
