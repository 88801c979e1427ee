"""Makes Keras models that read texts, with the numbers that they give the words of one.

    make_vocabularies.py FOLDER (Keras on TensorFlow)

Writes .keras archives and, in FOLDER/expected.h5, for each a group with the `text` and its `numbers`.
"""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy
from keras import layers

TEXTS = ["The cat sat on the mat", "the dog sat", "a Cat ran; a dog ran"]
WORDS = ["the", "cat", "sat", "on", "dog"]


def models():
    """Name, layer, number of tokens, and a text without punctuation."""
    layer = layers.TextVectorization(max_tokens=12)
    layer.adapt(TEXTS)
    yield "adapted", layer, 12, "The dog saw a cat on the mat"
    yield "given", layers.TextVectorization(vocabulary=WORDS, standardize="lower"), 7, "The dog saw the cat"
    # Words keep their punctuation: "mat," is not "mat" and ",".
    marked = ["the", "cat,", "cat", "sat!", "U.S."]
    yield "marked", layers.TextVectorization(vocabulary=marked, standardize=None), 7, "the cat, cat sat! sat U.S. , don't"
    layer = layers.TextVectorization(standardize=None, split="character")
    layer.adapt(TEXTS)
    yield "characters", layer, layer.vocabulary_size(), "the Cat?"
    layer = layers.StringLookup()
    layer.adapt(" ".join(TEXTS).split())
    yield "lookup", layer, layer.vocabulary_size(), "the dog saw Cat"


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(1)
    with h5py.File(folder / "expected.h5", "w") as file:
        for name, layer, tokens, text in models():
            isLookup = isinstance(layer, layers.StringLookup)
            entry = keras.Input((None,) if isLookup else (1,), dtype="string")
            model = keras.Sequential([entry, layer, layers.Embedding(tokens, 3), layers.LSTM(4), layers.Dense(2)])
            model.save(folder / f"{name}.keras")
            numbers = layer(numpy.array([text.split()] if isLookup else [text]))
            group = file.create_group(f"{name}.keras")
            group.attrs["text"] = text
            group["numbers"] = numpy.asarray(numbers).reshape(-1).astype(numpy.int32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
