"""Estimators of scikit-learn for sequences.

``X`` is an array [sequences, time, features], a list with an array [time, features] for each sequence, or, as in all of
scikit-learn, an array [sequences, columns], whose columns are consecutive steps of ``features`` columns each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from . import _configurations as configurations
from ._columns import is_nested
from ._training import train
from .results import Predictions
from .run import Run

__all__ = ["SequenceEstimator", "WeftClassifier", "WeftRegressor"]

_LARGEST_SEED = 2**31


class SequenceEstimator(BaseEstimator):  # type: ignore[misc]
    """What classifiers and regressors share.

    Args:
        cell: The recurrent cell.
        hidden: Units per layer and direction.
        layers: Stacked layers.
        bidirectional: Read sequences in both directions.
        output: How the one output of a sequence is formed: ``last-step``, ``last-position``, ``mean``, ``maximum``
            or ``attention``.
        dropout: Dropout rate.
        features: Columns per step of an array [sequences, columns].
        epochs: Passes over the sequences.
        batch: Sequences per minibatch.
        learning_rate: The optimizer's learning rate.
        standardize: Standardize inputs, and targets that are numbers.
        validation: The share of the sequences that selects the best epoch; 0 for the last epoch.
        configuration: Further sections and keys, which replace those of the arguments above.
        random_state: What random numbers are computed from.
        threads: Threads; the result does not depend on it. Default: the available CPUs.

    Attributes:
        checkpoint_: The trained model, as the bytes of its file: what is pickled is complete.
        metrics_: The recorded metrics of the training.
        n_features_in_: Columns of ``X``, or features of each step.
    """

    def __init__(
        self,
        *,
        cell: str = "gru",
        hidden: int = 32,
        layers: int = 1,
        bidirectional: bool = False,
        output: str = "last-step",
        dropout: float = 0.0,
        features: int = 1,
        epochs: int = 50,
        batch: int = 16,
        learning_rate: float = 0.01,
        standardize: bool = True,
        validation: float = 0.0,
        configuration: Mapping[str, Any] | None = None,
        random_state: Any = None,
        threads: int | None = None,
    ) -> None:
        self.cell = cell
        self.hidden = hidden
        self.layers = layers
        self.bidirectional = bidirectional
        self.output = output
        self.dropout = dropout
        self.features = features
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.standardize = standardize
        self.validation = validation
        self.configuration = configuration
        self.random_state = random_state
        self.threads = threads

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _settings(self, seed: int, further: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration of a training run."""
        settings = {
            "data": {"standardize": self.standardize},
            "model": {
                "cell": self.cell,
                "hidden": self.hidden,
                "layers": self.layers,
                "bidirectional": self.bidirectional,
                "output": self.output,
                "dropout": self.dropout,
            },
            "training": {
                "epochs": self.epochs,
                "batch": self.batch,
                "clip_norm": 1,
                "seed": seed,
                "tensorboard": False,
            },
            "optimizer": {"learning_rate": self.learning_rate},
        }
        return configurations.merged(configurations.merged(settings, further), self.configuration or {})

    def _train(self, inputs: Any, targets: NDArray[Any], further: Mapping[str, Any]) -> None:
        seed = int(check_random_state(self.random_state).randint(_LARGEST_SEED))
        run = train(
            self._settings(seed, further),
            {"inputs": inputs, "targets": targets},
            validation=self.validation,
            seed=seed,
            threads=self.threads,
            progress=False,
        )
        self.checkpoint_ = np.frombuffer(run.checkpoint.read_bytes(), np.uint8)
        self.metrics_: pd.DataFrame = run.metrics

    def _checked(self, X: Any, y: Any = None, *, is_fitting: bool = False, **options: Any) -> tuple[Any, Any]:
        """Inputs as sequences [sequences, time, features] or as a list, and targets."""
        if is_nested(X) and np.ndim(X[0]) == 2:
            if y is not None:
                check_consistent_length(X, y)
                y = np.asarray(y)
            width = np.shape(X[0])[1]
        else:
            checked = validate_data(
                self, X, *((y,) if is_fitting else ()), allow_nd=True, dtype="numeric", reset=is_fitting, **options
            )
            X, y = checked if is_fitting else (checked, None)
            if X.ndim > 3:
                raise ValueError(f"Found array with dim {X.ndim}, while dim <= 3 is required")
            if X.ndim == 2:
                if X.shape[1] % self.features:
                    raise ValueError(f"X has {X.shape[1]} columns, which are no steps of {self.features} features")
                X = X.reshape(len(X), -1, self.features)
            # Numbers of any type are features here, never tokens.
            X = X.astype(np.float64) if X.dtype.kind != "f" else X
            width = X.shape[2]
        if is_fitting:
            self._step_width = width
        elif width != self._step_width:
            raise ValueError(f"X has steps of {width} features, but the model expects {self._step_width}")
        return X, y

    def _predictions(self, X: Any) -> Predictions:
        check_is_fitted(self)
        X, _ = self._checked(X)
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            path = Path(folder) / "best.h5"
            path.write_bytes(self.checkpoint_.tobytes())
            return Run(path).predictions(X, threads=self.threads)


class WeftClassifier(ClassifierMixin, SequenceEstimator):  # type: ignore[misc]
    """A classifier of sequences, with the arguments of ``SequenceEstimator``.

    Attributes:
        classes_: The classes.
    """

    def fit(self, X: Any, y: Any) -> WeftClassifier:
        """Train on sequences and the class of each."""
        X, y = self._checked(X, y, is_fitting=True)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(np.ravel(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("WeftClassifier needs two classes at least, but the data contain only one class")
        self._train(X, numbers.astype(np.int32), {"model": {"output_size": len(self.classes_)}})
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class [sequences, classes]."""
        probabilities = self._predictions(X).probabilities
        assert probabilities is not None
        # In double precision rows add up to 1.
        probabilities = probabilities.astype(np.float64)
        return np.asarray(probabilities / probabilities.sum(1, keepdims=True))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each sequence."""
        numbers = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_[numbers])


class WeftRegressor(RegressorMixin, SequenceEstimator):  # type: ignore[misc]
    """A model that assigns a number, or several, to each sequence, with the arguments of ``SequenceEstimator``."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> WeftRegressor:
        """Train on sequences and the number or numbers of each [sequences(, targets)]."""
        X, y = self._checked(X, y, is_fitting=True, multi_output=True, y_numeric=True)
        self._is_single = np.ndim(y) == 1
        self._train(X, np.asarray(y, np.float64), {"loss": {"kind": "squared-error"}})
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The numbers of each sequence, in the form of those it was trained on."""
        predictions = self._predictions(X).predictions
        assert predictions is not None
        predictions = predictions.astype(np.float64).reshape(len(predictions), -1)
        return predictions[:, 0] if self._is_single else predictions
