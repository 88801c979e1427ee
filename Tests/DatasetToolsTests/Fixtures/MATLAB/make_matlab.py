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

# Structures in cells, as in NASA's batteries, and nested ones, as in DREAMER. Discharge alone has a capacity.
cycles = np.zeros((1, 3), [("type", "O"), ("data", "O")])
for i, steps in enumerate([3, 2, 4]):
    data = {"voltage": 100.0 * i + np.arange(steps)[None], "current": 100.0 * i + 10 + np.arange(steps)[None]}
    if i != 1:
        data["capacity"] = 1.5 - i
    cycles[0, i] = ("charge" if i == 1 else "discharge", data)
people = np.empty((1, 2), object)
for i in range(2):
    people[0, i] = {"age": 20.0 + i, "score": np.array([[1.0 + i], [3.0 + i]]), "eeg": {"stimuli": column([np.full((3 + k, 2), 100.0 * i + k) for k in range(2)])}}
scipy.io.savemat(HERE / "structures.mat", {"B5": {"cycle": cycles}, "DREAMER": {"Data": people}})


def element(kind, content):
    return np.array([kind, len(content)], "<u4").tobytes() + content + bytes(-len(content) % 8)


def opaque(name, kind):
    """An object as MATLAB writes it, which scipy reads as its name, system, class and reference."""
    reference = element(6, np.array([13, 0], "<u4").tobytes()) + element(5, np.array([6, 1], "<i4").tobytes())
    reference += element(1, b"") + element(6, np.array([0xDD000000, 2, 1, 1, 1, 1], "<u4").tobytes())
    flags = element(6, np.array([17, 0], "<u4").tobytes())
    return element(14, flags + b"".join(element(1, text) for text in (name, b"MCOS", kind)) + element(14, reference))


objects = [(b"T", b"table"), (b"when", b"datetime"), (b"map", b"containers.Map")]
scipy.io.savemat(HERE / "objects.mat", {"X": np.arange(6.0).reshape(2, 3)})
with open(HERE / "objects.mat", "ab") as file:
    file.write(b"".join(opaque(*each) for each in objects))
read = scipy.io.loadmat(HERE / "objects.mat")
assert read["X"].shape == (2, 3) and read["None"][0]["s0"] == b"map" and read["None"][0]["s2"] == b"containers.Map"
