"""Training, its progress and its interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import CLASSIFIER, FORECASTER, sequences, series

import weft

SMALL = {"model": {"cell": "gru", "hidden": 4}, "training": {"steps": 4, "batch": 8, "tensorboard": False}}


def test_a_classifier_learns(classifier):
    assert classifier.evaluate()["accuracy"] > 0.85
    assert {"step", "epoch", "split", "loss", "accuracy"} <= set(classifier.metrics.columns)
    assert classifier.metrics["step"].is_monotonic_increasing
    assert (classifier.path / "data.h5").exists()


def test_a_run_without_a_folder_goes_with_its_run():
    inputs, targets, _ = sequences(30)
    run = weft.train(CLASSIFIER, (inputs, targets), overrides={"training.epochs": 1})
    folder = run.path
    assert folder.exists()
    del run
    assert not folder.exists()


def test_events_tell_the_steps():
    found = []
    inputs, targets, _ = sequences(64)
    overrides = {"training.epochs": 2, "training.log_every": 1}
    weft.train(CLASSIFIER, (inputs, targets), overrides=overrides, on_event=found.append)
    steps = [event["step"] for event in found if event["event"] == "step"]
    assert steps == list(range(1, 9))
    assert all(np.isfinite(event["loss"]) for event in found if event["event"] == "step")
    assert (found[0]["event"], found[0]["steps"]) == ("start", 8)
    assert (found[-1]["event"], found[-1]["reason"]) == ("end", "finished")


def test_the_progress_bar_ends_at_the_last_step(capsys):
    inputs, targets, _ = sequences(64)
    weft.train(CLASSIFIER, (inputs, targets), overrides={"training.epochs": 2}, validation=0.01, progress=True)
    shown = capsys.readouterr().err
    assert "8/8" in shown
    assert "validation accuracy=" in shown
    weft.train(CLASSIFIER, (inputs, targets), overrides={"training.epochs": 2})
    assert capsys.readouterr().err == ""


# Models that are hardly trained predict some classes never.
@pytest.mark.filterwarnings("ignore:.*never predicted:weft.Note")
@pytest.mark.parametrize(
    ("configuration", "data"),
    [
        (SMALL, {"inputs": np.arange(400).reshape(50, 8) % 5, "targets": np.arange(400).reshape(50, 8) % 3}),
        ({**SMALL, "data": {"window": 10}}, np.arange(400) % 7),
        ({**SMALL, "data": {"window": 10}}, {"text": "the cat sat on the mat.\n" * 40}),
        ({**SMALL, "loss": {"kind": "squared-error"}, "data": {"window": 10}}, series(200)),
        (
            {**SMALL, "model": {**SMALL["model"], "kind": "encoder-decoder", "embedding": 4}},
            {
                "inputs": [[3, 4, 5], [4, 5]] * 20,
                "targets": [[3], [4, 4, 4]] * 20,
                "vocabulary": ["<pad>", "<bos>", "<eos>", "a", "b", "c"],
            },
        ),
    ],
    ids=["tokens", "token stream", "text", "series", "pairs"],
)
def test_every_form_of_data_trains(configuration, data):
    run = weft.train(configuration, data, validation=0.2)
    assert np.isfinite(run.evaluate(split="validation")["loss"])


@pytest.mark.parametrize(
    ("data", "output", "loss"),
    [
        ((np.ones((8, 3, 1)), np.arange(8) % 2), "last-step", "cross-entropy"),
        ((np.ones((8, 3, 1)), np.arange(8) / 2), "last-step", "squared-error"),
        ((np.ones((8, 3, 1)), np.ones((8, 2)) / 3), "last-step", "squared-error"),
        ((np.ones((8, 3, 1)), np.ones((8, 3), int)), "every-step", "cross-entropy"),
        (([[1.0, 2.0], [1.0]] * 4, [[0, 1], [1]] * 4), "every-step", "cross-entropy"),
        (([[1.0, 2.0], [1.0]] * 4, ["a", "b"] * 4), "last-step", "cross-entropy"),
    ],
)
def test_what_a_configuration_leaves_open_follows_from_the_data(data, output, loss):
    run = weft.train({"model": {"cell": "lstm", "hidden": 4}}, data)
    found = run.configuration
    assert (found["model"]["output"], found["loss"]["kind"], found["training"]["epochs"]) == (output, loss, 20)
    given = {"model": {"cell": "lstm", "hidden": 4, "output": output}, "training": {"steps": 1}, "loss": {"kind": loss}}
    assert "epochs" not in weft.train(given, data).configuration["training"]


def test_a_configuration_file_s_data_are_beside_it(tmp_path, classifier, monkeypatch):
    (tmp_path / "data.h5").write_bytes((classifier.path / "data.h5").read_bytes())
    (tmp_path / "small.yaml").write_text(
        "data: {file: data.h5}\nmodel: {cell: gru, hidden: 4, output: mean}\ntraining: {steps: 3}\n"
    )
    monkeypatch.chdir("/")
    run = weft.train(tmp_path / "small.yaml", output=tmp_path / "run", overrides={"model": {"hidden": 5}})
    assert (run.configuration["model"]["cell"], run.configuration["model"]["hidden"]) == ("gru", 5)
    data = (np.ones((8, 3, 1)), np.arange(8) % 2)
    other = weft.train(str(tmp_path / "small.yaml"), data, overrides={"model.cell": "lstm"})
    assert (other.configuration["model"]["cell"], other.configuration["model"]["output"]) == ("lstm", "mean")
    assert weft.open_run(tmp_path / "run").evaluate()["count"] == 48


def test_keys_and_sections_may_be_mixed():
    configuration = {"model.cell": "gru", "model": {"hidden": 3}, "training.steps": 2, "training.seed": np.int64(4)}
    found = weft.train(configuration, (np.ones((8, 3, 1)), np.arange(8) % 2)).configuration
    assert (found["model"]["cell"], found["model"]["hidden"], found["training"]["seed"]) == ("gru", 3, 4)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(weft.Error, match="file/run: cannot be made"):
        weft.train(SMALL, (np.ones((8, 3, 1)), np.arange(8) % 2), tmp_path / "file/run")


def test_tokens_are_understood_as_in_training():
    tokens = np.random.default_rng(0).integers(0, 6, (80, 5))
    run = weft.train({"model": {"cell": "gru", "hidden": 8}, "training": {"epochs": 3}}, (tokens, tokens[:, 0] % 2))
    found = run.classify(tokens[:7])
    assert found["class"].tolist() == run.classify(split="train")["class"].tolist()[:7]
    assert run.evaluate((tokens[:7], tokens[:7, 0] % 2))["count"] == 7


def test_training_begins_with_the_weights_of_another_run(classifier):
    inputs, targets, lengths = sequences()
    data = {"inputs": inputs, "targets": targets, "lengths": lengths}
    overrides = {"training.epochs": 1, "optimizer.learning_rate": 1e-6}
    for initial in (classifier, classifier.path):
        with pytest.warns(weft.Note, match="took 5 of 5 parameters"):
            run = weft.train(CLASSIFIER, data, initial=initial, overrides=overrides, test=0.2, validation=0.1)
        np.testing.assert_allclose(run.weights["output/bias"], classifier.weights["output/bias"], atol=1e-3)
    fresh = weft.train(CLASSIFIER, data, overrides=overrides)
    assert np.abs(fresh.weights["output/bias"] - classifier.weights["output/bias"]).max() > 1e-3


def test_a_folder_with_a_run_is_not_overwritten(classifier):
    before = (classifier.path / "data.h5").stat().st_mtime_ns
    with pytest.raises(weft.UsageError, match="resume=True"):
        weft.train(CLASSIFIER, (np.ones((4, 3, 2)), [0, 1, 0, 1]), classifier.path)
    assert (classifier.path / "data.h5").stat().st_mtime_ns == before


def test_a_resumed_run_is_as_one_that_was_not_interrupted(tmp_path):
    inputs, targets, _ = sequences(64)
    whole = weft.train(CLASSIFIER, (inputs, targets), tmp_path / "whole", overrides={"training.epochs": 4})
    part = weft.train(CLASSIFIER, (inputs, targets), tmp_path / "part", overrides={"training.epochs": 2})
    assert part.resume(overrides={"training.epochs": 4}) is part
    again = weft.train(CLASSIFIER, (inputs, targets), part.path, overrides={"training.epochs": 5}, resume=True)
    assert again.metrics["step"].max() == 20
    whole.resume(overrides={"training.epochs": 5})
    for name, value in whole.weights.items():
        np.testing.assert_array_equal(again.weights[name], value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": {"cel": "gru"}}, "cell"),
        ({"model": {"cell": object()}}, "neither a text"),
        ({"training": {"epochs": -1}}, "^configuration: training.epochs"),
    ],
)
def test_a_wrong_configuration_is_told(change, message):
    with pytest.raises(weft.Error, match=message):
        weft.train({**SMALL, **change}, (np.ones((4, 3, 2)), [0, 1, 0, 1]))


def test_data_that_are_not_finite_are_told():
    inputs, targets, _ = sequences(16)
    inputs[3, 1, 0] = np.nan
    with pytest.raises(weft.Error, match=r"sequence|row|step"):
        weft.train(CLASSIFIER, (inputs, targets))


def test_notes_of_a_run_are_warnings(stand_in):
    stand_in(
        """echo '{"event":"note","text":"skipped a damaged checkpoint"}'; echo 'weft: error: enough' >&2; exit 1"""
    )
    with pytest.warns(weft.Note, match="damaged"), pytest.raises(weft.Error, match=r"^enough$"):
        weft.train(SMALL, (np.ones((8, 3, 1)), np.arange(8) % 2))


LONG = {**FORECASTER, "training": {"epochs": 100000, "batch": 16}}


def test_an_interrupt_saves_a_checkpoint(tmp_path):
    def interrupt(event):
        if event["event"] == "step" and not timer.is_alive():
            timer.start()

    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        weft.train(LONG, series(), folder, validation=0.2, on_event=interrupt)
    assert list(folder.glob("checkpoint-*.h5"))
    assert not (folder / "run.lock").exists()
    stopped_at = weft.open_run(folder).metrics["step"].max()
    resumed = weft.open_run(folder).resume(overrides={"training.epochs": None, "training.steps": int(stopped_at) + 50})
    assert resumed.metrics["step"].max() == stopped_at + 50


def test_ctrl_c_in_a_terminal_interrupts_once(tmp_path):
    """The whole foreground group receives the signal, of which a second one would end the program at once."""
    program = (
        "import sys, weft; sys.path.insert(0, sys.argv[1]); from test_training import LONG, series\n"
        "try: weft.train(LONG, series(), sys.argv[2], on_event=lambda event: print(event['event'], flush=True))\n"
        "except KeyboardInterrupt: print('interrupted')"
    )
    here = os.path.dirname(__file__)
    command = [sys.executable, "-c", program, here, str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        while "step" not in process.stdout.readline():
            pass
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read().endswith("interrupted\n")
    assert list((tmp_path / "run").glob("checkpoint-*.h5"))


def test_an_error_in_on_event_ends_the_run(tmp_path):
    def fail(event):
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        weft.train(LONG, series(), tmp_path / "run", on_event=fail)
    assert list((tmp_path / "run").glob("checkpoint-*.h5"))
