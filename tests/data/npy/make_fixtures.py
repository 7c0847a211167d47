#!/usr/bin/env python3
"""Writes the .npy and .npz files beside it with NumPy. Run after a change; the files are committed.

Every f, i and u array holds 0..5 as 2x3, so that what the tests expect follows from the name.
"""

import pathlib

import numpy as np

here = pathlib.Path(__file__).resolve().parent
values = np.arange(6).reshape(2, 3)


def write(name: str, array: np.ndarray, version: tuple[int, int] | None = None) -> None:
    with open(here / f"{name}.npy", "wb") as file:
        np.lib.format.write_array(file, np.asanyarray(array), version=version)


for code in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]:
    write(f"{code}_little", values.astype(f"<{code}"))
    if code[1] != "1":
        write(f"{code}_big", values.astype(f">{code}"))
write("bool", values % 2 == 1)
write("f4_negative", np.array([-1.5, np.inf, -np.inf, -0.0], "<f4"))

for code in ["u1", "f2", "f4", "f8"]:
    write(f"{code}_fortran", np.asfortranarray(values.astype(code)))
write("f4_fortran_3d", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
write("i2_fortran_big", np.asfortranarray(values.astype(">i2")))
write("scalar", np.array(7.0, "<f4"))
write("vector", np.arange(3, dtype="<i8"))
write("no_elements", np.zeros((0, 3), "<f4"))
write("version_2", values.astype("<f4"), (2, 0))
write("version_3", values.astype("<f4"), (3, 0))

write("refused_object", np.array([{"a": 1}, None], dtype=object))
write("refused_structured", np.zeros(2, [("x", "<f4"), ("y", "<i4")]))
write("refused_void", np.zeros(2, "V2"))  # what ml_dtypes' bfloat16 becomes
write("refused_bytes", np.array([b"ab", b"c"]))
write("refused_unicode", np.array(["ab", "c"]))
write("refused_complex", np.zeros(2, "<c8"))
write("refused_date", np.zeros(2, "<M8[s]"))
write("refused_longdouble", np.zeros(2, np.longdouble))

arrays = {"image": values.astype("<f4"), "flags": values % 2 == 1, "a/b:0": np.arange(3, dtype="<i8")}
np.savez(here / "stored.npz", **arrays)
np.savez_compressed(here / "deflated.npz", **arrays)
np.savez(here / "positional.npz", values.astype("<f4"), np.arange(3, dtype="<i8"))
np.savez_compressed(here / "zeros_1_mib.npz", zeros=np.zeros(1 << 20, "u1"))
np.savez(here / "refused_object.npz", good=values.astype("<f4"), bad=np.array([None], dtype=object))
