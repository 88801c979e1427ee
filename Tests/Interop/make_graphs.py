"""Makes ONNX graphs of networks whose layers branch off and join again, as both of PyTorch's exporters write them.

    make_graphs.py FOLDER

Writes FOLDER/NAME.onnx and FOLDER/NAME-old.onnx, and groups in FOLDER/expected.h5 as those of make_models.py with what
PyTorch makes of random sequences; in FOLDER/refused are graphs that must not be imported.
"""

import sys
import warnings
from pathlib import Path

import h5py
import numpy
import torch
from torch import nn
from torch.nn import functional

BATCH, STEPS, FEATURES, TOKENS, UNITS, OUTPUTS = 4, 9, 5, 11, 6, 3
warnings.filterwarnings("ignore")


class Network(nn.Module):
    """Any modules, and a function of them and the inputs."""

    def __init__(self, modules, function, tokens=False, steps="last", is_probability=False):
        super().__init__()
        for name, module in modules.items():
            if isinstance(module, nn.Parameter):
                self.register_parameter(name, module)
            else:
                self.add_module(name, module)
        self.function, self.tokens, self.steps, self.is_probability = function, tokens, steps, is_probability

    def forward(self, inputs):
        return self.function(self, inputs)


def lstm(inputs=FEATURES, layers=1, both=False, units=UNITS):
    return nn.LSTM(inputs, units, layers, batch_first=True, bidirectional=both)


def pooled(states, *kinds):
    parts = {"mean": states.mean(1), "maximum": states.max(1)[0], "last": states[:, -1]}
    return torch.cat([parts[kind] for kind in kinds], 1)


def text_attention(net, tokens):
    """As in Zhou et al. 2016: weights of a vector on the states' tanh."""
    states, _ = net.rnn(net.embedding(tokens))
    weights = functional.softmax(torch.matmul(torch.tanh(states), net.w), dim=1).unsqueeze(-1)
    return net.output(functional.relu(torch.sum(states * weights, 1)))


def product_attention(net, inputs):
    states, _ = net.rnn(inputs)
    scores = net.score(torch.tanh(net.hidden(states)))
    weights = torch.softmax(scores, dim=1).transpose(1, 2)
    return net.output(torch.bmm(weights, states).squeeze(1))


def squeezed_attention(net, inputs):
    states, _ = net.rnn(inputs)
    weights = torch.softmax(net.score(states).squeeze(-1), dim=-1)
    return net.output((weights.unsqueeze(2) * states).sum(dim=1, keepdim=True)[:, 0])


def side_by_side(net, inputs):
    channels = functional.relu(net.convolution(inputs.transpose(1, 2)))
    states, _ = net.rnn(inputs)
    return net.output(torch.cat([states[:, -1], channels.max(-1)[0]], 1))


def stacked_residual(net, inputs):
    values = net.first(inputs)
    states, _ = net.rnn(values)
    values = net.norm(values + net.second(torch.relu(states)))
    return net.output(values + net.third(values))


def networks():
    """Name and network."""
    output = nn.Linear(UNITS, OUTPUTS)
    both = nn.Linear(2 * UNITS, OUTPUTS)
    yield "residual", Network(
        {"first": nn.Linear(FEATURES, UNITS), "rnn": lstm(UNITS), "output": output},
        lambda net, x: (lambda z: net.output(z + net.rnn(z)[0]))(net.first(x)), steps="every")
    yield "residual-inputs", Network(
        {"rnn": lstm(FEATURES, units=FEATURES), "output": nn.Linear(FEATURES, OUTPUTS)},
        lambda net, x: net.output(x + net.rnn(x)[0]), steps="every")
    yield "residual-stacked", Network(
        {"first": nn.Linear(FEATURES, UNITS), "rnn": lstm(UNITS), "second": nn.Linear(UNITS, UNITS),
         "norm": nn.LayerNorm(UNITS), "third": nn.Linear(UNITS, UNITS), "output": output}, stacked_residual, steps="every")
    yield "pool-two", Network(
        {"embedding": nn.Embedding(TOKENS, 4), "rnn": lstm(4, 1, True), "output": nn.Linear(4 * UNITS, OUTPUTS)},
        lambda net, x: net.output(pooled(net.rnn(net.embedding(x))[0], "mean", "maximum")), tokens=True)
    yield "pool-three", Network(
        {"rnn": lstm(), "hidden": nn.Linear(3 * UNITS, 4), "output": nn.Linear(4, OUTPUTS)},
        lambda net, x: net.output(functional.gelu(net.hidden(pooled(net.rnn(x)[0], "last", "maximum", "mean")))))
    yield "pool-sum", Network(
        {"rnn": lstm(), "output": output}, lambda net, x: net.output(net.rnn(x)[0].mean(1) + net.rnn(x)[0].max(1)[0]))
    yield "final-layers", Network(
        {"rnn": lstm(layers=2), "output": both},
        lambda net, x: (lambda h: net.output(torch.cat([h[0], h[1]], 1)))(net.rnn(x)[1][0]))
    yield "side-by-side", Network(
        {"convolution": nn.Conv1d(FEATURES, UNITS, 3, padding=1), "rnn": lstm(), "output": both}, side_by_side)
    yield "gate", Network(
        {"rnn": lstm(), "gate": nn.Linear(UNITS, UNITS), "output": output},
        lambda net, x: (lambda h: net.output(h * torch.sigmoid(net.gate(h))))(net.rnn(x)[0]), steps="every")
    yield "directions-sum", Network(
        {"rnn": lstm(both=True), "output": output},
        lambda net, x: (lambda h: net.output(h[..., :UNITS] + h[..., UNITS:]))(net.rnn(x)[0]), steps="every")
    yield "text-attention", Network(
        {"embedding": nn.Embedding(TOKENS, 4), "rnn": lstm(4, 2, True), "w": nn.Parameter(torch.randn(2 * UNITS)),
         "output": both}, text_attention, tokens=True)
    yield "product-attention", Network(
        {"rnn": lstm(), "hidden": nn.Linear(UNITS, 4), "score": nn.Linear(4, 1, bias=False), "output": output},
        product_attention)
    yield "squeezed-attention", Network(
        {"rnn": lstm(both=True), "score": nn.Linear(2 * UNITS, 1), "output": both}, squeezed_attention)
    yield "gelu", Network(
        {"rnn": lstm(), "hidden": nn.Linear(UNITS, 4), "output": nn.Linear(4, OUTPUTS)},
        lambda net, x: net.output(functional.gelu(net.hidden(net.rnn(x)[0]))), steps="every")
    yield "strided", Network(
        {"convolution": nn.Conv1d(FEATURES, UNITS, 3, stride=2, padding=1), "pool": nn.MaxPool1d(3, 2, 1),
         "rnn": lstm(UNITS), "output": output},
        lambda net, x: net.output(net.rnn(net.pool(torch.relu(net.convolution(x.transpose(1, 2)))).transpose(1, 2))[0][:, -1]))
    yield "forecast", Network(
        {"rnn": lstm(), "output": nn.Linear(UNITS, 8)},
        lambda net, x: net.output(net.rnn(x)[0][:, -1]).view(x.shape[0], 4, 2))
    yield "one-output", Network(
        {"embedding": nn.Embedding(TOKENS, 4), "rnn": lstm(4), "output": nn.Linear(UNITS, 1)},
        lambda net, x: torch.sigmoid(net.output(net.rnn(net.embedding(x))[0][:, -1]).squeeze(-1)), tokens=True,
        is_probability=True)
    yield "one-output-view", Network(
        {"rnn": lstm(), "output": nn.Linear(UNITS, 1)}, lambda net, x: net.output(net.rnn(x)[0][:, -1]).view(-1))


def refused():
    """Name and network."""
    output = nn.Linear(UNITS, OUTPUTS)
    both = nn.Linear(2 * UNITS, OUTPUTS)
    yield "two-outputs", Network(
        {"rnn": lstm(), "mean": nn.Linear(UNITS, 1), "deviation": nn.Linear(UNITS, 1)},
        lambda net, x: (lambda h: (net.mean(h), net.deviation(h)))(net.rnn(x)[0]))
    yield "cell-states", Network(
        {"rnn": lstm(both=True), "output": both}, lambda net, x: net.output(torch.cat([*net.rnn(x)[1][1]], -1)))
    yield "other-weights", Network(
        {"rnn": lstm(), "score": nn.Linear(FEATURES, 1), "output": output},
        lambda net, x: net.output((torch.softmax(net.score(x), 1) * net.rnn(x)[0]).sum(1)))
    yield "plain-sum", Network({"rnn": lstm(), "output": output}, lambda net, x: net.output(net.rnn(x)[0].sum(1)))


def export(network, path, is_old):
    torch.manual_seed(7)
    random = numpy.random.default_rng(5)
    if network.tokens:
        inputs = torch.tensor(random.integers(0, TOKENS, (BATCH, STEPS)))
    else:
        inputs = torch.tensor(random.normal(size=(BATCH, STEPS, FEATURES)).astype(numpy.float32))
    options = {"dynamo": False, "dynamic_axes": {"inputs": {0: "batch"}}} if is_old else {
        "dynamic_shapes": ({0: torch.export.Dim("batch")},), "external_data": False}
    torch.onnx.export(network.eval(), (inputs,), str(path), input_names=["inputs"], verbose=False, **options)
    return inputs


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "refused").mkdir(exist_ok=True)
    torch.manual_seed(3)
    with h5py.File(folder / "expected.h5", "w") as expected:
        for name, network in networks():
            for is_old in [False, True]:
                full = f"{name}-old" if is_old else name
                inputs = export(network, folder / f"{full}.onnx", is_old)
                with torch.no_grad():
                    outputs = network(inputs)
                # Weft's networks give the numbers before the sigmoid, which belongs to the loss.
                if network.is_probability:
                    outputs = torch.logit(outputs)
                group = expected.create_group(full)
                group["inputs"] = inputs.numpy()
                group["lengths"] = numpy.full(BATCH, STEPS, numpy.int32)
                group["outputs"] = outputs.numpy().astype(numpy.float32).reshape(-1)
                steps = "every-step" if network.steps == "every" else "last-step"
                for key, value in {"file": f"{full}.onnx", "format": "onnx", "cell": "lstm", "steps": steps}.items():
                    group.attrs[key] = value
    for name, network in refused():
        export(network, folder / "refused" / f"{name}.onnx", True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
