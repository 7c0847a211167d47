"""Runs a sample model and prints, as JSON, what the C++ tests judge.

usage: check_activations.py MODEL [OTHER]
  nodes        per Conv, BatchNormalization, Clip, Add and Gemm: the standard deviation of its output
  logits       of the last output: standard deviation over classes, over inputs (mean of the classes'), top-1 per input
  difference   with OTHER: the largest difference of the two models' outputs, over their standard deviation
"""

import json
import sys

import numpy as np
import onnx
import openvino


def run(model, feed, outputs):
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    result = compiled(feed)
    return {name: result[name] for name in outputs}


def main():
    model = onnx.load(sys.argv[1])
    dims = [d.dim_value or 4 for d in model.graph.input[0].type.tensor_type.shape.dim]
    images = np.random.default_rng(7).standard_normal([16, *dims[1:]], dtype=np.float32)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = len(images)
    last = model.graph.output[0].name

    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    del probed.graph.output[:]
    names = {n.output[0]: n for n in model.graph.node}
    for name in names:
        probed.graph.output.add(name=name).type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    values = run(probed, [images], list(names))

    logits = values[last]
    report = {
        "nodes": [
            {"name": n.name, "op": n.op_type, "std": float(values[o].std())}
            for o, n in names.items()
            if n.op_type in ("Conv", "BatchNormalization", "Clip", "Add", "Gemm")
        ],
        "logits": {
            "over_classes": float(logits.std(axis=1).mean()),
            "over_inputs": float(logits.std(axis=0).mean()),
            "top1": logits.argmax(axis=1).tolist(),
        },
    }
    if len(sys.argv) > 2:
        other = onnx.load(sys.argv[2])
        other.graph.input[0].type.tensor_type.shape.dim[0].dim_value = len(images)
        theirs = run(other, [images], [other.graph.output[0].name])[other.graph.output[0].name]
        report["difference"] = float(np.abs(theirs - logits).max() / logits.std())
    print(json.dumps(report))


main()
