"""Train recurrent neural networks on CPUs, with the same result for any number of threads.

>>> import weft
>>> run = weft.train({"model": {"cell": "lstm", "hidden": 64, "output": "last-step"}},
...                  data={"inputs": X, "targets": y}, validation=0.1, output="runs/a")
>>> run.metrics
>>> run.predict(X_new)
"""

from __future__ import annotations

from ._datasets import text_dataset
from ._program import program_path, program_version
from ._training import train
from ._weights import Weights
from .errors import Error, Note, ProgramNotFoundError, UsageError
from .report import Report
from .results import Detection, Forecast, Predictions
from .run import Run, open_run

__version__ = "0.2.0"

__all__ = [
    "Detection",
    "Error",
    "Forecast",
    "Note",
    "Predictions",
    "ProgramNotFoundError",
    "Report",
    "Run",
    "UsageError",
    "Weights",
    "open_run",
    "program_path",
    "program_version",
    "text_dataset",
    "train",
]
