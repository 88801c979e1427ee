#!/usr/bin/env python3
"""Makes long.csv, long-doubled.csv, shuffled.csv, irregular.csv and autumn.csv, and in long.h5 what pandas makes of them.

Needs numpy 2, pandas 3 and h5py 3 from PyPI.
"""

import pathlib

import h5py
import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(5)
LOCATIONS = ["York", "Bath"]


def group_arrays(frame):
    """The rows of each location together, in the order in which locations begin."""
    parts = [frame[frame.location == location].sort_values("utc", kind="stable") for location in LOCATIONS]
    offsets = np.cumsum([0] + [len(part) for part in parts])
    return pd.concat(parts), offsets


def write(file, name, frame, columns):
    rows, offsets = group_arrays(frame)
    file[f"{name}/inputs"] = rows[columns].to_numpy(float)
    file[f"{name}/time"] = pd.to_datetime(rows.utc, utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype("i8")
    file[f"{name}/offsets"] = offsets


rows = []
for location in LOCATIONS:
    for parameter in ("pm25", "no2", "pm10"):
        for hour in RANDOM.permutation(6)[:5]:
            rows.append((location, f"2020-01-01T{hour:02}:00:00Z", parameter, round(RANDOM.uniform(1, 50), 2), "µg/m³"))
long = pd.DataFrame(rows, columns=["location", "utc", "parameter", "value", "unit"])
long.to_csv(HERE / "long.csv", index=False)
doubled = pd.concat([long, long[long.utc.str.contains("T02")].assign(value=lambda frame: frame.value + 1)])
doubled.to_csv(HERE / "long-doubled.csv", index=False)
shuffled = pd.DataFrame({
    "location": [LOCATIONS[0]] + list(RANDOM.choice(LOCATIONS, 39)),
    "utc": pd.date_range("2021-03-01", periods=40, freq="6h").strftime("%Y-%m-%d %H:%M:%S"),
    "x": np.arange(40)}).iloc[[0, *(RANDOM.permutation(39) + 1)]]
shuffled.to_csv(HERE / "shuffled.csv", index=False)
irregular = pd.DataFrame({
    "ts": pd.Timestamp("2020-03-28 20:13", tz="Europe/Berlin")
    + pd.to_timedelta(np.sort(RANDOM.integers(0, 3 * 86400, 60)), unit="s"),
    "x": RANDOM.normal(size=60).round(3), "v": RANDOM.integers(1, 9, 60)})
irregular.loc[RANDOM.random(60) < 0.1, "x"] = np.nan
irregular.to_csv(HERE / "irregular.csv", index=False)
# Local times without an offset, over the hour that comes twice.
autumn = pd.DataFrame({"ts": pd.date_range("2024-10-26 22:40", periods=150, freq="20min", tz="Europe/Berlin")})
autumn["x"] = RANDOM.normal(size=150).round(3)
autumn["v"] = RANDOM.integers(1, 9, 150)
autumn.assign(ts=autumn.ts.dt.strftime("%Y-%m-%d %H:%M")).to_csv(HERE / "autumn.csv", index=False)


def resample(file, rule, how, table=irregular, name="resampled"):
    steps = table.set_index("ts").resample(rule, label="left", closed="left")
    frame = steps.sum(min_count=1) if how == "sum" else getattr(steps, how)()
    file[f"{name}/{rule}/{how}/inputs"] = frame[["x", "v"]].to_numpy(float)
    times = frame.index.tz_convert("UTC").tz_localize(None)
    file[f"{name}/{rule}/{how}/time"] = times.to_numpy().astype("datetime64[s]").astype("i8")


with h5py.File(HERE / "long.h5", "w") as output:
    for rule in ("1h", "15min", "1D", "W-MON", "MS"):
        for how in ("mean", "first", "last", "min", "max", "sum"):
            resample(output, rule, how)
    for zone, rules in (("Europe/Berlin", ("1h", "6h", "7h", "1D", "2D")), ("Asia/Kolkata", ("1h", "12h"))):
        # The same clock elsewhere, which does not change.
        table = autumn if zone == "Europe/Berlin" else autumn.iloc[:9].assign(
            ts=lambda frame: frame.ts.dt.tz_localize(None).dt.tz_localize(zone))
        for rule in rules:
            resample(output, rule, "mean", table, f"autumn/{zone.split('/')[1]}")
    for name, frame, how in (
            ("unique", long, "mean"), ("mean", doubled, "mean"), ("first", doubled, "first"), ("last", doubled, "last")):
        table = frame.pivot_table(index=["location", "utc"], columns="parameter", values="value", aggfunc=how)
        write(output, name, table.reset_index(), ["no2", "pm10", "pm25"])
    write(output, "shuffled", shuffled, ["x"])
