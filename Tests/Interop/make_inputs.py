"""Makes Keras models with several inputs.

    make_inputs.py FOLDER

Writes .keras archives of Keras 3 and .h5 files of Keras 2 with what Keras makes of random inputs: groups in
FOLDER/expected.h5 with all inputs side by side, as make_models.py does, and each of them in `datasets`; in FOLDER/refused
models that are not one sequence with what belongs to it.
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

STEPS, ROWS = 9, 3


class Inputs:
    """The inputs of a model: features [STEPS, n], tokens [STEPS], a vector [n] or tokens without order."""

    def __init__(self, module):
        self.module, self.layers, self.kinds = module, [], []

    def add(self, name, shape, kind, dtype="float32"):
        layer = self.module.Input(shape, name=name, dtype=dtype)
        self.layers.append(layer)
        self.kinds.append((name, shape, kind))
        return layer

    def features(self, name, count):
        return self.add(name, (STEPS, count), None)

    def tokens(self, name, count, steps=STEPS):
        return self.add(name, (steps,), count, "int32")

    def vector(self, name, count):
        return self.add(name, (count,), None)

    def values(self, random):
        result = []
        for _, shape, kind in self.kinds:
            shape = (ROWS,) + tuple(STEPS if size is None else size for size in shape)
            # Token 0 may be masked.
            result.append(random.normal(size=shape).astype(numpy.float32) if kind is None
                          else random.integers(1, kind, shape).astype(numpy.int32))
        return result


def two_tokens(n):
    def build(l, i):
        words, tags = l.Embedding(11, 4)(i.tokens("words", 11)), l.Embedding(6, 3)(i.tokens("tags", 6))
        return l.Dense(5, activation="softmax")(l.Bidirectional(l.LSTM(n))(l.Concatenate()([words, tags])))
    return build


def tokens_beside_numbers(l, i):
    words = l.SpatialDropout1D(0.1)(l.Embedding(11, 4, mask_zero=True)(i.tokens("words", 11)))
    states = l.LSTM(7, return_sequences=True)(l.concatenate([words, i.features("shapes", 3)]))
    return l.TimeDistributed(l.Dense(5, activation="softmax"))(states)


def numbers_before_tokens(l, i):
    shapes, words = i.features("shapes", 3), i.tokens("words", 11)
    return l.Dense(2)(l.GRU(7)(l.concatenate([shapes, l.Embedding(11, 4)(words)])))


def two_features(l, i):
    first, second = i.features("first", 3), i.features("second", 2)
    # Not in the order of the inputs.
    return l.Dense(2)(l.GRU(7)(l.Concatenate()([second, first])))


def two_recurrent(n):
    def build(l, i):
        first, second = i.features("first", 3), i.features("second", 2)
        second = l.LSTM(4)(l.LSTM(n, return_sequences=True)(second))
        return l.Dense(2)(l.Dropout(0.2)(l.concatenate([l.LSTM(n)(first), second])))
    return build


def recurrent_and_convolution(l, i):
    first, second = i.features("first", 3), i.features("second", 2)
    second = l.MaxPooling1D(2)(l.Conv1D(4, 3, activation="relu")(l.BatchNormalization()(second)))
    return l.Dense(2)(l.concatenate([l.LSTM(7)(first), l.Flatten()(second)]))


def vector_after(n):
    def build(l, i):
        series, meta = i.features("series", 3), i.vector("meta", 4)
        joined = l.concatenate([l.LSTM(n)(series), l.Dense(3, activation="relu")(l.BatchNormalization()(meta))])
        return l.Dense(1, activation="sigmoid")(l.Dense(5, activation="relu")(joined))
    return build


def vector_as_it_is(l, i):
    meta, series = i.vector("meta", 4), i.features("series", 3)
    return l.Dense(2)(l.Concatenate()([l.LSTM(7)(series), meta]))


def vector_before(l, i):
    series, meta = i.features("series", 3), i.vector("meta", 4)
    repeated = l.RepeatVector(STEPS)(l.Dense(3, activation="tanh")(meta))
    return l.Dense(2)(l.LSTM(7)(l.concatenate([series, repeated])))


def vectors_together(l, i):
    series, meta, more = i.features("series", 3), i.vector("meta", 4), i.vector("more", 2)
    joined = l.Dense(5, activation="relu")(l.concatenate([l.Dense(3)(more), meta]))
    return l.Dense(2)(l.concatenate([joined, l.GRU(7)(series)]))


def gate(l, i):
    series, meta = i.features("series", 3), i.vector("meta", 4)
    return l.Dense(2)(l.Multiply()([l.LSTM(7)(series), l.Dense(7, activation="sigmoid")(meta)]))


def item(l, i):
    series, item = i.features("series", 3), i.tokens("item", 8, 1)
    return l.Dense(2)(l.concatenate([l.LSTM(7)(series), l.Flatten()(l.Embedding(8, 4)(item))]))


def items(l, i):
    words, items = i.tokens("words", 11), i.tokens("items", 8, 2)
    items = l.Reshape((6,))(l.Embedding(8, 3)(items))
    return l.Dense(2)(l.concatenate([l.LSTM(7)(l.Embedding(11, 4)(words)), items]))


def caption(n):
    def build(l, i):
        image, words = i.vector("image", 12), i.tokens("words", 11)
        image = l.Dense(n, activation="relu")(l.Dropout(0.5)(image))
        words = l.LSTM(n)(l.Dropout(0.5)(l.Embedding(11, 5, mask_zero=True)(words)))
        decoder = l.Dense(n, activation="relu")(l.add([image, words]))
        return l.Dense(11, activation="softmax")(decoder)
    return build


def pairs(l, i):
    embedding, reader = l.Embedding(11, 4), l.Bidirectional(l.LSTM(7))
    states = [reader(embedding(i.tokens(name, 11))) for name in ["question1", "question2"]]
    return l.Dense(1, activation="sigmoid")(l.Dense(4, activation="relu")(l.concatenate(states)))


def pairs_of_model(l, i):
    module = i.module
    reader = module.Sequential([module.Input((STEPS, 3)), l.LSTM(7, return_sequences=True), l.LSTM(4)])
    states = [reader(i.features(name, 3)) for name in ["left", "right"]]
    return l.Dense(2)(l.average(states))


def two_embeddings(l, i):
    words = i.tokens("words", 11)
    first = l.Conv1D(3, 3, activation="relu")(l.Embedding(11, 4)(words))
    second = l.LSTM(7)(l.Embedding(11, 3)(words))
    return l.Dense(2)(l.concatenate([second, l.GlobalMaxPooling1D()(first)]))


def three_inputs(l, i):
    words, series, meta = i.tokens("words", 11), i.features("series", 3), i.vector("meta", 4)
    states = l.LSTM(7, return_sequences=True)(l.concatenate([l.Embedding(11, 4)(words), series]))
    states = l.GRU(5)(l.concatenate([states, l.RepeatVector(STEPS)(meta)]))
    return l.Dense(3, activation="softmax")(l.concatenate([states, l.Dense(2)(meta)]))


def lists(l, i):
    first, second = i.vector("first", STEPS), i.vector("second", STEPS)
    joined = l.concatenate([l.Reshape((STEPS, 1))(first), l.Reshape((STEPS, 1))(second)])
    return l.Dense(2)(l.LSTM(7)(joined))


def sums(l, i):
    first, second = i.features("first", 3), i.features("second", 2)
    return l.Dense(2)(l.LSTM(7)(l.add([l.Dense(4)(first), l.Dense(4, activation="tanh")(second)])))


def vector_at_every_step(l, i):
    """A sum of a vector and a sequence takes the vector at every step."""
    series, meta = i.features("series", 3), i.vector("meta", 4)
    return l.Dense(2)(l.LSTM(7)(l.add([l.Dense(5)(series), l.Dense(5, activation="tanh")(meta)])))


def flat_and_steps(l, i):
    """The embedding of the same tokens is read step by step, and as one vector."""
    words, series = l.Embedding(11, 2)(i.tokens("words", 11)), i.features("series", 2)
    states = l.LSTM(7)(l.Average()([words, series]))
    return l.Dense(2)(l.concatenate([states, l.BatchNormalization()(l.Flatten()(words))]))


def pools_and_vector(l, i):
    """Both pools read the same states, whose layers are there once."""
    words, meta = i.tokens("words", 11), i.vector("meta", 4)
    states = l.Bidirectional(l.LSTM(7, return_sequences=True))(l.Embedding(11, 4)(words))
    pools = [l.GlobalAveragePooling1D()(states), l.GlobalMaxPooling1D()(states)]
    return l.Dense(2)(l.concatenate(pools + [l.Dense(3)(meta)]))


def models():
    yield "flat-and-steps", "3", flat_and_steps
    yield "pools-and-vector", "32", pools_and_vector
    yield "vector-at-every-step", "32", vector_at_every_step
    yield "two-tokens-7", "32", two_tokens(7)
    yield "two-tokens-64", "3", two_tokens(64)
    yield "tokens-beside-numbers", "32", tokens_beside_numbers
    yield "numbers-before-tokens", "3", numbers_before_tokens
    yield "two-features", "32", two_features
    yield "two-recurrent-7", "32", two_recurrent(7)
    yield "two-recurrent-64", "3", two_recurrent(64)
    yield "recurrent-and-convolution", "3", recurrent_and_convolution
    yield "vector-after-7", "32", vector_after(7)
    yield "vector-after-64", "2", vector_after(64)
    yield "vector-as-it-is", "3", vector_as_it_is
    yield "vector-before", "32", vector_before
    yield "vectors-together", "3", vectors_together
    yield "gate", "2", gate
    yield "item", "32", item
    yield "items", "3", items
    yield "caption-7", "32", caption(7)
    yield "caption-64", "3", caption(64)
    yield "pairs", "32", pairs
    yield "pairs-of-model", "32", pairs_of_model
    yield "two-embeddings", "3", two_embeddings
    yield "three-inputs", "32", three_inputs
    yield "lists", "2", lists
    yield "sums", "3", sums


def other_steps(l, i):
    return l.Dense(2)(l.concatenate([l.LSTM(4)(i.features("first", 3)), l.LSTM(4)(i.add("second", (5, 3), None))]))


def no_sequence(l, i):
    return l.Dense(2)(l.LSTM(4)(l.RepeatVector(5)(l.concatenate([i.vector("first", 3), i.vector("second", 2)]))))


def tokens_and_numbers(l, i):
    words = i.tokens("words", 11)
    numbers = l.Reshape((STEPS, 1))(l.Dense(STEPS)(words))
    return l.Dense(2)(l.LSTM(4)(l.concatenate([l.Embedding(11, 4)(words), numbers, i.features("series", 3)])))


def starts_from_vector(l, i):
    series, meta = i.features("series", 3), i.vector("meta", 4)
    return l.Dense(2)(l.GRU(4, name="read")(series, initial_state=l.Dense(4, name="start")(meta)))


def repeated_otherwise(l, i):
    words, meta = i.add("words", (STEPS, 3), None), i.vector("meta", 4)
    states = l.LSTM(4)(l.RepeatVector(4, name="repeat")(meta))
    return l.Dense(2)(l.concatenate([l.LSTM(4)(words), states]))


def vector_read_as_steps(l, i):
    """One embedding of an item is a vector, another a sequence of one step."""
    series, item = i.add("series", (None, 3), None), i.tokens("item", 8, 1)
    vector = l.Flatten()(l.Embedding(8, 4)(item))
    states = l.LSTM(3, name="read")(l.Embedding(8, 4)(item))
    return l.Dense(2)(l.concatenate([l.LSTM(7)(series), vector, states]))


def refused():
    yield "vector-read-as-steps", vector_read_as_steps
    yield "other-steps", other_steps
    yield "no-sequence", no_sequence
    yield "tokens-and-numbers", tokens_and_numbers
    yield "starts-from-vector", starts_from_vector
    yield "repeated-otherwise", repeated_otherwise


def randomize(model):
    random = numpy.random.default_rng(7)
    values = []
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        low = 0.2 if "variance" in name or "gamma" in name else -0.5
        values.append(random.uniform(low, 0.9 if low > 0 else 0.5, weight.shape).astype(numpy.float32))
    model.set_weights(values)


def side_by_side(inputs, values):
    """What there is at every step, and after it what there is once for each sequence, repeated at each step."""
    def steps(value, shape):
        if value.shape == (ROWS, STEPS):
            return True, value[..., None]
        if value.ndim == 3:
            return True, value
        return False, numpy.repeat(value[:, None], STEPS, axis=1)

    parts = [steps(value, shape) for value, (_, shape, _) in zip(values, inputs.kinds)]
    return numpy.concatenate([part for isOfSteps, part in sorted(parts, key=lambda part: not part[0])], -1)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "expected.h5", "w") as file:
        for name, versions, build in models():
            for version in versions:
                module = keras if version == "3" else tf_keras
                inputs = Inputs(module)
                outputs = build(module.layers, inputs)
                model = module.Model(inputs.layers, outputs)
                randomize(model)
                full = name + (".keras" if version == "3" else ".h5")
                model.save(folder / full)
                values = inputs.values(numpy.random.default_rng(5))
                outputs = model(values if len(values) > 1 else values[0])
                outputs = outputs.detach().numpy() if version == "3" else outputs.numpy()
                group = file.create_group(full)
                group["inputs"] = side_by_side(inputs, values).astype(numpy.float32)
                if len(values) == 1:
                    del group["inputs"]
                    group["inputs"] = values[0]
                group["lengths"] = numpy.full(ROWS, STEPS, numpy.int32)
                group["outputs"] = outputs.reshape(-1)
                for (part, _, _), value in zip(inputs.kinds, values):
                    group[f"datasets/{part}"] = value
                group.attrs.update({"file": full, "format": "keras", "cell": "", "steps": ""})
                group.attrs["probabilities"] = int(isinstance(model.layers[-1].get_config().get("activation"), str)
                                                   and model.layers[-1].get_config()["activation"] != "linear")
    (folder / "refused").mkdir(exist_ok=True)
    for name, build in refused():
        inputs = Inputs(keras)
        outputs = build(keras.layers, inputs)
        keras.Model(inputs.layers, outputs).save(folder / "refused" / f"{name}.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
