"""Six small tasks, each with the data as lists of sequences and one model that Weft and PyTorch both have."""

import dataclasses
import pathlib

import h5py
import numpy as np

DATASETS = pathlib.Path(__file__).parents[2] / "datasets"


@dataclasses.dataclass
class Task:
    """`train` and `test` are lists of (inputs, targets): tokens [time] or numbers [time, features]; a class, numbers, or
    one of these for each step."""

    name: str
    train: list
    test: list
    cell: str
    hidden: int
    batch: int
    steps: int
    learning_rate: float
    classes: int = 0            # 0 for numbers
    vocabulary: int = 0         # 0 for numbers
    embedding: int = 0
    per_step: bool = False


def characters():
    with h5py.File(DATASETS / "shakespeare/shakespeare.h5") as file:
        size = len(file["vocabulary"])
        splits = [file[name]["tokens"][:count].astype(np.int64)
                  for name, count in (("train", 400_000), ("validation", 40_000))]
    parts = [[(text[i:i + 64], text[i + 1:i + 65]) for i in range(0, len(text) - 65, 64)] for text in splits]
    return Task("characters", *parts, cell="lstm", hidden=128, batch=32, steps=500, learning_rate=0.003, classes=size,
                vocabulary=size, embedding=32, per_step=True)


def words():
    """Which of two rare words comes first in a sequence of 200 kinds of words."""
    random = np.random.default_rng(2)

    def make(count):
        examples = []
        for _ in range(count):
            tokens = random.integers(2, 200, random.integers(10, 30))
            first, second = sorted(random.choice(len(tokens), 2, replace=False))
            label = random.integers(2)
            tokens[first], tokens[second] = label, 1 - label
            examples.append((tokens, label))
        return examples

    return Task("words", make(2000), make(500), cell="gru", hidden=48, batch=32, steps=500, learning_rate=0.003,
                classes=2, vocabulary=200, embedding=24)


def vowels():
    def read(group):
        inputs, offsets, targets = group["inputs"][:], group["offsets"][:], group["targets"][:]
        return [(inputs[a:b], int(target)) for a, b, target in zip(offsets, offsets[1:], targets)]

    with h5py.File(DATASETS / "japanese-vowels/japanese-vowels.h5") as file:
        return Task("vowels", read(file["train"]), read(file["test"]), cell="gru", hidden=64, batch=16, steps=200,
                    learning_rate=0.003, classes=9)


def digits():
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(3).permutation(len(data.target))
    rows = [((data.images[i] / 16).astype(np.float32), int(data.target[i])) for i in order]
    return Task("digits", rows[:1400], rows[1400:], cell="lstm", hidden=64, batch=32, steps=400, learning_rate=0.003,
                classes=10)


def adding():
    """The sum of the two marked numbers (Hochreiter and Schmidhuber 1997)."""
    random = np.random.default_rng(4)

    def make(count):
        examples = []
        for _ in range(count):
            inputs = np.zeros((40, 2), np.float32)
            inputs[:, 0] = random.random(40)
            marked = random.choice(40, 2, replace=False)
            inputs[marked, 1] = 1
            examples.append((inputs, np.array([inputs[marked, 0].sum()], np.float32)))
        return examples

    return Task("adding", make(4000), make(500), cell="lstm", hidden=64, batch=32, steps=1000, learning_rate=0.003)


def oscillation():
    """The next value of a damped oscillation with noise, at every step."""
    random = np.random.default_rng(5)

    def make(count):
        examples = []
        for _ in range(count):
            time = np.arange(61)
            wave = np.exp(-time / random.uniform(20, 80)) * np.sin(time * random.uniform(0.2, 0.8) + random.uniform(0, 6))
            wave = (wave + 0.02 * random.normal(size=61)).astype(np.float32)[:, None]
            examples.append((wave[:-1], wave[1:]))
        return examples

    return Task("oscillation", make(800), make(200), cell="gru", hidden=32, batch=32, steps=500, learning_rate=0.003,
                per_step=True)


ALL = [characters, words, vowels, digits, adding, oscillation]
