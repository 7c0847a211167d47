// Folders of images as --data: the digits as PNG give the answers of the digits as numbers.
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "calibration_run.h"
#include "command_line.h"
#include "support/openvino_models.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string kModel = std::string(kSourceDir) + "/models/digits/mobilenetv2_digits_folded.onnx";
const std::string kNumbers = std::string(kSourceDir) + "/models/digits/heldout.npz";

// Writes the first 60 digits of argv[1] as grey PNG into argv[2], each into the folder of its class.
constexpr const char* kWrite = R"(
import pathlib, struct, sys, zlib
import numpy as np
data = np.load(sys.argv[1])
name = next(key for key in data if key != "labels" and "." not in key)
def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
for i in range(60):
    pixels = data[name][i].reshape(32, 32)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    folder = pathlib.Path(sys.argv[2]) / str(data["labels"][i])
    folder.mkdir(exist_ok=True)
    (folder / f"{i:03}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0))
                                         + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
scale, offset = (np.atleast_1d(data[f"{name}.{key}"]) if f"{name}.{key}" in data else None for key in ("scale", "offset"))
scale = 1.0 if scale is None else float(scale[0])
offset = 0.0 if offset is None else float(offset[0])
import json
print(json.dumps({"channels": "grey", "scale": scale, "mean": -offset}))
)";

class ImageData : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto run = run_program({kPython, "-c", kWrite, kNumbers, folder_.path().string()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    ASSERT_TRUE(write_file(path("preprocess.json"), run.out).has_value());
  }
  [[nodiscard]] std::string path(const std::string& name = "") const { return (folder_.path() / name).string(); }
  [[nodiscard]] ProgramResult accuracy(std::vector<std::string> options) const {
    options.insert(options.begin(), {"accuracy", kModel, "--precision", "bf16", "--json", path("a.json")});
    return run_tensorrt_profiling(options);
  }
  [[nodiscard]] json document() const { return json::parse(read_file(path("a.json")).value()); }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-image-data").value();
};

TEST_F(ImageData, DigitsAsImagesAreRecognised) {
  const ProgramResult run = accuracy({"--data", path(), "--batch", "7"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json result = document();
  EXPECT_EQ(result["data"]["samples"], 60);
  EXPECT_EQ(result["labels"]["samples"], 60);
  EXPECT_GE(result["labels"]["reference"]["top1"].get<int>(), 58) << run.out;
}

TEST_F(ImageData, TheSpecMayLieElsewhere) {
  std::filesystem::rename(path("preprocess.json"), path("spec.txt"));
  const ProgramResult without = accuracy({"--data", path()});
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.err, HasSubstr("no preprocess.json"));
  EXPECT_THAT(without.err, HasSubstr("--preprocess"));
  const ProgramResult with = accuracy({"--data", path(), "--preprocess", path("spec.txt"), "--samples", "10"});
  ASSERT_EQ(with.exit_code, 0) << with.err;
  EXPECT_EQ(document()["labels"]["samples"], 10);
  const ProgramResult none = accuracy({"--data", kNumbers, "--preprocess", path("spec.txt")});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("says how images become numbers"));
}

// Samples to judge on as numbers, those to calibrate with as images: the specification is of the images.
TEST_F(ImageData, TheSpecIsOfTheSetsThatAreImages) {
  std::filesystem::rename(path("preprocess.json"), path("spec.txt"));
  const auto optimize = [&](const std::string& data, const std::string& calibration_data) {
    return run_tensorrt_profiling({"optimize", kModel, "--precision", "int8", "-o", path("int8.onnx"), "--quiet",
                                   "--no-compare", "--samples", "20", "--calibration-samples", "20", "--data", data,
                                   "--calibration-data", calibration_data, "--preprocess", path("spec.txt")});
  };
  const ProgramResult images_to_calibrate = optimize(kNumbers, path());
  EXPECT_EQ(images_to_calibrate.exit_code, 0) << images_to_calibrate.err;
  const ProgramResult images_to_judge = optimize(path(), kNumbers);
  EXPECT_EQ(images_to_judge.exit_code, 0) << images_to_judge.err;
  const ProgramResult neither = optimize(kNumbers, kNumbers);
  EXPECT_EQ(neither.exit_code, 2);
  EXPECT_THAT(neither.err, HasSubstr("says how images become numbers"));
}

TEST_F(ImageData, WhatIsNotReadIsSaid) {
  ASSERT_TRUE(write_file(path("3/other.webp"), "RIFF").has_value());
  const ProgramResult run = accuracy({"--data", path(), "--samples", "10"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("1 .webp are left out: only .jpg, .jpeg and .png are read"));
  const ProgramResult calibrated = run_tensorrt_profiling(
      {"optimize", kModel, "--precision", "int8", "-o", path("o.onnx"), "--no-compare", "--calibration-data", path()});
  EXPECT_EQ(calibrated.exit_code, 0) << calibrated.err;
  EXPECT_THAT(calibrated.err, HasSubstr("1 .webp are left out"));
}

// As the gate that a lower precision has to pass sees it: one bad file is an error that names it.
TEST_F(ImageData, ABrokenImageIsNamed) {
  ASSERT_TRUE(write_file(path("3/zzz.png"), "\x89PNG\r\n\x1a\nbroken").has_value());
  const ProgramResult run = accuracy({"--data", path()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("3/zzz.png is no good PNG"));
}

// The same 60 images in another order: histograms do not care, and an engine hardly.
TEST_F(ImageData, CalibrationOnImagesIsCalibrationOnTheirNumbers) {
  const OnnxModel model = OnnxModel::load(kModel).value();
  const BoundShapes shapes{{"image", {10, 1, 32, 32}}};
  const std::vector<std::string> values = {"image", "logits"};
  const auto calibrated = [&](const std::string& data) {
    const auto parsed =
        cli::parse_command_line({"optimize", kModel, "--precision", "int8", "--quiet", "--calibration-data", data,
                                 "--calibration", "min-max", "--calibration-samples", "60"});
    const auto& settings = std::get<cli::Settings>(parsed.value());
    const auto samples = cli::calibration_data(settings, model.graph().inputs).value().value();
    const auto feed = cli::DataFeed::create(samples, model, shapes).value();
    return cli::calibrated_anew({settings, openvino(), model, shapes, feed}, values, false);
  };
  const auto images = calibrated(path());
  ASSERT_TRUE(images.has_value()) << images.error().message;
  const auto numbers = calibrated(kNumbers);
  ASSERT_TRUE(numbers.has_value()) << numbers.error().message;
  EXPECT_EQ(images->samples, 60U);
  EXPECT_EQ(images->inferences, 6U);
  EXPECT_EQ(images->data, folder_.path().filename().string());
  for (const std::string& value : values) {
    const CalibratedValue& a = images->values.at(value);
    const CalibratedValue& b = numbers->values.at(value);
    EXPECT_EQ(a.seen, b.seen);
    EXPECT_NEAR(a.min, b.min, 1e-4 * (1 + std::abs(b.min))) << value;
    EXPECT_NEAR(a.max, b.max, 1e-4 * (1 + std::abs(b.max))) << value;
  }
}

}  // namespace
}  // namespace trtprof::test
