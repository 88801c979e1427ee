"""What a run tells and answers."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from conftest import needs_predict, sequences, series

import weft


def test_a_run_is_opened_by_folder_and_by_checkpoint(classifier):
    run = weft.open_run(classifier.path)
    checkpoint = weft.open_run(classifier.path / "best.h5")
    assert run.evaluate()["loss"] == checkpoint.evaluate()["loss"]
    assert run.configuration["model"]["hidden"] == 8
    assert checkpoint.metrics.equals(run.metrics)


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(weft.Error, match="does not exist"):
        weft.open_run(tmp_path / "nothing")
    with pytest.raises(weft.Error, match="contains no checkpoint"):
        weft.open_run(tmp_path)


def test_weights_are_read_lazily(classifier):
    weights = classifier.weights
    assert weights["layer0/forward/recurrent_weights"].shape == (8, 32)
    assert weights.shapes["output/weights"] == (8, 2)
    assert len(weights) == len(list(weights)) == 5
    assert "layer9" not in weights
    with pytest.raises(KeyError):
        weights["layer0"]
    with h5py.File(classifier.path / "best.h5") as file:
        np.testing.assert_array_equal(weights["output/bias"], file["weights/output/bias"][:])


def test_evaluate_takes_data(classifier):
    inputs, targets, lengths = sequences(40, seed=5)
    found = classifier.evaluate({"inputs": inputs, "targets": targets, "lengths": lengths})
    assert found["count"] == 40
    assert found["accuracy"] > 0.8
    assert classifier.evaluate(classifier.path / "data.h5", split="train")["count"] == 168


def test_classes_have_their_names(classifier):
    inputs, targets, lengths = sequences(40, seed=5)
    found = classifier.classify({"inputs": inputs, "lengths": lengths})
    assert (found["class"] == targets).mean() > 0.8
    assert "label" not in found
    assert (classifier.classify()["label"].isin(["up", "down"])).all()


def test_a_forecast_has_the_units_of_the_data(forecaster):
    found = forecaster.forecast(data=series(400)[:100])
    truth = series(400)["wave"][100:104]
    assert found.origin == 100
    assert found.median.shape == (4, 2)
    assert found.quantiles.shape == (len(found.levels), 4, 2)
    assert found.ground_truth is None
    np.testing.assert_allclose(found.median[:, 0], truth, atol=0.35)
    frame = forecaster.forecast(2, origin=40).to_frame(target=1)
    assert frame.index.tolist() == [40, 41]
    assert {"median", 0.1, 0.9, "truth"} <= set(frame.columns)


def test_anomalies_are_found():
    configuration = {
        "data": {"window": 20, "standardize": True},
        "model": {"cell": "lstm", "hidden": 8},
        "loss": {"kind": "gaussian"},
        "training": {"epochs": 20, "batch": 8},
        "optimizer": {"learning_rate": 0.02},
    }
    random = np.random.default_rng(0)
    table = series(600) + random.normal(scale=0.05, size=(600, 2))
    run = weft.train(configuration, table, validation=0.3)
    searched = table[:200].copy()
    searched.loc[120:122] += 4
    labels = np.zeros(200, int)
    labels[120:123] = 1
    found = run.detect({"inputs": searched, "labels": labels})
    assert ((found.spans["first"] <= 122) & (found.spans["last"] >= 120)).any()
    assert found.quality is not None
    assert found.quality["area_under_curve"] > 0.9
    assert run.detect(table[:200], quantile=1).threshold > 0


def test_a_report_is_shown_in_a_notebook(classifier, tmp_path):
    report = classifier.report(samples=False)
    assert report.html.lstrip().lower().startswith("<!doctype html")
    shown = report._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert '"<' not in shown
    assert report.save(tmp_path / "a.html").read_text() == report.html
    both = weft.open_run(classifier.path).report(classifier, samples=False)
    assert len(both.html) > 1000


def test_text_is_generated_by_its_seed():
    configuration = {
        "data": {"window": 24},
        "model": {"cell": "gru", "hidden": 24},
        "training": {"steps": 150, "batch": 8},
        "optimizer": {"learning_rate": 0.02},
    }
    run = weft.train(configuration, {"text": "the cat sat on the mat.\n" * 80}, validation=0.1)
    text = run.generate("the", length=40, temperature=0)
    assert text.startswith("the cat sat on the mat.\n")
    assert len(text) == 43
    assert run.generate(length=30, seed=2) == run.generate(length=30, seed=2)
    assert run.generate("t", length=0) == "t"
    assert run.generate("the", length=10, beam=2).startswith("the")
    assert run.generate("the", length=40, temperature=0, stop=["sat", "mat"]) == "the cat "
    likely, unlikely = run.score("the cat sat on the mat.\n"), run.score("tac eht tas no tam eht.\n")
    assert likely["perplexity"] < unlikely["perplexity"]
    with pytest.raises(weft.Error):
        run.translate("the cat")
    with pytest.raises(weft.UsageError, match="line breaks"):
        run.translate("the\ncat")


@needs_predict
class TestPredict:
    """What ``weft predict`` writes, as arrays."""

    def test_classes(self, classifier):
        inputs, targets, lengths = sequences(40, seed=5)
        data = {"inputs": inputs, "lengths": lengths}
        predicted = classifier.predict(data)
        assert predicted.tolist() == classifier.classify(data)["class"].tolist()
        assert (predicted == targets).mean() > 0.8
        probabilities = classifier.probabilities(data)
        assert probabilities.shape == (40, 2)
        np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)

    def test_the_run_s_own_splits(self, classifier):
        found = classifier.predictions(split="validation")
        assert found.labels.shape == (24,)
        assert found.targets.shape == (24,)
        assert len(classifier.predict()) == 48

    def test_outputs_of_every_step_are_by_sequence(self):
        random = np.random.default_rng(0)
        inputs = [random.normal(size=(length, 1)) for length in (5, 2, 9) * 10]
        targets = [(part[:, 0] > 0).astype(int) for part in inputs]
        configuration = {
            "model": {"cell": "gru", "hidden": 8},
            "training": {"epochs": 30, "batch": 8},
            "optimizer": {"learning_rate": 0.03},
        }
        run = weft.train(configuration, (inputs, targets))
        predicted = run.predict(inputs)
        assert [part.shape for part in predicted] == [part.shape for part in targets]
        assert np.mean(np.concatenate(predicted) == np.concatenate(targets)) > 0.9
        assert [part.shape for part in run.probabilities(inputs)] == [(len(part), 2) for part in targets]

    def test_numbers_have_the_units_of_the_data(self):
        inputs, _, _ = sequences(200)
        targets = 1000 + 50 * inputs[:, :, 0].sum(1)
        configuration = {
            "data": {"standardize": True},
            "model": {"cell": "gru", "hidden": 12, "output": "last-step"},
            "loss": {"kind": "squared-error"},
            "training": {"epochs": 40, "batch": 16},
            "optimizer": {"learning_rate": 0.02},
        }
        run = weft.train(configuration, (inputs, targets))
        predicted = run.predict(inputs)
        assert predicted.shape == (200,)
        assert np.abs(predicted - targets).mean() < 0.3 * np.abs(targets - targets.mean()).mean()

    def test_forecasts(self, forecaster):
        found = forecaster.predictions()
        assert found.median.shape == (len(found.origin), 4, 2)
        assert found.quantiles.shape == (len(found.origin), len(found.levels), 4, 2)
        first = forecaster.forecast(origin=int(found.origin[0]))
        np.testing.assert_allclose(found.median[0], first.median, rtol=1e-4, atol=1e-5)

    def test_states(self, classifier):
        inputs, _, _ = sequences(10)
        assert classifier.predict(inputs, outputs="states").shape == (10, 8)

    def test_scores(self):
        configuration = {"data": {"window": 20}, "model": {"cell": "gru", "hidden": 8}, "training": {"epochs": 3}}
        run = weft.train({**configuration, "loss": {"kind": "gaussian"}}, series(), validation=0.2)
        found = run.predictions(series()[:100], outputs="scores")
        assert found.feature_scores.shape == (len(found.scores), 2)
        np.testing.assert_allclose(found.values, series().to_numpy()[found.step], atol=1e-5)
