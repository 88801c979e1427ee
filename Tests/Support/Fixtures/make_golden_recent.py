#!/usr/bin/env python3
"""Writes golden_recent.h5: recent recurrent cells out of other people's packages, computed in float64.

    python3 make_golden_recent.py [FOLDER]     default: the folder of this script

`min_gru` and `min_lstm` are the parallel form, in log space, of minGRU-pytorch; `indrnn`
is the cell of torchrecurrent; `slstm` is the reference of the authors' package xlstm;
`lru` is the layer of lru-pytorch; `zoneout_lstm` is an LSTM of haste with zoneout of its
hidden state, outside training. Gradients are by automatic differentiation. The layout
is that of golden_cells.h5 (README.md); the cell state of an sLSTM is c, n and m side by
side, and the hidden state of an LRU is its real part beside its imaginary part.

Needs torch, h5py and numpy, and minGRU-pytorch 0.2.1, torchrecurrent 0.2.5, xlstm 2.0.6
and lru-pytorch 0.1.3, of which `pip install --no-deps` is enough, and on PYTHONPATH the
folder `frameworks` of the source of haste-pytorch-cpu 0.5.5.
"""

import importlib.util
import pathlib
import sys

import torch
from LRU_pytorch import LRU
from minGRU_pytorch.minGRU import minGRU
from minGRU_pytorch.minLSTM import minLSTM
from pytorch.lstm import LSTMScript
from torchrecurrent import IndRNNCell

from make_golden import LARGE, RAGGED, SMALL, create, generator, normal, write_case


def vanilla_slstm():
    """The package's plain form, without the rest of it, which needs a compiler for GPUs."""
    folder = pathlib.Path(importlib.util.find_spec("xlstm").submodule_search_locations[0])
    path = folder / "blocks/slstm/src/vanilla/__init__.py"
    spec = importlib.util.spec_from_file_location(
        "vanilla", path, submodule_search_locations=[str(path.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["vanilla"] = module
    spec.loader.exec_module(module)
    return module


def parameters(rng, I, H, gates, **others):
    scale = 0.9 / H ** 0.5
    result = {"input_weights": normal(rng, I, gates * H, scale=scale),
              "bias": normal(rng, gates * H, scale=scale)} | others
    return {name: value.requires_grad_() for name, value in result.items()}


def by_row(size, lengths, run_row, outputs, states):
    """Runs each row to its own end; `run_row(inputs, states of the row)` gives its outputs and final states."""
    def run(inputs, given, p):
        rows = [run_row(inputs[:length, row], {key: value[0, row] for key, value in given.items()}, p)
                for row, length in enumerate(lengths)]
        padded = [torch.cat([row[0], row[0].new_zeros(size["T"] - len(row[0]), outputs)]) for row in rows]
        return torch.stack(padded, 1), {
            name: torch.stack([row[1][name] for row in rows])[None] for name in states}

    return run


def gates(values, order, H):
    return torch.cat([values[..., n * H:(n + 1) * H] for n in order], -1)


def minimal(kind, order):
    """Gates of the package in the order of Weft's. Its states are positive, as it takes their logarithm."""
    def row(inputs, given, p):
        I, H = p["input_weights"].shape[0], given["h0"].shape[0]
        module = kind(I, expansion_factor=H / I, proj_out=False)
        name = "to_hidden_and_gate" if kind is minGRU else "to_hidden_and_f_i_gate"
        setattr(module, name, torch.nn.Linear(I, len(order) * H))
        weights = {f"{name}.weight": gates(p["input_weights"], order, H).T,
                   f"{name}.bias": gates(p["bias"], order, H)}
        h0 = given["h0"]
        if kind is minLSTM and len(inputs) > 1:
            # The package applies g to the state that it is given.
            h0 = torch.where(h0 >= 0.5, h0 - 0.5, torch.logit(torch.minimum(h0, h0.new_tensor(0.5))))
        outputs = torch.func.functional_call(module, weights, (inputs[None], h0[None, None]))[0]
        return outputs, {"h_n": outputs[-1]}

    return row


def independent(nonlinearity):
    def row(inputs, given, p):
        I, H = p["input_weights"].shape
        cell = IndRNNCell(I, H, recurrent_bias=True, nonlinearity=getattr(torch, nonlinearity))
        weights = {"weight_ih": p["input_weights"].T, "vector_u": p["recurrent_weights"],
                   "bias_ih": p["bias"], "bias_hh": torch.zeros(H)}
        h, outputs = given["h0"], []
        for x in inputs:
            h = torch.func.functional_call(cell, weights, (x[None], h[None]))[0]
            outputs.append(h)
        return torch.stack(outputs), {"h_n": h}

    return row


def slstm(heads):
    vanilla = vanilla_slstm()

    def row(inputs, given, p):
        H = given["h0"].shape[0]
        d = H // heads
        R = p["recurrent_weights"].reshape(heads, d, 4 * d).transpose(1, 2)
        states = torch.stack([given["h0"], *given["c0"].chunk(3)])[:, None]
        every, last, _ = vanilla.slstm_forward(
            (inputs @ p["input_weights"])[:, None], states, R, p["bias"],
            vanilla.slstm_pointwise_function_registry["slstm"])
        return every[0, 1:, 0], {"h_n": last[0, 0], "c_n": last[1:, 0].flatten()}

    return row


def zoneout_lstm(rate):
    def row(inputs, given, p):
        H = given["h0"].shape[0]
        # Gates i, f, g, o here; i, g, f, o there.
        weights = [gates(p[name], [0, 2, 1, 3], H) for name in ("input_weights", "recurrent_weights", "bias")]
        h, c = LSTMScript(False, rate, inputs[:, None], given["h0"][None], given["c0"][None], *weights, None)
        return h[1:, 0], {"h_n": h[-1, 0], "c_n": c[-1, 0]}

    return row


def lru(inputs, given, p):
    I, N = inputs.shape[1], p["log_nu"].shape[0]
    module = LRU(I + 1, 2 * N, N)
    re, im = p["input_weights"].chunk(2, -1)
    b_re, b_im = p["bias"].chunk(2)
    # The bias is the weight of an input that is always one; C and D make the outputs the state itself.
    weights = {"nu_log": p["log_nu"], "theta_log": p["log_theta"], "gamma_log": p["log_gamma"],
               "B": torch.complex(torch.cat([re, b_re[None]]).T, torch.cat([im, b_im[None]]).T),
               "C": torch.cat([torch.eye(N) + 0j, -1j * torch.eye(N)]), "D": torch.zeros(2 * N, I + 1)}
    h0 = torch.complex(*given["h0"].chunk(2))
    ones = torch.cat([inputs, torch.ones(len(inputs), 1)], -1)
    outputs = torch.func.functional_call(module, weights, (ones, h0))
    return outputs, {"h_n": outputs[-1]}


def case(file, cell, size, ragged, run_row, gate_count, outputs=None, cell_states=0, others=None,
         positive=False, **attributes):
    name = "_".join([cell, "ragged" if ragged else "equal"])
    rng = generator(name)
    I, H, B = size["I"], size["H"], size["B"]
    outputs = outputs or H
    lengths = RAGGED[size["T"]] if ragged else [size["T"]] * B
    p = parameters(rng, I, H, gate_count, **(others(rng, H) if others else {}))
    h0 = normal(rng, 1, B, outputs, scale=0.7)
    states = {"h0": ((h0.abs() + 0.25).float().double() if positive else h0).requires_grad_()}
    if cell_states:
        c0 = normal(rng, 1, B, cell_states * H, scale=0.7)
        if cell_states == 3:
            # The normalizer is positive.
            c0[..., H:2 * H] = (c0[..., H:2 * H].abs() + 0.5).float().double()
        states["c0"] = c0.requires_grad_()
    finals = ["h_n", "c_n"] if cell_states else ["h_n"]
    write_case(file, name, size, lengths,
               dict(cell=cell, layers=1, bidirectional=False, **attributes), states, p,
               by_row(size, lengths, run_row, outputs, finals), rng)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    with create(folder / "golden_recent.h5") as file:
        for size, ragged in [(LARGE, False), (SMALL, True)]:
            case(file, "min_gru", size, ragged, minimal(minGRU, [1, 0]), 2, positive=True)
            case(file, "min_lstm", size, ragged, minimal(minLSTM, [2, 0, 1]), 3, positive=True)
            vector = lambda rng, H: {"recurrent_weights": normal(rng, H, scale=0.6)}
            case(file, "indrnn_relu", size, ragged, independent("relu"), 1, others=vector, activation="relu")
            case(file, "indrnn_tanh", size, ragged, independent("tanh"), 1, others=vector, activation="tanh")
            heads = 1 if size is LARGE else 3
            blocks = lambda rng, H: {
                "recurrent_weights": normal(rng, H, 4 * (H // heads), scale=0.9 / H ** 0.5)}
            case(file, "slstm", size, ragged, slstm(heads), 4, cell_states=3, others=blocks, heads=heads)
            dense = lambda rng, H: {"recurrent_weights": normal(rng, H, 4 * H, scale=0.9 / H ** 0.5)}
            case(file, "zoneout_lstm", size, ragged, zoneout_lstm(0.25), 4, cell_states=1, others=dense,
                 zoneout=0.25)
            diagonal = lambda rng, H: {
                "log_nu": (normal(rng, H, scale=0.5) - 1).float().double(), "log_theta": normal(rng, H, scale=0.7),
                "log_gamma": normal(rng, H, scale=0.3)}
            case(file, "lru", size, ragged, lru, 2, outputs=2 * size["H"], others=diagonal)


if __name__ == "__main__":
    main()
