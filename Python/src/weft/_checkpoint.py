"""A trained model as it lies on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py

from . import _configurations as configurations
from ._weights import Weights
from .errors import Error


class TrainedModel:
    """The best checkpoint of a run's folder, or a checkpoint.

    Attributes:
        path: The folder, or the checkpoint.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def checkpoint(self) -> Path:
        """The checkpoint that answers: the best, or the newest if none was evaluated."""
        if not self.path.is_dir():
            return self.path
        best = self.path / "best.h5"
        newest = sorted(self.path.glob("checkpoint-*.h5"))
        if not best.exists() and not newest:
            raise Error(f"{self.path}: contains no checkpoint")
        return best if best.exists() else newest[-1]

    @property
    def configuration(self) -> dict[str, Any]:
        """All keys of the configuration, by section."""
        with h5py.File(self.checkpoint) as file:
            text = bytes(file["configuration"][()])
        return configurations.parsed(text.decode(), str(self.checkpoint))

    @property
    def weights(self) -> Weights:
        """The parameters that the model predicts with; their moving average with ``training.average_decay``."""
        with h5py.File(self.checkpoint) as file:
            group = "average" if "average" in file else "weights"
        return Weights(self.checkpoint, group)
