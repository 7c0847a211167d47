"""Writes the .npy and .npz files beside it: what users give to --input. Needs numpy."""

import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
x = np.arange(6, dtype=np.float32).reshape(2, 3)
ids = np.array([7, 9], dtype=np.int64)

np.save(here / "x.npy", x)
np.save(here / "x_f64.npy", x.astype(np.float64))
np.savez(here / "named.npz", x=x, ids=ids)
np.savez(here / "one.npz", whatever=x)
np.savez(here / "unknown.npz", x=x, idz=ids)
# Twelve arrays without names: "arr_10" must not come before "arr_2".
np.savez_compressed(here / "unnamed.npz", *[np.array([n], dtype=np.int32) for n in range(12)])
