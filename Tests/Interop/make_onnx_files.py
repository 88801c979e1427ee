"""Makes ONNX files as PyTorch's exporters write them without options, with what ONNX Runtime makes of random sequences.

    make_onnx_files.py FOLDER UNITS[:NAME,NAME…]…

Writes FOLDER/NAME-UNITS/m.onnx with m.onnx.data beside it, groups in FOLDER/expected.h5 as those of make_models.py, and
in FOLDER/refused graphs that must not be imported.
"""

import sys
import warnings
from pathlib import Path

import h5py
import numpy
import onnx
import onnxruntime
import torch

BATCH, STEPS, FEATURES, TOKENS, OUTPUTS = 4, 8, 5, 11, 3
warnings.filterwarnings("ignore")


class Network(torch.nn.Module):
    """Outputs at every step, at the last position, or of the final states; initial states as inputs."""

    def __init__(self, kind, hidden, layers=1, bidirectional=False, steps="every", tokens=False, states=False):
        super().__init__()
        self.steps, self.bidirectional, self.states = steps, bidirectional, states
        if tokens:
            self.embedding = torch.nn.Embedding(TOKENS, 6)
        self.rnn = getattr(torch.nn, kind)(
            6 if tokens else FEATURES, hidden, layers, batch_first=True, bidirectional=bidirectional)
        self.output = torch.nn.Linear(hidden * (2 if bidirectional else 1), OUTPUTS)

    def forward(self, values, *states):
        if hasattr(self, "embedding"):
            values = self.embedding(values)
        outputs, final = self.rnn(values, states) if self.states else self.rnn(values)
        if self.states:
            return self.output(outputs), *final
        final = final[0] if isinstance(final, tuple) else final
        if self.steps == "position":
            return self.output(outputs[:, -1])
        if self.steps == "final":
            return self.output(torch.cat([final[-2], final[-1]], 1) if self.bidirectional else final[-1])
        return self.output(outputs)


def networks(hidden):
    """Name, network, cell, options of the exporter."""
    lstm, gru, rnn = "lstm", "gru-reset-after", "rnn-tanh"
    sizes = {"dynamic_shapes": ({0: torch.export.Dim("batch"), 1: torch.export.Dim("time")},)}
    old = {"dynamo": False}
    yield "lstm", Network("LSTM", hidden), lstm, {}
    yield "lstm-2", Network("LSTM", hidden, 2), lstm, {}
    yield "lstm-both", Network("LSTM", hidden, 2, True), lstm, {}
    yield "lstm-dynamic", Network("LSTM", hidden, 2), lstm, sizes
    yield "lstm-states", Network("LSTM", hidden, 2, states=True), lstm, {}
    yield "lstm-states-old", Network("LSTM", hidden, 2, states=True), lstm, old
    yield "lstm-final", Network("LSTM", hidden, 2, steps="final"), lstm, {}
    yield "lstm-both-final", Network("LSTM", hidden, 2, True, steps="final"), lstm, {}
    yield "gru", Network("GRU", hidden, tokens=True), gru, {}
    yield "gru-position", Network("GRU", hidden, steps="position"), gru, {}
    yield "gru-final", Network("GRU", hidden, steps="final", tokens=True), gru, {}
    yield "gru-both-final-old", Network("GRU", hidden, 2, True, steps="final"), gru, old
    yield "gru-both-dynamic", Network("GRU", hidden, 1, True), gru, sizes
    yield "rnn-old", Network("RNN", hidden, 2), rnn, old


def export(network, path, options):
    path.parent.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(5)
    if hasattr(network, "embedding"):
        inputs = random.integers(0, TOKENS, (BATCH, STEPS)).astype(numpy.int64)
    else:
        inputs = random.normal(size=(BATCH, STEPS, FEATURES)).astype(numpy.float32)
    arguments = [torch.tensor(inputs)]
    if network.states:
        shape = (network.rnn.num_layers, BATCH, network.rnn.hidden_size)
        arguments += [torch.zeros(shape), torch.zeros(shape)]
    torch.onnx.export(network.eval(), tuple(arguments), str(path), verbose=False, **options)
    return inputs, [argument.numpy() for argument in arguments]


def make(folder, hidden, names, expected):
    for name, network, cell, options in networks(hidden):
        if names and name not in names:
            continue
        full = f"{name}-{hidden}"
        inputs, arguments = export(network, folder / full / "m.onnx", options)
        session = onnxruntime.InferenceSession(str(folder / full / "m.onnx"), providers=["CPUExecutionProvider"])
        feeds = {put.name: value for put, value in zip(session.get_inputs(), arguments)}
        outputs = session.run(None, feeds)[0]
        group = expected.create_group(full)
        group["inputs"] = inputs
        group["lengths"] = numpy.full(BATCH, STEPS, numpy.int32)
        group["outputs"] = outputs.astype(numpy.float32).reshape(-1)
        steps = "every-step" if network.steps == "every" else "last-step"
        for key, value in {"file": f"{full}/m.onnx", "format": "onnx", "cell": cell, "steps": steps}.items():
            group.attrs[key] = value


def changed(source, target, change):
    model = onnx.load(source, load_external_data=True)
    change(model)
    onnx.save(model, target)


def make_refused(folder):
    folder.mkdir(parents=True, exist_ok=True)

    def recurrent(model):
        return next(node for node in model.graph.node if node.op_type in ["LSTM", "GRU", "RNN"])

    def keep(model, *names):
        node = recurrent(model)
        rest = [attribute for attribute in node.attribute if attribute.name not in names]
        del node.attribute[:]
        node.attribute.extend(rest)

    def clip(model):
        recurrent(model).attribute.append(onnx.helper.make_attribute("clip", 3.0))

    def shape(model):
        # The batch and the steps joined, as a graph of a fixed batch may have it.
        node = next(node for node in model.graph.node if node.op_type == "Reshape")
        numbers = next(tensor for tensor in model.graph.initializer if tensor.name == node.input[1])
        numbers.CopyFrom(onnx.numpy_helper.from_array(numpy.array([BATCH, STEPS, -1]), numbers.name))

    def functions(model):
        graph = model.graph
        first = graph.node[0]
        nodes = [
            onnx.helper.make_node("Sinh", [first.input[0]], ["raised"], "first"),
            onnx.helper.make_node("Erf", ["raised"], ["curved"], "second")]
        first.input[0] = "curved"
        for place, node in enumerate(nodes):
            graph.node.insert(place, node)

    export(Network("GRU", 7), folder / "gru.onnx", {"external_data": False})
    export(Network("RNN", 7), folder / "unrolled.onnx", {"external_data": False})
    changed(folder / "gru.onnx", folder / "exporter.onnx", lambda model: keep(model, "linear_before_reset"))
    changed(folder / "gru.onnx", folder / "clip.onnx", clip)
    changed(folder / "gru.onnx", folder / "shape.onnx", shape)
    changed(folder / "gru.onnx", folder / "several.onnx", functions)
    (folder / "gru.onnx").unlink()


def main(folder, sizes):
    torch.manual_seed(3)
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "expected.h5", "w") as expected:
        for size in sizes:
            hidden, _, names = size.partition(":")
            make(folder, int(hidden), names.split(",") if names else [], expected)
    make_refused(folder / "refused")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
