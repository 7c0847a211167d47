// How libFuzzer changes ONNX models: one field of one message at a time, so that most of what it tries is still a
// model. A change of a byte alone mostly breaks the lengths that messages lie in; every fourth change is one of those.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <onnx/onnx_pb.h>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed);

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Mutation {
 public:
  explicit Mutation(unsigned int seed) : random_(seed) {}

  void apply(Message& root) {
    collect(root);
    Message& message = *messages_[below(messages_.size())];
    const auto* type = message.GetDescriptor();
    if (type->field_count() == 0) return;
    const FieldDescriptor& field = *type->field(static_cast<int>(below(static_cast<std::size_t>(type->field_count()))));
    if (field.is_repeated()) {
      change_list(message, field);
    } else if (message.GetReflection()->HasField(message, &field) && below(4) == 0) {
      message.GetReflection()->ClearField(&message, &field);
    } else {
      set(message, field);
    }
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  void collect(Message& message) {
    messages_.push_back(&message);
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        collect(*reflection.MutableMessage(&message, field));
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        collect(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }

  // Numbers that count as something else: none, open, the largest, a type of another tensor.
  std::int64_t number() {
    constexpr std::int64_t odd[] = {
        0, 1, 2, -1, 3, 7, 16, 255, INT32_MAX, INT64_MAX, 1000, 100000, 1 << 30, INT64_MIN, std::int64_t{1} << 40};
    return below(3) == 0 ? static_cast<std::int64_t>(below(32)) : odd[below(std::size(odd))];
  }
  double real() {
    constexpr double odd[] = {0.0,
                              1.0,
                              -1.0,
                              0.5,
                              1e30,
                              -1e-30,
                              std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()};
    return odd[below(std::size(odd))];
  }

  // Often the name of something else in the model: nodes are joined by names.
  std::string text(std::string old) {
    if (below(2) == 0) {
      const Message& other = *messages_[below(messages_.size())];
      std::vector<const FieldDescriptor*> fields;
      other.GetReflection()->ListFields(other, &fields);
      for (const FieldDescriptor* field : fields) {
        if (field->type() != FieldDescriptor::TYPE_STRING) continue;
        const Reflection& reflection = *other.GetReflection();
        if (!field->is_repeated()) return reflection.GetString(other, field);
        const auto size = static_cast<std::size_t>(reflection.FieldSize(other, field));
        return reflection.GetRepeatedString(other, field, static_cast<int>(below(size)));
      }
    }
    const std::size_t size = old.size();
    old.resize(size + 16);
    old.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(old.data()), size, old.size()));
    return old;
  }

  // The bytes of another message of the field's type, to be taken before the field is changed: setting one of several
  // (oneof) frees the others.
  std::string another(const FieldDescriptor& field) {
    std::vector<const Message*> found;
    for (const Message* other : messages_) {
      if (other->GetDescriptor() == field.message_type()) found.push_back(other);
    }
    return found.empty() ? std::string() : found[below(found.size())]->SerializePartialAsString();
  }

  void set(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, static_cast<std::int32_t>(number()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.SetInt64(&message, &field, number());
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.SetUInt64(&message, &field, static_cast<std::uint64_t>(number()));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.SetFloat(&message, &field, static_cast<float>(real()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.SetDouble(&message, &field, real());
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(&message, &field, static_cast<int>(below(24)));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(&message, &field, text(reflection.GetString(message, &field)));
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const std::string bytes = another(field);
        reflection.MutableMessage(&message, &field)->ParsePartialFromString(bytes);
        return;
      }
      default:
        return;
    }
  }

  void add(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.AddInt32(&message, &field, static_cast<std::int32_t>(number()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.AddInt64(&message, &field, number());
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.AddUInt64(&message, &field, static_cast<std::uint64_t>(number()));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.AddFloat(&message, &field, static_cast<float>(real()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.AddDouble(&message, &field, real());
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.AddString(&message, &field, text({}));
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const std::string bytes = another(field);
        reflection.AddMessage(&message, &field)->ParsePartialFromString(bytes);
        return;
      }
      default:
        return;
    }
  }

  void change_list(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    const auto size = static_cast<std::size_t>(reflection.FieldSize(message, &field));
    if (size == 0 || below(3) == 0) return add(message, field);
    const int at = static_cast<int>(below(size));
    reflection.SwapElements(&message, &field, at, static_cast<int>(size) - 1);
    if (below(2) == 0) return reflection.RemoveLast(&message, &field);
    add(message, field);
    reflection.SwapElements(&message, &field, at, static_cast<int>(size));
  }

  std::minstd_rand random_;
  std::vector<Message*> messages_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  onnx::ModelProto model;
  if (seed % 4 == 0 || !model.ParseFromArray(data, static_cast<int>(size))) return LLVMFuzzerMutate(data, size, most);
  Mutation(seed / 4).apply(model);
  const std::string bytes = model.SerializePartialAsString();
  if (bytes.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}
