"""Makes files of PyTorch and Keras as people save them, with what these programs make of random sequences.

    make_files.py FOLDER

Writes state dictionaries and checkpoints by torch.save, in its newer and older form, and .keras archives. Groups in
FOLDER/expected.h5 as those of make_models.py; files in FOLDER/refused contain more than weights.
"""

import argparse
import collections
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import h5py
import keras
import numpy
import torch
from make_models import (
    CELLS, EMBEDDING, FEATURES, HIDDEN, OUTPUTS, TOKENS, counted, keras_model, randomize, sequences, write)
from safetensors.torch import save_model

KINDS = {"lstm": torch.nn.LSTM, "gru-reset-after": torch.nn.GRU, "rnn-tanh": torch.nn.RNN}
OLD = {"_use_new_zipfile_serialization": False}


class Network(torch.nn.Module):
    """Tokens or features; one recurrent module, or several; a linear layer."""

    def __init__(self, cell="lstm", tokens=False, levels=1, names=("rnn",), **options):
        super().__init__()
        self.names = names
        if tokens:
            self.embedding = torch.nn.Embedding(TOKENS, EMBEDDING)
        width = EMBEDDING if tokens else FEATURES
        for name in names:
            setattr(self, name, KINDS[cell](width, HIDDEN, levels, batch_first=True, **options))
            width = HIDDEN * (2 if options.get("bidirectional") else 1)
        self.output = torch.nn.Linear(width, OUTPUTS)

    def forward(self, values):
        if hasattr(self, "embedding"):
            values = self.embedding(values)
        for name in self.names:
            values = getattr(self, name)(values)[0]
        return self.output(values)


class Cells(torch.nn.Module):
    """Two cells in a loop over the steps."""

    def __init__(self):
        super().__init__()
        self.cells = torch.nn.ModuleList([torch.nn.LSTMCell(FEATURES, HIDDEN), torch.nn.LSTMCell(HIDDEN, HIDDEN)])
        self.output = torch.nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, values):
        states = [None, None]
        outputs = []
        for step in range(values.shape[1]):
            value = values[:, step]
            for number, cell in enumerate(self.cells):
                states[number] = cell(value, states[number])
                value = states[number][0]
            outputs.append(self.output(value))
        return torch.stack(outputs, 1)


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(TOKENS, HIDDEN)
        self.rnn = torch.nn.LSTM(HIDDEN, HIDDEN, batch_first=True)
        self.output = torch.nn.Linear(HIDDEN, TOKENS)
        self.output.weight = self.embedding.weight

    def forward(self, tokens):
        return self.output(self.rnn(self.embedding(tokens))[0])


def views(state):
    """The same numbers as parts of one storage, transposed, with gaps."""
    whole = torch.zeros(sum(value.numel() for value in state.values()) * 2 + 3)
    result, place = collections.OrderedDict(), 3
    for name, value in state.items():
        # Each second number, columns first.
        shape = tuple(reversed(value.shape))
        strides = tuple(2 * step for step in torch.empty(shape).stride())
        view = whole.as_strided(shape, strides, place)
        result[name] = view.permute(*reversed(range(view.dim())))
        result[name].copy_(value)
        place += 2 * value.numel()
    return result


def rounded(network, kind):
    """State of another type; the network gets the numbers that it holds."""
    state = {name: value.to(kind) for name, value in network.state_dict().items()}
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return state


def normalized(network, function, *names):
    for name in names:
        owner, parameter = name.rsplit(".", 1)
        function(getattr(network, owner), parameter)
    return network


def torch_files():
    """Name, extension, network, what is saved, and how."""
    plain = Network()
    yield "zip", "pt", plain, plain.state_dict(), {}
    yield "plain", "pt", plain, plain.state_dict(), OLD
    yield "protocol-4", "pth", plain, plain.state_dict(), {"pickle_protocol": 4}
    yield "protocol-5", "bin", plain, dict(plain.state_dict()), {"pickle_protocol": 5}
    yield "views", "pt", plain, views(plain.state_dict()), {}
    yield "views-plain", "pt", plain, views(plain.state_dict()), OLD
    yield "parameters", "pt", plain, dict(plain.named_parameters()), {}

    gru = Network("gru-reset-after", tokens=True, levels=2, bidirectional=True)
    wrapped = {f"model.{name}": value for name, value in gru.state_dict().items()}
    wrapped["loss.weight"] = torch.ones(OUTPUTS)
    wrapped["model.steps"] = torch.tensor(7)
    optimizer = torch.optim.Adam(gru.parameters())
    gru(torch.zeros(1, 2, dtype=torch.int64)).sum().backward()
    optimizer.step()
    options = argparse.Namespace(units=HIDDEN, name="gru", layers=(1, 2), rate=1e-3)
    checkpoint = {
        "epoch": 3, "global_step": 1 << 40, "pytorch-lightning_version": "2.5.0", "state_dict": wrapped,
        "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [], "hyper_parameters": options,
        "loops": {"fit": None, "done": {True, False}}, "metrics": numpy.float64(0.5)}
    for name in list(wrapped):
        if name.startswith("model.") and name != "model.steps":
            wrapped[name] = gru.state_dict()[name[len("model."):]]
    yield "lightning", "ckpt", gru, checkpoint, {}
    yield "lightning-plain", "ckpt", gru, checkpoint, OLD

    parallel = torch.nn.DataParallel(Network("rnn-tanh", tokens=True))
    yield "parallel", "pth", parallel.module, {
        "model_state_dict": parallel.state_dict(), "optimizer_state_dict": {"state": {}, "param_groups": []}}, {}
    compiled = Network(levels=2)
    yield "compiled", "pt", compiled, {f"_orig_mod.{name}": value for name, value in compiled.state_dict().items()}, {}
    for name, kind in [("float16", torch.float16), ("bfloat16", torch.bfloat16), ("float64", torch.float64)]:
        network = Network(bias=False)
        yield name, "pt", network, rounded(network, kind), OLD if name == "float64" else {}

    # Named against the order of their definition.
    ordered = Network(names=("zeta", "alpha"))
    ordered.zeta, ordered.alpha = torch.nn.LSTM(FEATURES, HIDDEN, batch_first=True), torch.nn.LSTM(
        HIDDEN, HIDDEN, batch_first=True)
    yield "ordered", "pt", ordered, ordered.state_dict(), {}
    cells = Cells()
    yield "cells", "pt", cells, cells.state_dict(), {}

    new, old = torch.nn.utils.parametrizations, torch.nn.utils
    weight_norm = normalized(Network(), new.weight_norm, "rnn.weight_hh_l0", "output.weight")
    with torch.no_grad():
        weight_norm.output.parametrizations.weight.original0.mul_(1.5)
    yield "weight-norm", "pt", weight_norm, weight_norm.state_dict(), {}
    weight_norm_old = normalized(Network(), old.weight_norm, "rnn.weight_hh_l0", "output.weight")
    with torch.no_grad():
        weight_norm_old.output.weight_g.mul_(1.5)
    yield "weight-norm-old", "pt", weight_norm_old, weight_norm_old.state_dict(), {}
    spectral = normalized(Network(), new.spectral_norm, "output.weight").eval()
    yield "spectral-norm", "pt", spectral, spectral.state_dict(), {}
    spectral_old = normalized(Network(), old.spectral_norm, "output.weight").eval()
    yield "spectral-norm-old", "pt", spectral_old, spectral_old.state_dict(), {}


def cell_of(network):
    kinds = {torch.nn.LSTM: "lstm", torch.nn.GRU: "gru-reset-after", torch.nn.RNN: "rnn-tanh"}
    return next((kinds[type(part)] for part in network.modules() if type(part) in kinds), "lstm")


def make_torch_files(folder, expected):
    torch.manual_seed(3)
    for name, suffix, network, content, how in torch_files():
        network.eval()
        inputs, lengths = sequences(hasattr(network, "embedding"), ragged=False)
        outputs = network(torch.tensor(inputs)).detach().numpy()
        file = f"torch-{name}.{suffix}"
        torch.save(content, folder / file, **how)
        write(
            expected.create_group(f"torch-{name}"), inputs, lengths, counted(outputs, lengths, True), file=file,
            format="pytorch", cell=cell_of(network), steps="every-step")
    torch.serialization.set_crc32_options(False)
    network = Network()
    torch.save(network.state_dict(), folder / "torch-unchecked.pt")
    torch.serialization.set_crc32_options(True)
    inputs, lengths = sequences(False, ragged=False)
    write(
        expected.create_group("torch-unchecked"), inputs, lengths,
        counted(network(torch.tensor(inputs)).detach().numpy(), lengths, True), file="torch-unchecked.pt",
        format="pytorch", cell="lstm", steps="every-step")
    tied = Tied()
    save_model(tied, str(folder / "torch-tied.safetensors"))
    inputs, lengths = sequences(True, ragged=False)
    write(
        expected.create_group("torch-tied"), inputs, lengths,
        counted(tied(torch.tensor(inputs)).detach().numpy(), lengths, True), file="torch-tied.safetensors",
        format="safetensors", cell="lstm", steps="every-step")


def make_refused(folder):
    """Files that are no state dictionaries, or have what cannot be one."""
    network = Network()
    torch.save(network, folder / "whole.pt")
    torch.save(network, folder / "whole-plain.pt", **OLD)
    torch.save({"model": network, "epoch": 1}, folder / "whole-inside.pt")
    torch.save(torch.zeros(3), folder / "tensor.pt")
    torch.save([1, 2], folder / "list.pt")
    torch.save({"generator": network.state_dict(), "critic": network.state_dict()}, folder / "several.pt")
    sparse = network.state_dict()
    sparse["output.weight"] = sparse["output.weight"].to_sparse()
    torch.save(sparse, folder / "sparse.pt")
    torch.save({"rnn.weight_ih_l0": torch.zeros(4, 4, dtype=torch.complex64)}, folder / "complex.pt")
    orthogonal = Network()
    torch.nn.utils.parametrizations.orthogonal(orthogonal.rnn, "weight_hh_l0")
    torch.save(orthogonal.state_dict(), folder / "orthogonal.pt")
    torch.jit.script(torch.nn.LSTM(3, 4)).save(str(folder / "script.pt"))

    class Command:
        def __reduce__(self):
            return os.system, ("touch weft-was-here",)

    torch.save({"state_dict": network.state_dict(), "x": Command()}, folder / "command.pt")
    torch.save({"state_dict": network.state_dict(), "x": Command()}, folder / "command-plain.pt", **OLD)


def make_keras_files(folder, expected):
    for cell in CELLS:
        kinds = {
            "rnn-tanh": (True, 1, True, True, False), "rnn-relu": (False, 1, True, False, True),
            "lstm": (True, 3, False, False, True), "gru": (False, 3, True, True, False),
            "gru-reset-after": (False, 3, False, True, True)}
        bidirectional, levels, every_step, tokens, functional = kinds[cell]
        model = keras_model(keras, cell, bidirectional, levels, every_step, tokens, functional)
        inputs, lengths = sequences(tokens, ragged=True, first=1)
        outputs = counted(model(inputs).detach().cpu(), lengths, every_step)
        name = f"keras-{cell}"
        model.save(folder / f"{name}.keras")
        write(
            expected.create_group(name), inputs, lengths, outputs, file=f"{name}.keras", format="keras", cell=cell,
            steps="every-step" if every_step else "last-step")


def make_keras_graphs(folder, expected):
    """Networks whose layers alone do not tell what they compute."""
    layers = keras.layers

    def add(name, model, tokens, cell, every_step):
        model.set_weights(randomize(model.get_weights()))
        if name == "zero-row":
            embedding = model.layers[0].get_weights()[0]
            embedding[0] = 0
            model.layers[0].set_weights([embedding])
        inputs, lengths = sequences(tokens, ragged=tokens, first=1)
        model.save(folder / f"keras-{name}.keras")
        write(
            expected.create_group(f"keras-{name}"), inputs, lengths,
            counted(model(inputs).detach().cpu(), lengths, every_step), file=f"keras-{name}.keras", format="keras",
            cell=cell, steps="every-step" if every_step else "last-step")

    entry = keras.Input((None, FEATURES))
    state = layers.LSTM(HIDDEN, return_state=True, return_sequences=True)(entry)[1]
    add("state", keras.Model(entry, layers.Dense(OUTPUTS)(state)), False, "lstm", False)
    backward = layers.LSTM(HIDDEN, return_sequences=True, go_backwards=True)
    both = layers.Bidirectional(layers.LSTM(HIDDEN, return_sequences=True), backward_layer=backward)
    model = keras.Sequential([keras.Input((None, FEATURES)), both, layers.Dense(OUTPUTS)])
    add("backward", model, False, "lstm", True)
    model = keras.Sequential([
        keras.Input((None,), dtype="int32"), layers.Embedding(TOKENS, EMBEDDING), layers.Masking(0.0),
        layers.GRU(HIDDEN), layers.Dense(OUTPUTS)])
    add("zero-row", model, True, "gru-reset-after", False)

    refused = folder / "refused"
    entry = keras.Input((None, FEATURES))
    _, hidden, cell = layers.LSTM(HIDDEN, return_state=True)(entry)
    outputs = layers.LSTM(HIDDEN, return_sequences=True, name="decoder")(entry, initial_state=[hidden, cell])
    keras.Model(entry, layers.Dense(OUTPUTS)(outputs)).save(refused / "initial-state.keras")
    entry = keras.Input((None, FEATURES))
    state = layers.LSTM(HIDDEN, return_state=True, name="encoder")(entry)[2]
    keras.Model(entry, layers.Dense(OUTPUTS)(state)).save(refused / "cell-state.keras")
    other = layers.LSTM(HIDDEN, activation="relu", go_backwards=True)
    both = layers.Bidirectional(layers.LSTM(HIDDEN), backward_layer=other, name="both")
    keras.Sequential([keras.Input((None, FEATURES)), both, layers.Dense(OUTPUTS)]).save(refused / "backward.keras")
    entry = keras.Input((None, FEATURES))
    first, _ = layers.Bidirectional(layers.LSTM(HIDDEN), merge_mode=None, name="both")(entry)
    keras.Model(entry, layers.Dense(OUTPUTS)(first)).save(refused / "merge.keras")
    model = keras.Sequential([
        keras.Input((5, FEATURES)), layers.LSTM(HIDDEN), layers.RepeatVector(5),
        layers.LSTM(HIDDEN, return_sequences=True), layers.Dense(OUTPUTS)])
    model.save_weights(refused / "repeat.weights.h5")
    model = keras.Sequential([
        keras.Input((None, FEATURES)), layers.Conv1D(HIDDEN, 3, name="first"), layers.UpSampling1D(2, name="second"),
        layers.PReLU(name="third", shared_axes=[1]), layers.LSTM(HIDDEN), layers.Dense(OUTPUTS)])
    model.save(refused / "many.keras")


def main(folder):
    (folder / "refused").mkdir(parents=True, exist_ok=True)
    (folder / "expected.h5").unlink(missing_ok=True)
    with h5py.File(folder / "expected.h5", "w") as expected:
        make_torch_files(folder, expected)
        make_keras_files(folder, expected)
        make_keras_graphs(folder, expected)
    make_refused(folder / "refused")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
