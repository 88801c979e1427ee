"""Arrays of every kind, as the program reads them from the file."""

from __future__ import annotations

import tracemalloc

import h5py
import numpy as np
import pandas as pd
import pytest

import weft
from weft._datasets import splits_of, write
from weft._splits import Layout

SEQUENCES = Layout()
SERIES = Layout(series=True)


@pytest.fixture
def written(tmp_path):
    """A function that writes data and returns all datasets of the file."""

    def write_data(data, layout=SEQUENCES, configuration=None, **division):
        path = tmp_path / "data.h5"
        write(path, splits_of(data, layout, **division), configuration or {})
        found = {}
        with h5py.File(path) as file:

            def visit(name, item):
                if isinstance(item, h5py.Dataset):
                    found[name] = item.asstr()[()] if h5py.check_string_dtype(item.dtype) else item[()]

            file.visititems(visit)
        assert [path.name for path in tmp_path.iterdir()] == ["data.h5"]
        return found

    return write_data


def test_arrays_are_dense(written):
    inputs, targets = np.random.default_rng(0).normal(size=(5, 4, 3)), np.arange(5)
    found = written({"inputs": inputs, "targets": targets, "lengths": [1, 2, 3, 4, 4]})
    assert set(found) == {"train/inputs", "train/targets", "train/lengths"}
    np.testing.assert_array_equal(found["train/inputs"], inputs)
    np.testing.assert_array_equal(found["train/lengths"], [1, 2, 3, 4, 4])


def test_numbers_without_features_have_one(written):
    found = written((np.ones((5, 4)), np.ones(5)))
    assert found["train/inputs"].shape == (5, 4, 1)


def test_lists_are_ragged(written):
    parts = [np.full((length, 2), length) for length in (3, 0, 1)]
    found = written({"inputs": parts, "targets": [0, 1, 0]})
    np.testing.assert_array_equal(found["train/offsets"], [0, 3, 3, 4])
    np.testing.assert_array_equal(found["train/inputs"], np.concatenate(parts))
    np.testing.assert_array_equal(found["train/targets"], [0, 1, 0])


def test_targets_of_every_step_share_the_offsets(written):
    found = written({"inputs": [[1.0, 2.0], [3.0]], "targets": [["a", "b"], ["a"]]})
    np.testing.assert_array_equal(found["train/targets"], [0, 1, 0])
    assert found["classes"].tolist() == ["a", "b"]
    assert "train/target_offsets" not in found


def test_targets_of_other_lengths_have_offsets_of_their_own(written):
    found = written({"inputs": [[1, 2], [3]], "targets": [[1], [2, 3, 4]]})
    np.testing.assert_array_equal(found["train/offsets"], [0, 2, 3])
    np.testing.assert_array_equal(found["train/target_offsets"], [0, 1, 4])


def test_several_numbers_a_sequence_are_rows(written):
    found = written({"inputs": [[1.0, 2.0, 3.0], [3.0]], "targets": [[1, 2], [2, 3]]})
    np.testing.assert_array_equal(found["train/targets"], [[1, 2], [2, 3]])


def test_padded_tokens_are_ragged_and_so_are_their_targets(written):
    tokens = np.array([[1, 2, 0], [3, 0, 0]])
    found = written({"inputs": tokens, "targets": tokens + 1, "lengths": [2, 1]})
    np.testing.assert_array_equal(found["train/inputs"], [1, 2, 3])
    np.testing.assert_array_equal(found["train/targets"], [2, 3, 4])
    np.testing.assert_array_equal(found["train/offsets"], [0, 2, 3])


def test_concatenated_sequences_keep_their_offsets(written):
    flat = np.arange(8.0).reshape(4, 2)
    found = written({"inputs": flat, "offsets": [0, 1, 4], "targets": [0, 1]}, validation=0.5)
    parts = np.concatenate([found["train/inputs"], found["validation/inputs"]])
    np.testing.assert_array_equal(np.sort(parts, 0), flat)


@pytest.mark.parametrize(
    "kind", ["torch", "pandas", "h5py", "list", "float16", "big-endian", "bfloat16", "nullable", "h5py matrix"]
)
def test_every_kind_of_array_is_written_alike(written, kind, tmp_path_factory):
    numbers = np.arange(24.0).reshape(6, 4, 1)
    if kind == "torch":
        value = pytest.importorskip("torch").tensor(numbers, requires_grad=True)
    elif kind == "bfloat16":
        torch = pytest.importorskip("torch")
        value = torch.tensor(numbers, dtype=torch.bfloat16)
    elif kind == "nullable":
        value = pd.DataFrame(numbers[:, :, 0]).astype("Float64")
    elif kind == "pandas":
        value = pd.DataFrame(numbers[:, :, 0])
    elif kind.startswith("h5py"):
        file = h5py.File(tmp_path_factory.mktemp("h5py") / "x.h5", "w")
        value = file.create_dataset("x", data=numbers if kind == "h5py" else numbers[:, :, 0])
    elif kind == "list":
        value = [row.tolist() for row in numbers]
    else:
        value = numbers.astype({"float16": "f2", "big-endian": ">f8"}[kind])
    found = written({"inputs": value, "targets": pd.Series([1, 0, 1, 0, 1, 0])}, validation=0.5, seed=3)
    parts = np.concatenate([found["train/inputs"], found["validation/inputs"]]).reshape(-1)
    np.testing.assert_array_equal(np.sort(parts), np.arange(24))


def test_what_a_table_misses_is_no_number(written):
    found = written(pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [None, 2.0]}), SERIES)
    np.testing.assert_array_equal(found["train/inputs"], [[1, np.nan], [np.nan, 2]])


def test_sequences_are_divided_by_the_seed(written):
    data = {"inputs": np.arange(50.0).reshape(50, 1, 1), "targets": np.arange(50)}
    first = written(data, validation=0.2, test=0.1, seed=1)
    assert [len(first[f"{name}/targets"]) for name in ("train", "validation", "test")] == [35, 10, 5]
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(first[f"{name}/inputs"][:, 0, 0], first[f"{name}/targets"])
    joined = np.concatenate([first[f"{name}/targets"] for name in ("train", "validation", "test")])
    np.testing.assert_array_equal(np.sort(joined), np.arange(50))
    again, other = (written(data, validation=0.2, test=0.1, seed=seed) for seed in (1, 2))
    np.testing.assert_array_equal(first["test/targets"], again["test/targets"])
    assert not np.array_equal(first["test/targets"], other["test/targets"])


def test_a_series_is_divided_by_time(written):
    found = written(pd.DataFrame({"a": np.arange(10), "b": 1.0}), SERIES, validation=0.2, test=0.2)
    np.testing.assert_array_equal(found["train/inputs"][:, 0], np.arange(6))
    np.testing.assert_array_equal(found["validation/inputs"][:, 0], [6, 7])
    np.testing.assert_array_equal(found["test/inputs"][:, 0], [8, 9])


def test_a_table_s_columns_are_named(tmp_path):
    path = tmp_path / "x.h5"
    write(path, splits_of(pd.DataFrame({"a": [1.0], "b": [2.0]}), SERIES), {})
    with h5py.File(path) as file:
        assert file["train/inputs"].attrs["feature_names"].tolist() == ["a", "b"]


def test_integers_of_a_series_are_tokens(written):
    assert set(written(np.arange(9), SERIES)) == {"train/tokens"}


def test_the_configuration_names_the_datasets(written):
    configuration = {"data": {"inputs": ["/X_{split}"], "targets": "y", "split": {"train": "first"}}}
    found = written({"train": {"inputs": np.ones((2, 3, 1)), "targets": [0, 1]}}, SEQUENCES, configuration)
    assert set(found) == {"X_first", "first/y"}


def test_classes_are_numbered_over_all_splits(written):
    part = {"inputs": np.ones((2, 3, 1))}
    data = {"train": {**part, "targets": ["b", "c"]}, "test": {**part, "targets": np.array(["c", "a"], object)}}
    found = written(data)
    assert found["classes"].tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(found["train/targets"], [1, 2])
    np.testing.assert_array_equal(found["test/targets"], [2, 0])
    given = written({**data, "classes": ["c", "b", "a"]})
    np.testing.assert_array_equal(given["train/targets"], [1, 0])


@pytest.mark.parametrize(
    ("data", "division", "message"),
    [
        ({"inputs": np.ones((3, 2, 1)), "targets": [0, 1]}, {}, "targets: has 2 sequences, but inputs has 3"),
        ({"targets": None}, {}, "no inputs"),
        (np.ones(3), {}, r"inputs: has the shape \[3\]"),
        ({"inputs": [["a", "b"]]}, {}, "inputs: holds texts"),
        (pd.DataFrame({"a": [1.0], "when": pd.to_datetime(["2020-01-01"])}), {}, "column 'when'"),
        ({"inputs": np.ones((2, 2, 1), complex)}, {}, "inputs: holds values of the type complex128"),
        ({"inputs": [np.ones((2, 1)), np.ones((2, 3))]}, {}, "sequence 1 has the shape"),
        (np.ones((3, 2, 1)), {"validation": 1.5}, "validation must be a share"),
        (np.ones((2, 2, 1)), {"validation": 0.5, "test": 0.5}, "leave nothing of 2"),
        ({"train": (np.ones((2, 2, 1)), [0, 1])}, {"validation": 0.5}, "not divided again"),
        ({"inputs": np.ones((2, 2, 1)), "targets": ["x", "y"], "classes": ["x"]}, {}, "'y' is not among the classes"),
    ],
)
def test_what_does_not_fit_is_told_and_leaves_no_file(tmp_path, data, division, message):
    with pytest.raises(weft.UsageError, match=message):
        write(tmp_path / "x.h5", splits_of(data, SEQUENCES, **division), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["dense", "ragged", "h5py", "divided"])
def test_data_are_not_held_twice(tmp_path, form):
    size = 256 << 20
    inputs = np.ones((size // 8 // 256, 64, 4))
    data = {"dense": inputs, "divided": inputs, "ragged": list(inputs)}.get(form)
    if form == "h5py":
        data = h5py.File(tmp_path / "source.h5", "w").create_dataset("x", data=inputs)
        del inputs
    tracemalloc.start()
    write(tmp_path / "x.h5", splits_of(data, SEQUENCES, validation=0.1 if form == "divided" else 0), {})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size // 3
