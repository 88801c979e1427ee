#!/usr/bin/env python3
"""Writes golden_blocks.h5: models of blocks with their outputs and gradients, from PyTorch.

    python3 make_golden_blocks.py [FOLDER]     default: the folder of this script

As make_golden.py, whose functions it uses: numbers that float32 holds exactly, results in float64. Each row of a
minibatch runs alone, so that nothing is padded. Parameters and gradients have Weft's names and shapes.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from make_golden import create, generator, normal, put, put_attributes

GATES = {"lstm": [0, 1, 2, 3], "gru-reset-after": [1, 0, 2], "rnn-tanh": [0], "rnn-relu": [0]}


def rounded(module, name):
    rng = generator(name)
    for parameter in module.parameters():
        parameter.data = normal(rng, *parameter.shape, scale=0.4)
    return module


class Recurrent(nn.Module):
    def __init__(self, cell, inputs, hidden, bidirectional=False, merge="concatenate", residual=False):
        super().__init__()
        self.cell, self.merge, self.residual = cell, merge, residual
        if cell == "lstm":
            self.rnn = nn.LSTM(inputs, hidden, bidirectional=bidirectional)
        elif cell == "gru-reset-after":
            self.rnn = nn.GRU(inputs, hidden, bidirectional=bidirectional)
        else:
            self.rnn = nn.RNN(inputs, hidden, nonlinearity=cell[4:], bidirectional=bidirectional)

    def forward(self, x):
        states, _ = self.rnn(x)
        half = states.shape[1] // 2
        if self.merge == "sum":
            states = states[:, :half] + states[:, half:]
        elif self.merge == "mean":
            states = (states[:, :half] + states[:, half:]) / 2
        elif self.merge == "product":
            states = states[:, :half] * states[:, half:]
        return x + states if self.residual else states

    def named(self, path, of):
        for suffix, direction in (("", "forward"), ("_reverse", "backward")):
            if not hasattr(self.rnn, "weight_ih_l0" + suffix):
                continue
            get = {key: of(getattr(self.rnn, f"{key}_l0{suffix}")) for key in
                   ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
            order = GATES[self.cell]
            blocks = {key: [value.chunk(len(order))[gate] for gate in order] for key, value in get.items()}
            if self.cell == "gru-reset-after":
                # PyTorch's update gate is 1 − z of Weft's.
                blocks = {key: [-z, r, n] for key, (z, r, n) in blocks.items()}
            name = f"{path}/{direction}"
            yield f"{name}/input_weights", torch.cat(blocks["weight_ih"]).T
            yield f"{name}/recurrent_weights", torch.cat(blocks["weight_hh"]).T
            yield f"{name}/bias", (blocks["bias_ih"], blocks["bias_hh"])


class Dense(nn.Module):
    def __init__(self, inputs, units, function=lambda x: x):
        super().__init__()
        self.linear, self.function = nn.Linear(inputs, units), function

    def forward(self, x):
        return self.function(self.linear(x))

    def named(self, path, of):
        yield f"{path}/weights", of(self.linear.weight).T
        yield f"{path}/bias", of(self.linear.bias)


class Convolution(nn.Module):
    def __init__(self, inputs, filters, width, stride=1, dilation=1, causal=False, function=lambda x: x):
        super().__init__()
        self.convolution = nn.Conv1d(inputs, filters, width, stride=stride, dilation=dilation)
        self.function = function
        # `same` with a stride depends on the length: tests use it without.
        span = (width - 1) * dilation
        self.padding = (span, 0) if causal else (span // 2, span - span // 2)

    def forward(self, x):
        return self.function(self.convolution(F.pad(x.T, self.padding)).T)

    def named(self, path, of):
        weight = of(self.convolution.weight)  # [filters, inputs, width]
        yield f"{path}/weights", weight.permute(2, 1, 0).reshape(-1, weight.shape[0])
        yield f"{path}/bias", of(self.convolution.bias)


class Normalization(nn.Module):
    def __init__(self, features, epsilon=1e-5):
        super().__init__()
        self.norm = nn.LayerNorm(features, eps=epsilon)

    def forward(self, x):
        return self.norm(x)

    def named(self, path, of):
        yield f"{path}/gain", of(self.norm.weight)
        yield f"{path}/bias", of(self.norm.bias)


class Highway(nn.Module):
    def __init__(self, inner, features):
        super().__init__()
        self.inner, self.gate = inner, nn.Linear(features, features)

    def forward(self, x):
        gate = torch.sigmoid(self.gate(x))
        return gate * self.inner(x) + (1 - gate) * x


class Maximum(nn.Module):
    def forward(self, x):
        return x.amax(0, keepdim=True)


class WindowPool(nn.Module):
    """`same` with a stride depends on the length: tests use it with odd widths and a stride of 1."""

    def __init__(self, kind, width, stride, same=False):
        super().__init__()
        padding = width // 2 if same else 0
        self.pool = nn.MaxPool1d(width, stride, padding) if kind == "maximum" else nn.AvgPool1d(
            width, stride, padding, count_include_pad=False)

    def forward(self, x):
        return self.pool(x.T[None])[0].T


def model_case(file, name, text, inputs, blocks, paths, outputs, lengths):
    """`paths` holds the prefix of each block's parameter names, None without; "highway" has two."""
    modules = nn.ModuleList([*blocks, nn.Linear(blocks_width(blocks, inputs), outputs)]).double()
    rounded(modules, "blocks_" + name)
    rng = generator("blocks_data_" + name)
    rows = [normal(rng, length, inputs) for length in lengths]
    results = []
    loss = 0.0
    count = 0
    for row in rows:
        x = row
        for module in modules:
            x = module(x)
        results.append(x)
        count += x.numel()
    targets = [normal(rng, *result.shape) for result in results]
    for result, target in zip(results, targets):
        loss = loss + ((result - target) ** 2).sum() / count
    loss.backward()
    group = file.create_group(name)
    put_attributes(group, blocks=text, lengths=lengths, features=inputs, outputs=outputs, loss=float(loss.detach()))
    put(group, "inputs", torch.cat(rows))
    put(group, "targets", torch.cat(targets))
    put(group, "results", torch.cat(results), np.float64)
    for prefix, of in (("weights", lambda p: p.data), ("gradients", lambda p: p.grad)):
        target = group.create_group(prefix)

        def write(pairs):
            for path, value in pairs:
                if isinstance(value, tuple):
                    # PyTorch has two biases: Weft's is their sum, but for the candidate of a GRU.
                    first, second = value
                    own = path.rsplit("/", 1)[0]
                    if len(first) == 3:
                        put(target, f"{own}/recurrent_bias", second[2])
                        second = [*second[:2], torch.zeros_like(second[2])]
                    value = torch.cat([a + (b if prefix == "weights" else 0) for a, b in zip(first, second)])
                put(target, path, value)

        for block, path in zip(blocks, paths):
            if isinstance(block, Highway):
                write(block.inner.named(path[0], of))
                write([(f"{path[1]}/weights", of(block.gate.weight).T), (f"{path[1]}/bias", of(block.gate.bias))])
            elif path:
                write(block.named(path, of))
        write([("output/weights", of(modules[-1].weight).T), ("output/bias", of(modules[-1].bias))])


def blocks_width(blocks, inputs):
    with torch.no_grad():
        x = torch.zeros(40, inputs)
        for block in blocks:
            x = block(x)
    return x.shape[1]


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    with create(folder / "golden_blocks.h5") as file:
        lengths = [9, 8, 8, 5, 3]
        model_case(
            file, "convolution", "[{convolution: 6, width: 3, activation: relu}, "
            "{convolution: 5, width: 2, dilation: 3, padding: causal}, {cell: lstm, hidden: 7}]", 3,
            [Convolution(3, 6, 3, function=torch.relu), Convolution(6, 5, 2, dilation=3, causal=True),
             Recurrent("lstm", 5, 7)], ["convolution0", "convolution1", "layer0"], 2, lengths)
        model_case(
            file, "strided", "[{convolution: 6, width: 3, stride: 2, padding: causal, activation: elu}, "
            "{cell: gru-reset-after, hidden: 5}, {pool: maximum}]", 4,
            [Convolution(4, 6, 3, stride=2, causal=True, function=F.elu),
             Recurrent("gru-reset-after", 6, 5), Maximum()], ["convolution0", "layer0", None], 3, lengths)
        for merge in ("sum", "mean", "product"):
            model_case(
                file, merge, f"[{{cell: lstm, hidden: 6, bidirectional: true, merge: {merge}}}, "
                "{cell: rnn-relu, hidden: 6, residual: true}]", 4,
                [Recurrent("lstm", 4, 6, True, merge), Recurrent("rnn-relu", 6, 6, residual=True)],
                ["layer0", "layer1"], 2, lengths)
        model_case(
            file, "dense", "[{dense: 9, activation: gelu}, {cell: rnn-tanh, hidden: 9, highway: true}, "
            "{normalization: layer}, {dense: 17, activation: softplus}, {dense: 4, activation: leaky-relu}, "
            "{dense: 3, activation: hard-sigmoid}]", 4,
            [Dense(4, 9, F.gelu), Highway(Recurrent("rnn-tanh", 9, 9), 9), Normalization(9),
             Dense(9, 17, F.softplus), Dense(17, 4, F.leaky_relu), Dense(4, 3, F.hardsigmoid)],
            ["dense0", ("layer0", "highway0"), "normalization0", "dense1", "dense2", "dense3"], 2, lengths)
        model_case(
            file, "window_pooling", "[{dense: 6}, {pooling: maximum, width: 3, stride: 2, padding: valid}, "
            "{normalization: layer, epsilon: 0.001}, {cell: lstm, hidden: 5}, {pooling: mean, width: 2, stride: 1, "
            "padding: valid}, {pool: maximum}]", 4,
            [Dense(4, 6), WindowPool("maximum", 3, 2), Normalization(6, 1e-3), Recurrent("lstm", 6, 5),
             WindowPool("mean", 2, 1), Maximum()], ["dense0", None, "normalization0", "layer0", None, None], 2,
            [9, 8, 8, 6, 5])
        model_case(
            file, "window_pooling_same", "[{cell: gru-reset-after, hidden: 5}, {pooling: mean, width: 3}, "
            "{pooling: maximum, width: 5}, {dense: 3, activation: relu}]", 4,
            [Recurrent("gru-reset-after", 4, 5), WindowPool("mean", 3, 1, True), WindowPool("maximum", 5, 1, True),
             Dense(5, 3, torch.relu)], ["layer0", None, None, "dense0"], 2, lengths)


if __name__ == "__main__":
    main()
