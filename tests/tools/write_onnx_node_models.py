#!/usr/bin/env python3
"""Writes the models of ONNX's node tests, one operator or function each, as FOLDER/NAME.onnx.

The onnx package makes them when asked instead of storing them; tests/model/onnx_backend_models_test.cpp asks.
"""

import pathlib
import sys
import warnings


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    warnings.simplefilter("ignore")  # NumPy's, about the overflows that some of the tests mean to make
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())


if __name__ == "__main__":
    main()
