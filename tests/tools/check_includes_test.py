#!/usr/bin/env python3
"""check_includes.py on small trees: what it must catch, and what it must let pass."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("check_includes.py")
PAGE = """
| folder | question it answers | may use (beside `base`) |
| --- | --- | --- |
| `apps/tensorrt_profiling/` | asks | everything |
| `src/trtprof/base/` | a | – |
| `src/trtprof/profile/` | b | {profile_may_use} |
| `src/trtprof/backend/` | c | profile |
| `src/trtprof/report/` | d | profile |

| headers | only in |
| --- | --- |
| `openvino/` | backend/openvino |
| `CLI/`, `spdlog/` | apps |
"""
CLEAN = {
    "src/trtprof/base/error.h": "#pragma once\n#include <string>\n",
    "src/trtprof/profile/profile.h": '#include "trtprof/base/error.h"\n',
    "src/trtprof/backend/openvino/backend.h": "#include <openvino/runtime/core.hpp>\n",
    "src/trtprof/backend/openvino/backend.cpp": '#include "trtprof/backend/openvino/backend.h"\n',
    "src/trtprof/report/report.h": '#include "trtprof/profile/profile.h"\n#include "trtprof/base/build_info.h"\n',
    "apps/tensorrt_profiling/main.cpp": '#include "sub.h"\n#include <CLI/CLI.hpp>\n#include "trtprof/report/report.h"\n',
}


def check(files=None, profile_may_use="–", page=None):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        tree = {"docs/architecture.md": page or PAGE.format(profile_may_use=profile_may_use), **CLEAN, **(files or {})}
        for name, text in tree.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, CHECK, "--root", root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckIncludes(unittest.TestCase):
    def catches(self, sentence, **arguments):
        code, output = check(**arguments)
        self.assertIn(sentence, output)
        self.assertNotEqual(code, 0)

    def test_a_clean_tree_passes(self):
        self.assertEqual(check(), (0, "every include obeys the table\n"))

    def test_a_folder_the_table_does_not_allow(self):
        self.catches("src/trtprof/profile/x.cpp:2: profile may not use report",
                     files={"src/trtprof/profile/x.cpp": '\n#include "trtprof/report/report.h"\n'})

    def test_base_uses_nothing(self):
        self.catches("base may not use profile",
                     files={"src/trtprof/base/x.h": '#include "trtprof/profile/profile.h"\n'})

    def test_what_a_used_folder_may_use_is_not_passed_on(self):
        self.catches("report may not use backend", files={
            "src/trtprof/backend/backend.h": "",
            "src/trtprof/report/x.cpp": '#include "trtprof/backend/backend.h"\n'})

    def test_spacing_does_not_hide_an_include(self):
        self.catches("profile may not use report",
                     files={"src/trtprof/profile/x.cpp": '  #  include "trtprof/report/report.h" // why\n'})

    def test_a_cycle_in_the_table(self):
        self.catches("a cycle: backend -> profile -> backend", profile_may_use="backend")

    def test_a_folder_that_is_not_in_the_table(self):
        self.catches("folder 'extra' is not in the table", files={"src/trtprof/extra/x.cpp": ""})

    def test_a_header_that_is_not_there(self):
        self.catches("there is no trtprof/base/gone.h",
                     files={"src/trtprof/report/x.cpp": '#include "trtprof/base/gone.h"\n'})

    def test_an_engines_private_header(self):
        self.catches("is private to its folder", files={
            "src/trtprof/backend/module.cpp": '#include "trtprof/backend/openvino/backend.h"\n'})

    def test_a_subfolder_that_the_page_opens(self):
        opened = "\n| subfolder | its headers are for |\n| --- | --- |\n| `backend/openvino/` | backend |\n"
        page = PAGE.format(profile_may_use="–") + opened
        header = {"src/trtprof/backend/openvino/x.h": ""}
        inside = {"src/trtprof/backend/module.cpp": '#include "trtprof/backend/openvino/x.h"\n'}
        outside = {"src/trtprof/report/x.cpp": '#include "trtprof/backend/openvino/x.h"\n'}
        self.catches("is private to its folder", files={**header, **inside})
        self.assertEqual(check(files={**header, **inside}, page=page)[0], 0)
        self.catches("report may not use backend", files={**header, **outside}, page=page)

    def test_third_party_headers_stay_where_they_belong(self):
        self.catches("<openvino/...> only in backend/openvino",
                     files={"src/trtprof/backend/x.cpp": "#include <openvino/openvino.hpp>\n"})
        self.catches("<spdlog/...> only in apps", files={"src/trtprof/base/x.cpp": "#include <spdlog/spdlog.h>\n"})

    def test_relative_and_angled_includes_of_our_own(self):
        self.catches("with its path from src/", files={"src/trtprof/base/x.cpp": '#include "error.h"\n'})
        self.catches("write it in quotes", files={"src/trtprof/base/x.cpp": "#include <trtprof/base/error.h>\n"})

    def test_a_page_that_is_not_as_expected(self):
        self.catches("no table that begins with", page="# nothing\n")
        self.catches("which is no folder of the table", profile_may_use="the library")


if __name__ == "__main__":
    unittest.main()
