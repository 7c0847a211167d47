#!/usr/bin/env python3
"""Writes tests/data/cost/onnx_tool_*.json: nodes of models with their shapes, and the MACs that onnx-tool counts.

An independent counter to hold the cost table against, offline. Needs `pip install onnx-tool` (1.0.1 made the committed
files) beside onnx, and the PP-OCR models of rapidocr_onnxruntime:

    make_cost_fixture.py MODELS_FOLDER tests/data/cost
"""

import json
import sys
from pathlib import Path

import numpy
import onnx
import onnx_tool
from onnx import helper, shape_inference

MODELS = {
    "det": ("ch_PP-OCRv4_det_infer.onnx", [1, 3, 640, 640]),
    "rec": ("ch_PP-OCRv4_rec_infer.onnx", [1, 3, 48, 320]),
    "cls": ("ch_ppocr_mobile_v2.0_cls_infer.onnx", [1, 3, 48, 192]),
}


def fixed_shapes(path, shape):
    model = onnx.load(path)
    dims = model.graph.input[0].type.tensor_type.shape.dim
    for dim, value in zip(dims, shape):
        dim.dim_value = value
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    return shape_inference.infer_shapes(model, data_prop=True)


def tensor_table(graph):
    table = {}
    for value in list(graph.value_info) + list(graph.input) + list(graph.output):
        tensor = value.type.tensor_type
        shape = [d.dim_value if d.HasField("dim_value") else -1 for d in tensor.shape.dim]
        known = tensor.HasField("shape")
        table[value.name] = [shape if known else None, onnx.TensorProto.DataType.Name(tensor.elem_type), False]
    for tensor in graph.initializer:
        table[tensor.name] = [list(tensor.dims), onnx.TensorProto.DataType.Name(tensor.data_type), True]
    for node in graph.node:
        if node.op_type == "Constant":
            value = helper.get_attribute_value(node.attribute[0])
            if isinstance(value, onnx.TensorProto):
                table[node.output[0]] = [list(value.dims), onnx.TensorProto.DataType.Name(value.data_type), True]
    return table


def attributes_of(node):
    result = {}
    for attribute in node.attribute:
        value = helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode()
        if isinstance(value, (int, float, str)) or (isinstance(value, (list, tuple)) and value):
            result[attribute.name] = value
    return result


def counted_macs(path, shape):
    model = onnx_tool.Model(str(path), {"verbose": False})
    graph = model.graph
    graph.shape_infer({graph.input[0]: numpy.zeros(shape, numpy.float32)})
    graph.profile()
    macs = {tuple(node.output): int(node.macs[0]) for node in graph.nodemap.values()}
    return macs, {name: list(map(int, tensor.get_shape())) for name, tensor in graph.tensormap.items()}


def main():
    models, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (file, shape) in MODELS.items():
        graph = fixed_shapes(models / file, shape).graph
        tensors = tensor_table(graph)
        macs, run_shapes = counted_macs(models / file, shape)
        used, nodes = {}, []
        for node in graph.node:
            for tensor in list(node.input) + list(node.output):
                if not tensor:
                    continue
                used[tensor] = tensors.get(tensor)
                known = used[tensor] and used[tensor][0] is not None and -1 not in used[tensor][0]
                if not known and tensor in run_shapes:  # shapes that are computed: onnx-tool evaluates them
                    used[tensor] = [run_shapes[tensor], used[tensor][1] if used[tensor] else "FLOAT", False]
            nodes.append({
                "name": node.name, "op": node.op_type, "inputs": list(node.input), "outputs": list(node.output),
                "attributes": attributes_of(node), "onnx_tool_macs": macs.get(tuple(node.output)),
            })
        path = folder / f"onnx_tool_{name}.json"
        with open(path, "w", encoding="utf-8") as stream:
            stream.write('{"model": %s, "counter": "onnx-tool %s",\n"nodes": [\n' % (json.dumps(file), "1.0.1"))
            stream.write(",\n".join(json.dumps(n, ensure_ascii=False) for n in nodes))
            stream.write('\n],\n"tensors": {\n')
            stream.write(",\n".join(f"{json.dumps(k, ensure_ascii=False)}: {json.dumps(v)}" for k, v in used.items()))
            stream.write("\n}}\n")
        unknown = sum(1 for v in used.values() if v is None or v[0] is None or -1 in v[0])
        missing = sum(1 for n in nodes if n["onnx_tool_macs"] is None)
        print(f"{path}: {len(nodes)} nodes, {unknown} tensors of unknown shape, {missing} nodes not counted, "
              f"{sum(n['onnx_tool_macs'] or 0 for n in nodes)} MACs by onnx-tool")


main()
