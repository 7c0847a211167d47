#!/usr/bin/env python3
"""Our GPU compute median against trtexec's on the same engine, alternating, with trtexec against itself as control.

Both launch a CUDA graph, copy nothing, spin, warm up for the same time and measure for the same time. Each round runs
ours, trtexec, and trtexec again, in an order that rotates. Standard library only.

  bench/against_trtexec.py --program build/tensorrt_profiling --trtexec trtexec --rounds 5 ENGINE ...
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

WARMUP_SECONDS = 0.5


def ours(program, engine, seconds):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "profile.json"
        base = [program, engine, "--no-transfers", "--spin", "--quiet", "--json", str(out)]
        subprocess.run([*base, "--duration", "0.1", "--warmup", "10"], check=True, stdout=subprocess.DEVNULL)
        one = json.loads(out.read_text())["end_to_end"]["compute"]["summary"]["median"]
        warmup = max(1, round(WARMUP_SECONDS / one))
        subprocess.run([*base, "--duration", str(seconds), "--warmup", str(warmup)], check=True,
                       stdout=subprocess.DEVNULL)
        return json.loads(out.read_text())["end_to_end"]["compute"]["summary"]["median"]


def trtexec(tool, engine, seconds):
    command = [tool, f"--loadEngine={engine}", "--useCudaGraph", "--noDataTransfers", "--useSpinWait",
               f"--warmUp={WARMUP_SECONDS * 1e3:.0f}", f"--duration={seconds}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"GPU Compute Time:.*?median = ([0-9.]+) ms", text)
    if not found:
        raise SystemExit(f"trtexec printed no GPU compute median:\n{text[-2000:]}")
    return float(found.group(1)) * 1e-3


def compare(arguments, engine):
    rows = []
    for index in range(arguments.rounds):
        runs = {
            "ours": lambda: ours(arguments.program, engine, arguments.seconds),
            "trtexec": lambda: trtexec(arguments.trtexec, engine, arguments.seconds),
            "control": lambda: trtexec(arguments.trtexec, engine, arguments.seconds),
        }
        order = list(runs)
        order = order[index % 3:] + order[:index % 3]
        rows.append({name: runs[name]() for name in order})
        print("  {:2d}: ours {:.4f} ms, trtexec {:.4f} ms, again {:.4f} ms".format(
            index + 1, *(rows[-1][name] * 1e3 for name in ("ours", "trtexec", "control"))), file=sys.stderr)
    ratios = [row["ours"] / row["trtexec"] for row in rows]
    control = [row["control"] / row["trtexec"] for row in rows]
    return {"engine": pathlib.Path(engine).name, "rounds": rows,
            "ratio": statistics.median(ratios), "ratio_range": [min(ratios), max(ratios)],
            "control": statistics.median(control), "control_range": [min(control), max(control)],
            "passes": abs(statistics.median(ratios) - 1) <= arguments.allowed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engines", nargs="+", metavar="ENGINE")
    parser.add_argument("--program", default="build/tensorrt_profiling")
    parser.add_argument("--trtexec", default="trtexec")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of measuring, each run (default 3)")
    parser.add_argument("--allowed", type=float, default=0.02, help="distance of the median ratio from 1 (0.02)")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()

    results = []
    for engine in arguments.engines:
        result = compare(arguments, engine)
        results.append(result)
        print("{engine}: ours / trtexec {ratio:.4f} [{0:.4f}, {1:.4f}], trtexec / trtexec {control:.4f} "
              "[{2:.4f}, {3:.4f}]: {verdict}".format(*result["ratio_range"], *result["control_range"],
                                                     verdict="within" if result["passes"] else "OUTSIDE",
                                                     **{k: result[k] for k in ("engine", "ratio", "control")}),
              flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(0 if all(result["passes"] for result in results) else 1)


if __name__ == "__main__":
    main()
