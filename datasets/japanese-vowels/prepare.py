#!/usr/bin/env python3
"""Builds japanese-vowels.h5 from the PyPI package `aeon` 1.6.0. Same input, same numbers out.

    python3 prepare.py                     download the package with pip
    python3 prepare.py --source FOLDER     use JapaneseVowels_TRAIN.ts and _TEST.ts from there

Needs Python 3.9 or later, numpy and h5py.
"""

import argparse
import pathlib
import sys
import tempfile

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from packages import pip_package, read_members  # noqa: E402

PACKAGE, VERSION = "aeon", "1.6.0"
WHEEL_SHA256 = "d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409"
FOLDER = "aeon/datasets/data/JapaneseVowels/"
VALIDATION_OF_EACH = 3      # recordings of each speaker that are held back from the 30 to train on


def download(folder):
    """Fetches the package and unpacks the two files; returns where they are."""
    archive = pip_package(PACKAGE, VERSION, WHEEL_SHA256, folder)
    for name, content in read_members(archive, FOLDER).items():
        (folder / name).write_bytes(content)
    return folder


def read(path):
    """Sequences [steps, 12] and the speaker, from 0, of each."""
    sequences, speakers = [], []
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip().lower() == "@data") + 1
    for line in filter(None, map(str.strip, lines[start:])):
        *dimensions, label = line.split(":")
        sequences.append(np.array([list(map(float, d.split(","))) for d in dimensions], np.float32).T)
        speakers.append(int(label) - 1)
    return sequences, np.array(speakers)


def write(file, split, sequences, speakers):
    group = file.create_group(split)
    group.create_dataset("inputs", data=np.concatenate(sequences), chunks=True, compression="gzip",
                         fletcher32=True)
    group["offsets"] = np.cumsum([0] + [len(s) for s in sequences])
    group["targets"] = speakers.astype(np.uint8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, help="the folder of the two .ts files")
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path(__file__).with_name("japanese-vowels.h5"))
    arguments = parser.parse_args()
    output = arguments.output
    with tempfile.TemporaryDirectory() as temporary:
        source = arguments.source or download(pathlib.Path(temporary))
        train, train_speakers = read(source / "JapaneseVowels_TRAIN.ts")
        test, test_speakers = read(source / "JapaneseVowels_TEST.ts")
    assert (len(train), len(test)) == (270, 370)

    # The last recordings of each speaker, in the order of the file.
    held = np.zeros(len(train), bool)
    for speaker in range(9):
        held[np.flatnonzero(train_speakers == speaker)[-VALIDATION_OF_EACH:]] = True
    with h5py.File(output, "w", libver=("v110", "v110")) as file:
        file.attrs["title"] = "Japanese Vowels: nine speakers by twelve LPC cepstrum coefficients"
        file.attrs["source"] = f"PyPI {PACKAGE} {VERSION}, {FOLDER}; Kudo, Toyama and Shimbo 1999; UCI archive"
        file.attrs["licence"] = "as stated in the package; UCI: CC BY 4.0"
        file.create_dataset("classes", data=[f"speaker {i + 1}" for i in range(9)], dtype=h5py.string_dtype())
        write(file, "train", [s for s, h in zip(train, held) if not h], train_speakers[~held])
        write(file, "validation", [s for s, h in zip(train, held) if h], train_speakers[held])
        write(file, "test", test, test_speakers)
    print(f"{output}: {(~held).sum()} to train, {held.sum()} to validate, {len(test)} to test")


if __name__ == "__main__":
    main()
