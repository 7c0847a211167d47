#!/usr/bin/env python3
"""Host and device memory of a long profile, to see whether inferences leak.

Runs `tensorrt_profiling FILE --iterations N` and reads, while it runs, the resident memory of the process and the
memory in use on the GPU (nvidia-smi; left out where there is none). The end-to-end run and the layer run are judged
each: the median of the last third of its readings against that of the first third. What the profile itself keeps (the
samples, 8 bytes each, in vectors that double) is allowed on top of --allowed MiB. Standard library only.

  bench/memory_over_time.py --program build/tensorrt_profiling --iterations 10000 FILE
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MIB = 1 << 20


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None


def device_bytes():
    text = subprocess.run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"],
                          capture_output=True, text=True, check=True).stdout
    return int(text.split()[0]) * MIB


def watch(command, with_device):
    rows = []
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            try:
                host = resident_bytes(process.pid)
            except (FileNotFoundError, ProcessLookupError):
                break
            if host is not None:
                rows.append({"seconds": time.monotonic() - start, "host": host,
                             "device": device_bytes() if with_device else None})
            time.sleep(0.02)
        process.wait()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return rows


def windows(profile, seconds):
    """When the two runs were measured: what loading took is taken to be the same before each."""
    runs = [profile["end_to_end"]["measurement"], profile["layer_run"]["measurement"]]
    loading = max(0.0, seconds - sum(run["warmup_seconds"] + run["duration_seconds"] for run in runs)) / 2
    found, at = [], 0.0
    for run in runs:
        at += loading + run["warmup_seconds"]
        found.append((at, at + run["duration_seconds"]))
        at += run["duration_seconds"]
    return found


def growth(rows, key):
    values = [row[key] for row in rows]
    third = len(values) // 3
    return statistics.median(values[-third:]) - statistics.median(values[:third])


def judge(name, rows, kept_bytes, allowed, with_device):
    if len(rows) < 12:
        raise SystemExit(f"only {len(rows)} readings of the {name}: more iterations are needed")
    host = growth(rows, "host")
    device = growth(rows, "device") if with_device else None
    limit = allowed * MIB
    flat = host <= limit + 3 * kept_bytes and (device is None or device <= limit)
    print(f"  {name}: {len(rows)} readings, host {host / MIB:+.2f} MiB (samples kept: {kept_bytes / MIB:.2f} MiB), "
          + ("device not read" if device is None else f"device {device / MIB:+.2f} MiB")
          + f": {'flat' if flat else 'GROWS'}")
    return {"run": name, "readings": len(rows), "host_growth": host, "samples_kept": kept_bytes,
            "device_growth": device, "flat": flat}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--program", default="build/tensorrt_profiling")
    parser.add_argument("--iterations", type=int, default=10000)
    parser.add_argument("--allowed", type=float, default=4.0, help="MiB that count as flat (4)")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("options", nargs="*", help="more options for the program, after --")
    arguments = parser.parse_args()

    with_device = shutil.which("nvidia-smi") is not None
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "profile.json"
        rows = watch([arguments.program, arguments.file, "--iterations", str(arguments.iterations), "--quiet", "--json",
                      str(out), *arguments.options], with_device)
        profile = json.loads(out.read_text())
    layers = profile["layer_run"]["layers"]
    kept = [8 * 6 * arguments.iterations, 8 * (len(layers) + 1) * arguments.iterations]
    print(f"{pathlib.Path(arguments.file).name}, {arguments.iterations} inferences a run:")
    results = []
    for name, (begin, end), kept_bytes in zip(("end-to-end run", "layer run"), windows(profile, rows[-1]["seconds"]),
                                              kept):
        inside = [row for row in rows if begin <= row["seconds"] <= end]
        results.append(judge(name, inside, kept_bytes, arguments.allowed, with_device))
    if arguments.json:
        arguments.json.write_text(json.dumps({"runs": results, "readings": rows}, indent=1) + "\n")
    sys.exit(0 if all(result["flat"] for result in results) else 1)


if __name__ == "__main__":
    main()
