"""Trials of the features in Keras; the models are those of the everyday tasks."""

import h5py
import keras
import keras_tuner
import numpy as np
import pandas
from classify_keras import network, read
from features import feature
from text_keras import network as character_network

CLASSES = ["a", "b", "c", "d"]
INPUTS, TARGETS = (part[:100] for part in read("movements.csv", CLASSES))
LETTERS = sorted(set(open("plays.txt").read()))
INDEX = {letter: number for number, letter in enumerate(LETTERS)}
ABSENT = ("ragged", "report")


def fit(model, **options):
    keras.utils.set_random_seed(1)
    model.fit(INPUTS, TARGETS, **{"validation_split": 0.2, "batch_size": 16, "epochs": 1, "verbose": 0} | options)
    return model


@feature("predict")
def predict():
    model = network(4, 8)
    probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(model.predict(INPUTS, verbose=0)))
    table = pandas.DataFrame(probabilities, columns=CLASSES)
    table.insert(0, "predicted", table.idxmax(axis=1))
    table.to_csv("predictions.csv")


@feature("score")
def score():
    model = character_network(len(LETTERS), batch_shape=(None, None))
    for line in open("play.txt").read().splitlines()[:3]:
        tokens = np.array([[INDEX[letter] for letter in "\n" + line + "\n"]])
        logits = model.predict_on_batch(tokens[:, :-1])
        losses = keras.losses.sparse_categorical_crossentropy(tokens[:, 1:], logits, from_logits=True)
        print(-float(keras.ops.sum(losses)), line)


@feature("classes")
def classes():
    old, known = network(4, 8), CLASSES
    new = ["c", "d", "e"]
    model = network(len(new), 8)
    model.layers[1].set_weights(old.layers[1].get_weights())
    weights, bias = model.layers[-1].get_weights()
    old_weights, old_bias = old.layers[-1].get_weights()
    for column, name in enumerate(new):
        if name in known:
            weights[:, column] = old_weights[:, known.index(name)]
            bias[column] = old_bias[known.index(name)]
    model.layers[-1].set_weights([weights, bias])


@feature("freeze", "built in")
def freeze():
    model = network(4, 8)
    model.layers[1].trainable = False
    before = model.layers[1].get_weights()[1]
    model.compile(optimizer="adam", loss=model.loss)
    fit(model)
    assert (model.layers[1].get_weights()[1] == before).all()


@feature("rates")
def rates():
    class ByLayer(keras.optimizers.Adam):
        """Scales the steps of some variables: the optimizer has one rate."""

        def update_step(self, gradient, variable, learning_rate):
            factor = 0.1 if "gru" in variable.path else 1
            super().update_step(gradient, variable, learning_rate * factor)

    model = network(4, 8)
    model.compile(optimizer=ByLayer(0.01), loss=model.loss)
    fit(model)


@feature("class_weights", "built in")
def class_weights():
    counts = np.bincount(TARGETS, minlength=4)
    fit(network(4, 8), class_weight=dict(enumerate(counts.sum() / (4 * counts))))


@feature("focal", "built in")
def focal():
    model = keras.Sequential([*network(4, 8).layers, keras.layers.Softmax()])
    model.compile(optimizer="adam", loss=keras.losses.CategoricalFocalCrossentropy())
    model.fit(INPUTS, keras.ops.one_hot(TARGETS, 4), verbose=0)


@feature("weights", "built in")
def weights():
    fit(network(4, 8), sample_weight=np.ones(100))


def tuner():
    return keras_tuner.Hyperband(
        lambda choice: network(4, choice.Choice("hidden", [4, 8, 16])), objective="val_accuracy", max_epochs=2,
        factor=2, directory="search", project_name="a")


@feature("search")
def search():
    tuner = keras_tuner.Hyperband(
        lambda choice: network(4, choice.Choice("hidden", [4, 8, 16])),
        objective="val_accuracy", max_epochs=2, factor=2, directory="search", project_name="a",
    )
    tuner.search(INPUTS, TARGETS, validation_split=0.2, verbose=0)


@feature("search_resume", "built in")
def search_resume():
    tuner().search(INPUTS, TARGETS, validation_split=0.2, verbose=0)
    assert len(list(tuner().oracle.trials)) > 0


@feature("bits")
def bits():
    class Ordered(keras.utils.PyDataset):
        """Orders each epoch by its number: the order of `fit` is lost with the process."""

        def __init__(self, first=0):
            super().__init__()
            self.epoch = first
            self.on_epoch_begin()

        def on_epoch_begin(self):
            self.order = np.random.default_rng(self.epoch).permutation(len(INPUTS))

        def on_epoch_end(self):
            self.epoch += 1

        def __len__(self):
            return len(INPUTS) // 20

        def __getitem__(self, index):
            rows = self.order[20 * index : 20 * (index + 1)]
            return INPUTS[rows], TARGETS[rows]

    def fit(epochs, folder):
        import json
        import os
        keras.utils.set_random_seed(1)
        model = network(4, 8)
        backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
        path = f"{folder}/training_metadata.json"
        first = json.load(open(path))["epoch"] if os.path.exists(path) else 0
        model.fit(Ordered(first), epochs=epochs, callbacks=[backup], shuffle=False, verbose=0)
        return model.get_weights()

    whole = fit(4, "whole")
    fit(2, "part")
    resumed = fit(4, "part")
    assert all((a == b).all() for a, b in zip(whole, resumed))


@feature("best", "built in")
def best():
    fit(network(4, 8), epochs=2, callbacks=[
        keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", save_best_only=True),
        keras.callbacks.EarlyStopping(patience=1),
    ])


@feature("step")
def step():
    trained = character_network(len(LETTERS))
    model = character_network(len(LETTERS), batch_shape=(1, 1), stateful=True)
    model.set_weights(trained.get_weights())
    for letter in "Th":
        logits = model.predict_on_batch(np.array([[INDEX[letter]]]))
        print(LETTERS[logits[0, 0].argmax()])


@feature("saved_states")
def saved_states():
    model = character_network(len(LETTERS), batch_shape=(1, 1), stateful=True)
    model.predict_on_batch(np.array([[1]]))
    np.savez("state.npz", *[keras.ops.convert_to_numpy(state) for state in model.layers[1].states])
    for state, saved in zip(model.layers[1].states, np.load("state.npz").values()):
        state.assign(saved)


@feature("larger")
def larger():
    with h5py.File("large.h5", "w") as file:
        file["inputs"], file["targets"] = np.zeros((200, 60, 2), "float32"), np.zeros(200, int)

    class Stored(keras.utils.PyDataset):
        def __init__(self, path, batch):
            super().__init__()
            self.file, self.batch = h5py.File(path), batch
            self.on_epoch_end()

        def __len__(self):
            return len(self.file["targets"]) // self.batch

        def __getitem__(self, index):
            rows = np.sort(self.order[index * self.batch : (index + 1) * self.batch])
            return self.file["inputs"][rows], self.file["targets"][rows]

        def on_epoch_end(self):
            self.order = np.random.permutation(len(self.file["targets"]))

    network(4, 8).fit(Stored("large.h5", 20), verbose=0)


@feature("bfloat16", "built in")
def bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    fit(network(4, 8))
    keras.config.set_dtype_policy("float32")


@feature("onnx", "built in")
def onnx():
    network(4, 8).save("a.keras")
    # In another process: it exports with the operators of PyTorch.
    program = "import keras; m = keras.models.load_model('a.keras'); import numpy; "
    program += "m.predict(numpy.zeros((1, 60, 2)), verbose=0); m.export('a.onnx', format='onnx', verbose=False)"
    import os, subprocess, sys
    subprocess.run([sys.executable, "-c", program], env=os.environ | {"KERAS_BACKEND": "torch"}, check=True)


@feature("layers", "built in")
def layers():
    class Gate(keras.layers.Layer):
        def build(self, shape):
            self.gate = keras.layers.Dense(shape[-1], activation="sigmoid")
            self.gate.build(shape)

        def call(self, inputs):
            return inputs * self.gate(inputs)

    model = keras.Sequential([keras.layers.GRU(8), Gate(), keras.layers.Dense(4)])
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fit(model)


@feature("threads", "no")
def threads():
    import subprocess, sys
    program = """
import os, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
import keras, numpy
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.LSTM(256, return_sequences=True), keras.layers.Dense(1000)])
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
random = numpy.random.default_rng(1)
model.fit(random.normal(size=(64, 50, 64)), random.integers(0, 1000, (64, 50)), verbose=0)
print(model.get_weights()[1].tobytes().hex())
"""
    weights = [
        subprocess.run([sys.executable, "-c", program, count], capture_output=True, check=True).stdout
        for count in ("1", "2")]
    assert weights[0] != weights[1]


@feature("quantiles")
def quantiles():
    from forecast_keras import LEVELS, windows

    def loss(targets, quantiles):
        errors = targets[..., None] - quantiles
        return keras.ops.mean(keras.ops.maximum(LEVELS * errors, (LEVELS - 1) * errors))

    model = keras.Sequential([keras.layers.GRU(8), keras.layers.Dense(36), keras.layers.Reshape((12, 3))])
    model.compile(optimizer="adam", loss=loss)
    model.fit(*windows(pandas.read_csv("sales.csv")["sales"].to_numpy("float32")), verbose=0)


@feature("backtest")
def backtest():
    from forecast_keras import windows
    series = pandas.read_csv("sales.csv")["sales"].to_numpy("float32")
    model = keras.Sequential([keras.layers.GRU(8), keras.layers.Dense(12)])
    contexts, targets = (part[::12] for part in windows(series[168:]))
    levels = series[168 + 23 :: 12][: len(targets), None]
    errors = levels * (model.predict(contexts, verbose=0) - targets)
    print("mase", np.abs(errors).mean() / np.abs(series[12:] - series[:-12]).mean())
