#include "trtprof/model/file_content.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_files.h"

namespace trtprof {
namespace {

using testing::HasSubstr;

class FileContent : public test::ModelFiles {};

TEST_F(FileContent, SaysWhyThereIsNothingToRead) {
  const auto message = [](const std::filesystem::path& path) { return read_file_head(path).error().message; };
  EXPECT_THAT(message(folder() / "none.onnx"), HasSubstr("none.onnx: no such file"));
  EXPECT_THAT(message(folder()), HasSubstr("is a directory"));
  EXPECT_THAT(message(write("empty.onnx", "")), HasSubstr("is empty"));
  EXPECT_THAT(message("/dev/null"), HasSubstr("not a regular file"));
}

TEST_F(FileContent, RecognisesWhatPeopleGiveByMistake) {
  using namespace std::string_literals;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"PK\x03\x04rest"s, "ZIP"},
      {"\x1f\x8b\x08"s, "gzip"},
      {"\x89PNG\r\n"s, "PNG"},
      {"\xff\xd8\xff\xe0"s, "JPEG"},
      {"<!DOCTYPE HTML>\n<html>"s, "HTML"},
      {"  <html lang=en>"s, "HTML"},
      {"<?xml version=\"1.0\"?>\n<net name=\"x\" version=\"11\">"s, "OpenVINO IR"},
      {"<?xml version=\"1.0\"?><svg/>"s, "an XML file"},
      {"{\"a\": 1}"s, "JSON"},
      {"hello there\n"s, "a text file"},
      {"ftrt\0\0\0\0"s, "a TensorRT engine"},
      {"vtrt\0\0\0\0"s, "a TensorRT-RTX engine"},
      {"\x1c\0\0\0TFL3"s, "TensorFlow Lite"},
      {"\x30\0\0\0ORTM"s, "ONNX Runtime"},
      {"\x02\0\0\0\0\0\0\0{}"s, "safetensors"},
      {"\x80\x02}q\x01"s, "pickle"},
      {"GGUF\x03\0\0\0"s, "GGUF"},
      {"\x93NUMPY\x01\0"s, "NumPy"},
      {"version https://git-lfs.github.com/spec/v1\n"s, "Git LFS"},
      {"\0\x01\x02\x03"s, ""},
  };
  for (const auto& [bytes, expected] : cases) {
    const FileHead head{bytes, bytes.size()};
    if (expected.empty()) {
      EXPECT_EQ(describe_content(head), "");
    } else {
      EXPECT_THAT(describe_content(head), HasSubstr(expected)) << bytes;
    }
  }
}

TEST_F(FileContent, OutlineOfAModel) {
  const ModelOutline outline = outline_of_model(write("m.onnx", test::small_model()));
  EXPECT_TRUE(outline.looks_like_model());
  EXPECT_TRUE(outline.has_graph);
  EXPECT_FALSE(outline.truncated);
  EXPECT_EQ(outline.ir_version, 8);
}

TEST_F(FileContent, EveryPrefixOfAModelIsTruncatedOrLacksSomething) {
  const std::string whole = test::small_model().SerializeAsString();
  const std::size_t graph_end = whole.size() - 4;  // opset_import follows: tag, length, tag and version
  for (std::size_t size = 2; size < graph_end; ++size) {
    const ModelOutline outline = outline_of_model(write("cut.onnx", whole.substr(0, size)));
    EXPECT_TRUE(outline.looks_like_model()) << size;
    EXPECT_TRUE(outline.truncated || !outline.has_graph) << size;
  }
}

TEST_F(FileContent, RandomBytesAreNoModel) {
  std::mt19937 random(5);
  int taken = 0;
  for (int trial = 0; trial < 500; ++trial) {
    std::string bytes(200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() & 0xff);
    const ModelOutline outline = outline_of_model(write("noise", bytes));
    if (outline.looks_like_model() && outline.has_graph && !outline.truncated) ++taken;
  }
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace trtprof
