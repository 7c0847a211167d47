#!/usr/bin/env python3
"""Host and device memory of a long profile, to see whether inferences leak.

Runs `tensorrt_profiling FILE --iterations N` and reads, while it runs, the resident memory of the process and the
memory in use on the GPU (nvidia-smi; left out where there is none). Memory is flat when its median in the last quarter
of the end-to-end run is within --allowed MiB of that in the second quarter: the first holds the start, and samples
themselves take 40 bytes each. Standard library only.

  bench/memory_over_time.py --program build/tensorrt_profiling --iterations 10000 FILE
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
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


def growth(rows, key):
    values = [row[key] for row in rows]
    quarter = len(values) // 4
    return statistics.median(values[-quarter:]) - statistics.median(values[quarter:2 * quarter])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--program", default="build/tensorrt_profiling")
    parser.add_argument("--iterations", type=int, default=10000)
    parser.add_argument("--settle", type=float, default=0.0, help="seconds at the start to leave out (loading)")
    parser.add_argument("--allowed", type=float, default=4.0, help="MiB that count as flat (4)")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("options", nargs="*", help="more options for the program, after --")
    arguments = parser.parse_args()

    with_device = shutil.which("nvidia-smi") is not None
    command = [arguments.program, arguments.file, "--iterations", str(arguments.iterations), "--quiet",
               *arguments.options]
    rows = [row for row in watch(command, with_device) if row["seconds"] >= arguments.settle]
    if len(rows) < 20:
        raise SystemExit(f"only {len(rows)} readings: more iterations are needed")
    result = {"file": pathlib.Path(arguments.file).name, "iterations": arguments.iterations, "readings": len(rows),
              "host_growth_mib": growth(rows, "host") / MIB,
              "device_growth_mib": growth(rows, "device") / MIB if with_device else None, "rows": rows}
    flat = all(abs(value) <= arguments.allowed
               for value in (result["host_growth_mib"], result["device_growth_mib"]) if value is not None)
    print(f"{result['file']}: {arguments.iterations} inferences a run, {len(rows)} readings: host "
          f"{result['host_growth_mib']:+.2f} MiB, device "
          + ("not read" if not with_device else f"{result['device_growth_mib']:+.2f} MiB")
          + f": {'flat' if flat else 'GROWS'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
