#!/usr/bin/env python3
"""Reads what ctest printed and refuses a run that only looks green.

  check_ctest_log.py LOG EXPECTED_SKIPS

LOG holds the output of one or more ctest runs. Fails when a test did not run (Skipped, Disabled, Not Run) that
EXPECTED_SKIPS does not list, when a listed one did run, when a run executed no test, and when there was no run.
EXPECTED_SKIPS: a test name a line; '#' begins a comment.
"""

import re
import sys

# "12/40 Test #12: base.x ............***Skipped   0.00 sec" and the list after "The following tests did not run:".
RESULT = re.compile(r"^\s*\d+/\d+ Test\s+#\d+: (.+?) \.*\s*\*\*\*(Skipped|Not Run|Disabled)")
LISTED = re.compile(r"^\s*\d+ - (.+) \((Skipped|Not Run|Disabled)\)")
SUMMARY = re.compile(r"^\d+% tests passed, (\d+) tests? failed out of (\d+)")
NO_TESTS = re.compile(r"^No tests were found!!!")


def problems(log, expected):
    did_not_run, runs = {}, 0
    for line in log.splitlines():
        match = RESULT.match(line) or LISTED.match(line)
        if match:
            did_not_run[match.group(1)] = match.group(2)
        summary = SUMMARY.match(line)
        if summary:
            runs += 1
            if int(summary.group(1)) > 0:
                yield f"{summary.group(1)} of {summary.group(2)} tests failed"
            if int(summary.group(2)) == 0:
                yield "a run executed no test"
        if NO_TESTS.match(line):
            yield "a run found no tests"
    if runs == 0:
        yield "no ctest run in the log"
    for name in sorted(did_not_run.keys() - expected):
        yield f"{name} did not run ({did_not_run[name]}) and is not expected to be skipped"
    for name in sorted(expected - did_not_run.keys()):
        yield f"{name} is expected to be skipped, but was not: take it off the list"


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log, open(sys.argv[2], encoding="utf-8") as skips:
        expected = {line.split("#")[0].strip() for line in skips} - {""}
        found = list(problems(log.read(), expected))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
