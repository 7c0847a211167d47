#!/usr/bin/env python3
"""Writes the models of ONNX's node tests, one operator or function each.

  write_onnx_node_models.py FOLDER            as FOLDER/NAME.onnx
  write_onnx_node_models.py --inputs FOLDER   FOLDER/NAME.data, too: a GraphProto with one initializer for each input,
                                              where all of them are tensors of numbers
  write_onnx_node_models.py --data FOLDER     as FOLDER/NAME/model.onnx, with inputs and expected outputs beside it as
                                              ONNX's package stores them: test_data_set_0/input_0.pb, output_0.pb

The onnx package makes them when asked instead of storing them; tests that look at every operator ask.
"""

import argparse
import pathlib
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


def write_data(folder, data_set):
    """Of tensors alone: sequences and optionals are left out, so that their numbers are missing."""
    import numpy
    import onnx

    folder.mkdir(parents=True)
    for kind, values in zip(("input", "output"), data_set):
        for number, value in enumerate(values):
            if isinstance(value, onnx.TensorProto):
                tensor = value
            elif isinstance(value, (numpy.ndarray, numpy.generic)):
                tensor = onnx.numpy_helper.from_array(numpy.asarray(value))
            else:
                continue
            (folder / f"{kind}_{number}.pb").write_bytes(tensor.SerializeToString())


def write_with_data(folder, case):
    folder.mkdir()
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    if case.data_sets:
        write_data(folder / "test_data_set_0", case.data_sets[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", action="store_true")
    parser.add_argument("--data", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # NumPy's, about the overflows that some of the tests mean to make
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        if arguments.data:
            write_with_data(arguments.folder / case.name, case)
            continue
        (arguments.folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
        graph = inputs_as_graph(case) if arguments.inputs else None
        if graph is not None:
            (arguments.folder / f"{case.name}.data").write_bytes(graph.SerializeToString())


if __name__ == "__main__":
    main()
