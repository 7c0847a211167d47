"""INT8 of `optimize --precision int8` against NNCF's default post-training quantisation, on OpenVINO and the CPU.

    python bench/nncf_comparison.py MODEL.onnx INT8.onnx --calibration FILE.npz [--data FILE.npz] [--pairs 15]

MODEL.onnx is what both were made of, INT8.onnx what this program made. NNCF quantises MODEL.onnx with its defaults on the
same calibration data. Each launch is a process of its own that compiles one model and runs it for --seconds; launches of
the two, and of a control (this program's model once more), take turns, forwards and backwards. The ratio of each pair's
medians gives the effect with Student's 95 % interval on the logarithms. With --data, how often each has the first class
of MODEL.onnx in f32. Needs nncf and openvino from PyPI.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import openvino as ov

# Student's t, two-sided 95 %, by degrees of freedom 14 to 40.
T95 = dict(zip(range(14, 41), (2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
                               2.052, 2.048, 2.045, 2.042, 2.040, 2.037, 2.035, 2.032, 2.030, 2.028, 2.026, 2.024, 2.023,
                               2.021)))


def load(path):
    """Arrays by input, as the model takes them, and labels."""
    arrays = dict(np.load(path))
    values = {}
    for name, array in arrays.items():
        if name == "labels" or name.endswith((".scale", ".offset")):
            continue
        if name + ".scale" in arrays:
            array = array.astype(np.float32) * arrays[name + ".scale"] + arrays[name + ".offset"]
        values[name] = array
    return values, arrays.get("labels")


def read(path, batch):
    model = ov.Core().read_model(path)
    model.reshape({port: [batch] + [d.get_length() for d in list(port.partial_shape)[1:]] for port in model.inputs})
    return model


def measure(path, batch, seconds):
    compiled = ov.Core().compile_model(read(path, batch), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    generator = np.random.default_rng(0)
    for port in compiled.inputs:
        request.set_tensor(port, ov.Tensor(generator.standard_normal(port.shape, dtype=np.float32)))
    samples, started = [], time.perf_counter()
    warm = started + seconds / 4
    while True:
        begin = time.perf_counter()
        request.infer()
        end = time.perf_counter()
        if begin > warm:
            samples.append(end - begin)
        if end > started + seconds * 1.25:
            return float(np.median(samples))


def launch(path, arguments):
    command = [sys.executable, __file__, "--measure", str(path), str(arguments.batch), str(arguments.seconds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def quantized_by_nncf(model, calibration, path):
    import nncf

    values, _ = load(calibration)
    samples = [{name: array[i : i + 1] for name, array in values.items()} for i in range(len(next(iter(values.values()))))]
    quantized = nncf.quantize(ov.Core().read_model(model), nncf.Dataset(samples))
    ov.save_model(quantized, path, compress_to_fp16=False)


def answers(path, values, precision):
    compiled = ov.Core().compile_model(read(path, 1), "CPU", {"INFERENCE_PRECISION_HINT": precision})
    outputs = []
    for i in range(len(next(iter(values.values())))):
        outputs.append(compiled({name: array[i : i + 1] for name, array in values.items()})[0][0])
    return np.stack(outputs)


def effect(ratios):
    logs = np.log(ratios)
    half = T95[len(logs) - 1] * logs.std(ddof=1) / math.sqrt(len(logs))
    mean = logs.mean()
    return f"{math.exp(mean) - 1:+.1%} [{math.exp(mean - half) - 1:+.1%}, {math.exp(mean + half) - 1:+.1%}]"


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--measure":
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("int8")
    parser.add_argument("--calibration", required=True)
    parser.add_argument("--data")
    parser.add_argument("--pairs", type=int, default=15, choices=range(15, 41), metavar="15-40")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nncf_model = pathlib.Path(folder) / "nncf.xml"
        quantized_by_nncf(arguments.model, arguments.calibration, nncf_model)
        if arguments.data:
            values, labels = load(arguments.data)
            reference = answers(arguments.model, values, "f32")
            for name, path in (("this program", arguments.int8), ("NNCF", nncf_model)):
                scores = answers(path, values, "f32")
                same = (scores.argmax(1) == reference.argmax(1)).mean()
                noise = 10 * np.log10((reference**2).sum() / ((scores - reference) ** 2).sum())
                right = "" if labels is None else f", right {(scores.argmax(1) == labels).mean():.2%}"
                print(f"{name}: first class as in f32 {same:.2%}, SQNR {noise:.1f} dB{right}")
            if labels is not None:
                print(f"f32: right {(reference.argmax(1) == labels).mean():.2%}")
        sides = (("ours", arguments.int8), ("nncf", nncf_model), ("control", arguments.int8))
        seconds = {name: [] for name, _ in sides}
        for i in range(arguments.pairs):
            for name, path in sides if i % 2 == 0 else sides[::-1]:
                seconds[name].append(launch(path, arguments))
            print(f"{i + 1}/{arguments.pairs}: " + ", ".join(f"{n} {1e3 * s[-1]:.3f} ms" for n, s in seconds.items()),
                  file=sys.stderr)
    ours, nncf_, control = (np.array(seconds[name]) for name, _ in sides)
    for name, values in seconds.items():
        print(f"{name}: median of launches {1e3 * np.median(values):.3f} ms, from {1e3 * min(values):.3f} to "
              f"{1e3 * max(values):.3f}")
    print(f"time against NNCF's: {effect(ours / nncf_)}; control against itself: {effect(control / ours)} "
          f"(95 %, {arguments.pairs} pairs)")


if __name__ == "__main__":
    main()
