#!/usr/bin/env python3
"""Makes the files beside it, with the programs whose formats they are: numpy, SentencePiece, aeon and h5py.

Needs numpy, h5py, sentencepiece and aeon from PyPI; the same versions give the same files:
numpy 2, h5py 3, sentencepiece 0.2.1, aeon 1.6.
"""

import io
import json
import pathlib

import h5py
import numpy as np
import sentencepiece
from aeon.datasets import load_from_ts_file

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(7)


def arrays():
    """All types, orders and versions of the format; what they hold once more in HDF5."""
    values = {
        "bool": np.array([True, False, True]),
        "halves": RANDOM.normal(size=(4, 3)).astype("f2"),
        "singles": RANDOM.normal(size=(5, 2)).astype(">f4"),
        "doubles": np.asfortranarray(RANDOM.normal(size=(3, 4, 5))),
        "doubles_big_fortran": np.asfortranarray(RANDOM.normal(size=(4, 2, 2)).astype(">f8")),
        "single_value": np.array(2.5),
    }
    for size in (1, 2, 4, 8):
        values[f"int{8 * size}"] = RANDOM.integers(-100, 100, (3, 2)).astype(f">i{size}" if size > 2 else f"<i{size}")
        values[f"uint{8 * size}"] = RANDOM.integers(0, 200, (2, 3)).astype(f"<u{size}" if size > 2 else f">u{size}")
    np.savez(HERE / "stored.npz", **values)
    np.savez_compressed(HERE / "deflated.npz", **values)
    for version in (1, 2, 3):
        with open(HERE / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(6.0).reshape(2, 3), version=(version, 0))
    np.save(HERE / "complex.npy", np.array([1j]))
    with h5py.File(HERE / "arrays.h5", "w") as file:
        for name, value in values.items():
            file[name] = value.astype(value.dtype.newbyteorder("<"))


def subwords():
    """Models of both kinds, and how SentencePiece cuts lines with them."""
    text = [
        "the weaver wove the weft into the warp",
        "the weft runs over and under the warp",
        "a warp thread runs along the loom, a weft thread across",
        "weaving, the weaver beats the weft against the woven cloth",
    ] * 8
    lines = text[:4] + ["  indented  twice", "naïve café ☕", "", "THE WEFT", "<unk> and ▁"]
    result = {"lines": lines}
    for kind in ("bpe", "unigram"):
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text), model_writer=model, model_type=kind, vocab_size=340,
            hard_vocab_limit=False, normalization_rule_name="identity", remove_extra_whitespaces=False,
            byte_fallback=True, user_defined_symbols=["\n"], bos_id=-1, eos_id=-1, minloglevel=2)
        (HERE / f"{kind}.model").write_bytes(model.getvalue())
        processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        result[kind] = [processor.encode(line) for line in lines]
    (HERE / "subwords.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


ARCHIVE = """#A remark
%Another remark
@problemName Small
@timeStamps false
@missing {missing}
@univariate false
@dimensions 2
@equalLength {equal}
@classLabel true b a 10
@data
"""


def archives():
    """Small archives, and what aeon reads in them."""
    def series(length):
        return [",".join(f"{value:.4f}" for value in RANDOM.normal(size=length)) for _ in range(2)]

    with h5py.File(HERE / "archives.h5", "w") as file:
        for name, lengths in (("Ragged_TRAIN", [3, 1, 5, 2]), ("Ragged_TEST", [4, 2]), ("Dense", [3, 3, 3])):
            labels = ["a", "b", "10", "a"]
            text = ARCHIVE.format(missing="false", equal="true" if name == "Dense" else "false")
            for length, label in zip(lengths, labels):
                text += ":".join(series(length) + [label]) + "\n"
            path = HERE / f"{name}.ts"
            path.write_text(text)
            values, targets = load_from_ts_file(str(path))
            file[f"{name}/inputs"] = np.concatenate([value.T for value in values]).astype("f4")
            file[f"{name}/lengths"] = [value.shape[1] for value in values]
            file[f"{name}/targets"] = [str(target) for target in targets]
    text = ARCHIVE.format(missing="true", equal="false")
    (HERE / "Missing.ts").write_text(text + "1,?,3:4,5,?:a\n")


def sequences():
    """Sequences of HDF5's own variable length."""
    with h5py.File(HERE / "sequences.h5", "w") as file:
        inputs = file.create_dataset("x", (6,), dtype=h5py.vlen_dtype(">f4"))
        targets = file.create_dataset("y", (6,), dtype=h5py.vlen_dtype("<i8"))
        for index in range(6):
            inputs[index] = np.arange(index + 1) + 0.5 * index
            targets[index] = np.arange(index % 3 + 1)
        file["note"] = "beside the sequences"


arrays()
subwords()
archives()
sequences()
