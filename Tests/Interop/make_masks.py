"""Keras models that mask padding, and what they make of padded sequences: `expected.h5` has the inputs and outputs of each."""

import os
import sys

os.environ["KERAS_BACKEND"] = "torch"
import h5py
import keras
import numpy as np

LENGTHS = [7, 3, 5, 1, 6, 2]
STEPS = 7


def features(padding):
    """Random sequences, with a number after their ends."""
    inputs = np.random.default_rng(3).normal(size=(len(LENGTHS), STEPS, 2)).astype("f4")
    for row, length in zip(inputs, LENGTHS):
        row[length:] = padding
    return inputs


def tokens():
    inputs = np.random.default_rng(5).integers(1, 9, (len(LENGTHS), STEPS)).astype("i4")
    for row, length in zip(inputs, LENGTHS):
        row[length:] = 0
    return inputs


def masked(padding):
    """Masked steps below two layers."""
    return keras.Sequential(
        [
            keras.Input((STEPS, 2)),
            keras.layers.Masking(padding),
            keras.layers.LSTM(4, return_sequences=True),
            keras.layers.Dropout(0.2),
            keras.layers.GRU(3),
            keras.layers.Dense(2),
        ]
    )


def embedded():
    """Masked tokens, read in both directions."""
    return keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            keras.layers.Embedding(9, 3, mask_zero=True),
            keras.layers.Bidirectional(keras.layers.LSTM(4)),
            keras.layers.Dense(2),
        ]
    )


def main(folder):
    os.makedirs(folder, exist_ok=True)
    cases = {
        "zeros": (masked(0.0), features(0)),
        "number": (masked(-9.9), features(-9.9)),
        "tokens": (embedded(), tokens()),
    }
    with h5py.File(f"{folder}/expected.h5", "w") as file:
        for name, (model, inputs) in cases.items():
            for variable in model.variables:
                if variable.path.endswith("bias"):
                    variable.assign(np.random.default_rng(7).normal(size=variable.shape))
            model.save(f"{folder}/{name}.keras")
            file[f"{name}/inputs"] = inputs
            file[f"{name}/outputs"] = model.predict(inputs, verbose=0)


if __name__ == "__main__":
    main(sys.argv[1])
