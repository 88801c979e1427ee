"""Makes files of Keras's weights alone, of networks that only their blocks describe.

    make_weights.py FOLDER

Writes .weights.h5 of Keras 3 and .h5 of Keras 2, which names its layers in order, and groups in FOLDER/expected.h5 as
make_models.py does, with the blocks of each network.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy
import tf_keras
from make_layers import FEATURES, STEPS, randomize

TOKENS = 11


def networks(l):
    """Name, layers and blocks."""
    last = "{pool: last}"
    yield "dense-twice", [l.LSTM(4), l.Dense(5, activation="relu"), l.Dense(2)], [
        "{cell: lstm, hidden: 4}", last, "{dense: 5, activation: relu}"]
    yield "convolution", [
        l.Conv1D(6, 3, padding="same", activation="relu"), l.Conv1D(5, 2, padding="causal", dilation_rate=2),
        l.Dropout(0.2), l.MaxPooling1D(2), l.LSTM(4), l.Dense(2)], [
        "{convolution: 6, width: 3, activation: relu}", "{convolution: 5, width: 2, dilation: 2, padding: causal}",
        "{pooling: maximum, width: 2, stride: 2, padding: valid}", "{cell: lstm, hidden: 4}", last]
    yield "normalized", [
        l.Conv1D(6, 3, activation="relu"), l.BatchNormalization(), l.GRU(4, return_sequences=True),
        l.LayerNormalization(), l.GlobalMaxPooling1D(), l.Dense(2)], [
        "{convolution: 6, width: 3, padding: valid, activation: relu}", "{normalization: batch, epsilon: 0.001}",
        "{cell: gru-reset-after, hidden: 4}", "{normalization: layer, epsilon: 0.001}", "{pool: maximum}"]
    yield "dense-first", [
        l.Dense(6, activation="tanh"), l.Bidirectional(l.GRU(4, return_sequences=True), merge_mode="sum"),
        l.GlobalAveragePooling1D(), l.Dense(2)], [
        "{dense: 6, activation: tanh}", "{cell: gru-reset-after, hidden: 4, bidirectional: true, merge: sum}",
        "{pool: mean}"]
    # Every layer has as many outputs as inputs, so that sizes do not tell the order.
    yield "equal", [
        l.LSTM(FEATURES, return_sequences=True), l.GRU(FEATURES, return_sequences=True, reset_after=False),
        l.SimpleRNN(FEATURES, activation="relu", return_sequences=True), l.LSTM(FEATURES), l.Dense(FEATURES)], [
        "{cell: lstm, hidden: 5}", "{cell: gru, hidden: 5}", "{cell: rnn-relu, hidden: 5}",
        "{cell: lstm, hidden: 5}", last]
    yield "flat", [l.LSTM(4, return_sequences=True), l.Flatten(), l.Dense(3, activation="relu"), l.Dense(2)], [
        "{cell: lstm, hidden: 4}", f"{{convolution: 3, width: {STEPS}, padding: valid, activation: relu}}", last]
    yield "tokens", [
        l.Embedding(TOKENS, 6), l.Bidirectional(l.LSTM(4, return_sequences=True)), l.LSTM(3, activation="relu"),
        l.Dense(4, activation="tanh"), l.Dense(2)], [
        "{cell: lstm, hidden: 4, bidirectional: true}", "{cell: lstm, hidden: 3, activation: relu}", last,
        "{dense: 4, activation: tanh}"]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(5)
    features = random.normal(size=(3, STEPS, FEATURES)).astype(numpy.float32)
    tokens = random.integers(0, TOKENS, (3, STEPS)).astype(numpy.int32)
    with h5py.File(folder / "expected.h5", "w") as file:
        for module, suffix in [(keras, ".weights.h5"), (tf_keras, ".h5")]:
            for name, layers, blocks in networks(module.layers):
                inputs = tokens if name == "tokens" else features
                model = module.Sequential([module.Input(inputs.shape[1:])] + layers)
                randomize(model)
                model.save_weights(folder / (name + suffix))
                outputs = model(inputs)
                outputs = outputs.detach().numpy() if module is keras else outputs.numpy()
                group = file.create_group(name + suffix)
                group["inputs"], group["lengths"] = inputs, numpy.full(3, STEPS, numpy.int32)
                group["outputs"] = outputs.reshape(-1)
                group.attrs.update({
                    "file": name + suffix, "format": "keras-weights", "cell": "", "steps": "",
                    "blocks": f"[{', '.join(blocks)}]"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
