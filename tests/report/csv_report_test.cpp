#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/golden.h"
#include "support/profile_fixture.h"
#include "support/run_program.h"
#include "support/traced_run.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/report/report.h"

namespace trtprof {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string csv_of(const Profile& profile) {
  std::ostringstream out;
  write_csv_report(out, profile);
  return out.str();
}

// The rows as Python's csv module reads them, each an object by column name.
json parsed_by_python(const std::string& csv) {
  const auto folder = TemporaryFolder::create("trtprof-csv");
  EXPECT_TRUE(folder.has_value());
  const std::string path = (folder->path() / "layers.csv").string();
  EXPECT_TRUE(write_file(path, csv).has_value());
  const test::ProgramResult run = test::run_program({test::kPython, "-c",
                                                     "import csv, json, sys\n"
                                                     "with open(sys.argv[1], newline='', encoding='utf-8') as file:\n"
                                                     "    print(json.dumps(list(csv.DictReader(file, strict=True))))",
                                                     path});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return json::parse(run.out, nullptr, false);
}

// What docs/csv.md tells a reader to do with a text field.
std::string text_in(const json& field) {
  const std::string text = field.get<std::string>();
  return text.starts_with('\'') ? text.substr(1) : text;
}

TEST(CsvReport, IsAsItWas) {
  test::expect_golden("report/full.csv", csv_of(test::full_profile()));
}

TEST(CsvReport, ReadsBack) {
  const Profile profile = test::full_profile();
  const std::vector<Layer>& layers = profile.layer_run->layers;
  const json rows = parsed_by_python(csv_of(profile));
  ASSERT_EQ(rows.size(), layers.size());
  const double total = layer_sum(*profile.layer_run);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const json& row = rows[i];
    EXPECT_EQ(row.at("index"), std::to_string(i));
    EXPECT_EQ(text_in(row.at("name")), printable(layers[i].name));
    EXPECT_EQ(row.at("layer_class"), std::string(to_string(layers[i].layer_class)));
    EXPECT_EQ(row.at("engine_type"), layers[i].engine_type);
    const std::optional<Summary>& summary = layers[i].time.summary;
    if (!summary) {
      EXPECT_EQ(row.at("median_s"), "");
      EXPECT_EQ(row.at("samples"), "");
      continue;
    }
    EXPECT_EQ(std::stod(row.at("median_s").get<std::string>()), summary->median);
    EXPECT_EQ(std::stod(row.at("p99_s").get<std::string>()), summary->p99);
    EXPECT_EQ(std::stod(row.at("share").get<std::string>()), summary->median / total);
    EXPECT_EQ(row.at("samples"), std::to_string(summary->count));
  }
  EXPECT_EQ(rows[0].at("origin_nodes"), "Conv:features/0/conv, \"stem\"; Relu:relu\"0\"");
  EXPECT_EQ(rows[2].at("name"), "Multiply_21864");
  EXPECT_EQ(rows[2].at("model_name"), readable_name(layers[2]));
  EXPECT_EQ(rows[0].at("inputs"), "bf16[2x3x224x224]");
}

TEST(CsvReport, QuotesAsRfc4180Does) {
  Profile profile = test::bare_profile();
  profile.layer_run.emplace().layers = {test::layer_taking("a,\"b\"", LayerClass::convolution, 1e-3)};
  EXPECT_THAT(csv_of(profile), HasSubstr("\r\n0,\"a,\"\"b\"\"\",\"a,\"\"b\"\"\",Convolution,"));
}

TEST(CsvReport, IsNoFormulaForASpreadsheet) {
  Profile profile = test::bare_profile();
  LayerRun& run = profile.layer_run.emplace();
  for (const char* name : {"=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "plain=1"}) {
    run.layers.push_back(test::layer_taking(name, LayerClass::convolution, 1e-3));
  }
  const json rows = parsed_by_python(csv_of(profile));
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_EQ(rows[0].at("name"), "'=1+1");
  EXPECT_EQ(rows[4].at("name"), "''quoted");
  EXPECT_EQ(rows[5].at("name"), "plain=1");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(text_in(rows[i].at("name")), run.layers[i].name) << "one apostrophe off, and it is the name again";
  }
}

TEST(CsvReport, KeepsEachLayerOnOneLine) {
  Profile profile = test::bare_profile();
  profile.layer_run.emplace().layers = {test::layer_taking("a\r\nb\x1b[2J\xFF", LayerClass::convolution, 1e-3)};
  const std::string csv = csv_of(profile);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
  EXPECT_EQ(csv.find('\x1b'), std::string::npos);
  EXPECT_EQ(parsed_by_python(csv).size(), 1U);
}

TEST(CsvReport, IsAHeaderWithoutLayers) {
  const std::string header = csv_of(test::bare_profile());
  EXPECT_TRUE(header.starts_with("index,name,model_name,"));
  EXPECT_EQ(header.find("\r\n"), header.size() - 2);
  Profile profile = test::bare_profile();
  profile.layer_run.emplace();
  EXPECT_EQ(csv_of(profile), header);
}

TEST(CsvReport, IsDescribedColumnByColumn) {
  const Result<std::string> page = read_file(std::string(test::kSourceDir) + "/docs/csv.md");
  ASSERT_TRUE(page.has_value()) << page.error().message;
  std::istringstream header(csv_of(test::bare_profile()));
  std::size_t position = 0;
  for (std::string column; std::getline(header, column, ',');) {
    column.erase(column.find_last_not_of("\r\n") + 1);
    const std::size_t found = page->find("| `" + column + "` |");
    ASSERT_NE(found, std::string::npos) << column;
    EXPECT_GT(found, position) << column << " is described out of order";
    position = found;
  }
}

TEST(CsvReport, HasNoShareOfNoTime) {
  Profile profile = test::bare_profile();
  profile.layer_run.emplace().layers = {test::layer_taking("a", LayerClass::shuffle, 0.0)};
  const json rows = parsed_by_python(csv_of(profile));
  EXPECT_EQ(rows[0].at("share"), "");
  EXPECT_EQ(rows[0].at("median_s"), "0");
}

TEST(CsvReport, HasTheTimeOfEachLayersKernels) {
  const Profile profile = test::traced_profile();
  const json rows = parsed_by_python(csv_of(profile));
  ASSERT_EQ(rows.size(), 28U);
  double sum = 0.0;
  double shares = 0.0;
  for (const json& row : rows) {
    sum += std::stod(row.at("gpu_time_s").get<std::string>());
    shares += std::stod(row.at("gpu_share").get<std::string>());
  }
  EXPECT_EQ(rows[0].at("kernels"), "2");
  EXPECT_EQ(rows[27].at("kernels"), "1");
  EXPECT_NEAR(sum, *median_of(profile.timeline->kernel_sum), 1e-6);
  EXPECT_NEAR(shares, 1.0, 1e-12);
}

TEST(CsvReport, LeavesTheKernelsOutWhereTheyAreNotTiedToLayers) {
  Profile profile = test::traced_profile();
  profile.timeline->join = KernelJoin::none;
  const json rows = parsed_by_python(csv_of(profile));
  EXPECT_EQ(rows[0].at("kernels"), "");
  EXPECT_EQ(rows[0].at("gpu_time_s"), "");
}

}  // namespace
}  // namespace trtprof
