#!/usr/bin/env python3
"""What the program itself costs: start-up time, and memory beyond the engine's own. Standard library only.

--version and --help: wall time of the whole process, median of many. Memory: peak resident size of a profiling run
against that of OpenVINO alone doing the same inferences (read, compile, infer through its Python API, with the Python
interpreter's own size taken off). Every figure is printed beside its limit as a ratio.

  .deps/venv/bin/python bench/program_overhead.py --program build/tensorrt_profiling MODEL[=NAME:DIMS]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

START_LIMIT = 0.050
MEMORY_LIMIT = 200e6

ENGINE_ALONE = """
import resource, sys
import numpy, openvino
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model = openvino.Core().read_model(sys.argv[1])
if len(sys.argv) > 2:
    model.reshape([int(d) for d in sys.argv[2].split("x")])
compiled = openvino.Core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
request = compiled.create_infer_request()
for _ in range(50):
    request.infer([numpy.zeros(p.shape, p.element_type.to_dtype()) for p in compiled.inputs])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def wall(command, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times), max(times)


def peak_of(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command} failed")
    return usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL[=NAME:DIMS]")
    parser.add_argument("--program", default="build/tensorrt_profiling")
    parser.add_argument("--runs", type=int, default=30)
    arguments = parser.parse_args()
    good = True
    for flag in ("--version", "--help"):
        median, worst = wall([arguments.program, flag], arguments.runs)
        good &= median < START_LIMIT
        print(f"{flag:<10} median {median * 1e3:6.1f} ms, max {worst * 1e3:6.1f} ms: "
              f"{median / START_LIMIT:.2f} of the {START_LIMIT * 1e3:.0f} ms limit")
    for entry in arguments.models:
        model, _, shape = entry.partition("=")
        engine_command = [sys.executable, "-c", ENGINE_ALONE, model]
        command = [arguments.program, model, "--iterations", "50", "--quiet"]
        if shape:
            engine_command.append(shape.rsplit(":", 1)[1])
            command += ["--shape", shape]
        engine = int(subprocess.run(engine_command, check=True, capture_output=True, text=True).stdout)
        added = peak_of(command) - engine
        good &= added < MEMORY_LIMIT
        print(f"{os.path.basename(model)}: {added / 1e6:.0f} MB beyond the engine's own {engine / 1e6:.0f} MB: "
              f"{added / MEMORY_LIMIT:.2f} of the {MEMORY_LIMIT / 1e6:.0f} MB limit")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
