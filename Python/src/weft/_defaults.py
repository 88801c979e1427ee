"""What a configuration leaves open and the data answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._columns import Column, Ragged, Rows
from ._splits import Split

#: Passes over the training data, if a configuration limits neither epochs nor steps.
EPOCHS = 20


def length_keys(settings: Mapping[str, Any]) -> dict[str, Any]:
    """How long to train, if a configuration does not say it."""
    training = settings.get("training") or {}
    return {} if "epochs" in training or "steps" in training else {"training.epochs": EPOCHS}


def data_keys(settings: Mapping[str, Any], splits: Mapping[str, Split]) -> dict[str, Any]:
    """The keys that follow from arrays, as far as a configuration does not have them.

    They are ``model.output`` for one target a sequence, ``loss.kind`` for targets that are no classes, and
    ``data.vocabulary_size`` of tokens.
    """
    data, model = settings.get("data") or {}, settings.get("model") or {}
    train = splits.get("train") or next(iter(splits.values()))
    keys: dict[str, Any] = {}
    if (size := _vocabulary_size(splits)) is not None and "vocabulary_size" not in data:
        keys["data.vocabulary_size"] = size
    if model.get("kind", "sequence") == "sequence":
        if "output" not in model and "blocks" not in model and _is_of_sequence(train):
            keys["model.output"] = "last-step"
        if "kind" not in (settings.get("loss") or {}) and _is_of_numbers(train):
            keys["loss.kind"] = "squared-error"
    return keys


def _inputs(split: Split) -> Column | None:
    return split.columns.get("tokens", split.columns.get("inputs"))


def _vocabulary_size(splits: Mapping[str, Split]) -> int | None:
    """The number of tokens, if inputs are tokens without a vocabulary."""
    largest = -1
    for split in splits.values():
        column = _inputs(split)
        if column is None or "vocabulary" in split.names or column.row_shape:
            return None
        for block in column.blocks():
            if block.dtype.kind not in "iu":
                return None
            largest = max(largest, int(np.max(block, initial=-1)))
    return largest + 1 if largest >= 0 else None


def _is_of_sequence(split: Split) -> bool:
    """Whether targets are of whole sequences, and not of each of their steps."""
    inputs, targets = _inputs(split), split.columns.get("targets")
    if split.series or not isinstance(targets, Rows):
        return False
    return not (isinstance(inputs, Rows) and targets.row_shape[:1] == inputs.row_shape[:1])


def _is_of_numbers(split: Split) -> bool:
    """Whether targets are numbers: fractions, or the next values of a series of features."""
    targets = split.columns.get("targets")
    if targets is None:
        inputs = split.columns.get("inputs")
        return inputs is not None and (split.series or isinstance(inputs, Ragged)) and bool(inputs.row_shape)
    return any(
        block.dtype.kind == "f" and bool((finite := block[np.isfinite(block)]).size) and bool((finite % 1).any())
        for block in targets.blocks()
    )
