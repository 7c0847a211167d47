#include "trtprof/model/onnx_model.h"

#include <array>
#include <random>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_files.h"
#include "test_paths.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Load : public test::ModelFiles {
 protected:
  std::string error_of(const fs::path& path) {
    const auto model = OnnxModel::load(path);
    EXPECT_FALSE(model.has_value()) << path;
    if (model) return "";
    EXPECT_EQ(model.error().code, ErrorCode::failed);
    EXPECT_THAT(model.error().message, Not(HasSubstr("\n")));
    return model.error().message;
  }
  std::string error_of(const onnx::ModelProto& proto) { return error_of(write("model.onnx", proto)); }
  std::vector<std::string> warnings_of(const onnx::ModelProto& proto) {
    const auto model = OnnxModel::load(write("model.onnx", proto));
    EXPECT_TRUE(model.has_value()) << model.error().message;
    if (!model) return {};
    EXPECT_EQ(model->proto().SerializeAsString(), proto.SerializeAsString()) << "loading changed the model";
    return model->warnings();
  }
};

TEST_F(Load, SmallModel) {
  const auto model = OnnxModel::load(write("model.onnx", test::small_model()));
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_THAT(model->warnings(), IsEmpty());
  EXPECT_FALSE(model->has_external_data());
  EXPECT_EQ(model->path(), folder() / "model.onnx");
}

TEST_F(Load, EachWrongFileHasItsOwnSentence) {
  const std::string whole = test::small_model().SerializeAsString();
  EXPECT_THAT(error_of(folder() / "none.onnx"), HasSubstr("no such file"));
  EXPECT_THAT(error_of(folder()), HasSubstr("is a directory"));
  EXPECT_THAT(error_of(write("a.onnx", "")), HasSubstr("is empty"));
  EXPECT_THAT(error_of(write("b.onnx", "PK\x03\x04zip")), HasSubstr("looks like a ZIP archive"));
  EXPECT_THAT(error_of(write("c.onnx", "hello")), HasSubstr("looks like a text file"));
  EXPECT_THAT(error_of(write("d.onnx", std::string("\xff\xfe\0\x01", 4))), HasSubstr("is not an ONNX model"));
  EXPECT_THAT(error_of(write("e.onnx", whole.substr(0, whole.size() / 2))), HasSubstr("is truncated"));
  EXPECT_THAT(error_of(write("f.onnx", whole.substr(0, 2))), HasSubstr("no graph"));
  std::string damaged = whole;
  std::fill(damaged.begin() + 40, damaged.begin() + 60, '\xff');
  EXPECT_THAT(error_of(write("g.onnx", damaged)), HasSubstr("is damaged"));
}

TEST_F(Load, EveryTruncationIsRefused) {
  const std::string whole = test::small_model().SerializeAsString();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(OnnxModel::load(write("cut.onnx", whole.substr(0, size))).has_value()) << size;
  }
}

TEST_F(Load, RandomDamageNeverCrashes) {
  std::mt19937 random(11);
  const std::string whole = test::small_model().SerializeAsString();
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes = whole;
    for (int hit = 0; hit < 3; ++hit) bytes[random() % bytes.size()] = static_cast<char>(random() & 0xff);
    const auto model = OnnxModel::load(write("damaged.onnx", bytes));
    if (model) {
      static_cast<void>(model->graph());
    } else {
      EXPECT_FALSE(model.error().message.empty());
    }
  }
}

// Root may read everything, so root becomes nobody for the time of the test.
class WithoutPrivileges {
 public:
  WithoutPrivileges() { EXPECT_EQ(was_root_ ? seteuid(65534) : 0, 0); }
  ~WithoutPrivileges() { EXPECT_EQ(was_root_ ? seteuid(0) : 0, 0); }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  bool was_root_ = geteuid() == 0;
};

TEST_F(Load, Unreadable) {
  const fs::path path = write("model.onnx", test::small_model());
  fs::permissions(path, fs::perms::none);
  const WithoutPrivileges nobody;
  EXPECT_THAT(error_of(path), HasSubstr("Permission denied"));
}

TEST_F(Load, EmptyGraph) {
  onnx::ModelProto proto;
  proto.set_ir_version(8);
  proto.mutable_graph()->set_name("nothing");
  EXPECT_THAT(error_of(proto), HasSubstr("empty graph"));
}

TEST_F(Load, NewerIrVersion) {
  onnx::ModelProto proto = test::small_model();
  proto.set_ir_version(onnx::Version::IR_VERSION + 1);
  EXPECT_THAT(error_of(proto), HasSubstr("newer than the " + std::to_string(onnx::Version::IR_VERSION)));
}

TEST_F(Load, NewerOpsetIsAWarning) {
  onnx::ModelProto proto = test::small_model();
  proto.mutable_opset_import(0)->set_version(999);
  EXPECT_THAT(warnings_of(proto), ElementsAre(HasSubstr("opset 999 of ai.onnx, newer than")));
  proto.mutable_graph()->mutable_node(1)->set_op_type("OperatorOfTheFuture");
  EXPECT_THAT(warnings_of(proto), ElementsAre(HasSubstr("opset 999"), HasSubstr("OperatorOfTheFuture")));
}

TEST_F(Load, WhatNoEngineCouldRunIsRefusedByName) {
  onnx::ModelProto proto = test::small_model();
  proto.mutable_graph()->mutable_node(1)->set_op_type("Reluu");
  EXPECT_THAT(error_of(proto), AllOf(HasSubstr("Reluu"), HasSubstr("relu1")));
  proto = test::small_model();
  proto.mutable_graph()->mutable_node(1)->set_input(0, "nowhere");
  EXPECT_THAT(error_of(proto), AllOf(HasSubstr("'nowhere'"), HasSubstr("relu1")));
  proto = test::small_model();
  proto.mutable_graph()->mutable_node(0)->mutable_input()->RemoveLast();
  EXPECT_THAT(error_of(proto), HasSubstr("add1"));
  proto = test::small_model();
  proto.mutable_graph()->mutable_node(1)->set_output(0, "s");
  EXPECT_THAT(error_of(proto), HasSubstr("'s'"));
  proto = test::small_model();
  proto.mutable_graph()->mutable_initializer(0)->set_raw_data("short");
  EXPECT_THAT(error_of(proto), HasSubstr("w"));
  proto = test::small_model();
  proto.clear_opset_import();
  EXPECT_THAT(error_of(proto), HasSubstr("opset_import"));
}

TEST_F(Load, ANodeWithoutOutputsIsRefusedInEveryOpset) {
  onnx::ModelProto proto = test::small_model();
  proto.mutable_opset_import(0)->set_version(100000);  // whose operators the checker does not know
  onnx::NodeProto& node = *proto.mutable_graph()->add_node();
  node.set_name("lost");
  node.set_op_type("Gemm");
  node.add_input("x");
  node.add_input("w");
  EXPECT_THAT(error_of(proto), HasSubstr("node 'lost' (Gemm) has no outputs"));
}

TEST_F(Load, CustomDomainsLoad) {
  onnx::ModelProto proto = test::small_model();
  auto& node = *proto.mutable_graph()->mutable_node(1);
  node.set_op_type("MyOwn");
  node.set_domain("com.example");
  auto& opset = *proto.add_opset_import();
  opset.set_domain("com.example");
  opset.set_version(1);
  EXPECT_THAT(warnings_of(proto), IsEmpty());
  proto.mutable_opset_import()->RemoveLast();
  EXPECT_THAT(warnings_of(proto), ElementsAre(HasSubstr("MyOwn of domain 'com.example' without importing")));
}

TEST_F(Load, HabitsOfExportersAreTolerated) {
  onnx::ModelProto proto = test::small_model();
  proto.mutable_graph()->clear_name();
  EXPECT_THAT(warnings_of(proto), IsEmpty());
  proto.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  EXPECT_THAT(warnings_of(proto), IsEmpty());
  proto.set_ir_version(3);  // its initializer is not an input
  EXPECT_THAT(warnings_of(proto), IsEmpty());

  auto& attribute = *proto.mutable_graph()->mutable_node(1)->add_attribute();
  attribute.set_name("consumed_inputs");
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(1);
  EXPECT_THAT(warnings_of(proto), ElementsAre(HasSubstr("Unrecognized attribute: consumed_inputs")));

  proto = test::small_model();
  proto.mutable_graph()->mutable_node(1)->set_op_type("Upsample");  // retired in opset 10
  EXPECT_THAT(warnings_of(proto), ElementsAre(HasSubstr("Upsample")));

  proto = test::small_model();
  for (int i = 0; i < 2; ++i) proto.add_metadata_props()->set_key("twice");
  EXPECT_THAT(warnings_of(proto), ElementsAre(HasSubstr("duplicate keys")));
}

TEST_F(Load, ExternalDataIsCheckedAndLeftInItsFile) {
  const onnx::ModelProto proto = test::external_model("w.bin");
  EXPECT_THAT(error_of(proto), HasSubstr("missing"));
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  EXPECT_THAT(warnings_of(proto), IsEmpty());
  const auto model = OnnxModel::load(folder() / "model.onnx");
  EXPECT_TRUE(model->has_external_data());
  EXPECT_TRUE(model->proto().graph().initializer(0).raw_data().empty());
}

TEST_F(Load, ExternalDataDoesNotHideOtherFaults) {
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  onnx::ModelProto proto = test::external_model("w.bin");
  proto.mutable_graph()->mutable_node(1)->set_input(0, "nowhere");
  EXPECT_THAT(error_of(proto), HasSubstr("'nowhere'"));
}

TEST_F(Load, ModelBySomeoneElse) {
  ASSERT_TRUE(fs::is_directory(test::kOcrModelsDir)) << "tools/deps.sh python models brings them";
  int count = 0;
  for (const auto& entry : fs::directory_iterator(test::kOcrModelsDir)) {
    if (entry.path().extension() != ".onnx") continue;
    const auto model = OnnxModel::load(entry.path());
    ASSERT_TRUE(model.has_value()) << model.error().message;
    EXPECT_THAT(model->warnings(), IsEmpty());
    const Graph graph = model->graph();
    ASSERT_EQ(graph.inputs.size(), 1U);
    EXPECT_EQ(graph.inputs[0].shape->size(), 4U);
    EXPECT_FALSE((*graph.inputs[0].shape)[0].value.has_value());
    EXPECT_EQ((*graph.inputs[0].shape)[0].symbol.find('?'), std::string::npos) << "'?' is not one symbol";
    EXPECT_EQ(detect_file_kind(entry.path()).value(), FileKind::onnx_model);
    ++count;
  }
  EXPECT_EQ(count, 3);
}

TEST_F(Load, DetectsKindsByContent) {
  EXPECT_EQ(detect_file_kind(write("a.engine", test::small_model())).value(), FileKind::onnx_model);
  EXPECT_EQ(detect_file_kind(write("b.onnx", "ftrt....")).value(), FileKind::tensorrt_engine);
  EXPECT_EQ(detect_file_kind(write("c.onnx", "vtrt....")).value(), FileKind::tensorrt_rtx_engine);
  EXPECT_EQ(detect_file_kind(write("d", profile_to_json(Profile{}))).value(), FileKind::profile_json);
  EXPECT_EQ(detect_file_kind(write("e", R"({"a": {"schema": {"name": "trtprof-profile"}}})")).value(),
            FileKind::unknown);
  EXPECT_EQ(detect_file_kind(write("f", R"({"schema": ["name", "trtprof-profile"]})")).value(), FileKind::unknown);
  EXPECT_EQ(detect_file_kind(write("g", R"([{"schema": {"name": "trtprof-profile"}}])")).value(), FileKind::unknown);
  EXPECT_EQ(detect_file_kind(write("h", "{")).value(), FileKind::unknown);
  EXPECT_EQ(detect_file_kind(write("i", std::string(100'000, '['))).value(), FileKind::unknown);
  EXPECT_EQ(detect_file_kind(write("j", test::small_model().SerializeAsString().substr(0, 60))).value(),
            FileKind::onnx_model)
      << "cut short, so that load() says so";
  for (const fs::path& path : {folder() / "none", folder(), write("k", "")}) {
    EXPECT_FALSE(detect_file_kind(path).has_value()) << path;
  }
}

TEST_F(Load, UnknownFieldsAreWrittenBack) {
  // Field 1999 of the model, the graph and a node: length-delimited, as a later ONNX might add.
  const std::string field = std::string("\xfa\x7c\x06", 3) + "future";
  onnx::ModelProto proto = test::small_model();
  ASSERT_TRUE(proto.MergeFromString(field));
  ASSERT_TRUE(proto.mutable_graph()->MergeFromString(field));
  ASSERT_TRUE(proto.mutable_graph()->mutable_node(0)->MergeFromString(field));
  const std::string before = proto.SerializeAsString();
  std::size_t count = 0;
  for (std::size_t at = before.find(field); at != std::string::npos; at = before.find(field, at + 1)) ++count;
  ASSERT_EQ(count, 3U);
  const auto model = OnnxModel::load(write("model.onnx", before));
  ASSERT_TRUE(model.has_value()) << model.error().message;
  ASSERT_TRUE(model->save(folder() / "copy.onnx").has_value());
  EXPECT_EQ(read_file(folder() / "copy.onnx").value(), before);
}

TEST_F(Load, SavingKeepsReferencesToExternalDataValid) {
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  const auto model = OnnxModel::load(write("model.onnx", test::external_model("w.bin")));
  ASSERT_TRUE(model.has_value());
  EXPECT_TRUE(model->save(folder() / "copy.onnx").has_value());
  EXPECT_TRUE(OnnxModel::load(folder() / "copy.onnx").has_value());
  fs::create_directory(folder() / "elsewhere");
  const auto status = model->save(folder() / "elsewhere/copy.onnx");
  ASSERT_FALSE(status.has_value());
  EXPECT_THAT(status.error().message, HasSubstr("external data lies elsewhere"));
  EXPECT_FALSE(fs::exists(folder() / "elsewhere/copy.onnx"));
  EXPECT_FALSE(OnnxModel::from_proto(test::external_model("w.bin")).save(folder() / "b.onnx").has_value());
}

TEST_F(Load, SavingWithDataTakesItAlong) {
  const fs::path data = write("w.bin", std::string(12, 'x'));
  const auto model = OnnxModel::load(write("model.onnx", test::external_model("w.bin")));
  ASSERT_TRUE(model.has_value());
  const fs::path elsewhere = folder() / "elsewhere";
  fs::create_directory(elsewhere);
  ASSERT_TRUE(model->save_with_data(elsewhere / "copy.onnx").has_value());
  EXPECT_TRUE(model->save_with_data(elsewhere / "again.onnx").has_value()) << "the same data";
  fs::remove(data);
  const auto copy = OnnxModel::load(elsewhere / "copy.onnx");
  ASSERT_TRUE(copy.has_value()) << copy.error().message;
  EXPECT_EQ(read_file(elsewhere / "w.bin").value(), std::string(12, 'x'));
}

// A copy, as it is on another file system.
TEST_F(Load, SavingWithDataKnowsItsDataByContent) {
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  static_cast<void>(write("elsewhere/w.bin", std::string(12, 'x')));
  const auto model = OnnxModel::load(write("model.onnx", test::external_model("w.bin")));
  ASSERT_TRUE(model.has_value());
  const auto saved = model->save_with_data(folder() / "elsewhere/copy.onnx");
  EXPECT_TRUE(saved.has_value()) << saved.error().message;
}

TEST_F(Load, SavingWithDataCopiesItToAnotherFileSystem) {
  std::error_code error;
  fs::path other = fs::path("/dev/shm") / folder().filename();
  if (!fs::create_directory(other, error)) {  // a machine without one: then it is a link
    other = folder() / "other";
    ASSERT_TRUE(fs::create_directory(other));
  }
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  const auto model = OnnxModel::load(write("model.onnx", test::external_model("w.bin")));
  for (int i = 0; i < 2; ++i) {
    const auto saved = model->save_with_data(other / "copy.onnx");
    EXPECT_TRUE(saved.has_value()) << i << saved.error().message;
  }
  EXPECT_EQ(read_file(other / "w.bin").value_or(""), std::string(12, 'x'));
  EXPECT_EQ(std::distance(fs::directory_iterator(other), fs::directory_iterator()), 2) << "nothing is left behind";
  fs::remove_all(other, error);
}

TEST_F(Load, SavingWithDataReplacesNoOthers) {
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  static_cast<void>(write("elsewhere/w.bin", std::string(12, 'y')));
  const auto model = OnnxModel::load(write("model.onnx", test::external_model("w.bin")));
  ASSERT_TRUE(model.has_value());
  const auto status = model->save_with_data(folder() / "elsewhere/copy.onnx");
  ASSERT_FALSE(status.has_value());
  EXPECT_THAT(status.error().message, HasSubstr("is there already"));
  EXPECT_EQ(read_file(folder() / "elsewhere/w.bin").value(), std::string(12, 'y'));
  EXPECT_FALSE(fs::exists(folder() / "elsewhere/copy.onnx"));
}

TEST_F(Load, ACloneIsChangedAlone) {
  static_cast<void>(write("w.bin", std::string(12, 'x')));
  const auto model = OnnxModel::load(write("model.onnx", test::external_model("w.bin")));
  ASSERT_TRUE(model.has_value());
  OnnxModel clone = model->clone();
  clone.mutable_proto().set_producer_name("another");
  EXPECT_NE(model->proto().producer_name(), "another");
  EXPECT_TRUE(clone.save(folder() / "clone.onnx").has_value()) << "it knows where its data is";
}

TEST_F(Load, SavingWhereItCannotBe) {
  const auto status = OnnxModel::from_proto(test::small_model()).save(folder() / "no/such/folder/m.onnx");
  ASSERT_FALSE(status.has_value());
  EXPECT_THAT(status.error().message, HasSubstr("m.onnx"));
}

TEST_F(Load, GraphFlattensSubgraphsAndDropsInitializersFromInputs) {
  onnx::ModelProto proto = test::small_model();
  proto.set_ir_version(3);
  auto& graph = *proto.mutable_graph();
  auto& listed = *graph.add_input();
  listed.set_name("w");
  test::set_shape(listed, {3});
  auto& sparse = *graph.add_sparse_initializer();
  sparse.mutable_values()->set_name("sp");
  sparse.mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
  sparse.add_dims(5);
  auto& loop = test::add_node(graph, "loop_1", "Loop", {"", "", "y"}, {"z"});
  auto& body = *loop.add_attribute();
  body.set_name("body");
  body.set_type(onnx::AttributeProto::GRAPH);
  auto& choice = test::add_node(*body.mutable_g(), "", "If", {"c"}, {"chosen"});
  auto& branch = *choice.add_attribute();
  branch.set_name("then_branch");
  branch.set_type(onnx::AttributeProto::GRAPH);
  test::add_node(*branch.mutable_g(), "deep", "Neg", {"v"}, {"chosen"});
  test::add_node(graph, "last", "Abs", {"z"}, {"q"}).set_domain("ai.onnx");
  graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_value(-1);

  const Graph plain = OnnxModel::from_proto(proto).graph();
  EXPECT_EQ(plain.name, "small");
  ASSERT_EQ(plain.inputs.size(), 1U);
  EXPECT_EQ(to_string(plain.inputs[0]), "x: f32 [?, 3]");
  ASSERT_EQ(plain.initializers.size(), 2U);
  EXPECT_EQ(to_string(plain.initializers[1]), "sp: f32 [5]");
  std::vector<std::string> nodes;
  for (const GraphNode& node : plain.nodes) nodes.push_back(node.subgraph + "|" + node.display_name() + node.domain);
  EXPECT_THAT(nodes, ElementsAre("|add1", "|relu1", "|loop_1", "loop_1/body|chosen",
                                 "loop_1/body/chosen/then_branch|deep", "|last"));
  EXPECT_EQ(plain.nodes[2].inputs, (std::vector<std::string>{"", "", "y"}));
}

TEST_F(Load, InfoDescribesTheModel) {
  onnx::ModelProto proto = test::small_model();
  proto.mutable_graph()
      ->mutable_output(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_param("n");
  const fs::path path = write("model.onnx", proto);
  const ModelInfo info = OnnxModel::load(path).value().info().value();
  EXPECT_EQ(info.path, path.string());
  EXPECT_EQ(info.format, "onnx");
  EXPECT_EQ(info.sha256, sha256_of(proto.SerializeAsString()));
  EXPECT_EQ(info.file_bytes, proto.ByteSizeLong());
  EXPECT_EQ(info.producer, "a test 1.2");
  EXPECT_EQ(info.graph_name, "small");
  EXPECT_EQ(info.opsets, (std::map<std::string, std::int64_t>{{"", 17}}));
  EXPECT_EQ(info.node_count, 2);
  EXPECT_EQ(info.batch, 2);
  ASSERT_EQ(info.inputs.size(), 1U);
  EXPECT_EQ(info.inputs[0].element_type, "f32");
  EXPECT_EQ(info.outputs.at(0).shape, (std::vector<std::int64_t>{2, -1}));
}

TEST_F(Load, InfoHashesExternalDataToo) {
  const auto info_with = [this](const std::string& data) {
    static_cast<void>(write("w.bin", data));
    return OnnxModel::load(write("model.onnx", test::external_model("w.bin"))).value().info().value();
  };
  const ModelInfo a = info_with(std::string(12, 'a'));
  const ModelInfo b = info_with(std::string(12, 'b'));
  EXPECT_NE(a.sha256, b.sha256);
  EXPECT_EQ(a.sha256, info_with(std::string(12, 'a')).sha256);
  EXPECT_EQ(a.file_bytes, test::external_model("w.bin").ByteSizeLong() + 12);
}

TEST_F(Load, TwoThreadsAtOnce) {
  const fs::path path = write("model.onnx", test::small_model());
  std::vector<std::thread> threads;
  std::array<bool, 4> loaded{};
  for (bool& result : loaded) {
    threads.emplace_back([&result, &path] { result = OnnxModel::load(path).has_value(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(loaded, testing::Each(true));
}

}  // namespace
}  // namespace trtprof
