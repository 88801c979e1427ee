#!/usr/bin/env python3
"""Makes Stamped.ts, Relational.arff and Doubles.ts, and in more-archives.h5 what pandas and aeon read in them.

Needs numpy, pandas, h5py and aeon from PyPI: numpy 2, pandas 3, h5py 3, aeon 1.6.
"""

import pathlib

import h5py
import numpy as np
import pandas as pd
from aeon.datasets import load_from_arff_file, load_from_ts_file

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(11)


def stamped(file):
    """Two dimensions with time stamps every ten minutes, of which some are missing; pandas fills in the grid."""
    lines = ["@problemName Stamped", "@timeStamps true", "@univariate false", "@classLabel true up down", "@data"]
    values, times, lengths = [], [], []
    for start, length, label in (("2020-02-28 23:30:00", 6, "up"), ("2021-03-01 10:05:00", 4, "down")):
        index = pd.date_range(start, periods=length, freq="10min")
        frame = pd.DataFrame(RANDOM.normal(size=(length, 2)).round(3), index=index)
        columns = [frame[0].drop(index[2]), frame[1].drop(index[[1, 2]]) if length > 4 else frame[1]]
        lines.append(":".join(",".join(f"({time},{value})" for time, value in column.items()) for column in columns)
                     + f":{label}")
        grid = pd.concat(columns, axis=1, sort=True).asfreq("10min")
        values.append(grid.to_numpy())
        times.append(grid.index.to_numpy().astype("datetime64[s]").astype("i8"))
        lengths.append(len(grid))
    (HERE / "Stamped.ts").write_text("\n".join(lines) + "\n")
    file["stamped/inputs"] = np.concatenate(values).astype("f4")
    file["stamped/time"] = np.concatenate(times)
    file["stamped/lengths"] = lengths


def relational(file):
    """Dimensions in rows of a relational attribute, as the UEA archive has them."""
    lines = ["@relation 'Relational'", "", "@attribute relationalAtt relational"]
    lines += [f"@attribute att{step} numeric" for step in range(5)]
    lines += ["@end relationalAtt", "@attribute activity {run,'stand still'}", "", "@data"]
    for label in ("run", "'stand still'", "run"):
        rows = "\\n".join(",".join(f"{value:.4f}" for value in RANDOM.normal(size=5)) for _ in range(3))
        lines.append(f"'{rows}',{label}")
    path = HERE / "Relational.arff"
    path.write_text("\n".join(lines) + "\n")
    values, _ = load_from_arff_file(str(path))
    file["relational/inputs"] = values.transpose(0, 2, 1).astype("f4")


def doubles(file):
    """Numbers that single precision rounds."""
    lines = ["@problemName Doubles", "@timeStamps false", "@univariate true", "@equalLength true", "@targetLabel true"]
    lines += ["@data", "16777217,16777219,3:16777217", "1,2,3:5"]
    path = HERE / "Doubles.ts"
    path.write_text("\n".join(lines) + "\n")
    values, targets = load_from_ts_file(str(path))
    file["doubles/inputs"] = values.transpose(0, 2, 1)
    file["doubles/targets"] = np.asarray(targets, float)


with h5py.File(HERE / "more-archives.h5", "w") as output:
    stamped(output)
    relational(output)
    doubles(output)
