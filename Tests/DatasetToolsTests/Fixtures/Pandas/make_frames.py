#!/usr/bin/env python3
"""Makes frames.h5 and kinds.h5, tables as pandas writes them to HDF5, and in golden.h5 what it reads of the first.

Needs numpy 2, pandas 3, tables 3 and h5py 3 from PyPI.
"""

import pathlib
import warnings

import h5py
import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(3)
index = pd.date_range("2012-03-01", periods=6, freq="5min")
mixed = pd.DataFrame(
    {"x": RANDOM.normal(size=6), "k": np.arange(6), "y": RANDOM.normal(size=6), "s": list("xyxyzz")}, index=index)
numbered = pd.DataFrame(
    RANDOM.normal(size=(6, 3)), index=index.astype("datetime64[ns]"), columns=[773869, 767541, 717447])
path = HERE / "frames.h5"
small = {"complevel": 9, "complib": "zlib"}
mixed.to_hdf(path, key="fixed", mode="w", **small)
mixed.tz_localize("Europe/Berlin").to_hdf(path, key="table", format="table", index=False, **small)
mixed.to_hdf(path, key="columns", format="table", data_columns=True, index=False, **small)
numbered.to_hdf(path, key="numbered", **small)
mixed.x.to_hdf(path, key="series")
pd.DataFrame({"v": [0.0, 1.0]}).to_hdf(path, key="patients/a")
pd.DataFrame({"v": [10.0, 11.0, 12.0]}).to_hdf(path, key="patients/b")
with h5py.File(HERE / "golden.h5", "w") as golden:
    for name in ("fixed", "table", "columns", "numbered"):
        frame = pd.read_hdf(path, name).select_dtypes("number")
        golden[f"{name}/values"] = frame.to_numpy(float)
        times = frame.index.tz_convert("UTC").tz_localize(None) if frame.index.tz is not None else frame.index
        golden[f"{name}/time"] = times.to_numpy().astype("datetime64[us]").astype("i8") / 1e6
        golden[f"{name}/names"] = [str(column) for column in frame.columns]

# Columns and indexes that are no quantities: pandas selects x and n as numbers.
kinds = pd.DataFrame({"x": [0.5, 1.5, 2.5], "n": [3, 4, 5], "when": index[:3], "gap": index[:3] - index[0]})
path = HERE / "kinds.h5"
kinds.to_hdf(path, key="fixed", mode="w", **small)
kinds.assign(c=pd.Categorical(["b", "a", "b"])).to_hdf(path, key="table", format="table", index=False, **small)
levels = kinds[["x", "n"]].set_index(pd.MultiIndex.from_tuples([("a", 0), ("a", 1), ("b", 0)], names=["id", "t"]))
levels.to_hdf(path, key="levels", **small)
levels.to_hdf(path, key="levels_table", format="table", index=False, **small)
for key in ("fixed", "table"):
    assert list(pd.read_hdf(path, key).select_dtypes(["number"], exclude="timedelta").columns) == ["x", "n"]

# Columns of several levels, whose names are joined.
path = HERE / "columns.h5"
stocks = pd.DataFrame(
    np.arange(24.0).reshape(6, 4), index=index, columns=pd.MultiIndex.from_product([["MSFT", "AAPL"], ["Open", "Close"]]))
stocks[("AAPL", "Trades")] = np.arange(6)
sensors = pd.DataFrame(np.arange(24.0).reshape(6, 4), columns=pd.MultiIndex.from_product([[1, 2], [0, 1]]))
with h5py.File(HERE / "golden-columns.h5", "w") as golden:
    for name, frame in (("stocks", stocks), ("sensors", sensors)):
        for form in ("fixed", "table"):
            key = f"{name}_{form}"
            frame.to_hdf(path, key=key, format=form, mode="w" if not golden.keys() else "a", **small)
            read = pd.read_hdf(path, key)
            golden[f"{key}/values"] = read.to_numpy(float)
            golden[f"{key}/names"] = ["_".join(map(str, column)) for column in read.columns]
