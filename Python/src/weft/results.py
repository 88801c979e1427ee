"""What a trained model answers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Predictions:
    """The predictions for a split. What a model does not predict is None.

    A row is of a sequence, of a step or of a forecast.

    Attributes:
        sequence: The number of each row's sequence.
        step: The number of each row's step in its sequence or series.
        series: The number of each forecast's series.
        origin: The first step of each forecast.
        offsets: For outputs of every step: the first row of each sequence, and the number of rows.
        time: The time of each step or forecast step, if the data have times: seconds since 1970, or a number.
        names: The names of the sequences, if the data have them.
        target_names: The names of forecast targets, if the data have them.
        classes: The names of the classes.
        predicted: The number of the most probable class of each row.
        probabilities: [rows, classes], or [rows, labels] of labels that exclude none.
        predictions: [rows, targets], in the units of the data.
        median: [rows, targets] or [forecasts, horizon, targets], in the units of the data.
        levels: The levels of the quantiles.
        quantiles: [rows, levels, targets] or [forecasts, levels, horizon, targets].
        text: What an encoder-decoder or a transcriber writes.
        score: The log-probability of each text, or its score.
        scores: How anomalous each step is.
        feature_scores: The same for each feature [steps, features].
        values: The scored series [steps, features].
        states: [rows, units], with ``outputs="states"``.
        targets: What the data have as targets.
    """

    sequence: Array | None = None
    step: Array | None = None
    series: Array | None = None
    origin: Array | None = None
    offsets: Array | None = None
    time: Array | None = None
    names: Array | None = None
    target_names: Array | None = None
    classes: Array | None = None
    predicted: Array | None = None
    probabilities: Array | None = None
    predictions: Array | None = None
    median: Array | None = None
    levels: Array | None = None
    quantiles: Array | None = None
    text: Array | None = None
    score: Array | None = None
    scores: Array | None = None
    feature_scores: Array | None = None
    values: Array | None = None
    states: Array | None = None
    targets: Array | None = None

    @staticmethod
    def read(path: Path) -> Predictions:
        """The predictions in a file of ``weft predict``."""
        with h5py.File(path) as file:
            found = {part.name: _read(file[part.name]) for part in fields(Predictions) if part.name in file}
        return Predictions(**found)

    @property
    def labels(self) -> Array | None:
        """The most probable class of each row by its name, or by its number if classes have no names."""
        if self.predicted is None or self.classes is None:
            return self.predicted
        if self.classes.tolist() == [str(number) for number in range(len(self.classes))]:
            return self.predicted
        return np.asarray(self.classes[self.predicted])

    @property
    def main(self) -> Array | list[Array]:
        """What the model predicts: classes, numbers, probabilities of labels, medians, texts, scores or states.

        An array with a row for each sequence, forecast or step of a series; for outputs of every step of sequences a
        list with an array for each sequence. A single number is no array.
        """
        numbers = self.predictions
        if numbers is not None and numbers.ndim == 2 and numbers.shape[1] == 1:
            numbers = numbers[:, 0]
        kinds = (self.labels, self.states, numbers, self.median, self.text, self.scores, self.probabilities)
        rows = next((kind for kind in kinds if kind is not None), None)
        if rows is None:
            raise ValueError("the file has no predictions")
        return self.divided(rows)

    def divided(self, rows: Array) -> Array | list[Array]:
        """Rows of every step by sequence; others as they are."""
        if self.offsets is None:
            return rows
        return [rows[first:last] for first, last in zip(self.offsets[:-1], self.offsets[1:], strict=True)]


def _read(dataset: h5py.Dataset) -> Array:
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return np.asarray(dataset.asstr()[()]).astype(str)
    return np.asarray(dataset[()])


@dataclass(frozen=True)
class Forecast:
    """A forecast of a series, in the units of the data.

    Attributes:
        origin: The first step that is forecast.
        median: [horizon, targets].
        levels: The levels of the quantiles, ascending; empty for a model without a distribution.
        quantiles: [levels, horizon, targets].
        ground_truth: [horizon, targets], if the series has these steps.
        mean_absolute_error: That of the median, with ground truth.
        series: The name of the series, if the data have names.
        targets: The names of the targets; empty if the data have none.
        time: The time of each step, ISO 8601 in the time zone of the data; empty if they have no times.
    """

    origin: int
    median: Array
    levels: Array
    quantiles: Array
    ground_truth: Array | None = None
    mean_absolute_error: float | None = None
    series: str | None = None
    targets: tuple[str, ...] = ()
    time: tuple[str, ...] = ()

    @staticmethod
    def of(answer: dict[str, Any]) -> Forecast:
        """The forecast that the program prints as JSON."""
        truth = answer.get("ground_truth")
        return Forecast(
            origin=answer.get("origin", 0),
            median=np.array(answer["median"]),
            levels=np.array(answer.get("levels") or []),
            quantiles=np.array(answer.get("quantiles") or []),
            ground_truth=np.array(truth) if truth else None,
            mean_absolute_error=answer.get("mean_absolute_error"),
            series=answer.get("series"),
            targets=tuple(answer.get("targets") or ()),
            time=tuple(answer.get("time") or ()),
        )

    def to_frame(self, target: int = 0) -> pd.DataFrame:
        """The forecast of one target: a row for each step, with the columns ``median``, the levels, ``truth``.

        Of data with times, the first column is ``time``.
        """
        columns: dict[Any, Any] = {"time": list(self.time)} if self.time else {}
        columns["median"] = self.median[:, target]
        for level, values in zip(self.levels, self.quantiles, strict=True):
            columns[float(level)] = values[:, target]
        if self.ground_truth is not None:
            columns["truth"] = self.ground_truth[:, target]
        steps = pd.RangeIndex(self.origin, self.origin + len(self.median), name="step")
        return pd.DataFrame(columns, index=steps)


@dataclass(frozen=True)
class Detection:
    """Anomalies of a series.

    Attributes:
        spans: A row for each, with the columns ``first``, ``last`` and ``max_score``; steps from 0, ``last`` included.
            Of data with times also ``first_time`` and ``last_time``.
        threshold: The score above which a step is an anomaly.
        quality: Agreement with labels: ``area_under_curve``, ``best_f1``, ``precision``, ``recall``; None without them.
    """

    spans: pd.DataFrame
    threshold: float
    quality: dict[str, float] | None = None

    @staticmethod
    def of(answer: dict[str, Any]) -> Detection:
        """The anomalies that the program prints as JSON."""
        columns = ["first", "last", "max_score"]
        if any("first_time" in span for span in answer["spans"]):
            columns += ["first_time", "last_time"]
        spans = pd.DataFrame(answer["spans"], columns=columns)
        return Detection(spans, answer["threshold"], answer.get("model"))
