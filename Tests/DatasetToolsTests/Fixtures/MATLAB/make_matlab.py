#!/usr/bin/env python3
"""Makes the files beside it, of MATLAB's levels 4 and 5, with scipy 1.17."""

import pathlib

import numpy as np
import scipy.io

HERE = pathlib.Path(__file__).parent


def column(items):
    cells = np.empty((len(items), 1), object)
    cells[:, 0] = items
    return cells


# Sequence i has i, feature f and step t in its hundreds, tens and ones; features x steps.
sequences = column([np.fromfunction(lambda f, t, i=i: 100.0 * i + 10 * f + t, (2, n)) for i, n in enumerate([3, 1, 7, 4])])
labels = column(["walk", "sit", "walk", "läuft"])
variables = {
    "X": sequences,
    "Y": labels,
    "signal": np.arange(20.0).reshape(10, 2),
    "counts": np.arange(12, dtype=np.int16).reshape(6, 2),
    "record": {"x": sequences, "label": labels},
}
scipy.io.savemat(HERE / "level5.mat", variables)
scipy.io.savemat(HERE / "level5_compressed.mat", variables, do_compression=True)
scipy.io.savemat(HERE / "level4.mat", {"signal": np.arange(20.0).reshape(10, 2)}, format="4")
