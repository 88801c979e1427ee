"""Arrays of any kind as columns of a dataset, read in blocks so that nothing is held twice in memory.

A column has one entry for each sequence, or for each step of a series. ``Rows`` has an array with one row for each
entry, ``Ragged`` an array of its own for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError

Array: TypeAlias = NDArray[Any]

_BLOCK_BYTES = 16 << 20


def is_stored(value: object) -> bool:
    """Whether a value is a dataset of h5py, whose rows are read when they are needed."""
    return type(value).__module__.partition(".")[0] == "h5py" and hasattr(value, "shape")


def as_array(value: Any) -> Array:
    """An array, a tensor of PyTorch or another library, a table or column of pandas, or nested lists, as an array."""
    if is_stored(value):
        return np.asarray(value[()])
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        # NumPy has no such numbers.
        value = (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
    return _of_objects(array, value) if array.dtype.kind == "O" else array


def _of_objects(array: Array, source: Any) -> Array:
    """Texts as texts, and numbers as numbers, of which some may be missing."""
    if all(isinstance(item, str) for item in array.flat):
        return array.astype(str)
    try:
        if hasattr(source, "to_numpy"):
            return np.asarray(source.to_numpy(dtype=np.float64, na_value=np.nan))
        return array.astype(np.float64)
    except (TypeError, ValueError):
        return array


def is_nested(value: Any) -> bool:
    """Whether a value is a list of sequences."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "O" and value.size > 0 and _has_steps(value.flat[0])
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0 and _has_steps(value[0])


def _has_steps(value: Any) -> bool:
    if isinstance(value, (str, bytes)):
        return False
    return isinstance(value, Sequence) or len(getattr(value, "shape", ())) > 0


def storable(array: Array, name: str) -> Array:
    """Numbers as they are written.

    Raises:
        UsageError: They are none.
    """
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        kind = "texts" if array.dtype.kind in "US" else f"values of the type {array.dtype}"
        raise UsageError(f"data: {name}: holds {kind}, not numbers")
    # HDF5 has the formats that other programs know.
    return array.astype(np.float64) if array.dtype.itemsize > 8 else array


class Slices(Sequence[Any]):
    """The sequences of one array [steps, …], as arrays of their own."""

    def __init__(self, values: Any, offsets: Array) -> None:
        self._values = values
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: Any) -> Any:
        return self._values[int(self._offsets[index]) : int(self._offsets[index + 1])]


class Prefixes(Sequence[Any]):
    """The rows of an array [sequences, time, …], each without what follows its length."""

    def __init__(self, values: Any, lengths: Array | None) -> None:
        self._values = values
        self._lengths = lengths

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Any:
        row = self._values[int(index)]
        return row if self._lengths is None else row[: int(self._lengths[index])]


class SingleFeatures:
    """Rows [entries, time] as [entries, time, 1]."""

    def __init__(self, values: Any) -> None:
        self._values = values
        self.dtype = values.dtype
        self.shape = (*values.shape, 1)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Array:
        return np.asarray(self._values[index])[..., None]


@dataclass
class Rows:
    """One row of an array for each entry.

    Attributes:
        name: What it is called in messages.
        values: An array, or a dataset of h5py [entries, …].
        chosen: The numbers of the rows that count, ascending; None for all.
    """

    name: str
    values: Any
    chosen: Array | None = None

    @property
    def count(self) -> int:
        """The number of entries."""
        return len(self.values) if self.chosen is None else len(self.chosen)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of a written row."""
        return tuple(self.values.shape[1:])

    @property
    def row_count(self) -> int:
        """The number of written rows."""
        return self.count

    def select(self, chosen: Array) -> Rows:
        """Some of the entries, in ascending order."""
        return Rows(self.name, self.values, chosen if self.chosen is None else self.chosen[chosen])

    def blocks(self) -> Iterator[Array]:
        """All rows, some at a time."""
        size = self.values.dtype.itemsize * int(np.prod(self.row_shape, dtype=np.int64))
        step = max(1, _BLOCK_BYTES // max(1, size))
        if self.chosen is None:
            for start in range(0, len(self.values), step):
                yield storable(np.asarray(self.values[start : start + step]), self.name)
            return
        for start in range(0, len(self.chosen), step):
            block = self.chosen[start : start + step]
            # A range of rows is read at once, since h5py is slow with lists of numbers.
            first, last = int(block[0]), int(block[-1])
            if not isinstance(self.values, np.ndarray) and last - first < 4 * step:
                rows = np.asarray(self.values[first : last + 1])[block - first]
            else:
                rows = np.asarray(self.values[block])
            yield storable(rows, self.name)


@dataclass
class Ragged:
    """An array for each entry, with steps as its rows.

    Attributes:
        name: What it is called in messages.
        parts: The arrays, [steps of the entry, …].
        chosen: The numbers of the arrays that count; None for all.
    """

    name: str
    parts: Sequence[Any]
    chosen: Array | None = None

    @property
    def count(self) -> int:
        """The number of entries."""
        return len(self.parts) if self.chosen is None else len(self.chosen)

    def _numbers(self) -> Iterator[int]:
        return iter(range(len(self.parts)) if self.chosen is None else (int(number) for number in self.chosen))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of steps of each entry."""
        return np.array([len(self.parts[number]) for number in self._numbers()], np.int64)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """The first row of each entry, and the number of rows."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.lengths)])

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of a written row."""
        return tuple(as_array(self.parts[next(self._numbers())]).shape[1:]) if self.count else ()

    @property
    def row_count(self) -> int:
        """The number of written rows."""
        return int(self.lengths.sum())

    def select(self, chosen: Array) -> Ragged:
        """Some of the entries, in ascending order."""
        return Ragged(self.name, self.parts, chosen if self.chosen is None else self.chosen[chosen])

    def arrays(self) -> Iterator[Array]:
        """The array of each entry."""
        for number in self._numbers():
            yield as_array(self.parts[number])

    def blocks(self) -> Iterator[Array]:
        """All rows, some at a time."""
        shape = self.row_shape
        pending: list[Array] = []
        size = 0
        for number, array in enumerate(self.arrays()):
            if array.shape[1:] != shape and len(array):
                raise UsageError(
                    f"data: {self.name}: sequence {number} has the shape {list(array.shape)}, "
                    f"but the first has steps of the shape {list(shape)}"
                )
            if not len(array):
                continue
            pending.append(storable(array, self.name))
            size += array.nbytes
            if size >= _BLOCK_BYTES:
                yield np.concatenate(pending)
                pending, size = [], 0
        if pending:
            yield np.concatenate(pending)


Column: TypeAlias = Rows | Ragged
