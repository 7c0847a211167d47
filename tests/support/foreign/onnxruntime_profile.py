"""onnxruntime_profile.py MODEL sequential|parallel RUNS SHAPE OUT: runs MODEL on the CPU as often as asked, with ONNX
Runtime's profiler on, and leaves what that writes at OUT. Prints the version, and the seconds of all runs as a caller
sees them."""
import shutil
import sys
import time

import numpy
import onnxruntime

model, mode, runs, shape, out = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.enable_profiling = True
options.profile_file_prefix = out + ".part"
options.intra_op_num_threads = 2
if mode == "parallel":
    options.execution_mode = onnxruntime.ExecutionMode.ORT_PARALLEL
    options.inter_op_num_threads = 2
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
data = numpy.random.default_rng(0).random([int(extent) for extent in shape.split("x")], dtype=numpy.float32)
start = time.perf_counter()
for _ in range(int(runs)):
    session.run(None, {session.get_inputs()[0].name: data})
print(onnxruntime.__version__, time.perf_counter() - start)
shutil.move(session.end_profiling(), out)
