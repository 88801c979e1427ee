"""What a model answers about data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import pandas as pd
from numpy.typing import NDArray

from ._checkpoint import TrainedModel
from ._datasets import temporary_dataset
from ._program import call, call_json, call_json_lines
from ._splits import Layout
from .errors import UsageError
from .results import Detection, Forecast, Predictions


class Answers(TrainedModel):
    """A model that is asked about data: what ``train`` takes as one split, or the path of a file."""

    @property
    def _layout(self) -> Layout:
        configuration = self.configuration
        with h5py.File(self.checkpoint) as file:
            has_tokens = "vocabulary" in file or bool(configuration["data"].get("vocabulary_size"))
        return replace(Layout.of(configuration), tokens=has_tokens)

    def evaluate(self, data: Any = None, *, split: str = "test", threads: int | None = None) -> dict[str, Any]:
        """The loss and the metrics on a split.

        Args:
            data: Inputs and targets, or a file. Default: the data of the run.
            split: ``train``, ``validation``, ``test`` or another group of a file.
            threads: Threads. Default: the available CPUs.
        """
        arguments = ["evaluate", str(self.path), "--split", split]
        answer = self._answer(arguments, data, split, "--data", call_json, threads)
        return {name: value for name, value in answer.items() if value is not None}

    def predictions(
        self, data: Any = None, *, split: str | None = None, outputs: str = "predictions", threads: int | None = None
    ) -> Predictions:
        """All that the model predicts for a split, with probabilities, quantiles, names and targets.

        Args:
            data: Inputs, or a file. Default: the data of the run.
            split: ``train``, ``validation``, ``test`` or another group of a file. Default: ``test``, or the only one.
            outputs: ``predictions``, ``states``, which the last layer reads, ``scores`` of anomalies, or ``future``,
                forecasts of what follows each series.
            threads: Threads. Default: the available CPUs.
        """
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            path = Path(folder) / "predictions.h5"
            options = ["--output", str(path), "--outputs", outputs, *([] if split is None else ["--split", split])]
            self._answer(["predict", str(self.path)], data, split or "test", "", call, threads, options)
            return Predictions.read(path)

    def predict(
        self, data: Any = None, *, split: str | None = None, outputs: str = "predictions", threads: int | None = None
    ) -> NDArray[Any] | list[NDArray[Any]]:
        """What the model predicts: the class of each sequence, numbers in the units of the data, or forecasts.

        Args:
            data: Inputs, or a file. Default: the data of the run.
            split: ``train``, ``validation``, ``test`` or another group of a file. Default: ``test``, or the only one.
            outputs: ``predictions``, ``states``, which the last layer reads, ``scores`` of anomalies, or ``future``,
                forecasts of what follows each series.
            threads: Threads. Default: the available CPUs.

        Returns:
            An array with a row for each sequence, or for each step of a series; for outputs of every step of sequences
            a list with an array for each.
        """
        return self.predictions(data, split=split, outputs=outputs, threads=threads).main

    def probabilities(
        self, data: Any = None, *, split: str | None = None, threads: int | None = None
    ) -> NDArray[Any] | list[NDArray[Any]]:
        """The probability of each class or label, in the form of ``predict`` [rows, classes].

        Raises:
            UsageError: The model predicts none.
        """
        found = self.predictions(data, split=split, threads=threads)
        if found.probabilities is None:
            raise UsageError(f"{self.path}: predicts no probabilities")
        return found.divided(found.probabilities)

    def classify(self, data: Any = None, *, split: str = "test", threads: int | None = None) -> pd.DataFrame:
        """The class of each sequence: rows with ``sequence``, ``class``, ``probability`` and, if known, ``label``."""
        arguments = ["classify", str(self.path)]
        lines = self._answer(arguments, data, split, "", call_json_lines, threads, ["--split", split])
        return pd.DataFrame(lines)

    def forecast(
        self,
        horizon: int | None = None,
        *,
        data: Any = None,
        split: str = "test",
        series: str | None = None,
        origin: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> Forecast:
        """Forecast a series.

        Args:
            horizon: Steps to forecast. Default: those of the model.
            data: The series so far, or a file. Default: the data of the run.
            split: The split with the series.
            series: The name of the series, or its number if they have no names. Default: the last, or that of
                ``origin``.
            origin: The first step to forecast, counted in ``series``. Default: the end of the series.
            seed: The seed of sampled paths.
            threads: Threads. Default: the available CPUs.
        """
        arguments = ["forecast", str(self.path), "--split", split]
        options = (("--horizon", horizon), ("--series", series), ("--origin", origin), ("--seed", seed))
        for name, value in options:
            arguments += [] if value is None else [name, str(value)]
        return Forecast.of(self._answer(arguments, data, split, "--data", call_json, threads))

    def detect(
        self,
        data: Any = None,
        *,
        split: str = "test",
        clean: str = "validation",
        deviations: float | None = None,
        quantile: float | None = None,
        smoothing: int | None = None,
        threads: int | None = None,
    ) -> Detection:
        """Find the anomalies of a series.

        Args:
            data: The series, or a file. Default: the data of the run.
            split: The split to search.
            clean: The split of the run's data without anomalies, which the threshold is computed from.
            deviations: The threshold in median absolute deviations above the median of the clean scores.
            quantile: This quantile of the clean scores as the threshold instead.
            smoothing: Average scores over this many steps.
            threads: Threads. Default: the available CPUs.
        """
        options = ["--split", split, "--clean", clean]
        for name, value in (("deviations", deviations), ("quantile", quantile), ("smoothing", smoothing)):
            options += [] if value is None else [f"--{name}", str(value)]
        answer = self._answer(["detect", str(self.path)], data, split, "", call_json, threads, options)
        return Detection.of(answer)

    def _answer(
        self,
        arguments: list[str],
        data: Any,
        split: str,
        option: str,
        ask: Callable[[list[str]], Any],
        threads: int | None,
        further: Sequence[str] = (),
    ) -> Any:
        """What the program answers about data, which are an argument of their own without an ``option`` for them."""
        further = [*further, *([] if threads is None else ["--threads", str(threads)])]
        if data is None:
            return ask([*arguments, *further])
        with temporary_dataset(data, split, self._layout, self.configuration) as file:
            return ask([*arguments, *([option] if option else []), file, *further])
