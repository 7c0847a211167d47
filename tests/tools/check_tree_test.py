#!/usr/bin/env python3
"""check_tree.py on small trees: what it must catch, and what it must let pass."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("check_tree.py")


def check(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = subprocess.run([sys.executable, CHECK, "--root", root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckTree(unittest.TestCase):
    def test_a_clean_tree_passes(self):
        code, output = check({
            "a.txt": "/usr/bin/env, /tmp/x.json, ~/work/y, $PWD/work/z, framework/home/x, https://a.example/home/b\n",
            "b.bin": b"\0/" + b"work/main/x",
            "c.sh": '#!/usr/bin/env bash\nset -eu\necho "$1"\n'})
        self.assertEqual((code, output), (0, "no paths of one machine, every script sound\n"))

    def test_places_of_one_machine(self):
        for place in ("/wo" "rk/main/src", "/ro" "ot/.cache", "/ho" "me/ann/x", "../sh" "ared/seed", "/t" "mp/build-x"):
            with self.subTest(place):
                code, output = check({"docs/a.md": f"first\nsee {place} for more\n"})
                self.assertIn("docs/a.md:2: names", output)
                self.assertEqual(code, 1)

    def test_a_script_that_does_not_parse(self):
        code, output = check({"a.sh": "#!/usr/bin/env bash\nif true; then\n"})
        self.assertIn("a.sh: bash -n:", output)
        self.assertEqual(code, 1)

    def test_a_script_that_shellcheck_objects_to_without_a_suffix(self):
        code, output = check({"tool": "#!/usr/bin/env bash\nrm -r $1/x\n"})
        self.assertIn("SC2086", output)
        self.assertEqual(code, 1)

    def test_an_empty_tree_is_no_success(self):
        self.assertEqual(check({})[0], 1)


if __name__ == "__main__":
    unittest.main()
