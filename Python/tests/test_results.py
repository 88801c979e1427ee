"""Files of ``weft predict`` as arrays."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import weft


@pytest.fixture
def read(tmp_path):
    """A function that writes datasets to a file and reads them as predictions."""

    def write(**datasets):
        path = tmp_path / "predictions.h5"
        with h5py.File(path, "w") as file:
            for name, values in datasets.items():
                texts = isinstance(values[0], str)
                file.create_dataset(name, data=values, dtype=h5py.string_dtype() if texts else None)
        return weft.Predictions.read(path)

    return write


def test_classes_have_their_names(read):
    found = read(
        sequence=[0, 1], names=["é", "b"], classes=["x", "y"], predicted=[1, 0], probabilities=[[0.1, 0.9], [1, 0]]
    )
    assert found.main.tolist() == ["y", "x"]
    assert found.names.tolist() == ["é", "b"]
    assert found.targets is None


def test_classes_without_names_are_numbers(read):
    found = read(classes=["0", "1", "2"], predicted=[2, 0], probabilities=np.eye(3)[[2, 0]])
    assert found.main.tolist() == [2, 0]


def test_outputs_of_every_step_are_divided(read):
    found = read(offsets=[0, 2, 2, 5], predictions=np.arange(10.0).reshape(5, 2))
    assert [part.shape for part in found.main] == [(2, 2), (0, 2), (3, 2)]
    np.testing.assert_array_equal(found.main[2], [[4, 5], [6, 7], [8, 9]])


@pytest.mark.parametrize(
    ("datasets", "name"),
    [
        ({"probabilities": [[0.5, 0.7]]}, "probabilities"),
        ({"predictions": [[1.0, 2.0]]}, "predictions"),
        ({"median": [[[1.0]]], "levels": [0.1], "quantiles": [[[[1.0]]]], "origin": [3], "series": [0]}, "median"),
        ({"scores": [1.0], "feature_scores": [[1.0]], "values": [[2.0]]}, "scores"),
        ({"text": ["a b"], "score": [-1.0]}, "text"),
        ({"states": [[1.0]], "targets": [0]}, "states"),
    ],
)
def test_each_kind_of_model_has_its_values(read, datasets, name):
    found = read(**datasets)
    np.testing.assert_array_equal(found.main, datasets[name])


def test_forecasts_have_times_and_names(read):
    answer = {"origin": 3, "median": [[1.0, 5.0], [2.0, 6.0]], "levels": [0.1], "quantiles": [[[0.5, 4.0], [1.5, 5.0]]]}
    plain = weft.Forecast.of(answer)
    assert plain.series is None
    assert plain.targets == ()
    assert plain.to_frame().columns.tolist() == ["median", 0.1]
    told = weft.Forecast.of(answer | {"series": "a", "targets": ["y", "z"], "time": ["2026-01-31", "2026-02-28"]})
    assert (told.series, told.targets) == ("a", ("y", "z"))
    frame = told.to_frame(target=1)
    assert frame["time"].tolist() == ["2026-01-31", "2026-02-28"]
    assert frame["median"].tolist() == [5, 6]
    assert frame.index.tolist() == [3, 4]
    found = read(median=[[[1.0]]], time=[[86400.0]], target_names=["y"])
    assert found.time.tolist() == [[86400]]
    assert found.target_names.tolist() == ["y"]


def test_one_number_a_row_is_no_array(read):
    assert read(predictions=[[1.0], [2.0]]).main.tolist() == [1, 2]


def test_a_file_without_predictions_is_told(read):
    with pytest.raises(ValueError, match="no predictions"):
        _ = read(sequence=[0]).main
