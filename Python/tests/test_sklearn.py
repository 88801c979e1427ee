"""The estimators keep scikit-learn's conventions."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from conftest import needs_predict, sequences

pytest.importorskip("sklearn")
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from weft.sklearn import WeftClassifier, WeftRegressor

pytestmark = needs_predict

EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks(
    [WeftClassifier(epochs=20, random_state=0, threads=1), WeftRegressor(epochs=20, random_state=0, threads=1)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_conventions(estimator, check):
    check(estimator)


def test_sequences_of_one_length_and_of_several():
    inputs, targets, lengths = sequences(160)
    model = WeftClassifier(epochs=15, random_state=0).fit(inputs, targets)
    assert model.classes_.tolist() == ["down", "up"]
    assert model.score(inputs, targets) > 0.85
    parts = [row[:length] for row, length in zip(inputs, lengths, strict=True)]
    ragged = WeftClassifier(epochs=15, random_state=0).fit(parts, targets)
    assert ragged.score(parts, targets) > 0.85
    with pytest.raises(ValueError, match="3 features"):
        model.predict(np.ones((2, 7, 3)))


def test_columns_are_steps_of_features():
    inputs, targets, _ = sequences(40)
    model = WeftClassifier(epochs=2, features=2, random_state=0)
    flat = model.fit(inputs.reshape(40, -1), targets).predict_proba(inputs.reshape(40, -1))
    np.testing.assert_array_equal(flat, model.fit(inputs, targets).predict_proba(inputs))
    with pytest.raises(ValueError, match="no steps of 3"):
        WeftClassifier(features=3).fit(inputs.reshape(40, -1), targets)


def test_a_pickled_model_needs_no_files():
    inputs, _, _ = sequences(40)
    targets = inputs.sum((1, 2))
    model = WeftRegressor(epochs=2, random_state=0).fit(inputs, np.stack([targets, -targets], 1))
    copy = pickle.loads(pickle.dumps(model))
    predicted = copy.predict(inputs)
    assert predicted.shape == (40, 2)
    np.testing.assert_array_equal(predicted, model.predict(inputs))


def test_integers_are_numbers():
    counts = np.random.default_rng(0).integers(-50, 50, (60, 4))
    targets = counts.sum(1).astype(float)
    assert WeftRegressor(epochs=40, random_state=0).fit(counts, targets).score(counts, targets) > 0.8


def test_pipelines_and_cross_validation():
    inputs, targets, _ = sequences(120)
    pipeline = make_pipeline(StandardScaler(), WeftClassifier(features=2, epochs=15, random_state=0))
    assert cross_val_score(pipeline, inputs.reshape(120, -1), targets, cv=3).mean() > 0.75
