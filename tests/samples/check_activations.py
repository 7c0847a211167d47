"""Runs a sample model and prints, as JSON, what the C++ tests judge.

usage: check_activations.py MODEL [OTHER]
  nodes        per node: name, operator, standard deviation of its output, whether all of it is finite
  outputs      of the last output: standard deviation over classes, over inputs (mean of the classes'), top-1 per input
  difference   with OTHER: the largest difference of the two models' outputs, over their standard deviation
"""

import json
import sys

import numpy as np
import onnx
import openvino

INPUTS = 16
AT_ONCE = 4  # every node's output is kept of so many


def compile_for(model, batch, outputs):
    """A function from an input to the named outputs."""
    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    probed.graph.input[0].type.tensor_type.shape.dim[0].dim_value = batch
    del probed.graph.output[:]
    for name in outputs:
        probed.graph.output.add(name=name).type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(probed.SerializeToString()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(values):
        result = compiled([values])
        return {name: result[name] for name in outputs}

    return run


def random_input(model):
    tensor = model.graph.input[0].type.tensor_type
    dims = [INPUTS] + [d.dim_value for d in tensor.shape.dim[1:]]
    random = np.random.default_rng(7)
    if tensor.elem_type == onnx.TensorProto.INT64:
        return random.integers(0, 30_000, dims)
    return random.standard_normal(dims, dtype=np.float32)


class Moments:
    """Mean and deviation of arrays that come in pieces."""

    def __init__(self):
        self.count = 0
        self.sum = 0.0
        self.squares = 0.0

    def add(self, values):
        self.count += values.size
        self.sum += values.sum(dtype=np.float64)
        self.squares += np.square(values, dtype=np.float64).sum()

    def deviation(self):
        return float(np.sqrt(max(0.0, self.squares / self.count - (self.sum / self.count) ** 2)))


def main():
    model = onnx.load(sys.argv[1])
    values = random_input(model)
    last = model.graph.output[0].name

    names = {n.output[0]: n for n in model.graph.node}
    run = compile_for(model, AT_ONCE, list(names))
    moments = {name: Moments() for name in names}
    pieces = []
    for start in range(0, INPUTS, AT_ONCE):
        result = run(values[start : start + AT_ONCE])
        for name, output in result.items():
            moments[name].add(output)
        pieces.append(result[last].copy())
    outputs = np.concatenate(pieces).reshape(INPUTS, -1)

    report = {
        "nodes": [
            {"name": n.name, "op": n.op_type, "std": m.deviation(), "finite": bool(np.isfinite(m.squares))}
            for n, m in ((names[o], moments[o]) for o in names)
        ],
        "outputs": {
            "over_classes": float(outputs.std(axis=1).mean()),
            "over_inputs": float(outputs.std(axis=0).mean()),
            "top1": outputs.argmax(axis=1).tolist(),
        },
    }
    if len(sys.argv) > 2:
        other = onnx.load(sys.argv[2])
        name = other.graph.output[0].name
        theirs = compile_for(other, INPUTS, [name])(values)[name].reshape(INPUTS, -1)
        report["difference"] = float(np.abs(theirs - outputs).max() / outputs.std())
    print(json.dumps(report))


main()
