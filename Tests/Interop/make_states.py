"""Makes state dictionaries of PyTorch modules as people write them, with what the modules make of random sequences.

    make_states.py FOLDER

Groups in FOLDER/expected.h5 as those of make_models.py; the attributes `steps` and `blocks` are what a user tells. The
files in FOLDER/refused belong to modules that cannot be imported, or not without the user's help.
"""

import sys
from pathlib import Path

import h5py
import numpy
import torch
from torch import nn

BATCH, STEPS, FEATURES, TOKENS, UNITS, OUTPUTS = 3, 8, 5, 11, 6, 3
LSTM = f"{{cell: lstm, hidden: {UNITS}}}"
BOTH = f"{{cell: lstm, hidden: {UNITS}, bidirectional: true}}"


class Network(nn.Module):
    """Modules and parameters by name in the order of the file, and a function that runs them."""

    def __init__(self, run, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.run = run

    def forward(self, values):
        return self.run(self, values)


class Field(nn.Module):
    """The parameters of a conditional random field of pytorch-crf."""

    def __init__(self, classes):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.randn(classes))
        self.end_transitions = nn.Parameter(torch.randn(classes))
        self.transitions = nn.Parameter(torch.randn(classes, classes))


class Averaged(Network):
    """Stored with averages of its weights, as a training program keeps them beside the weights."""

    def state_dict(self):
        own = super().state_dict()
        return {f"{prefix}.{name}": value + shift for prefix, shift in (("online_model", 0), ("ema_model", 0.5))
                for name, value in own.items()} | {"step": torch.tensor(3), "initted": torch.tensor(True)}


def lstm(inputs=FEATURES, hidden=UNITS, **options):
    return nn.LSTM(inputs, hidden, batch_first=True, **options)


def gru(inputs=FEATURES, hidden=UNITS, **options):
    return nn.GRU(inputs, hidden, batch_first=True, **options)


def over_channels(module, values):
    """A module that reads features before steps."""
    return module(values.permute(0, 2, 1)).permute(0, 2, 1)


def attend(module, scores, states):
    return (torch.softmax(scores(module, states), 1) * states).sum(1)


def right():
    """Name, network, whether it reads tokens, steps and blocks."""
    linear, norm, relu = nn.Linear, nn.BatchNorm1d, torch.relu
    yield "batch-after-states", Network(
        lambda m, x: m.fc(m.bn(m.lstm(x)[0][:, -1])), lstm=lstm(), bn=norm(UNITS), fc=linear(UNITS, OUTPUTS)), False, "last-step", ""
    yield "batch-of-inputs", Network(
        lambda m, x: m.fc(m.lstm(over_channels(m.bn, x))[0]), lstm=lstm(), fc=linear(UNITS, OUTPUTS),
        bn=norm(FEATURES, affine=False)), False, "every-step", ""
    yield "batch-of-outputs", Network(
        lambda m, x: m.bn(m.fc(m.lstm(x)[0].mean(1))), lstm=lstm(), fc=linear(UNITS, OUTPUTS), bn=norm(OUTPUTS)), False, "mean", ""
    yield "batch-between", Network(
        lambda m, x: m.fc(m.second(over_channels(m.bn, m.first(x)[0]))[0][:, -1]), first=lstm(), bn=norm(UNITS),
        second=gru(UNITS, 4), fc=linear(4, OUTPUTS)), False, "last-step", ""
    yield "batch-then-relu", Network(
        lambda m, x: m.fc2(relu(m.bn(m.fc1(m.lstm(x)[0][:, -1])))), lstm=lstm(), fc1=linear(UNITS, 4), bn=norm(4),
        fc2=linear(4, OUTPUTS)), False, "", (
        f"[{LSTM}, {{pool: last}}, {{dense: 4}}, {{normalization: batch}}, {{activation: relu}}]")
    yield "relu-then-batch", Network(
        lambda m, x: m.fc2(m.bn(relu(m.fc1(m.lstm(x)[0][:, -1])))), lstm=lstm(), fc1=linear(UNITS, 4), bn=norm(4, eps=1e-3),
        fc2=linear(4, OUTPUTS)), False, "", (
        f"[{LSTM}, {{pool: last}}, {{dense: 4, activation: relu}}, {{normalization: batch, epsilon: 0.001}}]")
    yield "convolution-batch-relu", Network(
        lambda m, x: m.fc(m.lstm(relu(over_channels(nn.Sequential(m.conv, m.bn), x)))[0][:, -1]),
        conv=nn.Conv1d(FEATURES, 4, 3, padding=1), bn=norm(4), lstm=lstm(4), fc=linear(UNITS, OUTPUTS)), False, "", (
        f"[{{convolution: 4, width: 3}}, {{normalization: batch}}, {{activation: relu}}, {LSTM}, {{pool: last}}]")
    yield "convolution-strided", Network(
        lambda m, x: m.fc(m.lstm(m.pool(relu(m.conv(x.mT))).mT)[0][:, -1]), conv=nn.Conv1d(FEATURES, 4, 3, stride=2),
        pool=nn.MaxPool1d(2), lstm=lstm(4), fc=linear(UNITS, OUTPUTS)), False, "", (
        f"[{{convolution: 4, width: 3, stride: 2, padding: valid, activation: relu}}, {{pooling: maximum, width: 2, "
        f"stride: 2, padding: valid}}, {LSTM}, {{pool: last}}]")
    yield "batch-relu-of-both", Network(
        lambda m, x: m.fc(relu(over_channels(m.bn, m.lstm(x)[0]))[:, -1]), lstm=lstm(bidirectional=True), bn=norm(2 * UNITS),
        fc=linear(2 * UNITS, OUTPUTS)), False, "", (
        f"[{BOTH}, {{normalization: batch}}, {{activation: relu}}, {{pool: last-position}}]")
    yield "layer-found", Network(
        lambda m, x: m.fc(m.norm(m.lstm(x)[0][:, -1])), lstm=lstm(), norm=nn.LayerNorm(UNITS), fc=linear(UNITS, OUTPUTS)
    ), False, "last-step", ""
    yield "relu-of-states", Network(
        lambda m, x: m.fc(relu(m.fc_1(relu(m.lstm(x)[1][0][-1])))), lstm=lstm(), fc_1=linear(UNITS, 4), fc=linear(4, OUTPUTS)
    ), False, "", f"[{LSTM}, {{pool: last}}, {{activation: relu}}, {{dense: 4, activation: relu}}]"
    yield "unequal-last", Network(
        lambda m, x: m.fc(m.lstm2(m.lstm1(x)[0])[0][:, -1]), lstm1=lstm(), lstm2=lstm(UNITS, 4), fc=linear(4, OUTPUTS)
    ), False, "last-step", ""
    yield "maximum", Network(
        lambda m, x: m.fc(m.lstm(x)[0].amax(1)), lstm=lstm(num_layers=2), fc=linear(UNITS, OUTPUTS)), False, "maximum", ""
    yield "last-position", Network(
        lambda m, x: m.fc(m.lstm(x)[0][:, -1]), lstm=lstm(bidirectional=True), fc=linear(2 * UNITS, OUTPUTS)
    ), False, "last-position", ""
    yield "order-swapped", Network(
        lambda m, x: m.fc(relu(m.fc1(m.lstm(x)[0][:, -1]))), fc=linear(UNITS, OUTPUTS), fc1=linear(UNITS, UNITS), lstm=lstm()
    ), False, "", f"[{LSTM}, {{pool: last}}, {{dense: {UNITS}, activation: relu}}]"
    yield "sum", Network(
        lambda m, x: m.fc((lambda y: y[..., :UNITS] + y[..., UNITS:])(m.lstm(x)[0])), lstm=lstm(bidirectional=True),
        fc=linear(UNITS, OUTPUTS)), False, "", f"[{BOTH[:-1]}, merge: sum}}]"
    yield "rectified", Network(
        lambda m, x: m.fc(m.rnn(torch.tanh(m.first(x)))[0]), first=linear(FEATURES, 4),
        rnn=nn.RNN(4, UNITS, batch_first=True, nonlinearity="relu"), fc=linear(UNITS, OUTPUTS)), False, "", (
        f"[{{dense: 4, activation: tanh}}, {{cell: rnn-relu, hidden: {UNITS}}}]")
    for name, steps, blocks in (
        ("attention-told", "", f"[{LSTM}, {{pool: attention, size: 4}}]"), ("attention-found", "attention", "")):
        yield name, Network(
            lambda m, x: m.fc(attend(m, lambda m, h: m.attention(h), m.lstm(x)[0])), lstm=lstm(),
            attention=nn.Sequential(linear(UNITS, 4), nn.Tanh(), linear(4, 1)), fc=linear(UNITS, OUTPUTS)), False, steps, blocks
    yield "attention-scores", Network(
        lambda m, x: m.fc(attend(m, lambda m, h: m.attention(h), m.lstm(x)[0])), lstm=lstm(bidirectional=True),
        attention=linear(2 * UNITS, 1), fc=linear(2 * UNITS, OUTPUTS)), False, "", (
        f"[{BOTH}, {{pool: attention, size: 1, activation: linear}}]")
    yield "poolings", Network(
        lambda m, x: m.fc(relu((lambda h: torch.cat([h.mean(1), h.amax(1)], 1))(m.lstm(x)[0]))), lstm=lstm(),
        fc=linear(2 * UNITS, OUTPUTS)), False, "", (
        f"[{LSTM}, {{branches: [[{{pool: mean}}], [{{pool: maximum}}, {{activation: relu}}]]}}, {{activation: relu}}]")
    yield "final-layers", Network(
        lambda m, x: m.fc(m.lstm(x)[1][0].transpose(0, 1).flatten(1)), lstm=lstm(num_layers=2), fc=linear(2 * UNITS, OUTPUTS)
    ), False, "", f"[{LSTM}, {{branches: [[{{pool: last}}], [{LSTM}, {{pool: last}}]]}}]"
    yield "side-by-side", Network(
        lambda m, x: m.fc(m.bn(torch.cat([m.lstm(x)[0][:, -1], relu(m.conv(x.mT)).amax(2)], 1))), lstm=lstm(),
        conv=nn.Conv1d(FEATURES, 4, 3), bn=norm(UNITS + 4), fc=linear(UNITS + 4, OUTPUTS)), False, "", (
        f"[{{branches: [[{LSTM}, {{pool: last}}], [{{convolution: 4, width: 3, padding: valid, activation: relu}}, "
        f"{{pool: maximum}}]]}}, {{normalization: batch}}]")
    yield "convolution-strided-padded", Network(
        lambda m, x: m.fc(m.lstm(relu(m.conv(x.mT)).mT)[0][:, -1]), conv=nn.Conv1d(FEATURES, 4, 5, stride=2, padding=2),
        lstm=lstm(4), fc=linear(UNITS, OUTPUTS)), False, "", (
        f"[{{convolution: 4, width: 5, activation: relu}}, {{pooling: maximum, width: 1, stride: 2, "
        f"padding: valid}}, {LSTM}, {{pool: last}}]")
    for name, layers, both in ("states", 2, True), ("states-plain", 1, False):
        directions = 2 if both else 1
        shape = (layers * directions, 1, UNITS) if both else (UNITS,)
        yield name, Network(
            lambda m, x: m.fc(m.lstm(x, tuple(
                s.reshape(-1, 1, UNITS).repeat(1, len(x), 1) for s in (m.h0, m.c0)))[0]),
            lstm=lstm(num_layers=layers, bidirectional=both), fc=linear(directions * UNITS, OUTPUTS),
            h0=nn.Parameter(torch.randn(shape)), c0=nn.Parameter(torch.randn(shape))), False, "every-step", ""
    yield "states-gru", Network(
        lambda m, x: m.fc(m.gru(x, m.init_hidden.expand(-1, len(x), -1).contiguous())[1][-1]), gru=gru(num_layers=2),
        fc=linear(UNITS, OUTPUTS), init_hidden=nn.Parameter(torch.randn(2, 1, UNITS))), False, "last-step", ""
    yield "final-layers-found", Network(
        lambda m, x: m.fc(m.lstm(x)[1][0].transpose(0, 1).flatten(1)), lstm=lstm(num_layers=3), fc=linear(3 * UNITS, OUTPUTS)
    ), False, "last-step", ""
    for name, scores, blocks in (
        ("attention-vector", lambda m, h: (torch.tanh(h) @ m.w)[..., None], f"size: {UNITS}"),
        ("attention-column", lambda m, h: h @ m.w[:, None], "size: 1, activation: linear")):
        yield name, Network(
            lambda m, x, scores=scores: m.fc(attend(m, scores, m.lstm(x)[0])), lstm=lstm(), w=nn.Parameter(torch.randn(UNITS)),
            fc=linear(UNITS, OUTPUTS)), False, "", f"[{LSTM}, {{pool: attention, {blocks}}}]"
    yield "flat", Network(
        lambda m, x: m.fc2(relu(m.fc1(m.lstm(x)[0].flatten(1)))), lstm=lstm(), fc1=linear(STEPS * UNITS, 4),
        fc2=linear(4, OUTPUTS)), False, "", (
        f"[{LSTM}, {{convolution: 4, width: {STEPS}, padding: valid, activation: relu}}, {{pool: last}}]")
    yield "flat-output", Network(
        lambda m, x: m.fc(m.lstm(x)[0].flatten(1)), lstm=lstm(), fc=linear(STEPS * UNITS, OUTPUTS)), False, "", (
        f"[{LSTM}, {{convolution: {OUTPUTS}, width: {STEPS}, padding: valid}}, {{pool: last}}]")
    yield "convolution-flat", Network(
        lambda m, x: m.fc(relu(m.conv(x.mT)).flatten(1)), conv=nn.Conv1d(FEATURES, 4, 3), fc=linear(4 * (STEPS - 2), OUTPUTS)
    ), False, "", (
        f"[{{convolution: 4, width: 3, padding: valid, activation: relu}}, "
        f"{{convolution: {OUTPUTS}, width: {STEPS - 2}, padding: valid}}, {{pool: last}}]")
    yield "convolution-alone", Network(
        lambda m, x: m.fc(m.norm(relu(m.conv(x.mT)).amax(2))), conv=nn.Conv1d(FEATURES, 4, 3, padding=1), norm=norm(4),
        fc=linear(4, OUTPUTS)), False, "", "[{convolution: 4, width: 3, activation: relu}, {pool: maximum}, {normalization: batch}]"
    yield "linear-alone", Network(
        lambda m, x: m.fc2(relu(m.fc1(x)).mean(1)), fc1=linear(FEATURES, 4), fc2=linear(4, OUTPUTS)), False, "", (
        "[{dense: 4, activation: relu}, {pool: mean}]")
    yield "averaged", Averaged(
        lambda m, x: m.fc(m.lstm(torch.tanh(m.first(x)))[0]), first=linear(FEATURES, UNITS), lstm=lstm(UNITS),
        fc=linear(UNITS, OUTPUTS)), False, "", f"[{{dense: {UNITS}, activation: tanh}}, {LSTM}]"
    yield "random-field", Network(
        lambda m, x: m.fc(m.lstm(x)[0]), lstm=lstm(bidirectional=True), fc=linear(2 * UNITS, OUTPUTS), crf=Field(OUTPUTS)
    ), False, "every-step", ""
    yield "untied", Network(
        lambda m, x: m.decoder(m.rnn(m.encoder(x))[0]), decoder=linear(UNITS, TOKENS, bias=False), rnn=lstm(UNITS),
        encoder=nn.Embedding(TOKENS, UNITS)), True, "every-step", ""


def several():
    """Name, network, what there is of numbers (`x`, and `s` once) and of tokens, in the order of Weft's features, steps,
    blocks and what is told of the inputs."""
    def words(x, column):
        return x[..., column].long()

    tables = dict(word=nn.Embedding(TOKENS, 4), pos=nn.Embedding(TOKENS, 3))
    fc = nn.Linear(UNITS, OUTPUTS)
    yield "two-embeddings", Network(
        lambda m, x: m.fc(m.lstm(torch.cat([m.pos(words(x, 0)), m.word(words(x, 1))], -1))[0]), **tables, lstm=lstm(7), fc=fc
    ), "tt", "every-step", "", ("[pos, word]", "", "[pos, word]")
    yield "embedding-and-numbers", Network(
        lambda m, x: m.fc(m.lstm(torch.cat([m.word_embedding(words(x, 0)), x[..., 1:]], -1))[0]), word_embedding=nn.Embedding(TOKENS, 4),
        lstm=lstm(6), fc=fc), "txx", "every-step", "", ("[word, shapes]", "", "[word]")
    yield "vector-beside", Network(
        lambda m, x: m.fc(torch.cat([m.lstm(x[..., :3])[0][:, -1], torch.tanh(m.static(x[:, 0, 3:]))], 1)), lstm=lstm(3),
        static=nn.Linear(2, 4), fc=nn.Linear(UNITS + 4, OUTPUTS)), "xxxss", "", (
        f"[{{branches: [[{LSTM}, {{pool: last}}], [{{pool: last}}, {{dense: 4, activation: tanh}}]]}}]"), (
        "[series]", "[meta]", "")
    yield "kind-at-steps", Network(
        lambda m, x: m.fc(m.lstm(torch.cat([x[..., :3], m.kind(words(x, 3))], -1))[0]), kind=nn.Embedding(TOKENS, 2),
        lstm=lstm(5), fc=fc), "xxxt", "every-step", "", ("[series]", "[kind]", "[kind]")


def refused():
    linear, norm = nn.Linear, nn.BatchNorm1d
    yield "stack", dict(lstm=lstm(num_layers=2), head=nn.Sequential(linear(UNITS, 4), nn.ReLU(), linear(4, OUTPUTS)))
    yield "dense-first", dict(first=linear(FEATURES, 4), gru=gru(4, bidirectional=True), fc=linear(2 * UNITS, OUTPUTS))
    yield "dense-first-unbiased", dict(
        embedding=nn.Embedding(TOKENS, 7), project=linear(7, 4, bias=False), lstm=lstm(4), fc=linear(UNITS, OUTPUTS))
    yield "batch-stack", dict(lstm=lstm(), fc1=linear(UNITS, 4), bn1=norm(4), fc2=linear(4, OUTPUTS))
    yield "batch-convolution", dict(
        conv1=nn.Conv1d(FEATURES, 4, 3), bn1=norm(4), conv2=nn.Conv1d(4, 7, 5), bn2=norm(7), lstm=lstm(7),
        fc=linear(UNITS, OUTPUTS))
    yield "batch-anywhere", dict(lstm=lstm(UNITS), fc=linear(UNITS, OUTPUTS), bn=norm(UNITS))
    yield "sum", dict(lstm=lstm(bidirectional=True), fc=linear(UNITS, OUTPUTS))
    yield "speech", dict(
        fc=linear(FEATURES, 4), norm=nn.LayerNorm(4), rnn=gru(4, num_layers=2, bidirectional=True),
        classifier=nn.Sequential(linear(2 * UNITS, 7), nn.GELU(), linear(7, OUTPUTS)))
    yield "attention", dict(
        lstm=lstm(), attention=nn.Sequential(linear(UNITS, 4), nn.Tanh(), linear(4, 1)), fc=linear(UNITS, OUTPUTS))
    yield "attention-scores", dict(lstm=lstm(), attention=linear(UNITS, 1), fc=linear(UNITS, OUTPUTS))
    yield "attention-heads", dict(lstm=lstm(), attn=nn.MultiheadAttention(UNITS, 2), fc=linear(UNITS, OUTPUTS))
    yield "transitions", dict(
        embedding=nn.Embedding(TOKENS, 4), lstm=lstm(4), fc=linear(UNITS, OUTPUTS),
        transitions=nn.Parameter(torch.zeros(OUTPUTS, OUTPUTS)))
    yield "initial-states", dict(
        lstm=lstm(), gru=gru(UNITS), fc=linear(UNITS, OUTPUTS), h0=nn.Parameter(torch.zeros(1, 1, UNITS)),
        c0=nn.Parameter(torch.zeros(1, 1, UNITS)))
    yield "recurrence", dict(i2h=linear(FEATURES + UNITS, UNITS), h2o=linear(UNITS, OUTPUTS))
    yield "attention-vector", dict(lstm=lstm(), w=nn.Parameter(torch.zeros(UNITS)), fc=linear(UNITS, OUTPUTS))
    yield "transitions-of-others", dict(
        lstm=lstm(), fc=linear(UNITS, OUTPUTS), transitions=nn.Parameter(torch.zeros(4, 4)),
        start_transitions=nn.Parameter(torch.zeros(4)), end_transitions=nn.Parameter(torch.zeros(4)))
    yield "embeddings", dict(
        word=nn.Embedding(TOKENS, 4), position=nn.Embedding(STEPS, 3), lstm=lstm(7), fc=linear(UNITS, OUTPUTS))
    yield "positions", dict(
        word_embedding=nn.Embedding(TOKENS, 4), position_embedding=nn.Embedding(STEPS, 4), lstm=lstm(4),
        fc=linear(UNITS, OUTPUTS))
    yield "static", dict(lstm=lstm(), static=linear(4, 7), fc=linear(UNITS + 7, OUTPUTS))
    yield "layers", dict(lstm=lstm(num_layers=2), fc=linear(2 * UNITS, OUTPUTS))
    yield "flat", dict(lstm=lstm(), fc=linear(STEPS * UNITS, OUTPUTS))
    yield "heads", dict(lstm=lstm(), mu=linear(UNITS, 1), sigma=linear(UNITS, 1))
    yield "convolution", dict(conv=nn.Conv1d(FEATURES, 4, 5, stride=2, padding=2), lstm=lstm(4), fc=linear(UNITS, OUTPUTS))


def main(folder):
    torch.manual_seed(11)
    random = numpy.random.default_rng(12)
    (folder / "refused").mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "expected.h5", "w") as expected:
        for name, network, tokens, steps, blocks in right():
            for module in network.modules():
                if isinstance(module, nn.BatchNorm1d):
                    nn.init.uniform_(module.running_mean, -0.5, 0.5)
                    nn.init.uniform_(module.running_var, 0.2, 0.9)
                    if module.affine:
                        nn.init.uniform_(module.weight, -0.9, 0.9)
                        nn.init.uniform_(module.bias, -0.5, 0.5)
                if isinstance(module, nn.LayerNorm):
                    nn.init.uniform_(module.weight, -0.9, 0.9)
                    nn.init.uniform_(module.bias, -0.5, 0.5)
            network.eval()
            inputs = random.integers(0, TOKENS, (BATCH, STEPS)) if tokens else random.normal(
                size=(BATCH, STEPS, FEATURES)).astype(numpy.float32)
            state = network.state_dict()
            # A number beside the weights.
            torch.save({**state, "best_loss": torch.tensor(0.25)}, folder / f"{name}.pt")
            group = expected.create_group(name)
            with torch.no_grad():
                group["outputs"] = network(torch.tensor(inputs)).numpy().reshape(-1)
            group["inputs"], group["lengths"] = inputs, numpy.full(BATCH, STEPS, numpy.int32)
            group.attrs.update(
                {"file": f"{name}.pt", "format": "pytorch", "cell": "", "steps": steps, "blocks": blocks})
        for name, network, columns, steps, blocks, told in several():
            network.eval()
            inputs = random.normal(size=(BATCH, STEPS, len(columns))).astype(numpy.float32)
            for column, kind in enumerate(columns):
                if kind == "t":
                    inputs[..., column] = random.integers(0, TOKENS, (BATCH, STEPS))
                if kind == "s" or name == "kind-at-steps" and kind == "t":
                    inputs[..., column] = inputs[:, :1, column]
            torch.save(network.state_dict(), folder / f"{name}.pt")
            group = expected.create_group(name)
            with torch.no_grad():
                group["outputs"] = network(torch.tensor(inputs)).numpy().reshape(-1)
            group["inputs"], group["lengths"] = inputs, numpy.full(BATCH, STEPS, numpy.int32)
            group.attrs.update(
                {"file": f"{name}.pt", "format": "pytorch", "cell": "", "steps": steps, "blocks": blocks})
            group.attrs.update(dict(zip(("data.inputs", "data.static", "data.categories"), told)))
    for name, modules in refused():
        torch.save(Network(None, **modules).state_dict(), folder / "refused" / f"{name}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
