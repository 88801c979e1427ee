#!/usr/bin/env python3
"""Writes small files that are easily misread, with the outputs of the programs that made them, to a folder.

Usage: python make_traps.py FOLDER (Keras on PyTorch, PyTorch, onnxscript)
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import h5py
import keras
import numpy
import torch

FEATURES, STEPS, UNITS = 5, 6, 4


class Attention(torch.nn.Module):
    """Its matrix has no bias and the width of the inputs, as an embedding has."""

    def __init__(self):
        super().__init__()
        self.attn = torch.nn.Linear(UNITS, UNITS, bias=False)
        self.lstm = torch.nn.LSTM(UNITS, UNITS, batch_first=True)
        self.fc = torch.nn.Linear(UNITS, 2)


class Autoencoder(torch.nn.Module):
    """The decoder reads the last state of the encoder at every step."""

    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
        self.decoder = torch.nn.LSTM(UNITS, UNITS, batch_first=True)
        self.fc = torch.nn.Linear(UNITS, FEATURES)


class Classifier(torch.nn.Module):
    def __init__(self, projection=0):
        super().__init__()
        self.lstm = torch.nn.LSTM(FEATURES, 2 * UNITS, batch_first=True, proj_size=projection)
        self.fc = torch.nn.Linear(projection or 2 * UNITS, 2)

    def forward(self, inputs):
        return self.fc(self.lstm(inputs)[0])


def keras_models():
    random = numpy.random.default_rng(1)
    mean, variance = random.normal(size=FEATURES), random.uniform(0.2, 3, FEATURES)
    given = keras.layers.Normalization(mean=mean.tolist(), variance=variance.tolist())
    yield "given", [given, keras.layers.LSTM(UNITS), keras.layers.Dense(2)]
    one = keras.layers.Normalization(axis=None)
    one.adapt(random.normal(2, 3, (64, STEPS, FEATURES)))
    yield "one", [one, keras.layers.LSTM(UNITS), keras.layers.Dense(2)]
    inverted = keras.layers.Normalization(invert=True)
    inverted.adapt(random.normal(2, 3, (64, 2)))
    yield "inverted", [keras.layers.LSTM(UNITS), keras.layers.Dense(2), inverted]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(1)
    inputs = numpy.random.default_rng(2).normal(size=(3, STEPS, FEATURES)).astype("float32")
    lengths = numpy.full(3, STEPS, numpy.int32)

    def write(file, name, outputs):
        group = file.create_group(name)
        group["inputs"], group["lengths"], group["outputs"] = inputs, lengths, outputs.reshape(-1)
        form, steps = ("keras", "") if name.endswith("keras") else ("pytorch", "every-step")
        group.attrs.update({"file": name, "format": form, "cell": "", "steps": steps})

    with h5py.File(folder / "expected.h5", "w") as file:
        for name, layers in keras_models():
            model = keras.Sequential([keras.layers.Input((STEPS, FEATURES))] + layers)
            model.save(folder / f"{name}.keras")
            write(file, f"{name}.keras", numpy.asarray(model(inputs).detach()))
        model = Classifier()
        torch.save(
            {"epoch": 3, "loss": torch.tensor(0.5), "model_state_dict": model.state_dict(), "best": torch.ones(2)},
            folder / "checkpoint.pt")
        write(file, "checkpoint.pt", model(torch.tensor(inputs)).detach().numpy())
    torch.save(Attention().state_dict(), folder / "attention.pt")
    torch.save(Autoencoder().state_dict(), folder / "autoencoder.pt")
    torch.onnx.export(
        Classifier(projection=UNITS), (torch.tensor(inputs),), str(folder / "projection.onnx"), dynamo=True,
        dynamic_shapes=({0: "batch"},), external_data=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
