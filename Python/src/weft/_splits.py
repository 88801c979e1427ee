"""What a user gives as data, as splits of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ._columns import Array, Column, Prefixes, Ragged, Rows, SingleFeatures, Slices, as_array, is_nested, is_stored
from .errors import UsageError

#: What a file has once, for all splits: names of classes and tokens.
NAMES = ("classes", "vocabulary", "target_vocabulary")
#: What describes other columns.
_OFFSETS = ("offsets", "target_offsets")


@dataclass(frozen=True)
class Layout:
    """How arrays are to be understood.

    Attributes:
        series: An array [steps, features] is one long series, and not [sequences, time].
        tokens: Integers [sequences, time] or [steps] are tokens; None if their type says so.
        ragged: All sequences are written one after the other.
        dense: Tokens are written as they are given, and not one sequence after the other.
    """

    series: bool = False
    tokens: bool | None = None
    ragged: bool = False
    dense: bool = False

    @staticmethod
    def of(configuration: Mapping[str, Any]) -> Layout:
        """The layout that a configuration asks for."""
        data = configuration.get("data") or {}
        series = any(data.get(key) for key in ("window", "context", "horizon"))
        form = data.get("format") or "auto"
        return Layout(
            series=form == "stream" or (series and form == "auto"), ragged=form == "ragged", dense=form == "dense"
        )


@dataclass
class Split:
    """The columns of one split by their names.

    Attributes:
        columns: Datasets, each with an entry for each sequence, or for each step of a series.
        series: Whether entries are steps.
        names: Names of classes and tokens.
        features: Names of the features, if a table has them.
    """

    columns: dict[str, Column]
    series: bool
    names: dict[str, Any] = field(default_factory=dict)
    features: list[str] | None = None

    @property
    def count(self) -> int:
        """The number of sequences, or of steps."""
        return next(iter(self.columns.values())).count

    def select(self, chosen: Array) -> Split:
        """Some of the entries, in ascending order."""
        columns = {name: column.select(chosen) for name, column in self.columns.items()}
        return Split(columns, self.series, self.names, self.features)


def as_mapping(data: Any) -> dict[str, Any]:
    """One split as datasets by their names: a mapping, a pair of inputs and targets, or inputs alone."""
    if isinstance(data, Mapping):
        return {str(name): value for name, value in data.items() if value is not None}
    if isinstance(data, tuple) and len(data) == 2:
        return {"inputs": data[0], "targets": data[1]}
    return {"inputs": data}


def is_divided(data: Any) -> bool:
    """Whether data are a mapping of splits."""
    return (
        isinstance(data, Mapping)
        and len(data) > 0
        and all(isinstance(part, (Mapping, tuple)) for name, part in data.items() if name not in NAMES)
        and any(name not in NAMES for name in data)
    )


def read_split(data: Any, layout: Layout) -> Split:
    """The columns of one split.

    Args:
        data: What ``as_mapping`` takes.
        layout: How arrays are to be understood.

    Raises:
        UsageError: The datasets do not fit together.
    """
    values = as_mapping(data)
    names = {name: values.pop(name) for name in NAMES if name in values}
    offsets = {name: as_array(values.pop(name)).astype(np.int64) for name in _OFFSETS if name in values}
    if not values:
        raise UsageError("data: has no inputs")
    features = _feature_names(values.get("inputs"))
    series = layout.series and not any(is_nested(value) for value in values.values()) and not offsets
    if series:
        columns: dict[str, Column] = {}
        for name, value in values.items():
            columns.update(_steps(name, value, layout))
    else:
        columns = _sequences(values, offsets, layout)
    split = Split(columns, series, names, features)
    _check_counts(split)
    return split


def _feature_names(inputs: Any) -> list[str] | None:
    """The names of a table's columns.

    Raises:
        UsageError: A column holds no numbers.
    """
    if not isinstance(inputs, pd.DataFrame):
        return None
    for name, kind in inputs.dtypes.items():
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_object_dtype(kind)):
            raise UsageError(f"data: inputs: the column '{name}' holds values of the type {kind}, not numbers")
    return [str(column) for column in inputs.columns]


def _steps(name: str, value: Any, layout: Layout) -> dict[str, Column]:
    """A column of a series: tokens, or features [steps, features]."""
    array = value if is_stored(value) else as_array(value)
    if name == "inputs" and len(array.shape) == 1:
        if array.dtype.kind in "iu" and layout.tokens is not False:
            return {"tokens": Rows(name, array)}
        array = as_array(array)[:, None]
    return {name: Rows(name, array)}


def _sequences(values: dict[str, Any], offsets: Mapping[str, Array], layout: Layout) -> dict[str, Column]:
    """The columns of sequences."""
    lengths = as_array(values["lengths"]).astype(np.int64) if "lengths" in values else None
    # The inputs come first: what belongs to each of their steps is known by their lengths.
    ordered = sorted(values.items(), key=lambda item: item[0] != "inputs")
    columns: dict[str, Column] = {}
    for name, value in ordered:
        if name == "lengths":
            continue
        first = next(iter(columns.values()), None)
        own = offsets.get("target_offsets" if name == "targets" and "target_offsets" in offsets else "offsets")
        if own is not None and not is_nested(value) and len(value) == own[-1]:
            columns[name] = Ragged(name, Slices(value if is_stored(value) else as_array(value), own))
        elif is_nested(value):
            columns[name] = _nested(name, value, first)
        else:
            columns[name] = _rows(name, value, lengths, first, layout)
    if lengths is not None and any(isinstance(column, Rows) for column in columns.values()):
        columns["lengths"] = Rows("lengths", lengths)
    return columns


def _nested(name: str, value: Any, first: Column | None) -> Column:
    """A list of sequences: one for each step of the inputs, of their own lengths, or rows of one length."""
    column = Ragged(name, list(value))
    if first is None or (isinstance(first, Ragged) and np.array_equal(first.lengths, column.lengths)):
        return column
    if len(set(column.lengths)) == 1:
        return Rows(name, np.stack(list(column.arrays())))
    return column


def _rows(name: str, value: Any, lengths: Array | None, first: Column | None, layout: Layout) -> Column:
    """An array with a row for each sequence, or with all steps of all sequences if that is the form of the inputs."""
    array = value if is_stored(value) else as_array(value)
    rank = len(array.shape)
    if name == "inputs":
        if rank < 2:
            raise UsageError(
                f"data: inputs: has the shape {list(array.shape)}; give [sequences, time, features], "
                "[sequences, time], a list of arrays, or a series with data.window or data.context"
            )
        is_token = array.dtype.kind in "iu" and rank == 2 and layout.tokens is not False
        if layout.ragged or (is_token and not layout.dense):
            return Ragged(name, Prefixes(array, lengths))
        return Rows(name, array if rank > 2 else SingleFeatures(array))
    # Targets of every step lie as the inputs do.
    if isinstance(first, Ragged) and isinstance(first.parts, Prefixes) and rank >= 2:
        steps = as_array(array[0]).shape[0] if len(array) else 0
        longest = int(first.lengths.max(initial=0)) if lengths is None else None
        if name == "targets" and (steps == longest or lengths is not None) and steps > 1:
            return Ragged(name, Prefixes(array, lengths))
    return Rows(name, array)


def _check_counts(split: Split) -> None:
    entries = "steps" if split.series else "sequences"
    (first, column), *others = split.columns.items()
    for name, other in others:
        if other.count != column.count:
            raise UsageError(f"data: {name}: has {other.count} {entries}, but {first} has {column.count}")


def divide(split: Split, shares: Mapping[str, float], seed: int) -> dict[str, Split]:
    """Divide one split: sequences at random, a series by time, with the training split first.

    Args:
        split: What is divided.
        shares: The share of each further split, between 0 and 1.
        seed: What random numbers are computed from.

    Returns:
        The splits by their names, with ``train`` for the rest.

    Raises:
        UsageError: A share is not between 0 and 1, or a split is empty.
    """
    for name, share in shares.items():
        if not 0 < share < 1:
            raise UsageError(f"{name} must be a share between 0 and 1, not {share:g}")
    sizes = {name: max(1, round(share * split.count)) for name, share in shares.items()}
    rest = split.count - sum(sizes.values())
    if rest < 1:
        raise UsageError(f"{' and '.join(shares)}: leave nothing of {split.count} entries for training")
    order = np.arange(split.count)
    if not split.series:
        np.random.default_rng(seed).shuffle(order)
    divided, start = {}, 0
    for name, size in {"train": rest, **sizes}.items():
        divided[name] = split.select(np.sort(order[start : start + size]))
        start += size
    return divided


def number_classes(splits: Iterable[Split]) -> None:
    """Replace targets that are texts by numbers, in the order of the names, which become the classes."""
    splits = list(splits)
    targets = [split.columns["targets"] for split in splits if "targets" in split.columns]
    found: set[str] = set()
    for target in targets:
        blocks = target.arrays() if isinstance(target, Ragged) else [as_array(target.values)]
        for block in blocks:
            if block.dtype.kind not in "US":
                return
            found.update(str(text) for text in np.unique(block.astype(str)))
    if not found:
        return
    given = next((split.names["classes"] for split in splits if "classes" in split.names), None)
    classes = np.array(sorted(found) if given is None else [str(name) for name in given])
    unknown = found - set(classes.tolist())
    if unknown:
        raise UsageError(f"data: targets: '{min(unknown)}' is not among the classes")
    order = np.argsort(classes)

    def numbers(texts: Array) -> Array:
        return order[np.searchsorted(classes, texts.astype(str), sorter=order)].astype(np.int32)

    for split in splits:
        column: Column | None = split.columns.get("targets")
        if isinstance(column, Ragged):
            parts = [numbers(as_array(part)) for part in column.parts]
            split.columns["targets"] = Ragged(column.name, parts, column.chosen)
        elif column is not None:
            split.columns["targets"] = Rows(column.name, numbers(as_array(column.values)), column.chosen)
        split.names["classes"] = [str(name) for name in classes]
