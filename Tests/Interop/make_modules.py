"""Makes PyTorch modules as people write them, as state dictionaries and as both of PyTorch's exporters to ONNX write
them, with what the modules make of random sequences.

    make_modules.py FOLDER [UNITS…]

Groups in FOLDER/torch.h5 as those of make_models.py; the attribute `blocks` names the layers that a state dictionary
does not tell. Expected outputs are the values before a softmax or sigmoid at the end.
"""

import sys
import warnings
from pathlib import Path

import h5py
import numpy
import torch
from torch import nn

BATCH, STEPS, FEATURES, TOKENS, OUTPUTS = 4, 8, 5, 11, 3
warnings.filterwarnings("ignore")


class Network(nn.Module):
    """Modules by name in the order of their use, and a function that runs them."""

    def __init__(self, run, end=None, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.run, self.end = run, end

    def forward(self, values):
        outputs = self.run(self, values)
        return outputs if self.end is None else self.end(outputs)


def last(states):
    return states[0][:, -1]


def channels(module, values):
    """A module over channels, as convolutions are."""
    return module(values.permute(0, 2, 1)).permute(0, 2, 1)


def networks(units):
    """Name, network, whether it reads tokens, steps and blocks for its state dictionary; None where that has none."""
    def lstm(inputs=FEATURES, hidden=units, **options):
        return nn.LSTM(inputs, hidden, batch_first=True, **options)

    def gru(inputs=FEATURES, hidden=units, **options):
        return nn.GRU(inputs, hidden, batch_first=True, **options)

    linear, relu = nn.Linear, torch.relu
    cell = f"{{cell: lstm, hidden: {units}}}"
    yield "last", Network(lambda m, x: m.fc(last(m.lstm(x))), lstm=lstm(num_layers=2), fc=linear(units, OUTPUTS)), False, "last-step", ""
    yield "steps", Network(lambda m, x: m.fc(m.gru(x)[0]), gru=gru(), fc=linear(units, OUTPUTS)), False, "every-step", ""
    yield "final", Network(lambda m, x: m.fc(m.lstm(x)[1][0][-1]), lstm=lstm(), fc=linear(units, OUTPUTS)), False, "last-step", ""
    yield "two-linear", Network(
        lambda m, x: m.fc2(m.drop(relu(m.fc1(last(m.lstm(x)))))), lstm=lstm(), fc1=linear(units, 6), drop=nn.Dropout(0.5),
        fc2=linear(6, OUTPUTS)), False, "", f"[{cell}, {{pool: last}}, {{dense: 6, activation: relu}}]"
    yield "head", Network(
        lambda m, x: m.head(last(m.lstm(x))), lstm=lstm(),
        head=nn.Sequential(linear(units, 6), nn.ELU(), linear(6, 5), nn.Tanh(), linear(5, OUTPUTS))), False, "", (
        f"[{cell}, {{pool: last}}, {{dense: 6, activation: elu}}, {{dense: 5, activation: tanh}}]")
    yield "head-steps", Network(
        lambda m, x: m.head(m.lstm(x)[0]), lstm=lstm(), head=nn.Sequential(linear(units, 6), nn.ReLU(), linear(6, OUTPUTS))
    ), False, "", f"[{cell}, {{dense: 6, activation: relu}}]"
    yield "dense-first", Network(
        lambda m, x: m.fc(last(m.lstm(relu(m.first(x))))), first=linear(FEATURES, 6), lstm=lstm(6), fc=linear(units, OUTPUTS)
    ), False, "", f"[{{dense: 6, activation: relu}}, {cell}, {{pool: last}}]"
    yield "convolution", Network(
        lambda m, x: m.fc(last(m.lstm(channels(m.conv, x)))), conv=nn.Sequential(nn.Conv1d(FEATURES, 6, 3, padding=1), nn.ReLU()),
        lstm=lstm(6), fc=linear(units, OUTPUTS)), False, "", (
        f"[{{convolution: 6, width: 3, activation: relu}}, {cell}, {{pool: last}}]")
    yield "convolution-pooled", Network(
        lambda m, x: m.fc(last(m.lstm(channels(m.conv, x)))),
        conv=nn.Sequential(nn.Conv1d(FEATURES, 6, 3), nn.ReLU(), nn.MaxPool1d(2)), lstm=lstm(6), fc=linear(units, OUTPUTS)
    ), False, "", (
        f"[{{convolution: 6, width: 3, padding: valid, activation: relu}}, {{pooling: maximum, width: 2, stride: 2, "
        f"padding: valid}}, {cell}, {{pool: last}}]")
    yield "convolution-normalized", Network(
        lambda m, x: m.fc(last(m.lstm(channels(m.conv, x)))), conv=nn.Sequential(
            nn.Conv1d(FEATURES, 6, 3, padding=1), nn.BatchNorm1d(6), nn.ReLU(), nn.AvgPool1d(2)), lstm=lstm(6),
        fc=linear(units, OUTPUTS)), False, None, None
    yield "both-position", Network(
        lambda m, x: m.fc(last(m.lstm(x))), lstm=lstm(bidirectional=True), fc=linear(2 * units, OUTPUTS)), False, "", (
        f"[{{cell: lstm, hidden: {units}, bidirectional: true}}, {{pool: last-position}}]")
    yield "both-final", Network(
        lambda m, x: m.fc(torch.cat([*m.lstm(x)[1][0][-2:]], 1)), lstm=lstm(bidirectional=True), fc=linear(2 * units, OUTPUTS)
    ), False, "last-step", ""
    yield "mean", Network(lambda m, x: m.fc(m.lstm(x)[0].mean(1)), lstm=lstm(), fc=linear(units, OUTPUTS)), False, "", (
        f"[{cell}, {{pool: mean}}]")
    yield "maximum", Network(
        lambda m, x: m.fc(m.lstm(x)[0].amax(1)), lstm=lstm(bidirectional=True), fc=linear(2 * units, OUTPUTS)), False, "", (
        f"[{{cell: lstm, hidden: {units}, bidirectional: true}}, {{pool: maximum}}]")
    yield "layer-normalization", Network(
        lambda m, x: m.fc(m.norm(m.lstm(x)[0])), lstm=lstm(), norm=nn.LayerNorm(units), fc=linear(units, OUTPUTS)), False, "", (
        f"[{cell}, {{normalization: layer}}]")
    yield "batch-normalization", Network(
        lambda m, x: m.fc(m.norm(last(m.lstm(x)))), lstm=lstm(), norm=nn.BatchNorm1d(units), fc=linear(units, OUTPUTS)
    ), False, None, None
    yield "two-modules", Network(
        lambda m, x: m.fc(last(m.gru(m.lstm(x)[0]))), lstm=lstm(), gru=gru(units, 6), fc=linear(6, OUTPUTS)
    ), False, "last-step", ""
    yield "text", Network(
        lambda m, x: m.fc(last(m.lstm(m.embedding(x)))), torch.sigmoid, embedding=nn.Embedding(TOKENS, 6), lstm=lstm(6),
        fc=linear(units, 1)), True, "last-step", ""
    yield "text-steps", Network(
        lambda m, x: m.fc(m.gru(m.embedding(x))[0]), lambda y: torch.log_softmax(y, -1), embedding=nn.Embedding(TOKENS, 6),
        gru=gru(6, num_layers=2), fc=linear(units, TOKENS)), True, "every-step", ""
    yield "leaky", Network(
        lambda m, x: m.fc2(m.leaky(m.fc1(last(m.lstm(x))))), lstm=lstm(), fc1=linear(units, 6), leaky=nn.LeakyReLU(0.2),
        fc2=linear(6, OUTPUTS)), False, None, None
    yield "rectified", Network(
        lambda m, x: m.fc2(m.six(m.fc1(m.lstm(x)[0]))), lambda y: torch.softmax(y, -1), lstm=lstm(), fc1=linear(units, 6),
        six=nn.ReLU6(), fc2=linear(6, OUTPUTS)), False, None, None
    for name, function in (("silu", nn.SiLU()), ("selu", nn.SELU()), ("mish", nn.Mish())):
        yield f"head-{name}", Network(
            lambda m, x: m.head(last(m.gru(x))), gru=gru(), head=nn.Sequential(linear(units, 6), function, linear(6, OUTPUTS))
        ), False, "", f"[{{cell: gru-reset-after, hidden: {units}}}, {{pool: last}}, {{dense: 6, activation: {name}}}]"
    yield "slopes", Network(
        lambda m, x: m.fc2(m.slopes(m.fc1(last(m.lstm(x))))), lstm=lstm(), fc1=linear(units, 6), slopes=nn.PReLU(6),
        fc2=linear(6, OUTPUTS)), False, None, None
    yield "flat", Network(
        lambda m, x: m.fc(torch.flatten(m.lstm(x)[0], 1)), lstm=lstm(), fc=linear(units * STEPS, OUTPUTS)), False, None, None


def main(folder, sizes):
    torch.manual_seed(3)
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(5)
    with h5py.File(folder / "torch.h5", "w") as expected:
        for units in sizes:
            for name, network, tokens, steps, blocks in networks(units):
                for module in network.modules():
                    if isinstance(module, nn.BatchNorm1d):
                        nn.init.uniform_(module.running_mean, -0.5, 0.5)
                        nn.init.uniform_(module.running_var, 0.2, 0.9)
                        nn.init.uniform_(module.weight, 0.2, 0.9)
                network.eval()
                inputs = random.integers(0, TOKENS, (BATCH, STEPS)) if tokens else random.normal(
                    size=(BATCH, STEPS, FEATURES)).astype(numpy.float32)
                with torch.no_grad():
                    outputs = network.run(network, torch.tensor(inputs)).numpy().reshape(-1)
                stem = f"torch-{name}-{units}"
                files = {}
                if steps is not None:
                    files["state"] = (f"{stem}.pt", "pytorch")
                    torch.save(network.state_dict(), folder / files["state"][0])
                for kind, dynamo in (("onnx", False), ("dynamo", True)):
                    files[kind] = (f"{stem}-{kind}.onnx", "onnx")
                    torch.onnx.export(
                        network, (torch.tensor(inputs),), str(folder / files[kind][0]), dynamo=dynamo, verbose=False)
                for kind, (file, form) in files.items():
                    group = expected.create_group(f"{name}-{units}-{kind}")
                    group["inputs"], group["outputs"] = inputs, outputs
                    group["lengths"] = numpy.full(BATCH, STEPS, numpy.int32)
                    isState = kind == "state"
                    group.attrs.update({
                        "file": file, "format": form, "cell": "", "steps": steps if isState else "",
                        "blocks": blocks if isState else ""})


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(size) for size in sys.argv[2:]] or [7, 64])
