"""Datasets as the program reads them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ._columns import Column, Ragged
from ._program import call
from ._splits import Layout, Split, divide, is_divided, number_classes, read_split
from .errors import Error, UsageError

_CHUNK_BYTES = 256 << 10


def splits_of(data: Any, layout: Layout, validation: float = 0, test: float = 0, seed: int = 1) -> dict[str, Split]:
    """What a user gives as data, as splits by their names.

    Args:
        data: A mapping of splits; or one split, which is divided.
        layout: How arrays are to be understood.
        validation: The share of the validation split, if data are one split.
        test: The share of the test split.
        seed: What the division is computed from.

    Raises:
        UsageError: The datasets do not fit together.
    """
    shares = {name: share for name, share in (("validation", validation), ("test", test)) if share}
    if not is_divided(data):
        split = read_split(data, layout)
        number_classes([split])
        return divide(split, shares, seed)
    if shares:
        raise UsageError(f"{' and '.join(shares)}: data are a mapping of splits, which are not divided again")
    names = {name: part for name, part in data.items() if not isinstance(part, (Mapping, tuple))}
    splits = {name: read_split(part, layout) for name, part in data.items() if name not in names}
    for split in splits.values():
        split.names.update(names)
    number_classes(splits.values())
    return splits


def write(path: Path, splits: Mapping[str, Split], configuration: Mapping[str, Any]) -> None:
    """Write a dataset, block by block, under a temporary name first.

    Args:
        path: The file.
        splits: Splits by the names that the user gave them.
        configuration: Its section ``data`` names the groups and datasets.

    Raises:
        UsageError: A column cannot be written.
        Error: The file cannot be written.
    """
    part = path.with_name(path.name + ".partial")
    try:
        with h5py.File(part, "w") as file:
            for name, split in splits.items():
                for column_name, column in split.columns.items():
                    _write_column(file, name, column_name, column, split, configuration)
                for names, texts in split.names.items():
                    if names not in file:
                        file.create_dataset(names, data=[str(text) for text in texts], dtype=h5py.string_dtype())
        os.replace(part, path)
    except OSError as error:
        raise Error(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


def _write_column(
    file: h5py.File, split_name: str, name: str, column: Column, split: Split, configuration: Mapping[str, Any]
) -> None:
    dataset = _create(file, dataset_path(configuration, split_name, name), column)
    if name == "inputs" and split.features is not None:
        dataset.attrs.create("feature_names", split.features, dtype=h5py.string_dtype())
    if not isinstance(column, Ragged):
        return
    inputs = split.columns.get("inputs")
    differs = isinstance(inputs, Ragged) and not np.array_equal(inputs.lengths, column.lengths)
    own = name == "targets" and (differs or not isinstance(inputs, Ragged))
    place = dataset_path(configuration, split_name, "target_offsets" if own else "offsets")
    if place not in file:
        file[place] = column.offsets


def _create(file: h5py.File, place: str, column: Column) -> h5py.Dataset:
    """Write a column as a dataset with checksums."""
    shape = (column.row_count, *column.row_shape)
    dataset: h5py.Dataset | None = None
    position = 0
    for block in column.blocks():
        if dataset is None:
            row_bytes = max(1, block[:1].nbytes)
            chunk = (min(shape[0], max(1, _CHUNK_BYTES // row_bytes)), *shape[1:])
            dataset = file.create_dataset(place, shape, block.dtype, chunks=chunk, fletcher32=True)
        dataset[position : position + len(block)] = block
        position += len(block)
    return file.create_dataset(place, shape, "f4") if dataset is None else dataset


def group_name(configuration: Mapping[str, Any], split: str) -> str:
    """The group of a split: ``train``, ``validation`` and ``test`` may have other names in a configuration."""
    names = (configuration.get("data") or {}).get("split") or {}
    return str(names.get(split) or split)


def dataset_path(configuration: Mapping[str, Any], split: str, name: str) -> str:
    """The path of a column in the file, which a configuration may name otherwise."""
    group = group_name(configuration, split)
    named = (configuration.get("data") or {}).get("inputs" if name == "tokens" else name)
    if isinstance(named, Sequence) and not isinstance(named, str) and len(named) == 1:
        named = named[0]
    if not isinstance(named, str) or ":" in named:
        named = name
    return named.replace("{split}", group) if named.startswith("/") else f"{group}/{named}"


@contextlib.contextmanager
def temporary_dataset(data: Any, split: str, layout: Layout, configuration: Mapping[str, Any]) -> Iterator[str]:
    """The path of a file with data: the one given, or a temporary one with arrays as one of its splits.

    Args:
        data: A path; or arrays, as one split or a mapping of splits.
        split: The name of the split.
        layout: How arrays are to be understood.
        configuration: That of the run that reads the file.
    """
    if isinstance(data, (str, os.PathLike)):
        yield os.path.abspath(data)
        return
    splits = splits_of(data, layout) if is_divided(data) else {split: read_split(data, layout)}
    number_classes(splits.values())
    with tempfile.TemporaryDirectory(prefix="weft-") as folder:
        path = Path(folder) / "data.h5"
        write(path, splits, configuration)
        yield str(path)


def text_dataset(
    text: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    unit: str = "characters",
    split: Sequence[float] = (0.9, 0.05, 0.05),
    overwrite: bool = False,
) -> Path:
    """Write a dataset for a language model.

    Args:
        text: A text; or a path, as ``pathlib.Path``, of a text file.
        path: The file to write.
        unit: What a token is: ``characters``, ``words`` or ``subwords``.
        split: The shares of the training, validation and test split.
        overwrite: Replace the file if it exists.

    Returns:
        The file's path.

    Raises:
        Error: The text is shorter than its splits need, the file exists, or another failure of the program.
    """
    with tempfile.TemporaryDirectory(prefix="weft-") as folder:
        if isinstance(text, str):
            source = Path(folder) / "text.txt"
            source.write_text(text, encoding="utf-8")
        else:
            source = Path(text)
        shares = ",".join(f"{share:g}" for share in split)
        arguments = ["data", "text", str(source), "--unit", unit, "--split", shares, "--output", str(path)]
        call([*arguments, "--overwrite"] if overwrite else arguments)
    return Path(path)
