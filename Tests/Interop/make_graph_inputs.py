"""Makes ONNX graphs with several inputs, with vectors that are repeated at steps and with initial states, as both of
PyTorch's exporters write them.

    make_graph_inputs.py FOLDER

Writes FOLDER/NAME.onnx and FOLDER/NAME-old.onnx, and groups in FOLDER/expected.h5 as those of make_models.py with what
PyTorch makes of random inputs, side by side: sequences, and after them what is there once; in FOLDER/refused are graphs
that must not be imported.
"""

import sys
import warnings
from pathlib import Path

import h5py
import numpy
import onnx
import torch
from torch import nn

BATCH, STEPS, TOKENS, KINDS, UNITS, OUTPUTS = 4, 9, 11, 7, 6, 3
warnings.filterwarnings("ignore")


class Network(nn.Module):
    """Any modules, and a function of them and the inputs, `NAME: KIND`."""

    def __init__(self, inputs, modules, function, is_every_step=False):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.inputs, self.function, self.is_every_step = inputs, function, is_every_step

    def forward(self, *values):
        return self.function(self, *values)


def values(kind, random):
    """Of `features N`, `channels N`, which come before steps, `vector N`, `series`, `tokens`, `kind` or `kinds`, of which each sequence has one."""
    name, _, count = kind.partition(" ")
    if name in ("tokens", "kind", "kinds"):
        shape = {"tokens": (BATCH, STEPS), "kind": (BATCH,), "kinds": (BATCH, 1)}[name]
        return torch.tensor(random.integers(0, TOKENS if name == "tokens" else KINDS, shape))
    steps = int(name.partition("-")[2] or STEPS)
    shape = {"vector": (BATCH, int(count or 0)), "series": (BATCH, STEPS), "channels": (BATCH, int(count or 0), STEPS)}.get(name, (BATCH, steps, int(count or 0)))
    return torch.tensor(random.normal(size=shape).astype(numpy.float32))


def lstm(inputs, units=UNITS, **options):
    return nn.LSTM(inputs, units, batch_first=True, **options)


def last(states):
    return states[0][:, -1]


def repeated(vector, steps=STEPS):
    return vector.unsqueeze(1).repeat(1, steps, 1)


def linear(inputs, outputs=OUTPUTS):
    return nn.Linear(inputs, outputs)


def normalized(features):
    module = nn.BatchNorm1d(features)
    nn.init.uniform_(module.running_mean, -0.5, 0.5)
    nn.init.uniform_(module.running_var, 0.2, 0.9)
    nn.init.uniform_(module.weight, -0.9, 0.9)
    return module


def states(layers, size=UNITS):
    return nn.Parameter(torch.randn(layers, 1, size))


def networks():
    """Name and network."""
    two = {"x": "features 5", "y": "features 2"}
    beside = {"x": "features 5", "s": "vector 3"}
    yield "two-sequences", Network(
        two, {"a": lstm(5), "b": lstm(2, 4), "o": linear(UNITS + 4)},
        lambda m, x, y: m.o(torch.cat([last(m.a(x)), last(m.b(y))], 1)))
    yield "shared-layer", Network(
        {"x": "features 5", "y": "features 5"}, {"a": lstm(5), "o": linear(2 * UNITS)},
        lambda m, x, y: m.o(torch.cat([last(m.a(x)) * last(m.a(y)), last(m.a(y))], 1)))
    yield "shared-both", Network(
        {"x": "features 5", "y": "features 5"}, {"a": lstm(5, bidirectional=True), "o": linear(2 * UNITS)},
        lambda m, x, y: m.o(torch.cat([m.a(x)[1][0][0], m.a(x)[1][0][1]], 1) * torch.cat(
            [m.a(y)[1][0][0], m.a(y)[1][0][1]], 1)))
    yield "second-first", Network(
        two, {"a": lstm(7), "o": linear(UNITS)}, lambda m, x, y: m.o(m.a(torch.cat([y, x], -1))[0]), True)
    yield "scaled", Network(
        two, {"n": normalized(2), "a": lstm(7), "o": linear(UNITS)},
        lambda m, x, y: m.o(m.a(torch.cat([(x - 1.5) / 2, m.n(y.transpose(1, 2)).transpose(1, 2)], -1))[0]), True)
    yield "residual", Network(
        two, {"f": linear(7, UNITS), "a": lstm(UNITS), "o": linear(UNITS + 2)},
        lambda m, x, y: (lambda z: m.o(torch.cat([z + m.a(z)[0], y], -1)))(m.f(torch.cat([x, y], -1))), True)
    yield "convolution", Network(
        two, {"c": nn.Conv1d(2, 4, 3, padding=1), "a": lstm(5), "o": linear(UNITS + 4)},
        lambda m, x, y: m.o(torch.cat([last(m.a(x)), torch.relu(m.c(y.transpose(1, 2))).amax(2)], 1)))
    yield "vector-after", Network(
        beside, {"a": lstm(5), "o": linear(UNITS + 3)}, lambda m, x, s: m.o(torch.cat([last(m.a(x)), s], 1)))
    yield "vector-first", Network(
        {"s": "vector 3", "x": "features 5"}, {"n": normalized(3), "f": linear(3, 4), "a": lstm(5), "o": linear(UNITS + 4)},
        lambda m, s, x: m.o(torch.cat([torch.relu(m.f(m.n(s))), m.a(x)[1][0][-1]], 1)))
    yield "vector-before", Network(
        beside, {"a": lstm(8), "o": linear(UNITS)},
        lambda m, x, s: m.o(m.a(torch.cat([x, s.unsqueeze(1).expand(-1, x.shape[1], -1)], -1))[0]), True)
    yield "vector-repeated", Network(
        beside, {"f": linear(3, 4), "a": lstm(9), "o": linear(UNITS)},
        lambda m, x, s: m.o(m.a(torch.cat([x, repeated(torch.tanh(m.f(s)))], -1))[0]), True)
    yield "vector-added", Network(
        beside, {"f": linear(5, 4), "g": linear(3, 4), "a": lstm(4), "o": linear(UNITS)},
        lambda m, x, s: m.o(m.a(m.f(x) + m.g(s).unsqueeze(1))[0]), True)
    yield "vector-gate", Network(
        beside, {"g": linear(3, UNITS), "a": lstm(5), "o": linear(UNITS)},
        lambda m, x, s: m.o(m.a(x)[0] * torch.sigmoid(m.g(s)).unsqueeze(1)), True)
    yield "tokens-numbers", Network(
        {"words": "tokens", "x": "features 5"}, {"e": nn.Embedding(TOKENS, 4), "a": lstm(9), "o": linear(UNITS)},
        lambda m, t, x: m.o(m.a(torch.cat([m.e(t), x], -1))[0]), True)
    yield "tokens-twice", Network(
        {"words": "tokens", "tags": "tokens"},
        {"e": nn.Embedding(TOKENS, 4), "f": nn.Embedding(TOKENS, 3), "a": lstm(7), "o": linear(UNITS)},
        lambda m, t, u: m.o(m.a(torch.cat([m.e(t), m.f(u)], -1))[0]), True)
    yield "tables-twice", Network(
        {"words": "tokens"},
        {"e": nn.Embedding(TOKENS, 4), "f": nn.Embedding(TOKENS, 3), "a": lstm(7), "o": linear(UNITS)},
        lambda m, t: m.o(m.a(torch.cat([m.e(t), m.f(t)], -1))[0]), True)
    yield "kind", Network(
        {"words": "tokens", "x": "features 5", "kind": "kind"},
        {"e": nn.Embedding(TOKENS, 4), "k": nn.Embedding(KINDS, 2), "a": lstm(9), "o": linear(UNITS + 2)},
        lambda m, t, x, k: m.o(torch.cat([m.a(torch.cat([m.e(t), x], -1))[1][0][-1], m.k(k)], 1)))
    yield "kind-column", Network(
        {"x": "features 5", "kind": "kinds"}, {"k": nn.Embedding(KINDS, 2), "a": lstm(5), "o": linear(UNITS + 2)},
        lambda m, x, k: m.o(torch.cat([last(m.a(x)), m.k(k).squeeze(1)], 1)))
    yield "series", Network(
        {"x": "series"}, {"a": lstm(1), "o": linear(UNITS)}, lambda m, x: m.o(last(m.a(x.unsqueeze(-1)))))
    yield "series-beside", Network(
        {"x": "series", "s": "vector 3"}, {"a": lstm(1), "o": linear(UNITS + 3)},
        lambda m, x, s: m.o(torch.cat([last(m.a(x.unsqueeze(-1))), s], 1)))
    one = {"x": "features 5"}
    yield "autoencoder", Network(
        one, {"e": lstm(5), "d": lstm(UNITS, 4), "o": linear(4, 5)},
        lambda m, x: m.o(m.d(repeated(m.e(x)[1][0][-1]))[0]), True)
    yield "autoencoder-latent", Network(
        one, {"e": lstm(5, bidirectional=True), "f": linear(2 * UNITS, 2), "d": lstm(2, 4), "o": linear(4, 5)},
        lambda m, x: m.o(m.d(repeated(torch.tanh(m.f(torch.cat([m.e(x)[1][0][0], m.e(x)[1][0][1]], 1)))))[0]), True)
    yield "autoencoder-expanded", Network(
        one, {"e": lstm(5), "d": lstm(UNITS, 4), "o": linear(4, 5)},
        lambda m, x: m.o(m.d(last(m.e(x)).unsqueeze(1).expand(-1, x.shape[1], -1))[0]), True)
    yield "last-steps", Network(
        one, {"a": lstm(5, bidirectional=True), "o": linear(2 * UNITS)}, lambda m, x: m.o(m.a(x)[0])[:, -3:])
    yield "middle-steps", Network(
        one, {"a": lstm(5), "f": linear(UNITS, 4), "o": linear(4)}, lambda m, x: m.o(torch.relu(m.f(m.a(x)[0][:, 4:-2]))))
    yield "forecast", Network(
        one, {"e": lstm(5), "d": lstm(UNITS, 4, num_layers=2), "o": linear(4, 2)},
        lambda m, x: m.o(m.d(repeated(m.e(x)[1][0][-1], 3))[0]))
    relu = torch.relu
    yield "convolution-alone", Network(
        one, {"c": nn.Conv1d(5, 4, 3, padding=1), "o": linear(4)},
        lambda m, x: m.o(relu(m.c(x.transpose(1, 2))).transpose(1, 2)), True)
    yield "channels-first", Network(
        {"x": "channels 5"}, {"c": nn.Conv1d(5, 4, 3), "n": normalized(4), "d": nn.Conv1d(4, 6, 3), "o": linear(6)},
        lambda m, x: m.o(relu(m.d(torch.max_pool1d(relu(m.n(m.c(x))), 2))).mean(-1)))
    yield "channels-flat", Network(
        {"x": "channels 5"}, {"c": nn.Conv1d(5, 4, 3), "f": linear(4 * (STEPS - 2), 6), "o": linear(6)},
        lambda m, x: m.o(relu(m.f(torch.flatten(relu(m.c(x)), 1)))))
    yield "linear-alone", Network(
        one, {"f": linear(5, 4), "o": linear(4)}, lambda m, x: m.o(relu(m.f(x)).mean(1)))
    yield "linear-steps", Network(one, {"f": linear(5, 4), "o": linear(4)}, lambda m, x: m.o(torch.tanh(m.f(x))), True)
    yield "window", Network(
        one, {"f": linear(5 * STEPS, 6), "o": linear(6)}, lambda m, x: m.o(relu(m.f(x.flatten(1)))))
    yield "list", Network(
        {"x": "series"}, {"f": linear(STEPS, 6), "o": linear(6)}, lambda m, x: m.o(relu(m.f(x))))
    yield "tokens-alone", Network(
        {"words": "tokens"}, {"e": nn.Embedding(TOKENS, 4), "o": linear(4)}, lambda m, t: m.o(m.e(t).mean(1)))
    yield "branches-alone", Network(
        beside, {"c": nn.Conv1d(5, 4, 3, padding=1), "o": linear(7)},
        lambda m, x, s: m.o(torch.cat([relu(m.c(x.transpose(1, 2))).amax(2), s], 1)))
    yield "cells", Network(one, {"a": lstm(5), "o": linear(UNITS)}, lambda m, x: m.o(m.a(x)[1][1][-1]))
    yield "cells-of-layers", Network(
        one, {"a": lstm(5, num_layers=2), "b": lstm(5, 4), "o": linear(4 * UNITS + 4)},
        lambda m, x: (lambda s, t: m.o(torch.cat([s[0], s[1], t[0], t[1], m.b(x)[1][1][-1]], 1)))(*m.a(x)[1]))
    yield "cells-repeated", Network(
        one, {"a": lstm(5), "d": lstm(UNITS, 4), "o": linear(4, 5)},
        lambda m, x: m.o(m.d(repeated(m.a(x)[1][1][-1]))[0]), True)
    yield "initial", Network(
        one, {"a": lstm(5, num_layers=2), "h": states(2), "c": states(2), "o": linear(UNITS)},
        lambda m, x: m.o(m.a(x, (m.h.expand(-1, len(x), -1).contiguous(), m.c.repeat(1, len(x), 1)))[0]), True)
    yield "initial-both", Network(
        one, {"a": nn.GRU(5, UNITS, batch_first=True, bidirectional=True), "h": states(2), "o": linear(2 * UNITS)},
        lambda m, x: m.o(m.a(x, m.h.expand(-1, x.shape[0], -1).contiguous())[0]), True)
    yield "initial-second", Network(
        one, {"b": lstm(5, 4), "a": lstm(4), "h": nn.Parameter(torch.randn(UNITS)), "o": linear(UNITS)},
        lambda m, x: m.o(last(m.a(m.b(x)[0], (
            m.h.reshape(1, 1, -1).repeat(1, x.shape[0], 1), torch.zeros(1, x.shape[0], UNITS))))))


def refused():
    """Name and network."""
    beside = {"x": "features 5", "s": "vector 6"}
    yield "initial-vector", Network(
        beside, {"f": linear(6, UNITS), "a": lstm(5), "o": linear(UNITS)},
        lambda m, x, s: m.o(last(m.a(x, (m.f(s).unsqueeze(0), torch.zeros(1, len(x), UNITS))))))
    yield "other-steps", Network(
        {"x": "features 5", "y": "features-4 5"}, {"a": lstm(5), "b": lstm(5), "o": linear(2 * UNITS)},
        lambda m, x, y: m.o(torch.cat([last(m.a(x)), last(m.b(y))], 1)))
    yield "repeated-last", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS), "o": linear(UNITS)},
        lambda m, x: m.o(m.d(repeated(last(m.e(x)), 3))[0][:, -1]))
    yield "repeated-final", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS), "o": linear(UNITS)},
        lambda m, x: m.o(m.d(repeated(last(m.e(x)), 3))[1][0][-1]))
    yield "repeated-backward", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS, bidirectional=True), "o": linear(2 * UNITS)},
        lambda m, x: m.o(m.d(repeated(last(m.e(x)), 3))[0]))
    yield "repeated-mean", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS), "o": linear(UNITS)},
        lambda m, x: m.o(m.d(repeated(last(m.e(x)), 3))[0].mean(1)))
    yield "repeated-flat", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS), "o": linear(3 * UNITS)},
        lambda m, x: m.o(m.d(repeated(last(m.e(x)), 3))[0].flatten(1)))
    yield "repeated-long", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS), "o": linear(UNITS)},
        lambda m, x: m.o(m.d(repeated(last(m.e(x)), 12))[0]))
    yield "steps-then-layer", Network(
        {"x": "features 5"}, {"e": lstm(5), "d": lstm(UNITS), "o": linear(UNITS)},
        lambda m, x: m.o(m.d(m.e(x)[0][:, -3:])[0]))
    yield "steps-then-mean", Network(
        {"x": "features 5"}, {"e": lstm(5), "o": linear(UNITS)}, lambda m, x: m.o(m.e(x)[0][:, -3:].mean(1)))
    yield "vector-other-steps", Network(
        {"x": "features 5", "s": "vector 3"}, {"a": lstm(5), "d": lstm(3), "o": linear(2 * UNITS)},
        lambda m, x, s: m.o(torch.cat([last(m.a(x)), last(m.d(repeated(s, 4)))], 1)))


def export(network, path, is_old):
    random = numpy.random.default_rng(5)
    inputs = tuple(values(kind, random) for kind in network.inputs.values())
    names = list(network.inputs)
    options = {"dynamo": False, "dynamic_axes": {name: {0: "batch"} for name in names}} if is_old else {
        "dynamic_shapes": (tuple({0: torch.export.Dim("batch")} for _ in names),), "external_data": False}
    torch.onnx.export(network.eval(), inputs, str(path), input_names=names, verbose=False, **options)
    # Where in PyTorch nodes come from is no part of the graph.
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.value_info[:]
    onnx.save(model, path)
    return inputs


def side_by_side(network, inputs):
    """Sequences, and after them what is there once, at every step; tokens alone as they are."""
    if list(network.inputs.values()) == ["tokens"]:
        return inputs[0].numpy()
    ways = {"tokens": lambda v: v[..., None], "series": lambda v: v[..., None], "features": lambda v: v, "channels": lambda v: v.transpose(0, 2, 1),
            "kind": lambda v: v[:, None, None], "kinds": lambda v: v[..., None], "vector": lambda v: v[:, None]}
    parts = [(kind.partition(" ")[0], value.numpy().astype(numpy.float32)) for kind, value in zip(
        network.inputs.values(), inputs)]
    parts = [(ways[kind](value), kind in ("vector", "kind", "kinds")) for kind, value in parts]
    return numpy.concatenate(
        [value for value, is_static in parts if not is_static]
        + [numpy.repeat(value, STEPS, 1) for value, is_static in parts if is_static], 2)


def main(folder):
    (folder / "refused").mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    with h5py.File(folder / "expected.h5", "w") as expected:
        for name, network in networks():
            for is_old in [False, True]:
                full = f"{name}-old" if is_old else name
                inputs = export(network, folder / f"{full}.onnx", is_old)
                with torch.no_grad():
                    outputs = network(*inputs)
                group = expected.create_group(full)
                group["inputs"] = side_by_side(network, inputs)
                group["lengths"] = numpy.full(BATCH, STEPS, numpy.int32)
                group["outputs"] = outputs.numpy().astype(numpy.float32).reshape(-1)
                steps = "every-step" if network.is_every_step else "last-step"
                for key, value in {"file": f"{full}.onnx", "format": "onnx", "cell": "lstm", "steps": steps}.items():
                    group.attrs[key] = value
    for name, network in refused():
        export(network, folder / "refused" / f"{name}.onnx", True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
