"""A run: its records, and what its model answers."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ._answers import Answers
from ._exports import Exports
from ._program import call
from ._progress import Event
from ._texts import Texts
from .errors import Error
from .report import Report


class Run(Answers, Texts, Exports):
    """A run's folder, or one of its checkpoints.

    Data that a method takes are what ``train`` takes as one split, or the path of a file. By default the model is
    the best checkpoint.

    Attributes:
        path: The folder, or the checkpoint.
    """

    def __init__(self, path: Path, temporary: tempfile.TemporaryDirectory[str] | None = None) -> None:
        super().__init__(path)
        # Keeps a temporary folder until the run is forgotten.
        self._temporary = temporary

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def metrics(self) -> pd.DataFrame:
        """The recorded metrics: a row for each record, with ``step``, ``epoch``, ``split``, ``loss`` and others."""
        return self._records("metrics.jsonl")

    @property
    def times(self) -> pd.DataFrame:
        """Speed and time by phase, in seconds, at the same steps."""
        return self._records("times.jsonl")

    def _records(self, name: str) -> pd.DataFrame:
        path = self.folder / name
        if not path.exists():
            return pd.DataFrame()
        # The last line may be incomplete while the run trains.
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        return pd.DataFrame([json.loads(line) for line in lines])

    def report(self, *others: Run, samples: bool = True) -> Report:
        """A page about this run, or about several together, which a notebook shows.

        Args:
            others: Further runs.
            samples: Include samples, which runs the models on their data.
        """
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            page = Path(folder) / "report.html"
            folders = [str(run.folder) for run in (self, *others)]
            call(["report", *folders, "--output", str(page), "--samples" if samples else "--no-samples"])
            return Report(page.read_text(encoding="utf-8"))

    def resume(
        self,
        *,
        overrides: Mapping[str, Any] | None = None,
        threads: int | None = None,
        progress: bool | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Run:
        """Go on from the newest checkpoint, with the result of an uninterrupted run.

        Args:
            overrides: Values for keys such as ``training.epochs``, for a longer run.
            threads: Threads. Default: the available CPUs.
            progress: Show a progress bar. Default: in notebooks and terminals.
            on_event: Called with each event of the run.

        Raises:
            Error: There is no checkpoint, the data differ, or training failed.
            KeyboardInterrupt: It was interrupted, after a checkpoint has been saved.
        """
        from ._training import train

        train(
            self.configuration,
            output=self.folder,
            overrides=overrides,
            resume=True,
            threads=threads,
            progress=progress,
            on_event=on_event,
        )
        return self


def open_run(path: str | os.PathLike[str]) -> Run:
    """Open a run.

    Args:
        path: The run's folder, or a checkpoint.

    Raises:
        Error: There is no run.
    """
    run = Run(Path(path).absolute())
    if not run.path.exists():
        raise Error(f"{path}: does not exist")
    _ = run.checkpoint
    return run
