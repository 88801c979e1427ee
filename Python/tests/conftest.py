"""Small data and runs that the tests share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import weft
from weft._program import has_option

os.environ.setdefault("KERAS_BACKEND", "torch")
# A shell that runs the tests in the background has this signal ignored, by the processes that they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

CLASSIFIER = {
    "data": {"standardize": True},
    "model": {"cell": "lstm", "hidden": 8, "output": "last-step"},
    "training": {"epochs": 12, "batch": 16, "tensorboard": False},
    "optimizer": {"learning_rate": 0.02},
}
FORECASTER = {
    "data": {"context": 20, "horizon": 4, "standardize": True},
    "model": {"cell": "gru", "hidden": 12, "output": "last-step"},
    "loss": {"kind": "quantile"},
    "training": {"epochs": 15, "batch": 16},
    "optimizer": {"learning_rate": 0.02},
}


def sequences(count: int = 240, steps: int = 7, seed: int = 0):
    """Sequences [count, steps, 2] of different lengths, and whether the first feature adds up to a positive number."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(count, steps, 2))
    lengths = random.integers(3, steps + 1, count)
    inside = np.arange(steps) < lengths[:, None]
    inputs *= inside[:, :, None]
    return inputs, np.where(inputs[:, :, 0].sum(1) > 0, "up", "down"), lengths


def series(steps: int = 400) -> pd.DataFrame:
    """Two waves."""
    time = np.arange(steps)
    return pd.DataFrame({"wave": np.sin(time / 4), "other": np.cos(time / 4)})


needs_predict = pytest.mark.skipif(
    not has_option("predict", "--outputs"), reason="the program has no subcommand predict"
)


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> weft.Run:
    """A trained classifier, with a test split."""
    inputs, targets, lengths = sequences()
    data = {"inputs": inputs, "targets": targets, "lengths": lengths}
    folder = tmp_path_factory.mktemp("runs") / "classifier"
    return weft.train(CLASSIFIER, data, folder, validation=0.1, test=0.2)


@pytest.fixture(scope="session")
def forecaster(tmp_path_factory: pytest.TempPathFactory) -> weft.Run:
    """A trained forecaster, with a test split."""
    folder = tmp_path_factory.mktemp("runs") / "forecaster"
    return weft.train(FORECASTER, series(), folder, validation=0.2, test=0.2)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that makes a shell script the program."""

    def install(script: str) -> Path:
        path = tmp_path / "stand-in"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("WEFT_PROGRAM", str(path))
        return path

    return install
