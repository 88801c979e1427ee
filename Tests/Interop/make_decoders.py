"""Makes encoder-decoders of Keras whose decoder starts from the final states of the encoder.

    make_decoders.py FOLDER

Writes .keras archives of Keras 3 and .h5 files of Keras 2, and groups in FOLDER/expected.h5: `sources` and `targets`
[rows, steps] with their lengths, `probabilities` [rows, steps, tokens] of each target token given those before, from the
start token on; `written`, what the decoder writes greedily, filled with −1, and `scores`, its log-probabilities; in
FOLDER/refused models that the decoder of Weft is not.
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

SOURCE, TARGET, START, END = 12, 10, 1, 2
ROWS, LENGTH, LONGEST = 4, 7, 6


def states(outputs):
    return list(outputs[1:])


def one_hot(n, cell="LSTM", positional=False):
    """The lstm_seq2seq example of Keras."""
    def build(module, l):
        entries = [module.Input((None, SOURCE)), module.Input((None, TARGET))]
        start = states(getattr(l, cell)(n, return_state=True)(entries[0]))
        decoder = getattr(l, cell)(n, return_sequences=True, return_state=True)
        start = start if len(start) > 1 or not positional else start[0]
        outputs = decoder(entries[1], start) if positional else decoder(entries[1], initial_state=start)
        return module.Model(entries, l.Dense(TARGET, activation="softmax")(outputs[0]))
    return build, True


def embedded(n, cell="LSTM", mask=False, length=None, **options):
    def build(module, l):
        entries = [module.Input((length,)), module.Input((length and LONGEST,))]
        make = getattr(l, cell)
        values = l.Embedding(SOURCE, 5, mask_zero=mask)(entries[0])
        start = states(make(n, return_state=True, **options)(values))
        values = l.Dropout(0.2)(l.Embedding(TARGET, 4, mask_zero=mask)(entries[1]))
        values = make(n, return_sequences=True, **options)(values, initial_state=start)
        return module.Model(entries, l.TimeDistributed(l.Dense(TARGET, activation="softmax"))(values))
    return build, False


def stacked(n, levels=2):
    """As many layers in the decoder as in the encoder, each of which starts from its own."""
    def build(module, l):
        entries = [module.Input((None,)), module.Input((None,))]
        values = l.Embedding(SOURCE, 5)(entries[0])
        start = []
        for _ in range(levels):
            values, *own = l.GRU(n, return_sequences=True, return_state=True)(values)
            start.append(own)
        values = l.Embedding(TARGET, 4)(entries[1])
        for own in start:
            values = l.GRU(n, return_sequences=True)(values, initial_state=own)
        return module.Model(entries, l.Activation("softmax")(l.Dense(TARGET)(values)))
    return build, False


def attentive(n, kind, units=None, first="states", activation="tanh", bias=False, **options):
    """With attention of the decoder's states over the encoder's (Luong, Pham and Manning 2015)."""
    def build(module, l):
        entries = [module.Input((None,)), module.Input((None,))]
        source, *start = l.LSTM(n, return_sequences=True, return_state=True)(l.Embedding(SOURCE, 5)(entries[0]))
        values = l.LSTM(n, return_sequences=True)(l.Embedding(TARGET, 4)(entries[1]), initial_state=start)
        context = getattr(l, kind)(name="attend", **options)([values, source])
        joined = l.Concatenate(name="join")([values, context] if first == "states" else [context, values])
        if activation:
            joined = l.Dense(units or n, activation=activation, use_bias=bias, name="combine",
                             **({"bias_initializer": "ones"} if bias else {}))(joined)
        return module.Model(entries, l.Dense(TARGET, activation="softmax", name="output")(joined))
    return build, False


def both(n, cell="LSTM", attend=False):
    """An encoder in both directions, whose final states are side by side."""
    def build(module, l):
        entries = [module.Input((None,)), module.Input((None,))]
        reader = l.Bidirectional(getattr(l, cell)(n, return_state=True, return_sequences=attend))
        source, *ends = reader(l.Embedding(SOURCE, 5)(entries[0]))
        half = len(ends) // 2
        start = [l.Concatenate()([ends[i], ends[half + i]]) for i in range(half)]
        values = getattr(l, cell)(2 * n, return_sequences=True)(
            l.Embedding(TARGET, 4)(entries[1]), initial_state=start)
        if attend:
            values = l.Concatenate()([values, l.Attention()([values, source])])
            values = l.Dense(2 * n, activation="tanh", use_bias=False)(values)
        return module.Model(entries, l.Dense(TARGET, activation="softmax")(values))
    return build, False


def models():
    yield "one-hot-7", "32", one_hot(7)
    yield "one-hot-64", "3", one_hot(64)
    yield "one-hot-gru", "32", one_hot(7, "GRU")
    yield "one-hot-positional", "32", one_hot(7, positional=True)
    yield "embedded-7", "32", embedded(7)
    yield "embedded-64", "2", embedded(64, mask=True)
    yield "embedded-gru", "32", embedded(7, "GRU", length=LENGTH)
    yield "embedded-rnn", "3", embedded(7, "SimpleRNN")
    yield "embedded-before-reset", "2", embedded(7, "GRU", reset_after=False)
    yield "stacked", "32", stacked(7)
    yield "both-directions", "32", both(7)
    yield "both-directions-gru", "3", both(7, "GRU")
    yield "both-directions-attention", "3", both(7, attend=True)
    yield "attention-dot", "32", attentive(7, "Attention")
    yield "attention-scaled", "3", attentive(7, "Attention", use_scale=True, first="context", units=5)
    yield "attention-additive", "32", attentive(7, "AdditiveAttention")
    yield "attention-additive-64", "3", attentive(64, "AdditiveAttention", use_scale=False)


def last_of_two(module, l):
    entries = [module.Input((None,)), module.Input((None,))]
    values = l.LSTM(4, return_sequences=True)(l.Embedding(SOURCE, 5)(entries[0]))
    start = states(l.LSTM(4, return_state=True, name="second")(values))
    values = l.LSTM(4, return_sequences=True, name="decode")(l.Embedding(TARGET, 4)(entries[1]), initial_state=start)
    return module.Model(entries, l.Dense(TARGET, activation="softmax")(values))


def exchanged(module, l):
    entries = [module.Input((None,)), module.Input((None,))]
    hidden, cell = states(l.LSTM(4, return_state=True)(l.Embedding(SOURCE, 5)(entries[0])))
    values = l.LSTM(4, return_sequences=True, name="decode")(
        l.Embedding(TARGET, 4)(entries[1]), initial_state=[cell, hidden])
    return module.Model(entries, l.Dense(TARGET, activation="softmax")(values))


def one_direction(module, l):
    """Of both directions, the decoder starts from one alone."""
    entries = [module.Input((None,)), module.Input((None,))]
    _, a, b, _, _ = l.Bidirectional(l.LSTM(3, return_state=True))(l.Embedding(SOURCE, 5)(entries[0]))
    values = l.LSTM(3, return_sequences=True, name="decode")(l.Embedding(TARGET, 4)(entries[1]), initial_state=[a, b])
    return module.Model(entries, l.Dense(TARGET, activation="softmax")(values))


def two_dense(module, l):
    entries = [module.Input((None,)), module.Input((None,))]
    start = states(l.GRU(4, return_state=True)(l.Embedding(SOURCE, 5)(entries[0])))
    values = l.GRU(4, return_sequences=True)(l.Embedding(TARGET, 4)(entries[1]), initial_state=start)
    values = l.Dense(8, name="between")(values)
    return module.Model(entries, l.Dense(TARGET, activation="softmax", name="output")(values))


def numbers(module, l):
    entries = [module.Input((None, 3)), module.Input((None, 2))]
    start = states(l.GRU(4, return_state=True)(entries[0]))
    values = l.GRU(4, return_sequences=True)(entries[1], initial_state=start)
    return module.Model(entries, l.Dense(TARGET, activation="softmax")(values))


def refused():
    yield "last-of-two", last_of_two
    yield "exchanged", exchanged
    yield "one-direction", one_direction
    yield "two-dense", two_dense
    yield "numbers", numbers
    yield "attention-without-tanh", attentive(4, "Attention", activation=None)[0]
    yield "attention-with-bias", attentive(4, "Attention", bias=True)[0]
    yield "attention-wide", attentive(4, "Attention", units=9)[0]
    yield "attention-concat", attentive(4, "Attention", score_mode="concat")[0]


def randomize(model):
    random = numpy.random.default_rng(11)
    model.set_weights([random.uniform(-0.9, 0.9, weight.shape).astype(numpy.float32) for weight in model.weights])
    # Where token 0 is masked, nothing writes it; what is written has more than one token.
    weights = model.get_weights()
    weights[-1][0], weights[-1][END] = -9, -1
    model.set_weights(weights)


def call(model, version, sources, targets, is_one_hot):
    if is_one_hot:
        sources = numpy.eye(SOURCE, dtype=numpy.float32)[sources]
        targets = numpy.eye(TARGET, dtype=numpy.float32)[targets]
    outputs = model([sources, targets])
    return outputs.detach().numpy() if version == "3" else outputs.numpy()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(5)
    sources = random.integers(3, SOURCE, (ROWS, LENGTH)).astype(numpy.int32)
    targets = random.integers(3, TARGET, (ROWS, LONGEST - 1)).astype(numpy.int32)
    with h5py.File(folder / "expected.h5", "w") as file:
        file["sources"], file["targets"] = sources, targets
        for name, versions, (build, is_one_hot) in models():
            for version in versions:
                module = keras if version == "3" else tf_keras
                model = build(module, module.layers)
                randomize(model)
                full = name + (".keras" if version == "3" else ".h5")
                model.save(folder / full)
                begun = numpy.concatenate([numpy.full((ROWS, 1), START, numpy.int32), targets], 1)
                group = file.create_group(full)
                group["probabilities"] = call(model, version, sources, begun, is_one_hot)
                written = numpy.full((ROWS, LONGEST), START, numpy.int32)
                for step in range(LONGEST - 1):
                    outputs = call(model, version, sources, written, is_one_hot)
                    written[:, step + 1] = outputs[:, step].argmax(-1)
                outputs = call(model, version, sources, written, is_one_hot)
                tokens = numpy.concatenate([written[:, 1:], outputs[:, -1].argmax(-1)[:, None]], 1)
                ended = numpy.cumsum(tokens == END, 1) > 0
                # Nothing counts after the first end.
                counts = numpy.cumsum(ended, 1) <= 1
                logarithms = numpy.log(numpy.take_along_axis(outputs, tokens[..., None], -1)[..., 0])
                group["scores"] = (logarithms * counts).sum(1)
                group["written"] = numpy.where(ended, -1, tokens).astype(numpy.int32)
    (folder / "refused").mkdir(exist_ok=True)
    for name, build in refused():
        build(keras, keras.layers).save(folder / "refused" / f"{name}.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
