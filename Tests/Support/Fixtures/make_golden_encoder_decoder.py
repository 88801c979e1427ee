#!/usr/bin/env python3
"""Writes golden_encoder_decoder.h5: losses and gradients of encoder-decoder models, from PyTorch.

    python3 make_golden_encoder_decoder.py [FOLDER]     default: the folder of this script

Encoders are PyTorch's own nn.LSTM and nn.GRU over packed sequences, decoders its LSTMCell and GRUCell. Parameters
are leaves in Weft's layout, from which PyTorch's are made by differentiable steps, so that gradients come in Weft's
layout too. Numbers are drawn as float32 and computed with in float64. README.md describes the file.
"""

import pathlib
import sys

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

SOURCE_LENGTHS = [6, 4, 4, 2, 1]
TARGET_LENGTHS = [3, 5, 1, 4, 2]
SOURCE_WORDS, TARGET_WORDS, FEATURES = 9, 7, 3

COMMON = dict(cell="lstm", layers=1, hidden=6, bidirectional=True, embedding=5, decoder_layers=1, decoder_hidden=7,
              decoder_embedding=4, attention="additive", attention_size=6, feeding=True, tie=False,
              bridge="projection", inputs="tokens", targets="tokens")
CASES = {
    "lstm_additive_feeding": dict(layers=2, decoder_layers=2),
    "lstm_general": dict(bidirectional=False, attention="general", feeding=False, tie=True, decoder_embedding=7),
    "gru_dot_feeding": dict(cell="gru-reset-after", hidden=4, decoder_hidden=8, attention="dot", decoder_layers=2),
    "gru_additive": dict(cell="gru-reset-after", feeding=False),
    "gru_general_feeding_copy": dict(cell="gru-reset-after", attention="general", bidirectional=False,
                                     decoder_hidden=6, bridge="copy"),
    "lstm_none": dict(attention="none", feeding=False),
    "patches_additive_feeding": dict(layers=0, inputs="features"),
    "patches_encoded_additive": dict(inputs="features", feeding=False),
    "autoencoder_lstm": dict(inputs="features", targets="features", attention="none", feeding=False),
    "autoencoder_gru_copy": dict(inputs="features", targets="features", attention="none", feeding=False,
                                 cell="gru-reset-after", bidirectional=False, decoder_hidden=6, bridge="copy"),
}


def normal(rng, *shape, scale=1.0):
    return (torch.randn(*shape, generator=rng) * scale).float().double()


class Parameters:
    """Leaves by name, in Weft's layout."""

    def __init__(self, rng):
        self.rng, self.leaves = rng, {}

    def __call__(self, name, *shape):
        if name not in self.leaves:
            self.leaves[name] = normal(self.rng, *shape, scale=0.5).requires_grad_()
        return self.leaves[name]


def gates_of(cell):
    return 4 if cell == "lstm" else 3


def recurrent(parameters, path, cell, inputs, hidden, feeding=None):
    """PyTorch's weight_ih, weight_hh, bias_ih, bias_hh of a layer. `feeding` is a second part of the inputs."""
    gates = gates_of(cell)
    weights = parameters(f"{path}/input_weights", inputs, gates * hidden)
    if feeding:
        weights = torch.cat([weights, parameters(*feeding, gates * hidden)])
    across = parameters(f"{path}/recurrent_weights", hidden, gates * hidden)
    bias = parameters(f"{path}/bias", gates * hidden)
    if cell == "lstm":
        return weights.T, across.T, bias, torch.zeros_like(bias)
    recurrent_bias = parameters(f"{path}/recurrent_bias", hidden)

    def reorder(columns):
        z, r, h = columns.split(hidden, -1)
        return torch.cat([r, -z, h], -1)
    zeros = torch.zeros(2 * hidden)
    return reorder(weights).T, reorder(across).T, reorder(bias), torch.cat([zeros, recurrent_bias])


def encode(parameters, case, source, lengths):
    """States of every step [rows, steps, width], and for each level the final hidden and cell states."""
    finals = []
    for level in range(case["layers"]):
        D = 2 if case["bidirectional"] else 1
        kind = torch.nn.LSTM if case["cell"] == "lstm" else torch.nn.GRU
        module = kind(source.shape[-1], case["hidden"], bidirectional=case["bidirectional"])
        values = {}
        for direction, suffix in zip(["forward", "backward"][:D], ["", "_reverse"]):
            made = recurrent(parameters, f"layer{level}/{direction}", case["cell"], source.shape[-1], case["hidden"])
            for name, value in zip(["weight_ih", "weight_hh", "bias_ih", "bias_hh"], made):
                values[f"{name}_l0{suffix}"] = value
        packed = pack_padded_sequence(source, lengths, batch_first=True)
        outputs, state = functional_call(module, values, (packed,))
        source, _ = pad_packed_sequence(outputs, batch_first=True)
        hidden, cell = state if case["cell"] == "lstm" else (state, state)
        finals.append([torch.cat(list(part), -1) for part in (hidden, cell)])
    return source, finals


def run(parameters, case, source, lengths, targets, target_lengths):
    rows = len(lengths)
    H, W = case["decoder_hidden"], TARGET_WORDS + 1
    isLSTM = case["cell"] == "lstm"
    if case["inputs"] == "tokens":
        source = parameters("embedding/weights", SOURCE_WORDS, case["embedding"])[source]
    memory, finals = encode(parameters, case, source, lengths)
    counted = torch.arange(memory.shape[1])[None, :] < torch.tensor(lengths)[:, None]

    states = []
    for layer in range(case["decoder_layers"]):
        if finals:
            hidden, cell = finals[min(layer, len(finals) - 1)]
        else:
            mean = (memory * counted[:, :, None]).sum(1) / torch.tensor(lengths)[:, None]
            hidden, cell = mean, mean
        if case["bridge"] == "projection":
            path = f"decoder/bridge{layer}"
            hidden = torch.tanh(hidden @ parameters(f"{path}/hidden_weights", hidden.shape[-1], H)
                                + parameters(f"{path}/hidden_bias", H))
            if isLSTM:
                cell = (cell @ parameters(f"{path}/cell_weights", cell.shape[-1], H)
                        + parameters(f"{path}/cell_bias", H))
        states.append((hidden, cell) if isLSTM else hidden)

    if case["targets"] == "tokens":
        table = parameters("decoder/embedding/weights", W, case["decoder_embedding"])
    output = table.T if case["tie"] else parameters("output/weights", H, W if case["targets"] == "tokens" else FEATURES)
    output_bias = parameters("output/bias", output.shape[-1])
    steps = max(target_lengths) + (1 if case["targets"] == "tokens" else 0)
    feed = torch.zeros(rows, H)
    losses, weights_of_steps, counts = torch.zeros(rows, steps), [], 0
    for step in range(steps):
        if case["targets"] == "tokens":
            previous = [TARGET_WORDS if step == 0 else (list(row) + [0] * steps)[step - 1] for row in targets]
            x = table[torch.tensor(previous)]
        else:
            x = torch.zeros(rows, FEATURES) if step == 0 else targets[:, step - 1]
        for layer in range(case["decoder_layers"]):
            path = f"decoder/layer{layer}"
            size = x.shape[-1]
            feeding = None
            if layer == 0 and case["feeding"]:
                feeding = ("decoder/feeding_weights", H)
                x = torch.cat([x, feed], -1)
            made = recurrent(parameters, path, case["cell"], size, H, feeding)
            module = (torch.nn.LSTMCell if isLSTM else torch.nn.GRUCell)(x.shape[-1], H)
            values = dict(zip(["weight_ih", "weight_hh", "bias_ih", "bias_hh"], made))
            states[layer] = functional_call(module, values, (x, states[layer]))
            x = states[layer][0] if isLSTM else states[layer]
        if case["attention"] != "none":
            E, A = memory.shape[-1], case["attention_size"]
            if case["attention"] == "additive":
                query = x @ parameters("attention/query_weights", H, A)
                keys = memory @ parameters("attention/key_weights", E, A)
                scores = torch.tanh(query[:, None] + keys) @ parameters("attention/vector", A)
            else:
                keys = memory @ parameters("attention/key_weights", E, H) if case["attention"] == "general" else memory
                scores = (keys * x[:, None]).sum(-1)
            weights = torch.softmax(scores.masked_fill(~counted, -torch.inf), -1)
            weights_of_steps.append(weights)
            context = (weights[:, :, None] * memory).sum(1)
            x = torch.tanh(context @ parameters("decoder/context_weights", E, H)
                           + x @ parameters("decoder/state_weights", H, H))
        feed = x
        y = x @ output + output_bias
        for row, length in enumerate(target_lengths):
            if case["targets"] == "tokens":
                if step <= length:
                    word = TARGET_WORDS if step == length else targets[row][step]
                    losses[row, step] = F.cross_entropy(y[row], torch.tensor(word))
                    counts += 1
            elif step < length:
                losses[row, step] = (y[row] - targets[row, step]).square().sum()
                counts += FEATURES
    return losses, counts, weights_of_steps


def write(file, name, case):
    seed = int.from_bytes(name.encode(), "big") % (2**63 - 1)
    rng = torch.Generator().manual_seed(seed)
    group = file.create_group(name)
    for key, value in case.items():
        group.attrs[key] = np.int32(value) if isinstance(value, (bool, int)) else value
    lengths = SOURCE_LENGTHS

    def put(path, value, dtype=np.float32):
        value = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        group.create_dataset(path, data=np.atleast_1d(value).astype(dtype))

    if case["inputs"] == "tokens":
        rows = [torch.randint(0, SOURCE_WORDS, (length,), generator=rng) for length in lengths]
        source = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        put("source", torch.cat(rows), np.int32)
    else:
        rows = [normal(rng, length, FEATURES) for length in lengths]
        source = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        put("source", torch.cat(rows))
    put("source_lengths", lengths, np.int32)
    if case["targets"] == "tokens":
        target_lengths = TARGET_LENGTHS
        targets = [torch.randint(0, TARGET_WORDS, (length,), generator=rng).tolist() for length in target_lengths]
        put("targets", sum(targets, []), np.int32)
        put("target_lengths", target_lengths, np.int32)
    else:
        target_lengths = lengths
        targets = torch.nn.utils.rnn.pad_sequence([row.flip(0) for row in rows], batch_first=True)
    parameters = Parameters(rng)
    losses, count, weights = run(parameters, case, source, lengths, targets, target_lengths)
    loss = losses.sum() / count
    loss.backward()
    put("loss", loss, np.float64)
    if weights:
        put("attention_weights", torch.stack(weights, 1))
    for path, leaf in parameters.leaves.items():
        put(f"parameters/{path}", leaf)
        put(f"gradients/{path}", leaf.grad)


folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
folder = folder if folder.is_dir() else folder.parent
with h5py.File(folder / "golden_encoder_decoder.h5", "w", libver=("v110", "v110")) as file:
    for name, changes in CASES.items():
        write(file, name, {**COMMON, **changes})
