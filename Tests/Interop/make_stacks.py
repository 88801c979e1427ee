"""Makes Keras models of many kinds of layers, with what Keras makes of random sequences.

    make_stacks.py FOLDER

Writes .keras archives and .h5 files, and groups in FOLDER/expected.h5 as make_models.py does. Expected outputs are the
values before a softmax or sigmoid of the last layer.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import h5py
import keras
import numpy
from keras import layers
from make_models import FEATURES, TOKENS, sequences, write


def recurrent(cell, units, every_step=False, **options):
    return getattr(layers, cell)(units, return_sequences=every_step, **options)


def both(cell, units, every_step=False, merge="concat"):
    return layers.Bidirectional(recurrent(cell, units, every_step), merge_mode=merge)


def stacks():
    dense = layers.Dense
    yield "sizes", False, [recurrent("LSTM", 9, True), recurrent("GRU", 5, True), recurrent("SimpleRNN", 3)], []
    yield "dense", False, [recurrent("LSTM", 7), dense(6, activation="relu"), dense(4, activation="tanh")], [
        dense(3, activation="softmax")]
    yield "dense-steps", False, [dense(6, activation="gelu"), recurrent("LSTM", 7, True),
                                 layers.TimeDistributed(dense(5, activation="elu"))], [dense(2)]
    yield "binary", True, [recurrent("GRU", 8), layers.Dropout(0.3), dense(5, activation="softplus")], [
        dense(1, activation="sigmoid")]
    for merge in ("sum", "ave", "mul"):
        yield f"merge-{merge}", False, [both("LSTM", 6, True, merge), both("GRU", 5, merge=merge)], [dense(2)]
    yield "bidirectional-then-forward", False, [both("LSTM", 6, True), recurrent("LSTM", 4)], [dense(2)]
    yield "backward", False, [recurrent("LSTM", 6, go_backwards=True)], [dense(2)]
    yield "batch-normalization", False, [
        layers.BatchNormalization(), recurrent("LSTM", 6, True), layers.BatchNormalization(scale=False),
        recurrent("GRU", 5), layers.BatchNormalization(), layers.Dropout(0.2), dense(4, activation="relu"),
        layers.BatchNormalization(center=False)], [dense(3, activation="softmax")]
    yield "convolution", False, [
        layers.Conv1D(6, 3, padding="causal", activation="relu"), layers.Conv1D(5, 2, dilation_rate=2,
        padding="same"), layers.ReLU(), recurrent("LSTM", 7)], [dense(2)]
    yield "convolution-strided", False, [
        layers.Conv1D(6, 3, strides=2, padding="same", activation="tanh"), recurrent("GRU", 5, True),
        layers.Conv1D(4, 3, padding="valid"), layers.GlobalMaxPooling1D()], [dense(2)]
    yield "average", True, [recurrent("LSTM", 6, True), layers.GlobalAveragePooling1D(), dense(4),
                            layers.Activation("relu")], [dense(3), layers.Softmax()]
    yield "hard-sigmoid", False, [recurrent("LSTM", 6), dense(5, activation="hard_sigmoid")], [dense(2)]
    yield "activation-after-states", False, [recurrent("LSTM", 6), layers.Activation("relu")], [dense(2)]
    yield "no-output", False, [recurrent("LSTM", 6), dense(5, activation="relu")], []
    yield "cells", False, [
        recurrent("LSTM", 6, True, activation="relu", recurrent_activation="hard_sigmoid"),
        recurrent("GRU", 5, True, activation="softplus", recurrent_activation="hard_sigmoid"),
        recurrent("GRU", 5, True, activation="elu", reset_after=False), recurrent("SimpleRNN", 4, activation="sigmoid")
    ], [dense(2)]
    yield "wide", False, [recurrent("LSTM", 64, True), recurrent("LSTM", 32), dense(16, activation="relu")], [
        dense(1)]
    yield "pooling", False, [
        layers.Conv1D(6, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling1D(2),
        recurrent("LSTM", 5, True), layers.AveragePooling1D(3, strides=2), layers.BatchNormalization(),
        layers.MaxPooling1D(2, strides=1, padding="same"), layers.GlobalAveragePooling1D()], [dense(2)]
    yield "layer-normalization", False, [
        recurrent("LSTM", 6, True), layers.LayerNormalization(), layers.TimeDistributed(layers.LayerNormalization(
            epsilon=1e-5, center=False)), recurrent("GRU", 5), layers.LayerNormalization(scale=False)], [dense(2)]
    yield "rnn-cells", False, [
        layers.RNN([layers.LSTMCell(6), layers.GRUCell(5)], return_sequences=True), layers.RNN(layers.LSTMCell(4)),
    ], [dense(2)]
    yield "slopes", False, [
        layers.Conv1D(6, 3), layers.LeakyReLU(negative_slope=0.1), recurrent("LSTM", 5), dense(6), layers.LeakyReLU(
            negative_slope=0.2), dense(4, activation="relu6")], [dense(2)]

def randomize(model):
    random = numpy.random.default_rng(7)
    for weight in model.weights:
        # Variances and scales are positive.
        low = 0.2 if "variance" in weight.path or "gamma" in weight.path else -0.5
        weight.assign(random.uniform(low, 0.9 if low > 0 else 0.5, weight.shape).astype(numpy.float32))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "expected.h5", "w") as expected:
        for number, (name, tokens, below, last) in enumerate(stacks()):
            first = [keras.Input((None,) if tokens else (None, FEATURES))]
            if tokens:
                first.append(layers.Embedding(TOKENS, 4))
            model = keras.Sequential(first + below + last)
            randomize(model)
            inputs, lengths = sequences(tokens, ragged=False)
            values = inputs
            for layer in model.layers:
                if isinstance(layer, layers.Softmax):
                    continue
                if layer in last and isinstance(layer, layers.Dense):
                    layer.activation = keras.activations.linear
                values = layer(values)
            outputs = numpy.asarray(values.detach().cpu())
            for layer in last:
                if isinstance(layer, layers.Dense):
                    layer.activation = {"dense": "softmax", "binary": "sigmoid", "batch-normalization": "softmax"}.get(
                        name, "linear")
                    layer.activation = keras.activations.get(layer.activation)
            file = name + (".keras" if number % 2 else ".h5")
            model.save(folder / file)
            write(
                expected.create_group(name), inputs, lengths, outputs.reshape(-1), file=file, format="keras", cell="",
                steps="")


if __name__ == "__main__":
    main()
