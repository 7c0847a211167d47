// The engine inspector's JSON of TensorRT 10.x rewritten in the form of 11.x, as NVIDIA's migration guide documents it:
// "Format/Datatype" split in two, and "Bindings", a list of names, replaced by "I/O Tensors", a list of objects.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace trtprof::test {

inline std::string type_in_11(const std::string& both) {
  const bool half = both.find("Half") != std::string::npos || both.find("FP16") != std::string::npos;
  return half ? "Half" : "Float";
}

inline std::string in_the_form_of_11(const std::string& text_of_10) {
  auto document = nlohmann::json::parse(text_of_10);
  nlohmann::json io = nlohmann::json::array();
  for (auto& layer : document["Layers"]) {
    for (const char* side : {"Inputs", "Outputs"}) {
      for (auto& tensor : layer[side]) {
        const std::string both = tensor["Format/Datatype"];
        tensor.erase("Format/Datatype");
        tensor["DataType"] = type_in_11(both);
        if (both.find(' ') != std::string::npos) tensor["Format"] = both;
      }
    }
  }
  for (const auto& name : document["Bindings"]) {
    nlohmann::json tensor = {
        {"Name", name}, {"IOMode", "Input"}, {"Location", "Device"}, {"IsShapeInferenceIO", false}};
    for (const auto& layer : document["Layers"]) {
      for (const char* side : {"Inputs", "Outputs"}) {
        for (const auto& end : layer[side]) {
          if (end["Name"] != name) continue;
          tensor["IOMode"] = std::string(side) == "Inputs" ? "Input" : "Output";
          tensor["DataType"] = end["DataType"];
          tensor["Dimensions"] = end["Dimensions"];
        }
      }
    }
    io.push_back(tensor);
  }
  document["I/O Tensors"] = io;
  document.erase("Bindings");
  return document.dump();
}

}  // namespace trtprof::test
