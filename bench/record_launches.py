#!/usr/bin/env python3
"""Records many separate launches of `profile` on one model or engine, thinned: what the rates of `compare`'s verdicts
are measured on (docs/compare.md, bench/verdict_rates.cpp). Standard library only.

Each launch is a process of its own, as `compare` makes them. Of each is kept the median and the effective number of
samples of the whole end-to-end series, and at most --keep samples at even distances of time order, in nanoseconds.

  bench/record_launches.py build/tensorrt_profiling mobilenetv2.onnx --launches 40 -o mobilenetv2.launches.json -- --seed 1
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

FORMAT = "trtprof-launches"
# What `compare` passes to its launches unless told otherwise.
LENGTH = ["--duration", "1"]


def thinned(samples, keep):
    if len(samples) <= keep:
        kept = samples
    else:
        kept = [samples[i * len(samples) // keep] for i in range(keep)]
    return [round(s * 1e9) for s in kept]


def load_average():
    return round(os.getloadavg()[0], 2)


def launch(program, model, options, keep):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.json")
        load = load_average()
        start = time.time()
        run = subprocess.run([program, "profile", model, "--json", path, "--quiet", *options], stdout=subprocess.DEVNULL)
        if run.returncode != 0:
            sys.exit(f"launch ended with exit code {run.returncode}")
        seconds = time.time() - start
        with open(path, encoding="utf-8") as file:
            profile = json.load(file)
    total = profile["end_to_end"]["total"]
    record = {
        "started_at": profile["environment"]["started_at"],
        "seconds": round(seconds, 2),
        "load_average": load,
        "count": total["summary"]["count"],
        "effective_count": round(total["summary"]["effective_count"], 1),
        "median_ns": round(total["summary"]["median"] * 1e9),
        "samples_ns": thinned(total["samples"], keep),
    }
    return profile, record


def header(profile, options):
    environment = profile["environment"]
    model = profile["model"]
    kept = ("cpu_model", "logical_cpus", "operating_system", "device_kind", "device_name", "backend", "engine_name",
            "engine_version", "precision", "threads", "streams")
    return {
        "format": FORMAT,
        "program": {"version": environment.get("tool_version"), "options": options},
        "environment": {name: environment[name] for name in kept if name in environment},
        "model": {"name": os.path.basename(model["path"]), "sha256": model.get("sha256"), "batch": model.get("batch")},
        "launches": [],
    }


def write(document, path):
    lines = json.dumps({**document, "launches": []}, separators=(",", ":"))
    body = ",\n".join(json.dumps(each, separators=(",", ":")) for each in document["launches"])
    temporary = path + ".part"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(lines[: lines.rindex("[]")] + "[\n" + body + "\n]}\n")
    os.replace(temporary, path)


def main():
    arguments = sys.argv[1:]
    options = []
    if "--" in arguments:
        options = arguments[arguments.index("--") + 1:]
        arguments = arguments[: arguments.index("--")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--launches", type=int, default=40)
    parser.add_argument("--keep", type=int, default=400, help="samples kept of each launch, at most")
    parser.add_argument("-o", "--output", required=True)
    given = parser.parse_args(arguments)
    if not any(option in options for option in ("--duration", "--iterations")):
        options = [*LENGTH, *options]
    options = [*options, "--no-timeline"]
    document = None
    for number in range(given.launches):
        profile, record = launch(given.program, given.model, options, given.keep)
        document = document or header(profile, options)
        document["launches"].append(record)
        write(document, given.output)  # what is there stays, whatever ends this
        print(f"launch {number + 1} of {given.launches}: median {record['median_ns'] / 1e6:.4f} ms, {record['count']} "
              f"samples worth {record['effective_count']}, {record['seconds']} s", file=sys.stderr)


if __name__ == "__main__":
    main()
