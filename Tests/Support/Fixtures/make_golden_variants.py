#!/usr/bin/env python3
"""Writes golden_variants.h5: variants of the LSTM, computed in float64.

    python3 make_golden_variants.py [FOLDER]     default: the folder of this script

`lstm_projection` is PyTorch's nn.LSTM with proj_size. `lstm_peephole` is written out
from its equations with PyTorch's automatic differentiation, and its outputs are checked
against the LSTM operator of ONNX Runtime, which has peepholes (input P). The layout is
that of golden_cells.h5 (README.md), with `projection_size` as another attribute.

Needs torch, h5py, numpy, onnx and onnxruntime.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from make_golden import LARGE, MEDIUM, RAGGED, SMALL, create, generator, normal, write_case


def states(rng, rows, size, hidden):
    B, H = size["B"], size["H"]
    return {"h0": normal(rng, rows, B, hidden, scale=0.7).requires_grad_(),
            "c0": normal(rng, rows, B, H, scale=0.7).requires_grad_()}


def projection_case(file, layers, bidirectional, size, projection, ragged):
    name = "_".join(["lstm_projection", "bidirectional" if bidirectional else "unidirectional",
                     "ragged" if ragged else "equal"])
    rng = generator(name)
    module = torch.nn.LSTM(size["I"], size["H"], num_layers=layers,
                           bidirectional=bidirectional, proj_size=projection)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(normal(rng, *parameter.shape, scale=0.9 / size["H"] ** 0.5))
    lengths = RAGGED[size["T"]] if ragged else [size["T"]] * size["B"]

    def run(inputs, states, _):
        given = (states["h0"], states["c0"])
        if ragged:
            outputs, finals = module(pack_padded_sequence(inputs, lengths), given)
            outputs, _ = pad_packed_sequence(outputs, total_length=size["T"])
        else:
            outputs, finals = module(inputs, given)
        return outputs, dict(zip(["h_n", "c_n"], finals))

    rows = layers * (2 if bidirectional else 1)
    write_case(file, name, size, lengths,
               dict(cell="lstm_projection", layers=layers, bidirectional=bidirectional,
                    projection_size=projection),
               states(rng, rows, size, projection), dict(module.named_parameters()), run, rng)


def peephole_run(size, lengths):
    def run(inputs, states, p):
        h, c = states["h0"][0], states["c0"][0]
        p_i, p_f, p_o = p["peephole_weights"].chunk(3, -1)
        outputs = []
        for t in range(size["T"]):
            active = (torch.tensor(lengths) > t)[:, None]
            a = inputs[t] @ p["input_weights"] + p["bias"] + h @ p["recurrent_weights"]
            i, f, g, o = a.chunk(4, -1)
            new_c = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
            new_h = torch.sigmoid(o + p_o * new_c) * torch.tanh(new_c)
            c, h = torch.where(active, new_c, c), torch.where(active, new_h, h)
            outputs.append(torch.where(active, new_h, torch.zeros_like(new_h)))
        return torch.stack(outputs), {"h_n": h[None], "c_n": c[None]}

    return run


def check_with_onnx(size, lengths, parameters, states, inputs, outputs):
    """The operator's gates are i, o, f, c and its peepholes i, o, f."""
    H = size["H"]

    def gates(v, order):
        return np.concatenate([v[..., n * H:(n + 1) * H] for n in order], -1)

    value = {key: tensor.detach().numpy().astype(np.float32) for key, tensor in parameters.items()}
    W = gates(value["input_weights"], [0, 3, 1, 2]).T[None]
    R = gates(value["recurrent_weights"], [0, 3, 1, 2]).T[None]
    B = np.concatenate([gates(value["bias"], [0, 3, 1, 2]), np.zeros(4 * H, np.float32)])[None]
    P = gates(value["peephole_weights"], [0, 2, 1])[None]
    h0, c0 = (states[name].detach().numpy().astype(np.float32) for name in ("h0", "c0"))
    node = onnx.helper.make_node(
        "LSTM", ["X", "W", "R", "B", "lengths", "h0", "c0", "P"], ["Y"], hidden_size=H)
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in
               dict(W=W, R=R, B=B, lengths=np.asarray(lengths, np.int32), h0=h0, c0=c0, P=P).items()]
    graph = onnx.helper.make_graph(
        [node], "lstm",
        [onnx.helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, list(inputs.shape))],
        [onnx.helper.make_tensor_value_info("Y", onnx.TensorProto.FLOAT, None)], tensors)
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found = session.run(None, {"X": inputs.detach().numpy().astype(np.float32)})[0][:, 0]
    difference = np.abs(found - outputs.detach().numpy()).max()
    assert difference < 1e-5, f"ONNX Runtime differs by {difference}"


def peephole_case(file, size, ragged):
    name = "_".join(["lstm_peephole", "ragged" if ragged else "equal"])
    rng = generator(name)
    I, H = size["I"], size["H"]
    lengths = RAGGED[size["T"]] if ragged else [size["T"]] * size["B"]
    scale = 0.9 / H ** 0.5
    p = {"input_weights": normal(rng, I, 4 * H, scale=scale),
         "recurrent_weights": normal(rng, H, 4 * H, scale=scale),
         "bias": normal(rng, 4 * H, scale=scale),
         "peephole_weights": normal(rng, 3 * H, scale=0.5)}
    for parameter in p.values():
        parameter.requires_grad_()
    plain = peephole_run(size, lengths)

    def run(inputs, states, p):
        result = plain(inputs, states, p)
        check_with_onnx(size, lengths, p, states, inputs, result[0])
        return result

    write_case(file, name, size, lengths,
               dict(cell="lstm_peephole", layers=1, bidirectional=False),
               states(rng, 1, size, H), p, run, rng)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    with create(folder / "golden_variants.h5") as file:
        projection_case(file, 1, False, LARGE, 6, ragged=False)
        projection_case(file, 1, False, SMALL, 4, ragged=True)
        projection_case(file, 2, True, SMALL, 5, ragged=False)
        projection_case(file, 2, True, MEDIUM, 2, ragged=True)
        peephole_case(file, LARGE, ragged=False)
        peephole_case(file, SMALL, ragged=True)


if __name__ == "__main__":
    main()
