#!/usr/bin/env python3
"""check_ctest_log.py on what ctest really prints: a small suite is run through the ctest at hand."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("check_ctest_log.py")
CTEST = os.environ.get("TRTPROF_CTEST") or shutil.which("ctest")

PASSING = 'add_test(good "true")\n'
SKIPPED = 'add_test(left.out "sh" "-c" "exit 77")\nset_tests_properties(left.out PROPERTIES SKIP_RETURN_CODE 77)\n'
DISABLED = 'add_test(off "true")\nset_tests_properties(off PROPERTIES DISABLED TRUE)\n'
MISSING = 'add_test(no.program "/no/such/program")\n'
FAILING = 'add_test(bad "false")\n'


def check(suite, expected=""):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "CTestTestfile.cmake").write_text(suite, encoding="utf-8")
        (root / "expected.txt").write_text(expected, encoding="utf-8")
        output = subprocess.run([CTEST, "--output-on-failure"], cwd=root, capture_output=True, text=True, check=False)
        (root / "log").write_text(output.stdout + output.stderr, encoding="utf-8")
        done = subprocess.run([sys.executable, CHECK, root / "log", root / "expected.txt"], capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stderr


class CheckCtestLog(unittest.TestCase):
    def test_a_green_run_passes(self):
        self.assertEqual(check(PASSING), (0, ""))

    def test_a_skip_fails_unless_it_is_expected(self):
        code, said = check(PASSING + SKIPPED)
        self.assertEqual(code, 1)
        self.assertIn("left.out did not run (Skipped)", said)
        self.assertEqual(check(PASSING + SKIPPED, "left.out  # no such machine\n"), (0, ""))

    def test_a_name_with_spaces_does_not_hide_a_skip(self):
        code, said = check(PASSING + SKIPPED.replace("left.out", '"left out/0 of 3"'))
        self.assertEqual(code, 1)
        self.assertIn("left out/0 of 3 did not run (Skipped)", said)

    def test_an_expectation_that_no_longer_holds_fails(self):
        self.assertIn("take it off the list", check(PASSING, "left.out\n")[1])

    def test_a_disabled_test_fails(self):
        self.assertIn("off did not run", check(PASSING + DISABLED)[1])

    def test_a_test_whose_program_is_missing_fails(self):
        self.assertIn("no.program did not run (Not Run)", check(PASSING + MISSING)[1])

    def test_a_failure_fails(self):
        self.assertIn("1 of 2 tests failed", check(PASSING + FAILING)[1])

    def test_no_tests_fail(self):
        self.assertEqual(check("")[0], 1)


if __name__ == "__main__":
    unittest.main()
