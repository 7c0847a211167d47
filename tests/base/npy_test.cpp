#include "trtprof/base/npy.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/half.h"

// The files are NumPy's own: tests/data/npy/make_fixtures.py.
namespace trtprof {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(test::kDataDir) / "npy" / (name + ".npy");
}

template <class T>
std::vector<T> elements(const Tensor& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  if (!values.empty()) {
    std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(T));
  }
  return values;
}

std::vector<double> as_doubles(const Tensor& tensor) {
  const auto convert = [](const auto& values) { return std::vector<double>(values.begin(), values.end()); };
  switch (tensor.type) {
    case ElementType::i8:
      return convert(elements<std::int8_t>(tensor));
    case ElementType::u8:
    case ElementType::boolean:
      return convert(elements<std::uint8_t>(tensor));
    case ElementType::i16:
      return convert(elements<std::int16_t>(tensor));
    case ElementType::u16:
      return convert(elements<std::uint16_t>(tensor));
    case ElementType::i32:
      return convert(elements<std::int32_t>(tensor));
    case ElementType::u32:
      return convert(elements<std::uint32_t>(tensor));
    case ElementType::i64:
      return convert(elements<std::int64_t>(tensor));
    case ElementType::u64:
      return convert(elements<std::uint64_t>(tensor));
    case ElementType::f32:
      return convert(elements<float>(tensor));
    case ElementType::f64:
      return elements<double>(tensor);
    case ElementType::f16: {
      std::vector<double> values;
      for (const std::uint16_t bits : elements<std::uint16_t>(tensor)) {
        values.push_back(static_cast<double>(f16_to_float(bits)));
      }
      return values;
    }
    default:
      ADD_FAILURE() << "not a NumPy type: " << to_string(tensor.type);
      return {};
  }
}

// A version 1.0 file with this dict as its header, unpadded.
std::string npy_with_header(const std::string& dict, const std::string& data = {}) {
  std::string bytes = "\x93NUMPY";
  bytes += '\1';
  bytes += '\0';
  bytes += static_cast<char>(dict.size() % 256);
  bytes += static_cast<char>(dict.size() / 256);
  return bytes + dict + data;
}

std::string header(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

std::string refusal(const std::string& bytes) {
  const Result<Tensor> tensor = parse_npy(bytes, "x.npy");
  return tensor ? "accepted" : tensor.error().message;
}

struct DtypeCase {
  const char* file;
  ElementType type;
};

class NpyDtype : public ::testing::TestWithParam<DtypeCase> {};

TEST_P(NpyDtype, HoldsZeroToFive) {
  const Result<Tensor> tensor = load_npy(fixture(GetParam().file));
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_EQ(tensor->type, GetParam().type);
  EXPECT_THAT(tensor->shape, ElementsAre(2, 3));
  EXPECT_THAT(as_doubles(*tensor), ElementsAre(0, 1, 2, 3, 4, 5));
}

INSTANTIATE_TEST_SUITE_P(
    Files, NpyDtype,
    ::testing::Values(DtypeCase{"i1_little", ElementType::i8}, DtypeCase{"u1_little", ElementType::u8},
                      DtypeCase{"i2_little", ElementType::i16}, DtypeCase{"u2_little", ElementType::u16},
                      DtypeCase{"i4_little", ElementType::i32}, DtypeCase{"u4_little", ElementType::u32},
                      DtypeCase{"i8_little", ElementType::i64}, DtypeCase{"u8_little", ElementType::u64},
                      DtypeCase{"f2_little", ElementType::f16}, DtypeCase{"f4_little", ElementType::f32},
                      DtypeCase{"f8_little", ElementType::f64}, DtypeCase{"i2_big", ElementType::i16},
                      DtypeCase{"u2_big", ElementType::u16}, DtypeCase{"i4_big", ElementType::i32},
                      DtypeCase{"u4_big", ElementType::u32}, DtypeCase{"i8_big", ElementType::i64},
                      DtypeCase{"u8_big", ElementType::u64}, DtypeCase{"f2_big", ElementType::f16},
                      DtypeCase{"f4_big", ElementType::f32}, DtypeCase{"f8_big", ElementType::f64},
                      DtypeCase{"u1_fortran", ElementType::u8}, DtypeCase{"f2_fortran", ElementType::f16},
                      DtypeCase{"f4_fortran", ElementType::f32}, DtypeCase{"f8_fortran", ElementType::f64},
                      DtypeCase{"i2_fortran_big", ElementType::i16}, DtypeCase{"version_2", ElementType::f32},
                      DtypeCase{"version_3", ElementType::f32}),
    [](const auto& case_info) { return std::string(case_info.param.file); });

TEST(Npy, Booleans) {
  const Result<Tensor> tensor = load_npy(fixture("bool"));
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_EQ(tensor->type, ElementType::boolean);
  EXPECT_THAT(as_doubles(*tensor), ElementsAre(0, 1, 0, 1, 0, 1));
}

TEST(Npy, BooleansOfOtherBytesAreTrue) {
  const Result<Tensor> tensor = parse_npy(npy_with_header(header("|b1", "(3,)"), std::string("\0\xFF\2", 3)), "x.npy");
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_THAT(as_doubles(*tensor), ElementsAre(0, 1, 1));
}

TEST(Npy, SpecialValuesKeepTheirBits) {
  const Result<Tensor> tensor = load_npy(fixture("f4_negative"));
  ASSERT_TRUE(tensor) << tensor.error().message;
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> values = as_doubles(*tensor);
  EXPECT_THAT(values, ElementsAre(-1.5, infinity, -infinity, 0.0));
  EXPECT_TRUE(std::signbit(values[3]));
}

TEST(Npy, FortranOrderOfThreeDimensions) {
  const Result<Tensor> tensor = load_npy(fixture("f4_fortran_3d"));
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_THAT(tensor->shape, ElementsAre(2, 3, 4));
  const std::vector<double> values = as_doubles(*tensor);
  ASSERT_EQ(values.size(), 24U);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i], static_cast<double>(i));
  }
}

TEST(Npy, ScalarsVectorsAndNoElements) {
  const Result<Tensor> scalar = load_npy(fixture("scalar"));
  ASSERT_TRUE(scalar) << scalar.error().message;
  EXPECT_TRUE(scalar->shape.empty());
  EXPECT_THAT(as_doubles(*scalar), ElementsAre(7));

  const Result<Tensor> vector = load_npy(fixture("vector"));
  ASSERT_TRUE(vector) << vector.error().message;
  EXPECT_THAT(vector->shape, ElementsAre(3));

  const Result<Tensor> none = load_npy(fixture("no_elements"));
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_THAT(none->shape, ElementsAre(0, 3));
  EXPECT_TRUE(none->data.empty());
}

TEST(Npy, HeaderAsPython2WroteIt) {
  const Result<Tensor> tensor =
      parse_npy(npy_with_header(R"({"shape": (2L, 1L), "fortran_order": False, "descr": "|u1"})", "\3\4"), "x.npy");
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_THAT(tensor->shape, ElementsAre(2, 1));
  EXPECT_THAT(as_doubles(*tensor), ElementsAre(3, 4));
}

struct RefusedCase {
  const char* file;
  const char* says;
};

class NpyRefused : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(NpyRefused, NamesTheFileAndTheKind) {
  const Result<Tensor> tensor = load_npy(fixture(GetParam().file));
  ASSERT_FALSE(tensor);
  EXPECT_EQ(tensor.error().code, ErrorCode::failed);
  EXPECT_THAT(tensor.error().message, AllOf(HasSubstr(GetParam().file), HasSubstr(GetParam().says)));
  EXPECT_NE(tensor.error().hint, "");
}

INSTANTIATE_TEST_SUITE_P(Files, NpyRefused,
                         ::testing::Values(RefusedCase{"refused_object", "Python objects (dtype '|O')"},
                                           RefusedCase{"refused_structured", "structured array"},
                                           RefusedCase{"refused_void", "raw records (dtype '|V2')"},
                                           RefusedCase{"refused_bytes", "byte strings (dtype '|S2')"},
                                           RefusedCase{"refused_unicode", "strings (dtype '<U2')"},
                                           RefusedCase{"refused_complex", "complex numbers (dtype '<c8')"},
                                           RefusedCase{"refused_date", "dates"},
                                           RefusedCase{"refused_longdouble", "floating-point numbers of another size"}),
                         [](const auto& case_info) { return std::string(case_info.param.file); });

TEST(NpyRefused, BFloat16HintSaysWhatToDo) {
  const Result<Tensor> tensor = load_npy(fixture("refused_void"));
  ASSERT_FALSE(tensor);
  EXPECT_THAT(tensor.error().hint, HasSubstr("astype('float32')"));
}

TEST(NpyHostile, NotAnNpyFile) {
  EXPECT_EQ(refusal(""), "cannot read x.npy: it is empty");
  EXPECT_THAT(refusal("PK\3\4 a zip archive"), HasSubstr("it is not an .npy file"));
  EXPECT_THAT(refusal("\x93NUMP"), HasSubstr("it is not an .npy file"));
  EXPECT_THAT(refusal("\x93NUMPY"), HasSubstr("ends within its header"));
  EXPECT_THAT(refusal("\x93NUMPY\1"), HasSubstr("ends within its header"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\1\0\1", 9)), HasSubstr("ends within its header"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\4\0\0\0", 10)), HasSubstr("version 4.0 is not known"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\0\1\0\0", 10)), HasSubstr("version 0.1 is not known"));
}

TEST(NpyHostile, HeaderLengthBeyondTheFile) {
  EXPECT_THAT(refusal(std::string("\x93NUMPY\1\0\xFF\xFF{}", 12)), HasSubstr("claims 65535 bytes, but only 2 follow"));
  EXPECT_THAT(refusal(std::string("\x93NUMPY\2\0\xFF\xFF\xFF\xFF{}", 14)),
              HasSubstr("claims 4294967295 bytes, but only 2 follow"));
}

TEST(NpyHostile, ShapesThatNoFileHolds) {
  EXPECT_THAT(refusal(npy_with_header(header("<f4", "(4294967296, 4294967296)"))), HasSubstr("no file can hold"));
  EXPECT_THAT(refusal(npy_with_header(header("<f8", "(9223372036854775807,)"))), HasSubstr("no file can hold"));
  EXPECT_THAT(refusal(npy_with_header(header("<f4", "(99999999999999999999,)"))), HasSubstr("no file can hold"));
  EXPECT_THAT(refusal(npy_with_header(header("<f4", "(1000000000, 1000000000)"), "abcd")),
              HasSubstr("1000000000x1000000000 of f32, 4000000000000000000 bytes, but 4 follow"));
  EXPECT_THAT(refusal(npy_with_header(header("<f4", "(-1,)"))), HasSubstr("a dimension"));
  std::string dimensions;
  for (int i = 0; i < 65; ++i) {
    dimensions += "1, ";
  }
  EXPECT_THAT(refusal(npy_with_header(header("<f4", "(" + dimensions + ")"), "abcd")), HasSubstr("64 dimensions"));
}

TEST(NpyHostile, TooFewAndTooManyBytes) {
  const std::string dict = header("<i2", "(2,)");
  EXPECT_EQ(refusal(npy_with_header(dict, "abcd")), "accepted");
  EXPECT_EQ(refusal(npy_with_header(dict, "abc")),
            "cannot read x.npy: its header claims 2 of i16, 4 bytes, but 3 follow");
  EXPECT_EQ(refusal(npy_with_header(dict, "abcde")),
            "cannot read x.npy: its header claims 2 of i16, 4 bytes, but 5 follow");
}

TEST(NpyHostile, HeadersThatAreNotTheDict) {
  const std::vector<std::string> dicts{
      "",
      "[]",
      "{",
      "{'descr'",
      "{'descr': }",
      "{'descr': '<i2",
      "{'descr': <i2, 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<i2', 'fortran_order': false, 'shape': (2,)}",
      "{'descr': '<i2', 'fortran_order': 0, 'shape': (2,)}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': 2}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2)}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2 1)}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': [2]}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2.0,)}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), 'more': 1}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': {'a': (2,)}}",
      "{'descr': {'descr': '<i2'}, 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '\\x3ci2', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<i2' 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)} import os",
      "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2,)}",
      "{'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<i2', 'shape': (2,)}",
      "{'descr': '<i2', 'fortran_order': False}",
      "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<i3', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<<i2', 'fortran_order': False, 'shape': (2,)}",
  };
  for (const std::string& dict : dicts) {
    const std::string message = refusal(npy_with_header(dict, "abcd"));
    EXPECT_THAT(message, HasSubstr("cannot read x.npy: it")) << dict;
  }
}

TEST(NpyHostile, TextFromTheFileIsMadeSafe) {
  const std::string message = refusal(npy_with_header("{'descr': '\x1B[2J\n', 'fortran_order': False, 'shape': (2,)}"));
  EXPECT_EQ(message.find_first_of("\x1B\n"), std::string::npos) << message;
}

TEST(NpyHostile, EveryPrefixIsRefused) {
  const Result<std::string> bytes = read_file(fixture("f4_little"));
  ASSERT_TRUE(bytes) << bytes.error().message;
  for (std::size_t size = 0; size < bytes->size(); ++size) {
    EXPECT_FALSE(parse_npy(std::string_view(*bytes).substr(0, size), "x.npy")) << size;
  }
}

// Whatever one byte becomes: a sentence, or a tensor that is what it says.
TEST(NpyHostile, EveryChangedByteIsRefusedOrConsistent) {
  for (const char* file : {"f4_little", "f4_fortran_3d", "version_2"}) {
    const Result<std::string> bytes = read_file(fixture(file));
    ASSERT_TRUE(bytes) << bytes.error().message;
    for (std::size_t at = 0; at < 128; ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string changed = *bytes;
        changed[at] = static_cast<char>(value);
        const Result<Tensor> tensor = parse_npy(changed, "x.npy");
        if (tensor) {
          ASSERT_EQ(tensor->data.size(), element_count(tensor->shape).value() * bits_of(tensor->type) / 8);
        } else {
          ASSERT_NE(tensor.error().message, "");
        }
      }
    }
  }
}

TEST(LoadNpy, MissingFileAndDirectory) {
  const Result<Tensor> missing = load_npy(fixture("no_such_file"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, AllOf(HasSubstr("no_such_file.npy"), HasSubstr("does not exist")));
  const Result<Tensor> directory = load_npy(test::kDataDir);
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, HasSubstr("it is a directory"));
}

}  // namespace
}  // namespace trtprof
