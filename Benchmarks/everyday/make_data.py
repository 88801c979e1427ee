#!/usr/bin/env python3
"""Writes the raw files of all tasks into a folder, and what is to be found into its folder `truth`.

  make_data.py FOLDER

Small, made by formula with fixed seeds: what is compared is the work of a person, not models.
"""

import csv
import random
import sys
import wave
from pathlib import Path

import h5py
import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
MONTHS = ("january february march april may june july august september october november december").split()


def text(folder, truth):
    """Shakespeare: 100,000 characters to learn from, and 10,000 of another play."""
    with h5py.File(REPOSITORY / "datasets/shakespeare/shakespeare.h5") as file:
        vocabulary = file["vocabulary"].asstr()[:]
        letters = "".join(vocabulary[file["train/tokens"][:110_000]])
    (folder / "plays.txt").write_text(letters[:100_000])
    (folder / "play.txt").write_text(letters[100_000:])


def movement(kind, generator):
    """Two coordinates of a movement of 20 to 60 steps, of one of seven kinds."""
    t = np.arange(generator.integers(20, 61))
    phase, speed = generator.uniform(0, 2 * np.pi), 0.15 + 0.1 * (kind % 4)
    x, y = np.sin(speed * t + phase), np.sin(speed * t + phase + (kind >= 4) * np.pi / 2 + 0.3)
    return np.stack([x, y], axis=1) + 0.2 * generator.normal(size=(len(t), 2))


def movements(path, labels_path, kinds, count, generator, labelled):
    """A table with a row for each step; sequences are told apart by a column."""
    with path.open("w", newline="") as file, labels_path.open("w") as labels:
        writer = csv.writer(file)
        writer.writerow(["sequence", "x", "y"] + ["kind"] * labelled)
        print("kind", file=labels)
        for number in range(count):
            kind = kinds[generator.integers(len(kinds))]
            print("abcdefg"[kind], file=labels)
            for x, y in movement(kind, generator):
                writer.writerow([number, f"{x:.4f}", f"{y:.4f}"] + ["abcdefg"[kind]] * labelled)


def classes(folder, truth):
    generator = np.random.default_rng(2)
    movements(folder / "movements.csv", truth / "unused.csv", range(4), 400, generator, True)
    movements(folder / "new_movements.csv", truth / "new_movements.csv", range(4), 100, generator, False)
    movements(folder / "other_movements.csv", truth / "unused.csv", range(4, 7), 90, generator, True)
    movements(folder / "new_other_movements.csv", truth / "new_other_movements.csv", range(4, 7), 60, generator, False)


def series(folder, truth):
    """Twenty years of months, of which the last is to be forecast."""
    generator = np.random.default_rng(3)
    t = np.arange(252)
    season = 40 * np.sin(2 * np.pi * t / 12) + 10 * np.cos(2 * np.pi * t / 6)
    values = 300 + 1.5 * t + season + generator.normal(0, 6, 252)
    lines = [f"{2000 + month // 12}-{month % 12 + 1:02}-01,{value:.2f}\n" for month, value in enumerate(values)]
    (folder / "sales.csv").write_text("month,sales\n" + "".join(lines[:240]))
    (truth / "sales.csv").write_text("month,sales\n" + "".join(lines[240:]))


def readings(folder, truth):
    """A sensor in good order, and one with three faults: a stop, a slower beat, and a shifted phase."""
    generator = np.random.default_rng(4)

    def beat(count, faults=()):
        speed = np.full(count, 2 * np.pi / 40)
        labels = np.zeros(count, int)
        for first, last, factor in faults:
            speed[first:last] *= factor
            labels[first:last] = 1
        angle = np.cumsum(speed)
        return np.sin(angle) + 0.4 * np.sin(3 * angle) + 0.05 * generator.normal(size=count), labels

    good, _ = beat(4000)
    watched, labels = beat(1500, [(400, 440, 0.0), (800, 860, 2.5), (1200, 1240, 0.0)])
    for name, values in [("readings.csv", good), ("watched.csv", watched)]:
        (folder / name).write_text("value\n" + "".join(f"{value:.4f}\n" for value in values))
    (truth / "watched.csv").write_text("label\n" + "".join(f"{label}\n" for label in labels))


def sounds(folder, truth):
    """Numbers of three to five digits, each digit a pair of tones as of a telephone, in WAV files of 8 kHz."""
    generator = np.random.default_rng(5)
    low, high = [697, 770, 852, 941], [1209, 1336, 1477]
    (folder / "sounds").mkdir()
    lists = {"sounds.tsv": 300, "new_sounds.tsv": 40}
    for name, count in lists.items():
        lines, texts = [], []
        for number in range(count):
            digits = generator.integers(0, 10, generator.integers(3, 6))
            parts = []
            for digit in digits:
                t = np.arange(int(8000 * generator.uniform(0.06, 0.12))) / 8000
                parts += [np.sin(2 * np.pi * low[digit // 3] * t) + np.sin(2 * np.pi * high[digit % 3] * t),
                          np.zeros(int(8000 * generator.uniform(0.03, 0.06)))]
            sound = np.concatenate([np.zeros(300), *parts])
            sound = 0.2 * sound + 0.02 * generator.normal(size=len(sound))
            path = f"sounds/{name.split('.')[0]}-{number}.wav"
            with wave.open(str(folder / path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8000)
                file.writeframes((32767 * sound.clip(-1, 1)).astype("<i2").tobytes())
            texts.append("".join(map(str, digits)))
            lines.append(path + (f"\t{texts[-1]}" if name == "sounds.tsv" else ""))
        (folder / name).write_text("\n".join(lines) + "\n")
        (truth / name).write_text("\n".join(texts) + "\n")


def dates(folder, truth):
    """Dates as people write them, with their standard form."""
    generator = random.Random(6)

    def pair():
        day, month, year = generator.randint(1, 28), generator.randint(1, 12), generator.randint(1900, 2099)
        name = MONTHS[month - 1]
        written = generator.choice([f"{day} {name} {year}", f"{name} {day}, {year}", f"{day:02}.{month:02}.{year}"])
        return written, f"{year}-{month:02}-{day:02}"

    known = dict(pair() for _ in range(4000))
    new = {}
    while len(new) < 200:
        source, target = pair()
        if source not in known:
            new[source] = target
    (folder / "dates.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in known.items()))
    (folder / "new_dates.txt").write_text("".join(f"{source}\n" for source in new))
    (truth / "new_dates.txt").write_text("".join(f"{target}\n" for target in new.values()))


def make(folder):
    truth = folder / "truth"
    truth.mkdir(parents=True)
    for task in (text, classes, series, readings, sounds, dates):
        task(folder, truth)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
