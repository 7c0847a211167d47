#!/usr/bin/env python3
"""Checks that the files of this repository would work anywhere, and that its scripts are sound.

  check_tree.py [--root DIR]

No file may name an absolute path of a build machine or step out of the repository; every shell script must parse and
satisfy shellcheck. Prints one line per violation; exit code 1 when there is one.
"""

import argparse
import pathlib
import re
import subprocess
import sys

# Written in pieces, so that this file does not name what it looks for.
BUILD_MACHINE = re.compile(
    r"(?<![\w./$}~-])/(?:wo" r"rk|ho" r"me/[a-z]\w*|ro" r"ot|Us" r"ers)/(?!\.\.\.)[\w.-]"  # a home or a workspace
    r"|\.\./sh" r"ared\b"
    r"|/t" r"mp/(?:bu" r"ild|ro" r"ot)-"
)
SKIPPED_FOLDERS = {".git", ".deps", "out", "__pycache__"}


def files_of(root):
    """What git would commit; every file where there is no git (an unpacked archive)."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
        paths = [root / name for name in names]
    else:
        paths = [path for path in root.rglob("*")
                 if not SKIPPED_FOLDERS.intersection(path.relative_to(root).parts)
                 and not path.relative_to(root).parts[0].startswith("build")]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def text_of(path):
    data = path.read_bytes()
    if b"\0" in data[:8192]:
        return None
    return data.decode("utf-8", errors="replace")


def is_shell_script(path, text):
    return path.suffix == ".sh" or re.match(r"#!\s*(/usr)?/bin/(env )?(bash|sh)\b", text)


def script_problems(path, relative):
    parse = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    if parse.returncode != 0:
        yield f"{relative}: bash -n: {parse.stderr.strip()}"
    try:
        lint = subprocess.run(["shellcheck", "--format=gcc", "--external-sources", "--source-path=SCRIPTDIR",
                               "--severity=info", path], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        yield f"{relative}: shellcheck is not installed (tools/packages-test.txt lists it)"
        return
    if lint.returncode != 0:
        yield from (line.replace(str(path), str(relative)) for line in (lint.stdout + lint.stderr).splitlines())


def violations(root):
    count = 0
    for path in files_of(root):
        relative = path.relative_to(root)
        text = text_of(path)
        if text is None:
            continue
        count += 1
        for number, line in enumerate(text.splitlines(), 1):
            match = BUILD_MACHINE.search(line)
            if match:
                yield f"{relative}:{number}: names '{match.group(0)}', a place of one machine"
        if is_shell_script(path, text):
            yield from script_problems(path, relative)
    if count == 0:
        yield f"{root}: no files found"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    found = list(violations(parser.parse_args().root))
    print("\n".join(found) or "no paths of one machine, every script sound")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
