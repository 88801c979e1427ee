"""Makes Keras models that are more than a list of layers, or have layers that Weft's blocks express in another way.

    make_layers.py FOLDER [NAME ...]

Writes .keras archives of Keras 3 and .h5 files of Keras 2, and groups in FOLDER/expected.h5 as make_models.py does;
in FOLDER/refused models that compute what Weft's blocks do not. With names, only these are made, beside those that are
there.
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

FEATURES, STEPS = 5, 9


def sequential(*names_and_layers):
    def build(module, layers):
        values = entry = module.Input((STEPS, FEATURES))
        for layer in names_and_layers[0](layers):
            values = layer(values)
        return module.Model(entry, values)

    return build


def sliced(take, both=False, after=lambda layers: [layers.Dense(2)]):
    """Steps of a recurrent layer's outputs, and the layers that read them."""

    def build(module, layers):
        entry = module.Input((STEPS, FEATURES))
        layer = layers.LSTM(4, return_sequences=True)
        values = take((layers.Bidirectional(layer) if both else layer)(entry))
        for layer in after(layers):
            values = layer(values)
        return module.Model(entry, values)

    return build


def residual(make, first=lambda layers: [layers.Dense(6)]):
    def build(module, layers):
        values = entry = module.Input((STEPS, FEATURES))
        for layer in first(layers):
            values = layer(values)
        branch = values
        for layer in make(layers):
            branch = layer(branch)
        values = layers.LayerNormalization()(layers.Add()([values, branch]))
        return module.Model(entry, layers.Dense(2)(layers.LSTM(4)(values)))

    return build


def residual_of_model(module, layers):
    """The input of the sum is the output of a model inside the model, which adds no block."""
    entry = module.Input((STEPS, FEATURES))
    inner = module.Sequential([module.Input((STEPS, FEATURES)), layers.BatchNormalization()])
    values = inner(entry)
    values = layers.LSTM(FEATURES, return_sequences=True)(values) + values
    return module.Model(entry, layers.Dense(2)(layers.GlobalAveragePooling1D()(values)))


def joined(join, make, first=lambda layers: [], every_step=False):
    """Branches that `make` gives of the output of the first layers."""
    def build(module, layers):
        values = entry = module.Input((STEPS, FEATURES))
        for layer in first(layers):
            values = layer(values)
        values = getattr(layers, join)()(make(layers, values))
        if every_step:
            values = layers.GRU(3)(values)
        return module.Model(entry, layers.Dense(2)(values))

    return build


def both(layers):
    return [layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.BatchNormalization()]


def branches():
    yield "branches-pools", "32", joined("Concatenate", lambda layers, values: [
        layers.GlobalAveragePooling1D()(values), layers.GlobalMaxPooling1D()(values)], both)
    yield "branches-last", "32", joined("Concatenate", lambda layers, values: [
        values[:, -1, :], layers.GlobalMaxPooling1D()(values)], both)
    yield "branches-convolution", "32", joined("Concatenate", lambda layers, values: [
        layers.LSTM(4)(values), layers.GlobalMaxPooling1D()(layers.Conv1D(3, 3, activation="relu")(values))])
    yield "branches-average", "3", joined("Average", lambda layers, values: [
        layers.LSTM(4)(values), layers.GRU(4)(values), layers.Dense(4, activation="tanh")(layers.SimpleRNN(3)(values))])
    yield "branches-gate", "3", joined("Multiply", lambda layers, values: [
        layers.Dense(4, activation="sigmoid")(values), layers.GRU(4, return_sequences=True)(values)],
        lambda layers: [layers.Dense(3), layers.BatchNormalization()], every_step=True)
    yield "branches-sum", "32", joined("Add", lambda layers, values: [
        values, layers.Dense(FEATURES)(layers.LSTM(4, return_sequences=True)(values))], every_step=True)

    def inception(layers, values):
        inner = layers.Conv1D(FEATURES, 3, padding="same")(values)
        return [layers.Add()([values, inner]), layers.Conv1D(4, 5, padding="same", activation="relu")(values), values]

    yield "branches-nested", "3", joined("Concatenate", inception, every_step=True)


def states(module, layers):
    entry = module.Input((STEPS, FEATURES))
    _, forward, _, backward, _ = layers.Bidirectional(layers.LSTM(4, return_state=True))(entry)
    return module.Model(entry, layers.Dense(2)(layers.Concatenate()([forward, backward])))


def directions(module, layers):
    entry = module.Input((STEPS, FEATURES))
    both = layers.Bidirectional(layers.GRU(4, return_sequences=True), merge_mode=None)(entry)
    return module.Model(entry, layers.Dense(2)(layers.Concatenate()(both)))


def pooled(join, weights, after):
    """Attention that is written out: weights of the steps, and their products with the steps."""
    def build(module, layers):
        entry = module.Input((STEPS, FEATURES))
        states = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(entry)
        values = weights(layers, states)
        values = (layers.Dot(axes=1) if join == "Dot" else layers.Multiply(name="product"))([states, values])
        for layer in after(layers):
            values = layer(values)
        return module.Model(entry, layers.Dense(2)(values))

    return build


def flat_weights(layers, states, repeated=True):
    values = layers.Flatten()(layers.TimeDistributed(layers.Dense(1, activation="tanh"))(states))
    values = layers.Activation("softmax")(values)
    return layers.Permute([2, 1])(layers.RepeatVector(8)(values)) if repeated else values


def weights_of_two(layers, states):
    return layers.Softmax(axis=1)(layers.Dense(1)(layers.Dense(6, activation="tanh")(states)))


def attentions():
    yield "attention-mean", "32", pooled(
        "Multiply", flat_weights, lambda layers: [layers.GlobalAveragePooling1D(), layers.Dropout(0.2)])
    yield "attention-two-dense", "3", pooled("Multiply", weights_of_two, lambda layers: [layers.GlobalAveragePooling1D()])
    yield "attention-product", "32", pooled("Dot", weights_of_two, lambda layers: [layers.Flatten()])
    yield "attention-flat-product", "3", pooled(
        "Dot", lambda layers, states: flat_weights(layers, states, repeated=False), lambda layers: [])


def fully_convolutional(module, layers):
    """LSTM-FCN (Karim et al. 2018): all steps are one step of the recurrent layer."""
    entry = module.Input((STEPS, 1))
    states = layers.Dropout(0.5)(layers.LSTM(4)(layers.Permute((2, 1))(entry)))
    values = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv1D(6, 4, padding="same")(entry)))
    return module.Model(entry, layers.Dense(2)(layers.concatenate([states, layers.GlobalAveragePooling1D()(values)])))


def flat_branch(module, layers):
    entry = module.Input((STEPS, FEATURES))
    values = layers.Flatten()(layers.MaxPooling1D(2)(layers.Conv1D(3, 3, activation="relu")(entry)))
    return module.Model(entry, layers.Dense(2)(layers.Concatenate()([layers.GRU(4)(entry), values])))


def shared(module, layers):
    """A layer within two branches, one of which is a branch of another."""
    values = entry = module.Input((STEPS, FEATURES))
    states = layers.LSTM(FEATURES, return_sequences=True, name="both")(values)
    joined = layers.Concatenate(name="join")([layers.Add()([values, states]), states])
    return module.Model(entry, layers.Dense(2)(joined))


def models():
    yield "shared", "3", shared
    yield from attentions()
    yield "fully-convolutional", "32", fully_convolutional
    yield "flat-branch", "32", flat_branch
    yield "last-step", "32", sliced(lambda values: values[:, -1, :])
    yield "last-of-both", "32", sliced(lambda values: values[:, -1], both=True)
    yield "last-kept", "32", sliced(lambda values: values[:, -1:, :])
    yield "last-steps", "32", sliced(lambda values: values[:, -3:, :])
    yield "last-steps-flat", "3", sliced(
        lambda values: values[:, 2:-1], after=lambda layers: [
            layers.Dense(3, activation="relu"), layers.BatchNormalization(), layers.Flatten(), layers.Dense(2)])
    yield "first-step", "32", sliced(lambda values: values[:, 0, :], both=True)
    yield "cropped", "3", sequential(lambda layers: [
        layers.GRU(4, return_sequences=True), layers.Cropping1D((6, 1)), layers.Flatten(), layers.Dense(2)])
    yield "cropped-to-last", "2", sequential(lambda layers: [
        layers.GRU(4, return_sequences=True), layers.Cropping1D((8, 0)), layers.Flatten(), layers.Dense(2)])
    yield "repeated-once", "3", sequential(lambda layers: [
        layers.LSTM(4), layers.RepeatVector(1), layers.Flatten(), layers.Dense(2)])
    yield "residual-recurrent", "32", residual(lambda layers: [
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)), layers.Dropout(0.2)])
    yield "residual-convolution", "3", residual(
        lambda layers: [layers.Conv1D(6, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()],
        first=lambda layers: [layers.Dense(6), layers.BatchNormalization()])
    yield "residual-dense", "2", residual(lambda layers: [layers.Dense(5, activation="tanh")], first=lambda layers: [])
    yield "residual-of-model", "3", residual_of_model
    yield "separable", "32", sequential(lambda layers: [
        layers.SeparableConv1D(6, 3, depth_multiplier=2, padding="same", activation="relu"), layers.LSTM(4),
        layers.Dense(2)])
    yield "depthwise", "3", sequential(lambda layers: [
        layers.DepthwiseConv1D(3, strides=2, depth_multiplier=2, activation="tanh"), layers.LSTM(4), layers.Dense(2)])
    yield "groups", "32", sequential(lambda layers: [
        layers.Dense(6), layers.Conv1D(9, 3, groups=3, dilation_rate=2, padding="causal"), layers.LSTM(4),
        layers.Dense(2)])
    for name, zeros, options in [("same", 2, {}), ("causal", (4, 0), {"strides": 2}), ("early", (3, 1), {}),
                                 ("late", (0, 4), {"use_bias": False}), ("dilated", (6, 2), {"dilation_rate": 2})]:
        yield f"zeros-{name}", "3", sequential(lambda layers, zeros=zeros, options=options: [
            layers.BatchNormalization(), layers.ZeroPadding1D(zeros), layers.Conv1D(6, 5, activation="relu", **options),
            layers.LSTM(4), layers.Dense(2)])
    yield "final-states", "3", states
    yield "directions", "32", directions
    yield from branches()


def two_outputs(module, layers):
    entry = module.Input((STEPS, FEATURES))
    states = layers.LSTM(4)(entry)
    return module.Model(entry, [layers.Dense(2, name="first")(states), layers.Dense(1, name="second")(states)])


def attention(module, layers):
    entry = module.Input((STEPS, FEATURES))
    states = layers.LSTM(4, return_sequences=True)(entry)
    return module.Model(entry, layers.Dense(2)(layers.Attention(name="attend")([states, states])))


def refused():
    yield "attention-flat", pooled("Multiply", flat_weights, lambda layers: [layers.Flatten(name="flat")])
    yield "attention-of-features", joined("Multiply", lambda layers, values: [
        values, layers.Permute((2, 1))(layers.Dense(STEPS, activation="softmax")(
            layers.Permute((2, 1), name="turn")(values)))],
        lambda layers: [layers.LSTM(4, return_sequences=True)], every_step=True)
    yield "steps-apart", sliced(lambda values: values[:, ::2, :])
    yield "features", sliced(lambda values: values[:, -1, :2])
    yield "states-of-steps", sliced(lambda values: values[:, -3:, :], after=lambda layers: [layers.LSTM(3, name="top")])
    yield "maximum", joined("Maximum", lambda layers, values: [layers.LSTM(4)(values), layers.GRU(4)(values)])
    yield "attention-weights", joined("Multiply", lambda layers, values: [
        values, layers.Softmax(axis=-1, name="weights")(layers.Dense(4)(values))],
        lambda layers: [layers.LSTM(4, return_sequences=True)], every_step=True)
    yield "zeros-longer", sequential(lambda layers: [
        layers.ZeroPadding1D(3, name="zeros"), layers.Conv1D(6, 3, name="read"), layers.LSTM(4)])
    yield "longer", sequential(lambda layers: [layers.LSTM(4, return_sequences=True), layers.UpSampling1D(2, name="up")])
    yield "images", sequential(lambda layers: [
        layers.Reshape((STEPS, FEATURES, 1)), layers.TimeDistributed(layers.Conv1D(2, 2), name="inside"),
        layers.TimeDistributed(layers.Flatten()), layers.LSTM(4)])
    yield "two-outputs", two_outputs
    yield "attention", attention


def randomize(model):
    random = numpy.random.default_rng(7)
    values = []
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        low = 0.2 if "variance" in name or "gamma" in name else -0.5
        values.append(random.uniform(low, 0.9 if low > 0 else 0.5, weight.shape).astype(numpy.float32))
    model.set_weights(values)


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(5)
    inputs = random.normal(size=(3, STEPS, FEATURES)).astype(numpy.float32)
    with h5py.File(folder / "expected.h5", "a" if names else "w") as file:
        for name, versions, build in models():
            for version in versions:
                if names and name not in names:
                    continue
                module = keras if version == "3" else tf_keras
                model = build(module, module.layers)
                randomize(model)
                full = name + (".keras" if version == "3" else ".h5")
                model.save(folder / full)
                given = inputs[..., :model.input_shape[-1]]
                outputs = model(given)
                outputs = outputs.detach().numpy() if version == "3" else outputs.numpy()
                group = file.require_group(full)
                group.clear()
                group["inputs"], group["lengths"] = given, numpy.full(3, STEPS, numpy.int32)
                group["outputs"] = outputs.reshape(-1)
                group.attrs.update({"file": full, "format": "keras", "cell": "", "steps": ""})
    (folder / "refused").mkdir(exist_ok=True)
    for name, build in refused():
        if not names or name in names:
            build(keras, keras.layers).save(folder / "refused" / f"{name}.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
