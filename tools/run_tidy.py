#!/usr/bin/env python3
"""Runs clang-tidy on the sources of src/ and apps/, and again only on what has changed since it was last clean.

  run_tidy.py BUILD [FILE...]

BUILD is a Ninja build folder with compile_commands.json that has been built: its record of which headers each source
includes tells what a result depends on. FILE limits the run to sources whose path contains one of these words. What was
clean is remembered in .deps/tidy, by a hash of the source, its headers, the compile command, the configuration and the
version of clang-tidy.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("TRTPROF_DEPS_DIR", ROOT / ".deps"))
TIDY = DEPS / "venv/bin/clang-tidy"
CLEAN = DEPS / "tidy"


def headers_by_object(build):
    """Object file -> the files of this repository it was compiled from, as Ninja recorded them."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found, current = {}, None
    for line in listing.splitlines():
        if line and not line.startswith(" "):
            current = found.setdefault(line.split(": #deps")[0], [])
        elif line.strip():
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT) and not path.is_relative_to(DEPS):
                current.append(path)
    return found


def object_of(entry):
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def digest(entry, headers, fixed):
    state = hashlib.sha256(fixed)
    state.update(entry["command"].encode())
    for path in sorted({pathlib.Path(entry["file"]), *headers}):
        state.update(str(path).encode() + b"\0")
        # build_info.h changes with each commit; nothing that clang-tidy looks at does.
        if path.name != "build_info.h" and path.is_file():
            state.update(path.read_bytes())
    return state.hexdigest()


def check(entry, build):
    done = subprocess.run([TIDY, "--quiet", "-p", build, entry["file"]], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + (done.stderr if done.returncode and not done.stdout else "")


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    build, words = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
               if pathlib.Path(entry["file"]).is_relative_to(ROOT / "src")
               or pathlib.Path(entry["file"]).is_relative_to(ROOT / "apps")]
    entries = [entry for entry in entries if not words or any(word in entry["file"] for word in words)]
    # A source compiled against several header sets is looked at with the first: what differs is the third party's.
    entries = list({entry["file"]: entry for entry in reversed(entries)}.values())
    if not entries:
        print("no sources to check", file=sys.stderr)
        return 2
    fixed = (ROOT / ".clang-tidy").read_bytes() + subprocess.run([TIDY, "--version"], capture_output=True,
                                                                 check=True).stdout
    headers = headers_by_object(build)
    CLEAN.mkdir(parents=True, exist_ok=True)
    marks = {object_of(entry): CLEAN / digest(entry, headers.get(object_of(entry), []), fixed) for entry in entries}
    todo = [entry for entry in entries if not marks[object_of(entry)].exists()]
    print(f"clang-tidy: {len(todo)} of {len(entries)} sources to check", file=sys.stderr)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for entry, (code, output) in zip(todo, pool.map(lambda entry: check(entry, build), todo)):
            if code == 0:
                marks[object_of(entry)].touch()
            else:
                failed += 1
                print(output, flush=True)
    if failed:
        print(f"clang-tidy: findings in {failed} of {len(todo)} sources", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
