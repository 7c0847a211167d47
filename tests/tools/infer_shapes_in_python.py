#!/usr/bin/env python3
"""Prints the shapes that the onnx package infers for MODEL whose one input has the given dimensions.

    infer_shapes_in_python.py MODEL DIM...      -> {"name": "1x3x640x640", ...}, "?" for an open dimension

An independent opinion for tests/model/shape_inference_test.cpp.
"""

import json
import sys

import onnx


def text_of(tensor) -> str:
    return "x".join(str(d.dim_value) if d.HasField("dim_value") else "?" for d in tensor.shape.dim)


def main() -> None:
    model = onnx.load(sys.argv[1])
    for dim, value in zip(model.graph.input[0].type.tensor_type.shape.dim, map(int, sys.argv[2:]), strict=True):
        dim.dim_value = value
    for output in model.graph.output:
        output.ClearField("type")
    del model.graph.value_info[:]
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    values = [*graph.input, *graph.value_info, *graph.output]
    print(json.dumps({v.name: text_of(v.type.tensor_type) for v in values if v.type.tensor_type.HasField("shape")}))


if __name__ == "__main__":
    main()
