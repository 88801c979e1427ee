#!/usr/bin/env python3
"""Writes the golden values that Weft's tests compare against, from PyTorch.

    python3 make_golden.py [FOLDER]     default: the folder of this script

Inputs and parameters are drawn as float32 numbers and everything is computed
from them in float64, so the stored results are the truth that float32 code is
to come near. README.md describes the files.
"""

import pathlib
import sys

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

SMALL = dict(T=7, B=5, I=3, H=6)
MEDIUM = dict(T=9, B=3, I=3, H=9)
LARGE = dict(T=11, B=4, I=5, H=17)
RAGGED = {7: [7, 6, 4, 4, 1], 9: [9, 6, 2], 11: [11, 8, 5, 2]}   # by T
EPSILON = 1e-5


def generator(name):
    """Every case has its own stream, so that adding one changes no other."""
    seed = int.from_bytes(name.encode(), "big") % (2**63 - 1)
    return torch.Generator().manual_seed(seed)


def normal(rng, *shape, scale=1.0):
    """Normal numbers that float32 holds exactly."""
    return (torch.randn(*shape, generator=rng) * scale).float().double()


def create(path):
    return h5py.File(path, "w", libver=("v110", "v110"))


def put(group, name, value, dtype=np.float32):
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    group.create_dataset(name, data=np.atleast_1d(np.asarray(value)).astype(dtype))


def put_attributes(group, **attributes):
    for name, value in attributes.items():
        if isinstance(value, (bool, int)) or name == "lengths":
            value = np.asarray(value, np.int32)
        group.attrs[name] = value


# --- Cells: common to PyTorch's and the hand-written ones ---------------------

def write_case(file, name, size, lengths, attributes, states, parameters, run, rng):
    """Runs a case forward and backward. `states` maps h0 (and c0) to tensors;
    `run(inputs, states, parameters)` gives outputs and the final states. The
    loss weighs outputs and final states with stored random numbers, so that
    gradients arrive at both."""
    T, B, I = size["T"], size["B"], size["I"]
    inputs = normal(rng, T, B, I).requires_grad_()
    outputs, finals = run(inputs, states, parameters)

    counted = (torch.arange(T)[:, None] < torch.tensor(lengths)[None, :]).double()
    assert bool((outputs * (1 - counted[:, :, None]) == 0).all())
    R = normal(rng, *outputs.shape) * counted[:, :, None]
    loss = (outputs * R).sum()
    weights = {}
    for final, value in finals.items():
        weights[final] = normal(rng, *value.shape)
        loss = loss + (value * weights[final]).sum()
    loss.backward()

    group = file.create_group(name)
    put_attributes(group, **attributes, **size, lengths=lengths)
    put(group, "inputs", inputs)
    put(group, "R", R)
    for final, value in weights.items():
        put(group, "R" + final[0], value)
    put(group, "outputs", outputs)
    for final, value in finals.items():
        put(group, final, value)
    put(group, "grad_inputs", inputs.grad)
    for key, value in (states | parameters).items():
        put(group, key, value)
        put(group, "grad_" + key, value.grad)
    put(group, "loss", loss, np.float64)


def initial_states(rng, rows, size, has_cell):
    names = ["h0", "c0"] if has_cell else ["h0"]
    return {name: normal(rng, rows, size["B"], size["H"], scale=0.7).requires_grad_()
            for name in names}


# --- PyTorch's own cells --------------------------------------------------------

def torch_case(file, cell, layers, bidirectional, size, ragged):
    name = "_".join([cell, "bidirectional" if bidirectional else "unidirectional",
                     "ragged" if ragged else "equal"])
    rng = generator(name)
    options = dict(input_size=size["I"], hidden_size=size["H"], num_layers=layers,
                   bidirectional=bidirectional)
    module = {"lstm": lambda: torch.nn.LSTM(**options),
              "gru": lambda: torch.nn.GRU(**options),
              "rnn_tanh": lambda: torch.nn.RNN(nonlinearity="tanh", **options),
              "rnn_relu": lambda: torch.nn.RNN(nonlinearity="relu", **options)}[cell]()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(normal(rng, *parameter.shape, scale=0.9 / size["H"] ** 0.5))
    lengths = RAGGED[size["T"]] if ragged else [size["T"]] * size["B"]

    def run(inputs, states, _):
        given = (states["h0"], states["c0"]) if cell == "lstm" else states["h0"]
        if ragged:
            outputs, finals = module(pack_padded_sequence(inputs, lengths), given)
            outputs, _ = pad_packed_sequence(outputs, total_length=size["T"])
        else:
            outputs, finals = module(inputs, given)
        finals = finals if cell == "lstm" else (finals,)
        return outputs, dict(zip(["h_n", "c_n"], finals))

    states = initial_states(rng, layers * (2 if bidirectional else 1), size, cell == "lstm")
    attributes = dict(cell=cell, layers=layers, bidirectional=bidirectional)
    write_case(file, name, size, lengths, attributes, states,
               dict(module.named_parameters()), run, rng)


# --- Hand-written cells -----------------------------------------------------------

def layer_norm(v, gain, gates):
    """Over the units of each gate; gain only; biased variance."""
    v = v.unflatten(-1, (gates, -1))
    centred = v - v.mean(-1, keepdim=True)
    variance = centred.square().mean(-1, keepdim=True)
    return (centred / (variance + EPSILON).sqrt()).flatten(-2) * gain


def rnn_step(x, h, p, norm_x, norm_h):
    return torch.tanh(norm_x(x @ p["input_weights"]) + p["bias"]
                      + norm_h(h @ p["recurrent_weights"]))


def lstm_step(x, h, c, p, norm_x, norm_h, norm_c):
    a = norm_x(x @ p["input_weights"]) + p["bias"] + norm_h(h @ p["recurrent_weights"])
    i, f, g, o = a.chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(norm_c(c)), c


def gru_step(x, h, p, norm_x, norm_h, reset_before):
    """norm_h(v, gates) takes the gates that v holds: "zr", "h" or "zrh"."""
    H = h.shape[-1]
    U = p["recurrent_weights"]
    x_z, x_r, x_h = (norm_x(x @ p["input_weights"]) + p["bias"]).chunk(3, -1)
    u_z, u_r = norm_h(h @ U[:, : 2 * H], "zr").chunk(2, -1)
    z, r = torch.sigmoid(x_z + u_z), torch.sigmoid(x_r + u_r)
    if reset_before:
        candidate = torch.tanh(x_h + norm_h((r * h) @ U[:, 2 * H:], "h"))
    else:
        candidate = torch.tanh(x_h + r * (norm_h(h @ U[:, 2 * H:], "h") + p["recurrent_bias"]))
    return (1 - z) * h + z * candidate


def hand_written_run(cell, normalised, size, lengths):
    H = size["H"]
    gates = {"rnn_tanh": 1, "lstm": 4}.get(cell, 3)

    def run(inputs, states, p):
        if normalised:
            norm_x = lambda v: layer_norm(v, p["input_gain"], gates)
            gains = {"zr": slice(0, 2 * H), "h": slice(2 * H, 3 * H), "all": slice(None)}
            norm_h = lambda v, which="all": layer_norm(
                v, p["recurrent_gain"][gains[which]], v.shape[-1] // H)
            norm_c = lambda c: layer_norm(c, p["cell_gain"], 1) + p["cell_shift"]
        else:
            norm_x = norm_c = lambda v: v
            norm_h = lambda v, which="all": v
        h = states["h0"][0]
        c = states["c0"][0] if cell == "lstm" else None
        outputs = []
        for t in range(size["T"]):
            active = (torch.tensor(lengths) > t)[:, None]
            x = inputs[t]
            if cell == "lstm":
                new_h, new_c = lstm_step(x, h, c, p, norm_x, norm_h, norm_c)
                c = torch.where(active, new_c, c)
            elif cell == "rnn_tanh":
                new_h = rnn_step(x, h, p, norm_x, norm_h)
            else:
                new_h = gru_step(x, h, p, norm_x, norm_h, cell == "gru_reset_before")
            h = torch.where(active, new_h, h)
            outputs.append(torch.where(active, new_h, torch.zeros_like(new_h)))
        finals = {"h_n": h[None]} | ({"c_n": c[None]} if cell == "lstm" else {})
        return torch.stack(outputs), finals

    return run, gates


def hand_written_case(file, cell, normalised, size, ragged):
    name = "_".join(["layernorm_" + cell if normalised else cell,
                     "ragged" if ragged else "equal"])
    rng = generator(name)
    I, H = size["I"], size["H"]
    lengths = RAGGED[size["T"]] if ragged else [size["T"]] * size["B"]
    run, gates = hand_written_run(cell, normalised, size, lengths)
    scale = 0.9 / H ** 0.5
    p = {"input_weights": normal(rng, I, gates * H, scale=scale),
         "recurrent_weights": normal(rng, H, gates * H, scale=scale),
         "bias": normal(rng, gates * H, scale=scale)}
    if cell == "gru_reset_after":
        p["recurrent_bias"] = normal(rng, H, scale=scale)
    if normalised:
        p["input_gain"] = (1 + normal(rng, gates * H, scale=0.2)).float().double()
        p["recurrent_gain"] = (1 + normal(rng, gates * H, scale=0.2)).float().double()
        if cell == "lstm":
            p["cell_gain"] = (1 + normal(rng, H, scale=0.2)).float().double()
            p["cell_shift"] = normal(rng, H, scale=0.2)
    for parameter in p.values():
        parameter.requires_grad_()
    attributes = dict(cell=cell, layers=1, bidirectional=False, layer_norm=normalised)
    write_case(file, name, size, lengths, attributes,
               initial_states(rng, 1, size, cell == "lstm"), p, run, rng)


def check_hand_written_cells():
    """Without layer normalisation, RNN, LSTM and reset-after GRU are PyTorch's
    cells in another layout; the normalisation is PyTorch's without a shift."""
    rng = generator("check")
    T, B, I, H = SMALL.values()
    for cell, module in [("rnn_tanh", torch.nn.RNN(I, H)), ("lstm", torch.nn.LSTM(I, H)),
                         ("gru_reset_after", torch.nn.GRU(I, H))]:
        W, U, b, bu = (value.detach() for value in module.parameters())
        if cell == "gru_reset_after":     # PyTorch's r, z, n; its z is 1 - z here
            order = lambda v: torch.cat([-v[H: 2 * H], v[:H], v[2 * H:]])
            W, U, b, bu = map(order, (W, U, b, bu))
            b = torch.cat([b[: 2 * H] + bu[: 2 * H], b[2 * H:]])
            p = dict(recurrent_bias=bu[2 * H:])
        else:
            b, p = b + bu, {}
        p |= dict(input_weights=W.T, recurrent_weights=U.T, bias=b)
        states = initial_states(rng, 1, SMALL, cell == "lstm")
        inputs = normal(rng, T, B, I)
        run, _ = hand_written_run(cell, False, SMALL, [T] * B)
        expected, _ = module(inputs, tuple(states.values()) if cell == "lstm" else states["h0"])
        assert torch.allclose(run(inputs, states, p)[0], expected, rtol=1e-12, atol=1e-12), cell
    v, gain = normal(rng, B, 3 * H), normal(rng, 3 * H)
    expected = F.layer_norm(v.unflatten(-1, (3, H)), (H,), eps=EPSILON).flatten(-2) * gain
    assert torch.allclose(layer_norm(v, gain, 3), expected, rtol=1e-12, atol=1e-12)


def write_cells(path):
    check_hand_written_cells()
    with create(path) as file:
        for cell in ("rnn_tanh", "rnn_relu", "lstm", "gru"):
            torch_case(file, cell, 1, False, LARGE, ragged=False)
            torch_case(file, cell, 1, False, SMALL, ragged=True)
            torch_case(file, cell, 2, True, SMALL, ragged=False)
            torch_case(file, cell, 2, True, MEDIUM, ragged=True)
        for cell, normalised in [("gru_reset_before", False), ("rnn_tanh", True),
                                 ("lstm", True), ("gru_reset_before", True),
                                 ("gru_reset_after", True)]:
            hand_written_case(file, cell, normalised, LARGE, ragged=False)
            hand_written_case(file, cell, normalised, SMALL, ragged=True)


# --- Losses -----------------------------------------------------------------------

def write_losses(path):
    ROWS, CLASSES, IGNORED = 11, 13, -100
    rng = generator("losses")
    logits = normal(rng, ROWS, CLASSES, scale=3)
    logits[4] += 60                                   # softmax must subtract the maximum
    classes = torch.randint(CLASSES, (ROWS,), generator=rng)
    some_ignored = classes.clone()
    some_ignored[[0, 5, 10]] = IGNORED

    with create(path) as file:
        for name, targets, smoothing in [
                ("cross_entropy", classes, 0.0),
                ("cross_entropy_smoothed", classes, 0.1),
                ("cross_entropy_ignored", some_ignored, 0.0),
                ("cross_entropy_smoothed_ignored", some_ignored, 0.1)]:
            x = logits.clone().requires_grad_()
            options = dict(ignore_index=IGNORED, label_smoothing=smoothing)
            loss = F.cross_entropy(x, targets, **options)
            loss.backward()
            group = file.create_group(name)
            put_attributes(group, loss="cross_entropy", label_smoothing=smoothing,
                           ignore_index=IGNORED, counted=int((targets != IGNORED).sum()))
            put(group, "logits", x)
            put(group, "targets", targets, np.int32)
            put(group, "row_losses", F.cross_entropy(x, targets, reduction="none", **options),
                np.float64)
            put(group, "loss", loss, np.float64)
            put(group, "grad_logits", x.grad)

        predictions = normal(rng, ROWS, CLASSES, scale=2)
        targets = normal(rng, ROWS, CLASSES, scale=2)
        labels = (torch.rand(ROWS, CLASSES, generator=rng) < 0.4).double()
        binary = predictions.clone()
        binary[0, :4] = torch.tensor([90.0, -90.0, 30.0, -30.0])   # must not overflow
        some = (torch.rand(ROWS, CLASSES, generator=rng) < 0.7).double()
        for name, function, x, y in [
                ("mse", F.mse_loss, predictions, targets),
                ("l1", F.l1_loss, predictions, targets),
                ("bce_with_logits", F.binary_cross_entropy_with_logits, binary, labels)]:
            for suffix, mask in [("", torch.ones_like(some)), ("_masked", some)]:
                x = x.detach().clone().requires_grad_()
                loss = (function(x, y, reduction="none") * mask).sum() / mask.sum()
                loss.backward()
                group = file.create_group(name + suffix)
                put_attributes(group, loss=name, counted=int(mask.sum()))
                put(group, "predictions", x)
                put(group, "targets", y)
                put(group, "mask", mask)
                put(group, "loss", loss, np.float64)
                put(group, "grad_predictions", x.grad)


# --- Optimizers -------------------------------------------------------------------

def write_optimizers(path):
    SIZE, STEPS = 37, 5
    rng = generator("optimizers")
    initial = normal(rng, SIZE)
    gradients = normal(rng, STEPS, SIZE)
    adam = dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8)
    optimizers = {
        "sgd": (torch.optim.SGD, dict(lr=0.1)),
        "sgd_momentum": (torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
        "sgd_nesterov": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True)),
        "rmsprop": (torch.optim.RMSprop, dict(lr=0.01, alpha=0.99, eps=1e-8)),
        "adagrad": (torch.optim.Adagrad, dict(lr=0.1, eps=1e-10)),
        "adam": (torch.optim.Adam, adam),
        "adamw": (torch.optim.AdamW, adam | dict(weight_decay=0.01)),
    }
    with create(path) as file:
        put(file, "initial", initial, np.float64)
        put(file, "gradients", gradients, np.float64)
        for name, (optimizer_type, options) in optimizers.items():
            parameter = initial.clone().requires_grad_()
            optimizer = optimizer_type([parameter], foreach=False, **options)
            trajectory = []
            for gradient in gradients:
                parameter.grad = gradient.clone()
                optimizer.step()
                trajectory.append(parameter.detach().clone())
            group = file.create_group(name)
            for key, value in options.items():
                if key == "betas":
                    group.attrs["beta1"], group.attrs["beta2"] = map(np.float64, value)
                else:
                    group.attrs[key] = np.int32(value) if key == "nesterov" else np.float64(value)
            put(group, "parameters", torch.stack(trajectory), np.float64)


# --- A training run ---------------------------------------------------------------

class LanguageModel(torch.nn.Module):
    def __init__(self, vocabulary, dimension, hidden):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, dimension)
        self.lstm = torch.nn.LSTM(dimension, hidden, num_layers=2)
        self.output = torch.nn.Linear(hidden, vocabulary)

    def forward(self, tokens, state):                  # tokens [T, B]
        outputs, state = self.lstm(self.embedding(tokens), state)
        return self.output(outputs), state


def write_training(path):
    VOCABULARY, DIMENSION, HIDDEN = 23, 11, 19
    STEPS, BATCH, T, PERIOD = 30, 6, 15, 11
    rng = generator("training")

    # Each row runs through one repeated phrase from its own place; one token
    # in ten is replaced at random.
    phrase = torch.randint(VOCABULARY, (PERIOD,), generator=rng)
    starts = torch.randint(PERIOD, (BATCH, 1), generator=rng)
    stream = phrase[(starts + torch.arange(STEPS * T + 1)) % PERIOD]
    noise = torch.rand(stream.shape, generator=rng) < 0.1
    stream = torch.where(noise, torch.randint(VOCABULARY, stream.shape, generator=rng), stream)
    inputs = torch.stack([stream[:, k * T: (k + 1) * T] for k in range(STEPS)])
    targets = torch.stack([stream[:, k * T + 1: (k + 1) * T + 1] for k in range(STEPS)])

    model = LanguageModel(VOCABULARY, DIMENSION, HIDDEN)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # A bold start, so that the clipping of the first steps' gradients counts.
            scale = 1.0 if name in ("embedding.weight", "output.weight") else 1.5 / HIDDEN ** 0.5
            parameter.copy_(normal(rng, *parameter.shape, scale=scale))
            # One bias a gate, as in the equations: PyTorch's second one is held at zero.
            if "bias_hh" in name:
                parameter.zero_()
    initial = {name: value.detach().clone() for name, value in model.state_dict().items()}

    with create(path) as file:
        put_attributes(file, vocabulary=VOCABULARY, dimension=DIMENSION, hidden=HIDDEN,
                       layers=2, steps=STEPS, batch=BATCH, time=T, learning_rate=0.01,
                       beta1=0.9, beta2=0.999, epsilon=1e-8, clip_norm=1.0)
        put(file, "inputs", inputs, np.int32)
        put(file, "targets", targets, np.int32)
        for name, value in initial.items():
            put(file, f"initial/{name}", value)
        for dtype, stored in [(torch.float32, np.float32), (torch.float64, np.float64)]:
            model = LanguageModel(VOCABULARY, DIMENSION, HIDDEN)
            model.load_state_dict(initial)
            model.to(dtype)
            for name, parameter in model.named_parameters():
                parameter.requires_grad_("bias_hh" not in name)
            optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01, betas=(0.9, 0.999),
                                         eps=1e-8, foreach=False)
            state = tuple(torch.zeros(2, BATCH, HIDDEN, dtype=dtype) for _ in range(2))
            losses, norms = [], []
            for step in range(STEPS):
                optimizer.zero_grad()
                logits, state = model(inputs[step].T, state)
                state = tuple(value.detach() for value in state)
                loss = F.cross_entropy(logits.flatten(0, 1), targets[step].T.flatten())
                loss.backward()
                norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
                optimizer.step()
                losses.append(loss.item())
            group = file.create_group(stored.__name__)
            put(group, "losses", losses, np.float64)
            put(group, "gradient_norms", norms, np.float64)
            put(group, "final_h", state[0], stored)
            put(group, "final_c", state[1], stored)
            for name, value in model.state_dict().items():
                put(group, f"final/{name}", value, stored)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.parent
    write_cells(folder / "golden_cells.h5")
    write_losses(folder / "golden_losses.h5")
    write_optimizers(folder / "golden_optimizers.h5")
    write_training(folder / "golden_training.h5")
    print(f"torch {torch.__version__}, h5py {h5py.__version__}, "
          f"HDF5 {h5py.version.hdf5_version}, numpy {np.__version__}")


if __name__ == "__main__":
    main()
