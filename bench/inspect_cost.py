#!/usr/bin/env python3
"""What `inspect` costs: wall time and peak memory against its limits. Needs the onnx package.

Two models are made: one of about 100 MB of weights, and one of 12,000 nodes with hardly any. Each is inspected several
times; the median time and the largest peak resident size are printed beside their limits as ratios. Models given on the
command line are inspected too.

  .deps/venv/bin/python bench/inspect_cost.py --program build/tensorrt_profiling [MODEL...]
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

TIME_LIMIT = 1.0  # seconds
MEMORY_LIMIT = 1.5  # of the model's size; only where that is more than the program itself takes
LARGE_MODEL = 100e6
NODES = 12000


def save(path, nodes, initializers, width):
    import onnx
    from onnx import TensorProto, helper
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "bench", [value("x0", TensorProto.FLOAT, [1, width])],
                              [value(nodes[-1].output[0], TensorProto.FLOAT, [1, width])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


def large_model(path):
    """Matrix products whose weights fill the file."""
    import numpy
    from onnx import helper, numpy_helper
    width, count = 1000, int(LARGE_MODEL / 4 / 1000**2)
    random = numpy.random.default_rng(1)
    initializers = [numpy_helper.from_array(random.random((width, width), dtype=numpy.float32), f"w{i}")
                    for i in range(count)]
    save(path, [helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"x{i + 1}"], f"matmul{i}") for i in range(count)],
         initializers, width)


def long_model(path):
    """Blocks of four nodes, one of them read from far behind."""
    import numpy
    from onnx import helper, numpy_helper
    nodes = []
    for i in range(NODES // 4):
        nodes += [helper.make_node("Mul", [f"x{i}", "w"], [f"a{i}"], f"mul{i}"),
                  helper.make_node("Relu", [f"a{i}"], [f"b{i}"], f"relu{i}"),
                  helper.make_node("Add", [f"b{i}", "x0"], [f"c{i}"], f"add{i}"),
                  helper.make_node("Sigmoid", [f"c{i}"], [f"x{i + 1}"], f"sigmoid{i}")]
    save(path, nodes, [numpy_helper.from_array(numpy.ones((1, 8), numpy.float32), "w")], 8)


def made(make, path):
    """Runs `make` in a process of its own: what this process is when it starts another counts as that one's peak."""
    process = multiprocessing.Process(target=make, args=(path,))
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(f"{path} could not be made")


def measured(command):
    """Wall seconds and peak bytes of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command} failed")
    return seconds, usage.ru_maxrss * 1024


def inspect(program, path, runs):
    """Prints both figures; whether they keep their limits."""
    results = [measured([program, "inspect", path]) for _ in range(runs)]
    seconds = statistics.median(result[0] for result in results)
    peak = max(result[1] for result in results)
    size = os.path.getsize(path)
    print(f"{os.path.basename(path)} ({size / 1e6:.1f} MB): median {seconds:.3f} s of {runs}: "
          f"{seconds / TIME_LIMIT:.2f} of the {TIME_LIMIT:.0f} s limit")
    limit = MEMORY_LIMIT * size
    if size < LARGE_MODEL * 0.9:
        print(f"  peak {peak / 1e6:.0f} MB")
        return seconds < TIME_LIMIT
    print(f"  peak {peak / 1e6:.0f} MB: {peak / limit:.2f} of the limit, {MEMORY_LIMIT} times the model's size")
    return seconds < TIME_LIMIT and peak < limit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--program", default="build/tensorrt_profiling")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("large.onnx", large_model), ("long.onnx", long_model)):
            path = os.path.join(folder, name)
            made(make, path)
            good &= inspect(arguments.program, path, arguments.runs)
    for path in arguments.models:
        good &= inspect(arguments.program, path, arguments.runs)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
