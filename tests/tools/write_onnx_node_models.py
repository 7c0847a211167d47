#!/usr/bin/env python3
"""Writes the models of ONNX's node tests, one operator or function each, as FOLDER/NAME.onnx.

The onnx package makes them when asked instead of storing them; tests/model/onnx_backend_models_test.cpp asks. With
--data, FOLDER/NAME.data holds the inputs of the test: a GraphProto with one initializer for each, where all of them are
tensors.
"""

import pathlib
import sys
import warnings


def inputs_as_graph(case):
    import numpy
    import onnx

    graph = onnx.GraphProto()
    inputs = case.data_sets[0][0] if case.data_sets else []
    if len(inputs) != len(case.model.graph.input):
        return None
    for declared, value in zip(case.model.graph.input, inputs):
        if not isinstance(value, numpy.ndarray) or value.dtype.kind not in "fiub":
            return None
        graph.initializer.append(onnx.numpy_helper.from_array(value, declared.name))
    return graph


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    with_data = "--data" in sys.argv[2:]
    warnings.simplefilter("ignore")  # NumPy's, about the overflows that some of the tests mean to make
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
        graph = inputs_as_graph(case) if with_data else None
        if graph is not None:
            (folder / f"{case.name}.data").write_bytes(graph.SerializeToString())


if __name__ == "__main__":
    main()
