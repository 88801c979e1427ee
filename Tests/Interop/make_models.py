"""Makes models with Keras 2 and 3, PyTorch and ONNX, with what they make of random sequences.

    make_models.py FOLDER [NAME…]

Writes for each model, or each that is named, FOLDER/NAME.h5, .weights.h5, .safetensors or .onnx and, in
FOLDER/expected.h5, a group with padded `inputs`, `lengths` and the `outputs` of steps that count, and attributes that
tell the format and what the file does not.
"""

import multiprocessing
import os
import sys
from pathlib import Path

# Needs no compiling, which takes far longer than models this small.
os.environ.setdefault("KERAS_BACKEND", "numpy")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy

TOKENS, EMBEDDING, FEATURES, HIDDEN, OUTPUTS = 11, 6, 5, 7, 9
LENGTHS = numpy.array([8, 8, 5, 3, 1], numpy.int32)
CELLS = ["rnn-tanh", "rnn-relu", "lstm", "gru", "gru-reset-after"]


def sequences(tokens, ragged, first=0):
    random = numpy.random.default_rng(5)
    lengths = LENGTHS if ragged else numpy.full(len(LENGTHS), 8, numpy.int32)
    if tokens:
        inputs = random.integers(first, TOKENS, (len(lengths), 8)).astype(numpy.int32)
    else:
        inputs = random.normal(size=(len(lengths), 8, FEATURES)).astype(numpy.float32)
    for row, length in enumerate(lengths):
        inputs[row, length:] = 0
    return inputs, lengths


def counted(outputs, lengths, every_step):
    outputs = numpy.asarray(outputs)
    if every_step:
        outputs = numpy.concatenate([row[:length] for row, length in zip(outputs, lengths)])
    return outputs.astype(numpy.float32).reshape(-1)


def randomize(weights):
    """Keras's own first biases are zeros, which would hide mistakes."""
    random = numpy.random.default_rng(7)
    return [random.uniform(-0.5, 0.5, weight.shape).astype(numpy.float32) for weight in weights]


def keras_layer(layers, cell, **options):
    if cell.startswith("rnn"):
        return layers.SimpleRNN(HIDDEN, activation=cell[4:], **options)
    if cell == "lstm":
        return layers.LSTM(HIDDEN, **options)
    return layers.GRU(HIDDEN, reset_after=cell == "gru-reset-after", **options)


def keras_model(keras, cell, bidirectional, levels, every_step, tokens, functional, activation="linear"):
    """Tokens are masked by token 0, features where all of a step's are zero."""
    layers = keras.layers
    stack = [layers.Embedding(TOKENS, EMBEDDING, mask_zero=True) if tokens else layers.Masking(0.0)]
    for level in range(levels):
        layer = keras_layer(layers, cell, return_sequences=every_step or level + 1 < levels, dropout=0.1)
        stack.append(layers.Bidirectional(layer) if bidirectional else layer)
        stack.append(layers.Dropout(0.2))
    stack.append(layers.Dense(OUTPUTS, activation=activation))
    entry = keras.Input((None,), dtype="int32") if tokens else keras.Input((None, FEATURES))
    if functional:
        values = entry
        for layer in stack:
            values = layer(values)
        model = keras.Model(entry, values)
    else:
        model = keras.Sequential([entry] + stack)
    model.set_weights(randomize(model.get_weights()))
    return model


def keras_models():
    for cell in CELLS:
        for bidirectional in [False, True]:
            for levels in [1, 3]:
                for every_step in [True, False]:
                    kind = (cell, bidirectional, levels, every_step, (levels == 1) != every_step, levels == 3)
                    name = "-".join(
                        [cell] + ["bidirectional"] * bidirectional + [str(levels)]
                        + ["every-step" if every_step else "last-step"])
                    yield name, kind


def write(group, inputs, lengths, outputs, **attributes):
    group["inputs"], group["lengths"], group["outputs"] = inputs, lengths, outputs
    for key, value in attributes.items():
        group.attrs[key] = value


def make_keras(module, prefix, folder, expected, wanted):
    for name, kind in keras_models():
        cell, bidirectional, levels, every_step, tokens, functional = kind
        for suffix in [".h5", ".weights.h5"]:
            full = f"{prefix}-{name}" + ("-weights" if suffix != ".h5" else "")
            if not wanted(full):
                continue
            model = keras_model(module, *kind)
            inputs, lengths = sequences(tokens, ragged=True, first=1)
            outputs = counted(model(inputs), lengths, every_step)
            path = str(folder / (full + suffix))
            model.save(path) if suffix == ".h5" else model.save_weights(path)
            write(
                expected.create_group(full), inputs, lengths, outputs, file=full + suffix,
                format="keras" if suffix == ".h5" else "keras-weights", cell=cell,
                steps="every-step" if every_step else "last-step")


def torch_network(torch, cell, bidirectional, levels, every_step, tokens, bias=True, tied=False):
    hidden = EMBEDDING if tied else HIDDEN

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            if tokens:
                self.embedding = torch.nn.Embedding(TOKENS, EMBEDDING)
            kind = {"lstm": "LSTM", "gru-reset-after": "GRU"}.get(cell, "RNN")
            options = {"nonlinearity": cell[4:]} if kind == "RNN" else {}
            self.lstm = getattr(torch.nn, kind)(
                EMBEDDING if tokens else FEATURES, hidden, levels, batch_first=True, bidirectional=bidirectional,
                bias=bias, **options)
            self.decoder = torch.nn.Linear(hidden * (1 + bidirectional), TOKENS if tied else OUTPUTS)
            if tied:
                self.decoder.weight = self.embedding.weight

        def forward(self, inputs):
            values = self.embedding(inputs) if tokens else inputs
            states, final = self.lstm(values)
            if every_step:
                return self.decoder(states)
            return self.decoder(states[:, -1])

        def ragged(self, inputs, lengths):
            from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

            values = self.embedding(inputs) if tokens else inputs
            packed = pack_padded_sequence(values, lengths, batch_first=True)
            states, final = self.lstm(packed)
            if every_step:
                return self.decoder(pad_packed_sequence(states, batch_first=True)[0])
            final = final[0] if isinstance(final, tuple) else final
            return self.decoder(torch.cat(list(final[-2:] if bidirectional else final[-1:]), -1))

    torch.manual_seed(11)
    return Network().eval()


def torch_models():
    for name, kind in keras_models():
        if kind[0] != "gru":
            yield name, kind[:5], {}
    yield "lstm-unbiased", ("lstm", False, 2, True, True), {"bias": False}
    yield "lstm-tied", ("lstm", False, 1, True, True), {"tied": True}


def make_torch(folder, expected, wanted):
    import torch
    from safetensors.torch import save_model

    for name, kind, options in torch_models():
        cell, bidirectional, levels, every_step, tokens = kind
        full = f"torch-{name}"
        if not wanted(full):
            continue
        network = torch_network(torch, *kind, **options)
        inputs, lengths = sequences(tokens, ragged=True)
        with torch.no_grad():
            outputs = network.ragged(torch.tensor(inputs), torch.tensor(lengths)).numpy()
        if options.get("tied"):
            from safetensors.torch import save_file

            state = {key: value.clone() for key, value in network.state_dict().items()}
            save_file(state, folder / f"{full}.safetensors")
        else:
            save_model(network, str(folder / f"{full}.safetensors"))
        write(
            expected.create_group(full), inputs, lengths, counted(outputs, lengths, every_step),
            file=f"{full}.safetensors", format="safetensors", cell=cell,
            steps="every-step" if every_step else "last-step")


def onnx_models():
    """Networks, and whether it is PyTorch's newer exporter that writes them."""
    for name, kind, options in torch_models():
        # PyTorch's last step of a bidirectional layer is not that of its backward direction's end.
        if kind[1] and not kind[3]:
            continue
        yield f"onnx-{name}", kind, options, False
        # The newer exporter writes nn.RNN step by step, for one length.
        if not kind[0].startswith("rnn"):
            yield f"onnx-new-{name}", kind, options, True


def make_onnx(folder, expected, wanted):
    """What PyTorch's exporters make of the same networks, with outputs of ONNX Runtime."""
    import onnxruntime
    import torch

    for full, kind, options, dynamo in onnx_models():
        cell, bidirectional, levels, every_step, tokens = kind
        if not wanted(full):
            continue
        network = torch_network(torch, *kind, **options)
        inputs, lengths = sequences(tokens, ragged=False)
        path = folder / f"{full}.onnx"
        names = {"input_names": ["inputs"], "output_names": ["outputs"]}
        if dynamo:
            sizes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("time")}
            torch.onnx.export(
                network, (torch.tensor(inputs),), str(path), dynamic_shapes=(sizes,), dynamo=True,
                external_data=False, verbose=False, **names)
        else:
            torch.onnx.export(
                network, (torch.tensor(inputs),), str(path), opset_version=17, dynamo=False,
                dynamic_axes={"inputs": {0: "batch", 1: "time"}}, **names)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        outputs = session.run(None, {"inputs": inputs})[0]
        write(
            expected.create_group(full), inputs, lengths, counted(outputs, lengths, every_step),
            file=f"{full}.onnx", format="onnx", cell=cell, steps="every-step" if every_step else "last-step")


def make(program, folder, names):
    """The models of one program."""

    def wanted(name):
        return not names or name in names

    with h5py.File(folder / "expected.h5", "a") as expected:
        if program == "keras3":
            import keras

            make_keras(keras, program, folder, expected, wanted)
        elif program == "keras2":
            import tf_keras

            make_keras(tf_keras, program, folder, expected, wanted)
        elif program == "torch":
            make_torch(folder, expected, wanted)
        else:
            make_onnx(folder, expected, wanted)


def main(folder, names):
    (folder / "expected.h5").unlink(missing_ok=True)
    for program in ["keras3", "keras2", "torch", "onnx"]:
        if names and not any(name.startswith(f"{program}-") for name in names):
            continue
        # A process for each: TensorFlow and PyTorch both bring LLVM along, and two of it in a process end it.
        process = multiprocessing.get_context("spawn").Process(target=make, args=(program, folder, names))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"make_models.py: the models of {program} failed with status {process.exitcode}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
