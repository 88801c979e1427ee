"""Makes the architectures that people write, as tutorials have them, with what the program makes of random sequences.

    make_architectures.py FOLDER keras3|keras2|tf2onnx [NAME…]

Writes models as .h5 and .keras, or what tf2onnx makes of those of Keras 2, and groups in FOLDER/PROGRAM.h5 as
make_models.py does. Expected outputs are the values before a softmax or sigmoid at the end. Models whose names begin
with `refused` compute what Weft does not.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy

STEPS, FEATURES, TOKENS = 8, 5, 11


def sequential(keras, tokens, *stack, steps=STEPS, features=FEATURES):
    """A Sequential with an input of fixed length, as `input_shape=(steps, features)` makes it."""
    layers = keras.layers
    first = [keras.Input((steps,)), layers.Embedding(TOKENS, 4)] if tokens else [keras.Input((steps, features))]
    return keras.Sequential(first + list(stack))


def price(keras):
    """Prices and other series."""
    l = keras.layers
    lstm, dense, drop = l.LSTM, l.Dense, l.Dropout

    def series(*stack, **options):
        return sequential(keras, False, *stack, features=1, **options)

    yield "price-four-layers", series(
        *[layer for _ in range(3) for layer in (lstm(9, return_sequences=True), drop(0.2))], lstm(9), drop(0.2),
        dense(1))
    yield "price-two-dense", series(lstm(9, return_sequences=True), lstm(9), dense(6), dense(1))
    yield "price-bidirectional", series(l.Bidirectional(lstm(9, return_sequences=True)), l.Bidirectional(lstm(5)), dense(1))
    yield "price-gru", series(l.GRU(9, return_sequences=True, activation="tanh"), drop(0.2), l.GRU(7), dense(1))
    yield "price-simple", series(l.SimpleRNN(9, return_sequences=True), l.SimpleRNN(6), dense(4, activation="relu"), dense(1))
    yield "price-relu", series(lstm(10, activation="relu"), dense(1))
    yield "price-relu-stacked", series(lstm(10, activation="relu", return_sequences=True), lstm(8, activation="relu"), dense(1))
    yield "price-horizon", series(lstm(10, return_sequences=True), lstm(6), dense(6, activation="relu"), dense(4))
    yield "price-mixed", series(lstm(8, return_sequences=True), l.GRU(6, return_sequences=True), l.SimpleRNN(5), dense(1))
    yield "price-flat", series(lstm(6, return_sequences=True), l.Flatten(), dense(4, activation="relu"), dense(1))
    yield "price-convolution", series(
        l.Conv1D(8, 3, activation="relu"), l.MaxPooling1D(2), lstm(7, return_sequences=True), drop(0.1), lstm(5), dense(1))
    yield "price-causal", series(
        l.Conv1D(8, 5, strides=1, padding="causal", activation="relu"), lstm(7, return_sequences=True), lstm(5), dense(9, activation="relu"), dense(1))
    yield "price-one-step", series(lstm(7), dense(1), steps=1)
    yield "price-unknown-length", series(lstm(7, return_sequences=True), lstm(4), dense(1), steps=None)
    yield "price-normalized", series(lstm(7, return_sequences=True), l.BatchNormalization(), drop(0.2), lstm(4), l.BatchNormalization(), dense(3, activation="relu"), dense(1))
    yield "price-leaky", series(lstm(7), dense(6), l.LeakyReLU(), dense(1))
    yield "price-linear-activation", series(lstm(7), dense(1), l.Activation("linear"))
    yield "price-per-step", series(lstm(7, return_sequences=True), l.TimeDistributed(dense(1)))
    yield "price-stateful-like", series(lstm(7, return_sequences=True, dropout=0.1, recurrent_dropout=0.1), lstm(5), dense(1))
    yield "autoencoder-encoder", series(lstm(7, return_sequences=True), lstm(3), dense(8, activation="sigmoid"))
    yield "repeat-autoencoder", series(
        lstm(7, activation="relu", return_sequences=True), lstm(3, activation="relu"), l.RepeatVector(STEPS),
        lstm(3, activation="relu", return_sequences=True), lstm(7, return_sequences=True), l.TimeDistributed(dense(1)))
    yield "repeat-forecast", series(
        lstm(7, activation="relu"), l.RepeatVector(3), lstm(6, activation="relu", return_sequences=True),
        l.TimeDistributed(dense(4, activation="relu")), l.TimeDistributed(dense(1)))


def text(keras):
    """Sentiment, tags, characters."""
    l = keras.layers
    lstm, dense, drop, both = l.LSTM, l.Dense, l.Dropout, l.Bidirectional

    def tokens(*stack, **options):
        return sequential(keras, True, *stack, **options)

    yield "imdb", tokens(lstm(8), dense(1, activation="sigmoid"))
    yield "imdb-spatial", tokens(l.SpatialDropout1D(0.4), lstm(8, dropout=0.2, recurrent_dropout=0.2), dense(2, activation="softmax"))
    yield "imdb-convolution", tokens(
        drop(0.2), l.Conv1D(8, 5, padding="valid", activation="relu"), l.MaxPooling1D(pool_size=4), lstm(7), dense(1), l.Activation("sigmoid"))
    yield "imdb-bidirectional", tokens(both(lstm(6, return_sequences=True)), both(lstm(4)), dense(6, activation="relu"), drop(0.5), dense(1, activation="sigmoid"))
    yield "toxic-maximum", tokens(both(lstm(6, return_sequences=True)), l.GlobalMaxPooling1D(), dense(6, activation="relu"), drop(0.1), dense(6, activation="sigmoid"))
    yield "toxic-average", tokens(both(l.GRU(6, return_sequences=True)), l.GlobalAveragePooling1D(), dense(6, activation="relu"), dense(6, activation="sigmoid"))
    yield "toxic-convolution", tokens(both(lstm(6, return_sequences=True)), l.Conv1D(5, 3), l.GlobalMaxPooling1D(), dense(3, activation="softmax"))
    yield "characters", sequential(
        keras, False, lstm(9, return_sequences=True), drop(0.2), lstm(9), drop(0.2), dense(7, activation="softmax"), features=1)
    yield "characters-one-hot", sequential(keras, False, lstm(9), dense(TOKENS, activation="softmax"), features=TOKENS)
    yield "characters-per-step", tokens(l.GRU(9, return_sequences=True), dense(TOKENS), steps=None)
    yield "next-word", tokens(both(lstm(6, return_sequences=True)), drop(0.2), lstm(5), dense(6, activation="relu"), dense(TOKENS, activation="softmax"))
    yield "tags", keras.Sequential([
        keras.Input((STEPS,)), l.Embedding(TOKENS, 4, mask_zero=True), both(lstm(6, return_sequences=True)),
        l.TimeDistributed(dense(5, activation="softmax"))])
    yield "tags-two-dense", tokens(both(lstm(6, return_sequences=True)), l.TimeDistributed(dense(6, activation="relu")), l.TimeDistributed(drop(0.2)), dense(5, activation="softmax"))
    yield "names", sequential(keras, False, lstm(8, return_sequences=True), l.TimeDistributed(dense(6)), l.Activation("softmax"), features=6)
    yield "sentiment-flat", tokens(lstm(5, return_sequences=True), l.Flatten(), drop(0.3), dense(4, activation="relu"), dense(3, activation="softmax"))
    yield "sentiment-separate", tokens(lstm(6), dense(5), l.Activation("relu"), drop(0.5), dense(1), l.Activation("sigmoid"))
    yield "news", tokens(lstm(6, return_sequences=True), lstm(5), l.BatchNormalization(), dense(6, activation="relu"), l.BatchNormalization(), dense(4, activation="softmax"))
    yield "embedding-dense", tokens(dense(6, activation="relu"), l.LayerNormalization(), lstm(5), dense(2))


def signals(keras):
    """Activity, ECG, speech, gestures."""
    l = keras.layers
    lstm, dense, drop, both = l.LSTM, l.Dense, l.Dropout, l.Bidirectional

    def signal(*stack, **options):
        return sequential(keras, False, *stack, **options)

    yield "activity", signal(lstm(9), drop(0.5), dense(9, activation="relu"), dense(6, activation="softmax"))
    yield "gestures", signal(
        lstm(8, return_sequences=True, activation="relu"), lstm(9, return_sequences=True, activation="relu"),
        lstm(8, activation="relu"), dense(8, activation="relu"), dense(6, activation="relu"), dense(3, activation="softmax"))
    yield "ecg", signal(
        l.Conv1D(8, 3, padding="same"), l.BatchNormalization(), l.ReLU(), l.MaxPooling1D(2),
        l.Conv1D(6, 3, padding="same"), l.BatchNormalization(), l.Activation("relu"), l.MaxPooling1D(2, padding="same"),
        lstm(7), dense(5, activation="softmax"))
    yield "ecg-normalized-after", signal(
        l.Conv1D(8, 3, activation="relu"), l.BatchNormalization(), l.MaxPooling1D(2), both(lstm(6)), drop(0.3), dense(4, activation="softmax"))
    yield "ecg-average", signal(l.Conv1D(8, 3, activation="relu", strides=2), l.AveragePooling1D(2), l.GRU(7), dense(4))
    yield "ecg-flat", signal(
        l.Conv1D(6, 3, activation="relu"), l.MaxPooling1D(2), lstm(5, return_sequences=True), l.Flatten(), dense(6, activation="relu"), dense(4, activation="softmax"))
    yield "ecg-normalized-maximum", signal(lstm(6, return_sequences=True), l.BatchNormalization(), l.GlobalMaxPooling1D(), dense(4))
    yield "speech", signal(l.BatchNormalization(), both(lstm(6, return_sequences=True)), both(l.GRU(5, return_sequences=True), merge_mode="sum"), dense(7, activation="softmax"), steps=None)
    yield "masking", signal(l.Masking(mask_value=-1.0), lstm(7), dense(3, activation="softmax"), steps=None)
    yield "layer-normalization", signal(lstm(7, return_sequences=True), l.LayerNormalization(), l.GRU(5), l.LayerNormalization(epsilon=1e-6, scale=False), dense(3))
    yield "dense-first", signal(l.TimeDistributed(dense(6, activation="relu")), l.TimeDistributed(l.BatchNormalization()), lstm(5), dense(2))
    yield "noise", signal(l.GaussianNoise(0.1), lstm(7, kernel_regularizer="l2"), l.ActivityRegularization(0.1), dense(3))
    yield "cells", signal(l.RNN(l.LSTMCell(7), return_sequences=True), l.RNN(l.GRUCell(5)), dense(3))
    yield "cells-stacked", signal(l.RNN([l.LSTMCell(7), l.LSTMCell(5)]), dense(3))
    yield "cells-stacked-steps", signal(l.RNN(l.StackedRNNCells([l.GRUCell(6), l.SimpleRNNCell(5)]), return_sequences=True), dense(3))
    yield "cells-both", signal(both(l.RNN(l.LSTMCell(6))), dense(3))
    trained = signal(
        lstm(7, recurrent_dropout=0.1), drop(0.3), dense(6, activation="relu"), drop(0.2), dense(2))
    trained.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.002, rho=0.95), loss="mae")
    yield "trained", trained
    yield "rescaling", signal(l.Rescaling(1 / 255.0, offset=0.5), lstm(7), dense(3))
    yield "scaled", signal(l.Normalization(), lstm(7), dense(3))
    yield "cudnn-lstm", signal(both(lstm(6, return_sequences=True)), lstm(4), dense(3))
    yield "cudnn-gru", signal(l.GRU(6, return_sequences=True), both(l.GRU(4)), dense(3))
    yield "reset-before", signal(l.GRU(7, reset_after=False, recurrent_activation="hard_sigmoid"), dense(3))
    yield "hard", signal(lstm(7, recurrent_activation="hard_sigmoid", return_sequences=True), lstm(5, unit_forget_bias=False, use_bias=False), dense(3))
    yield "backward", signal(lstm(7, go_backwards=True), dense(3))
    yield "slopes", signal(
        l.Conv1D(6, 3), l.LeakyReLU(0.1), lstm(5, return_sequences=True), dense(6), l.LeakyReLU(0.2), l.GlobalAveragePooling1D(),
        dense(4), l.ReLU(max_value=6.0), dense(2))
    yield "reshaped", keras.Sequential([keras.Input((STEPS,)), l.Reshape((STEPS, 1)), lstm(7), dense(2)])
    yield "convolution-deep", signal(
        l.Conv1D(6, 3, padding="same", activation="relu"), l.Conv1D(6, 3, padding="same", activation="relu"), drop(0.5),
        l.MaxPooling1D(pool_size=2), lstm(6), dense(6, activation="relu"), dense(4, activation="softmax"))
    yield "flat-normalized", signal(lstm(4, return_sequences=True), l.Flatten(), l.BatchNormalization(), dense(3))
    yield "pooled-end", signal(lstm(4, return_sequences=True), dense(3), l.GlobalAveragePooling1D())
    yield "normalized-end", signal(lstm(4), l.BatchNormalization())


def graphs(keras):
    """Functional models, nested ones, and those that are no chain."""
    l = keras.layers
    lstm, dense = l.LSTM, l.Dense

    def functional(*stack, entry=None):
        entry = keras.Input((STEPS, FEATURES)) if entry is None else entry
        values = entry
        for layer in stack:
            values = layer(values)
        return keras.Model(entry, values)

    yield "functional", functional(lstm(7, return_sequences=True), l.Dropout(0.2), lstm(5), dense(3, activation="softmax"))
    entry = keras.Input((STEPS, FEATURES))
    outputs, state, _ = lstm(7, return_sequences=True, return_state=True)(entry)
    yield "state", keras.Model(entry, dense(3)(state))
    yield "nested", sequential(
        keras, False, keras.Sequential([keras.Input((STEPS, FEATURES)), lstm(7, return_sequences=True), l.BatchNormalization(), lstm(5)]),
        keras.Sequential([keras.Input((5,)), dense(4, activation="relu"), dense(2)]))
    inner = functional(lstm(6, return_sequences=True), dense(4, activation="relu"))
    yield "nested-functional", functional(inner, lstm(5), dense(3))
    deeper = keras.Sequential([keras.Input((STEPS, FEATURES)), inner_model(keras), dense(4)])
    yield "nested-twice", sequential(keras, False, deeper, l.GRU(3), dense(2))
    entry = keras.Input((STEPS,))
    yield "functional-text", functional(l.Embedding(TOKENS, 4), l.Bidirectional(lstm(5)), dense(4, activation="relu"), dense(2, activation="softmax"), entry=entry)
    entry = keras.Input((STEPS, FEATURES))
    states = lstm(5, return_sequences=True)(entry)
    joined = l.Concatenate()([l.GlobalMaxPooling1D()(states), l.GlobalAveragePooling1D()(states)])
    yield "two-pools", keras.Model(entry, dense(2)(joined))
    yield "refused-images", keras.Sequential([
        keras.Input((4, STEPS, 3)), l.TimeDistributed(l.Conv1D(4, 3)), l.TimeDistributed(l.Flatten()), lstm(5), dense(2)])
    yield "swish", sequential(keras, False, lstm(5), dense(4, activation="swish"), dense(2))


def tutorials(keras):
    """What tutorials, courses and competitions have beyond these."""
    l = keras.layers
    lstm, gru, dense, drop, both = l.LSTM, l.GRU, l.Dense, l.Dropout, l.Bidirectional

    def signal(*stack, **options):
        return sequential(keras, False, *stack, **options)

    def tokens(*stack, **options):
        return sequential(keras, True, *stack, **options)

    yield "anomaly-autoencoder", signal(
        lstm(8), drop(0.2), l.RepeatVector(STEPS), lstm(8, return_sequences=True), drop(0.2), l.TimeDistributed(dense(FEATURES)))
    yield "anomaly-deep", signal(
        lstm(8, activation="relu", return_sequences=True), lstm(4, activation="relu"), l.RepeatVector(STEPS),
        lstm(4, activation="relu", return_sequences=True), lstm(8, activation="relu", return_sequences=True), l.TimeDistributed(dense(FEATURES)))
    yield "anomaly-both", signal(
        both(lstm(6)), l.RepeatVector(STEPS), both(lstm(6, return_sequences=True)), l.TimeDistributed(dense(FEATURES)))
    yield "anomaly-sum", signal(
        both(gru(6), merge_mode="sum"), dense(4, activation="relu"), l.RepeatVector(STEPS), gru(6, return_sequences=True), dense(FEATURES))
    yield "energy-vector", signal(
        lstm(9, activation="relu"), l.RepeatVector(4), lstm(9, activation="relu", return_sequences=True),
        l.TimeDistributed(dense(6, activation="relu")), l.TimeDistributed(dense(1)))
    yield "energy-convolution", signal(
        l.Conv1D(6, 3, activation="relu"), l.Conv1D(6, 3, activation="relu"), l.MaxPooling1D(2), lstm(7), l.RepeatVector(2),
        lstm(7, return_sequences=True), dense(5, activation="relu"), dense(2))
    yield "addition", signal(
        l.RNN(l.LSTMCell(9)), l.RepeatVector(3), l.RNN(l.LSTMCell(9), return_sequences=True), dense(6))
    yield "refused-repeat-longer", signal(lstm(5), l.RepeatVector(STEPS + 1), lstm(5, return_sequences=True), dense(2))
    yield "refused-repeat-both", signal(lstm(5), l.RepeatVector(3), both(lstm(5, return_sequences=True)), dense(2))
    yield "refused-repeat-unknown", signal(lstm(5), l.RepeatVector(3), lstm(5, return_sequences=True), dense(2), steps=None)
    yield "stock-huge", signal(
        lstm(9, return_sequences=True), drop(0.3), lstm(9, return_sequences=True), drop(0.3), lstm(9), drop(0.3),
        dense(6), dense(1), features=1)
    yield "stock-selu", signal(gru(8, return_sequences=True), gru(6), dense(8, activation="selu"), l.AlphaDropout(0.1), dense(1))
    yield "stock-mixed-activations", signal(
        lstm(7, activation="softsign", return_sequences=True), lstm(5, activation="selu", recurrent_activation="relu"), dense(4, activation="softsign"), dense(1))
    yield "crypto-silu", signal(l.Conv1D(8, 2, padding="causal", activation="silu"), gru(6), dense(5, activation="silu"), dense(1))
    yield "weather-exponential", signal(lstm(6), dense(4, activation="softplus"), dense(1, activation="exponential"))
    yield "slopes-of-features", signal(
        l.Conv1D(6, 3), l.PReLU(shared_axes=[1]), lstm(5), dense(6), l.PReLU(), dense(2))
    yield "rectified-six", signal(lstm(6, return_sequences=True), l.TimeDistributed(dense(5)), l.ReLU(6.0), gru(4), dense(2))
    yield "spam", tokens(l.SpatialDropout1D(0.2), both(gru(6, dropout=0.1)), dense(6, activation="relu"), drop(0.5), dense(1, activation="sigmoid"))
    yield "poetry", tokens(both(lstm(8, return_sequences=True)), drop(0.2), lstm(6), dense(6, activation="relu", kernel_regularizer="l2"), dense(TOKENS, activation="softmax"))
    yield "entities", tokens(drop(0.1), both(lstm(6, return_sequences=True, recurrent_dropout=0.1)), l.TimeDistributed(dense(4, activation="softmax")))
    yield "reviews-stacked-convolutions", tokens(
        l.Conv1D(6, 3, padding="same", activation="relu"), l.MaxPooling1D(2), l.Conv1D(5, 3, padding="same", activation="relu"),
        l.MaxPooling1D(2), both(lstm(4)), dense(1, activation="sigmoid"))
    yield "reviews-global", tokens(l.Conv1D(6, 3, activation="relu"), gru(5, return_sequences=True), l.GlobalMaxPooling1D(), dense(3, activation="softmax"))
    yield "fault-wavelet", signal(
        l.Conv1D(6, 4, strides=2, padding="same"), l.BatchNormalization(), l.Activation("elu"), l.AveragePooling1D(2, padding="same"),
        both(gru(5, return_sequences=True), merge_mode="ave"), l.GlobalAveragePooling1D(), dense(4, activation="softmax"))
    yield "fault-dilated", signal(
        l.Conv1D(6, 2, dilation_rate=1, padding="causal", activation="relu"), l.Conv1D(6, 2, dilation_rate=2, padding="causal", activation="relu"),
        l.Conv1D(6, 2, dilation_rate=4, padding="causal", activation="relu"), lstm(5), dense(2))
    yield "sleep", signal(
        l.TimeDistributed(dense(8, activation="relu")), l.TimeDistributed(drop(0.2)), both(lstm(5, return_sequences=True)),
        l.TimeDistributed(dense(5, activation="softmax")))
    yield "remaining-life", signal(
        l.Masking(0.0), lstm(8, return_sequences=True, activation="tanh"), drop(0.2), lstm(6, activation="tanh"), drop(0.2), dense(1), l.Activation("relu"))
    yield "batch-first", signal(l.BatchNormalization(), lstm(6, return_sequences=True), l.BatchNormalization(), lstm(5), l.BatchNormalization(), dense(4, activation="relu"), dense(2, activation="softmax"))
    yield "layer-normalized", signal(lstm(6, return_sequences=True), l.LayerNormalization(), drop(0.1), lstm(6), l.LayerNormalization(), dense(4, activation="gelu"), dense(2))
    yield "unrolled", signal(lstm(6, unroll=True, return_sequences=True), gru(5, unroll=True), dense(2))
    yield "flat-end", signal(gru(4, return_sequences=True), l.TimeDistributed(dense(3, activation="relu")), l.Flatten(), dense(5, activation="tanh"), dense(2))
    yield "reshaped-end", signal(lstm(6), dense(6), l.Reshape((3, 2)))
    yield "sum-of-directions", tokens(both(lstm(6, return_sequences=True), merge_mode="sum"), both(lstm(4), merge_mode="mul"), dense(3, activation="softmax"))
    yield "wide-head", signal(both(lstm(5)), dense(8, activation="mish" if hasattr(keras.activations, "mish") else "elu"), dense(7, activation="tanh"), dense(6, activation="sigmoid"), dense(2))
    entry = keras.Input((STEPS, FEATURES))
    states = both(lstm(5, return_sequences=True))(entry)
    weights = l.Softmax(axis=1)(dense(1, activation="tanh")(states))
    context = l.GlobalAveragePooling1D()(l.Multiply()([states, weights]))
    yield "attention-written-out", keras.Model(entry, dense(2)(context))
    entry = keras.Input((STEPS, FEATURES))
    states = lstm(5, return_sequences=True)(entry)
    yield "refused-attention-layer", keras.Model(entry, dense(2)(l.GlobalAveragePooling1D()(l.Attention()([states, states]))))
    entry = keras.Input((STEPS, FEATURES))
    first = lstm(FEATURES, return_sequences=True)(entry)
    yield "residual", keras.Model(entry, dense(2)(lstm(4)(l.Add()([entry, first]))))
    entry = keras.Input((STEPS, FEATURES))
    convolved = l.GlobalMaxPooling1D()(l.Conv1D(5, 3)(entry))
    yield "branches", keras.Model(entry, dense(2)(l.Concatenate()([lstm(5)(entry), convolved])))
    entry = keras.Input((STEPS, FEATURES))
    states = lstm(5)(entry)
    yield "refused-two-outputs", keras.Model(entry, [dense(2)(states), dense(1)(states)])
    source, target = keras.Input((STEPS, FEATURES)), keras.Input((STEPS, 3))
    _, hidden, cell = lstm(5, return_state=True)(source)
    written = lstm(5, return_sequences=True)(target, initial_state=[hidden, cell])
    yield "refused-translation", keras.Model([source, target], dense(4, activation="softmax")(written))


def inner_model(keras):
    return keras.Sequential([keras.Input((STEPS, FEATURES)), keras.layers.LSTM(4, return_sequences=True)])


def cudnn(path):
    """The same model as Keras 2.1 to 2.3 saved one of CuDNN's layers."""
    with h5py.File(path, "r+") as file:
        text = file.attrs["model_config"]
        for name in ("LSTM", "GRU"):
            text = text.replace(f'"class_name": "{name}"', f'"class_name": "CuDNN{name}"')
        file.attrs["model_config"] = text

        def change(name, dataset):
            part = name.split("/")[-1].split(":")[0]
            if not isinstance(dataset, h5py.Dataset) or ("lstm" not in name and "gru" not in name):
                return
            gates = 4 if "lstm" in name else 3
            value = dataset[()]
            if part == "bias":
                # Two biases of each gate; those of an LSTM are added.
                halves = [value * 0.25, value * 0.75] if gates == 4 else [value[0], value[1]]
                changed[name] = numpy.concatenate(halves)
            else:
                # Each gate's matrix is stored as its transpose in the place of the whole.
                parts = numpy.split(value, gates, axis=1)
                changed[name] = numpy.concatenate([p.T.reshape(p.shape) for p in parts], axis=1)

        changed = {}
        file.visititems(change)
        for name, value in changed.items():
            del file[name]
            file[name] = value


def onnx_file(keras, model, path):
    """What tf2onnx makes of a model."""
    import tensorflow
    import tf2onnx

    kind = tensorflow.int32 if len(model.input_shape) == 2 else tensorflow.float32
    signature = (tensorflow.TensorSpec(model.input_shape, kind, name="inputs"),)
    tf2onnx.convert.from_keras(model, signature, opset=15, output_path=str(path))


def randomize(model):
    random = numpy.random.default_rng(7)
    values = []
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        shape = tuple(weight.shape)
        # Variances and scales are positive, counts whole.
        low, high = (0.2, 0.9) if any(part in name for part in ("variance", "gamma")) else (-0.5, 0.5)
        value = random.uniform(low, high, shape).astype(numpy.float32)
        values.append(numpy.ones(shape, numpy.int64) if "count" in name else value)
    model.set_weights(values)


def outputs_before_loss(keras, model, inputs):
    """What the model computes without a softmax or sigmoid at its end."""
    last = model.layers[-1]
    if isinstance(last, keras.Sequential):
        last = last.layers[-1]
    inner = last.layer if isinstance(last, keras.layers.TimeDistributed) else last
    name = getattr(getattr(inner, "activation", None), "__name__", "")
    if name not in ("softmax", "sigmoid"):
        return numpy.asarray(model.predict(inputs, verbose=0))
    function, inner.activation = inner.activation, keras.activations.linear
    try:
        # A new model: the old one's program has the activation.
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        return numpy.asarray(copy.predict(inputs, verbose=0))
    finally:
        inner.activation = function


def main(folder, program, names):
    # TensorFlow and PyTorch both bring LLVM along, and two of it in a process end it.
    os.environ.setdefault("KERAS_BACKEND", "torch" if program == "keras3" else "numpy")
    if program == "keras3":
        import keras
    else:
        import tf_keras as keras
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(5)
    with h5py.File(folder / f"{program}.h5", "w") as expected:
        for name, model in [pair for kind in (price, text, signals, graphs, tutorials) for pair in kind(keras)]:
            if names and name not in names:
                continue
            randomize(model)
            shape = model.input_shape
            if name in ("refused-two-outputs", "refused-translation"):
                inputs = outputs = numpy.zeros((1, 1), numpy.float32)
            else:
                size = (6,) + tuple(axis or STEPS for axis in shape[1:])
                isToken = len(shape) == 2 and name != "reshaped"
                inputs = random.integers(1, TOKENS, size).astype(numpy.int32) if isToken else random.normal(
                    size=size).astype(numpy.float32)
                outputs = outputs_before_loss(keras, model, inputs)
            if name == "reshaped":
                inputs = inputs[..., None]
            for suffix in ("onnx",) if program == "tf2onnx" else ("h5", "keras"):
                file = f"{program}-{name}.{suffix}"
                if suffix == "onnx":
                    onnx_file(keras, model, folder / file)
                else:
                    model.save(folder / file)
                if name.startswith("cudnn"):
                    if suffix != "h5":
                        continue
                    cudnn(folder / file)
                group = expected.create_group(f"{name}-{suffix}")
                group["inputs"], group["outputs"] = inputs, outputs.astype(numpy.float32).reshape(-1)
                group["lengths"] = numpy.full(len(inputs), inputs.shape[1], numpy.int32)
                group.attrs.update({"file": file, "format": "onnx" if suffix == "onnx" else "keras", "cell": "", "steps": ""})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
