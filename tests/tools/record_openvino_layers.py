#!/usr/bin/env python3
"""Records what OpenVINO's runtime model says of a model's layers, for tests of the join with ONNX nodes.

    record_openvino_layers.py MODEL.onnx INPUT:1x3x224x224 OUT.json [bf16|f32|f16]

The output holds names and edges only, no weights: {"engine", "precision", "model", "input", "layers": [...]}. Constants
are left out. Run it again when tools/requirements/cpu.txt moves to another OpenVINO; the tests say what changed.
"""
import json
import os
import sys

import openvino as ov


def text(info, key):
    return info[key].astype(str) if key in info else ""


def main():
    model_path, shape_text, out_path = sys.argv[1:4]
    name, dims = shape_text.rsplit(":", 1)
    core = ov.Core()
    model = core.read_model(model_path)
    model.reshape({name: [int(d) for d in dims.split("x")]})
    options = {"PERFORMANCE_HINT": "LATENCY"}
    if len(sys.argv) > 4:
        options["INFERENCE_PRECISION_HINT"] = sys.argv[4]
    compiled = core.compile_model(model, "CPU", options)

    layers, index = [], {}
    for op in compiled.get_runtime_model().get_ordered_ops():
        info = op.get_rt_info()
        if text(info, "layerType") == "Const":
            continue
        index[op.get_name()] = len(layers)
        sources = [i.get_source_output().get_node().get_name() for i in op.inputs()]
        layers.append({
            "name": op.get_friendly_name(),
            "type": text(info, "layerType"),
            "primitive": text(info, "primitiveType"),
            "original_names": text(info, "originalLayersNames"),
            "producers": [index[s] for s in sources if s in index],
        })
    record = {
        "engine": "OpenVINO " + ov.get_version(),
        "precision": str(compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()),
        "model": os.path.basename(model_path),
        "input": shape_text,
    }
    lines = ",\n".join("    " + json.dumps(layer) for layer in layers)
    with open(out_path, "w", encoding="utf-8") as out:
        out.write(json.dumps(record, indent=2)[:-2] + ',\n  "layers": [\n' + lines + "\n  ]\n}\n")


main()
