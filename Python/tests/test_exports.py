"""Models in other libraries give what the program gives."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import needs_predict, sequences

import weft


@pytest.fixture(scope="module")
def run():
    inputs, targets, _ = sequences(64)
    configuration = {
        "model": {"cell": "gru", "hidden": 6, "output": "last-step"},
        "training": {"epochs": 3, "batch": 16},
    }
    return weft.train(configuration, (inputs.astype("float32"), targets))


@pytest.fixture(scope="module")
def inputs():
    return sequences(5, seed=9)[0].astype("float32")


def test_libraries_agree(run, inputs):
    torch = pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    keras = pytest.importorskip("keras")
    first, second = run.to_torch(), run.to_torch()
    with torch.no_grad():
        outputs = first(torch.tensor(inputs)).numpy()
    assert outputs.shape == (5, 2)
    assert type(first) is not type(second)
    model = run.to_keras()
    assert isinstance(model, keras.Model)
    np.testing.assert_allclose(np.asarray(model.predict(inputs, verbose=0)), outputs, atol=1e-5)


def test_onnx_gives_probabilities(run, inputs):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    model = run.to_onnx(probabilities=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(None, {session.get_inputs()[0].name: inputs})
    np.testing.assert_allclose(probabilities.max(1), run.classify(inputs)["probability"], atol=1e-5)


@needs_predict
def test_onnx_agrees_with_the_program(run, inputs):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(run.to_onnx(probabilities=True).SerializeToString())
    (probabilities,) = session.run(None, {session.get_inputs()[0].name: inputs})
    np.testing.assert_allclose(probabilities, run.probabilities(inputs), atol=1e-5)


def test_a_file_is_not_replaced_unless_asked(run, tmp_path):
    path = run.export(tmp_path / "model.onnx", "onnx")
    with pytest.raises(weft.Error, match="exists"):
        run.export(path, "onnx")
    assert run.export(path, "onnx", overwrite=True) == path


def test_a_library_that_is_missing_is_named(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(ImportError, match=r"weft\[onnx\]"):
        run.to_onnx()
