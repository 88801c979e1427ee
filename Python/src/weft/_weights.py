"""The parameters of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray


class Weights(Mapping[str, NDArray[np.float32]]):
    """The parameters of a checkpoint by their names, each read when it is asked for.

    The names are those of the program's file format, such as ``layer0/forward/recurrent_weights``.
    """

    def __init__(self, checkpoint: Path, group: str) -> None:
        self._checkpoint = checkpoint
        self._group = group
        self._shapes: dict[str, tuple[int, ...]] | None = None

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter."""
        if self._shapes is None:
            found: dict[str, tuple[int, ...]] = {}

            def visit(name: str, item: Any) -> None:
                if isinstance(item, h5py.Dataset):
                    found[name] = tuple(item.shape)

            with h5py.File(self._checkpoint) as file:
                file[self._group].visititems(visit)
            self._shapes = found
        return dict(self._shapes)

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if name not in self.shapes:
            raise KeyError(name)
        with h5py.File(self._checkpoint) as file:
            return np.asarray(file[self._group][name][()])

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def __repr__(self) -> str:
        lines = [f"  {name} {list(shape)}" for name, shape in self.shapes.items()]
        return "\n".join([f"Weights of {self._checkpoint}", *lines])
