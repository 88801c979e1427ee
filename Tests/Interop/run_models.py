"""Runs models that Weft wrote in the programs they were written for, and tells how far outputs differ.

    run_models.py FOLDER

FOLDER/models.json lists models: `format`, `file`, `case` (HDF5 with padded `inputs`, `lengths` and the `outputs` of
Weft, a row for each step that counts or for each sequence), `ragged`, and the network's kind. Prints a JSON list of
the greatest absolute differences, in the list's order.
"""

import json
import os
import sys
from pathlib import Path

# Needs no compiling, which takes far longer than models this small.
os.environ.setdefault("KERAS_BACKEND", "numpy")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy

TORCH_CELLS = {
    "rnn-tanh": "RNN", "rnn-relu": "RNN", "lstm": "LSTM", "lstm-projection": "LSTM", "gru-reset-after": "GRU"}
MASK_VALUE = -1e9


def counted(outputs, lengths, every_step):
    """The rows of steps that count, one after the other."""
    if every_step:
        outputs = numpy.concatenate([row[:length] for row, length in zip(outputs, lengths)])
    return numpy.asarray(outputs, numpy.float32).reshape(-1)


def run_keras(model, inputs, lengths, every_step):
    import keras

    network = keras.models.load_model(model["file"])
    return counted(network.predict(inputs, verbose=0), lengths, every_step)


def run_keras_2(model, inputs, lengths, every_step):
    import tf_keras

    network = tf_keras.models.load_model(model["file"])
    return counted(network(inputs).numpy(), lengths, every_step)


def run_keras_weights(model, inputs, lengths, every_step):
    """Into a network that is built here, of stock layers."""
    import keras
    from keras import layers

    network = keras.Sequential()
    tokens = model["tokens"]
    network.add(keras.Input((None,), dtype="int32") if tokens else keras.Input((None, model["features"])))
    if tokens:
        network.add(layers.Embedding(tokens + (1 if model["ragged"] else 0), model["embedding"]))
    if model["ragged"]:
        network.add(layers.Masking(0.0 if tokens else MASK_VALUE))
    for level in range(model["levels"]):
        options = {"return_sequences": every_step or level + 1 < model["levels"]}
        cell = model["cell"]
        if cell.startswith("rnn"):
            layer = layers.SimpleRNN(model["hidden"], activation=cell[4:], **options)
        elif cell == "lstm":
            layer = layers.LSTM(model["hidden"], **options)
        else:
            layer = layers.GRU(model["hidden"], reset_after=cell == "gru-reset-after", **options)
        network.add(layers.Bidirectional(layer) if model["bidirectional"] else layer)
    network.add(layers.Dense(model["outputs"]))
    network.load_weights(model["file"])
    return counted(network.predict(inputs, verbose=0), lengths, every_step)


def run_torch(model, inputs, lengths, every_step):
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    if model["format"] == "safetensors":
        from safetensors.torch import load_file

        state = load_file(model["file"])
    else:
        with h5py.File(model["file"]) as file:
            state = {name: torch.tensor(file[name][()]) for name in file}
    modules = torch.nn.ModuleDict()
    options = {"nonlinearity": model["cell"][4:]} if model["cell"].startswith("rnn") else {}
    size = model["hidden"]
    if model["cell"] == "lstm-projection":
        options["proj_size"] = size = model["projection"]
    if model["tokens"]:
        modules["embedding"] = torch.nn.Embedding(model["tokens"], model["embedding"])
    modules["rnn"] = getattr(torch.nn, TORCH_CELLS[model["cell"]])(
        model["embedding"] if model["tokens"] else model["features"], model["hidden"], model["levels"],
        batch_first=True, bidirectional=model["bidirectional"], **options)
    modules["output"] = torch.nn.Linear(size * (2 if model["bidirectional"] else 1), model["outputs"])
    modules.load_state_dict(state)
    with torch.no_grad():
        values = torch.tensor(inputs)
        if model["tokens"]:
            values = modules["embedding"](values.clamp(max=model["tokens"] - 1))
        packed = pack_padded_sequence(values, torch.tensor(lengths), batch_first=True)
        states, final = modules["rnn"](packed)
        if every_step:
            outputs = modules["output"](pad_packed_sequence(states, batch_first=True)[0])
        else:
            final = final[0] if isinstance(final, tuple) else final
            top = final[-2:] if model["bidirectional"] else final[-1:]
            outputs = modules["output"](torch.cat(list(top), -1))
    return counted(outputs.numpy(), lengths, every_step)


def run_torch_program(model, inputs, lengths, every_step):
    """The generated program beside a state dictionary."""
    import runpy

    import torch

    network = runpy.run_path(model["file"].rsplit(".", 1)[0] + ".py")["load"]()
    values = torch.tensor(inputs)
    if model["tokens"]:
        values = values.clamp(max=model["tokens"] - 1)
    with torch.no_grad():
        outputs = network(values, torch.tensor(lengths)) if model["ragged"] else network(values)
    return counted(outputs.numpy(), lengths, every_step)


def run_torch_decoder(model, inputs, lengths, every_step, maximum=8):
    """The generated program of an encoder-decoder or autoencoder beside a state dictionary."""
    import runpy

    import torch

    network = runpy.run_path(model["file"].rsplit(".", 1)[0] + ".py")["load"]()
    values = torch.tensor(inputs)
    if model["tokens"]:
        values = values.clamp(max=model["tokens"] - 1)
    counts = torch.tensor(lengths) if model["ragged"] else None
    with torch.no_grad():
        if every_step:
            return counted(network(values, counts).numpy(), lengths, every_step)
        rows = network(values, counts, maximum).numpy()
    end = network.output.out_features - 1
    ended = [row[:numpy.append(numpy.flatnonzero(row == end), maximum)[0]] for row in rows]
    return numpy.concatenate(ended).astype(numpy.float32)


def run_onnx(model, inputs, lengths, every_step):
    import onnx
    import onnxruntime

    onnx.checker.check_model(model["file"], full_check=True)
    session = onnxruntime.InferenceSession(model["file"], providers=["CPUExecutionProvider"])
    feeds = {"inputs": inputs.astype(numpy.int64 if model["tokens"] else numpy.float32)}
    if model["ragged"]:
        feeds["lengths"] = lengths.astype(numpy.int32)
        if model["tokens"]:
            feeds["inputs"] = numpy.minimum(feeds["inputs"], model["tokens"] - 1)
    return counted(session.run(["outputs"], feeds)[0], lengths, every_step)


def run_onnx_steps(model, inputs, lengths, every_step):
    """A graph of one step, for every step with the states that it gave."""
    import onnx
    import onnxruntime

    onnx.checker.check_model(model["file"], full_check=True)
    session = onnxruntime.InferenceSession(model["file"], providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    states = {
        value.name: numpy.zeros((len(inputs), value.shape[1]), numpy.float32)
        for value in session.get_inputs() if value.name != "inputs"}
    outputs = []
    for step in range(inputs.shape[1]):
        values = inputs[:, step].astype(numpy.int64 if model["tokens"] else numpy.float32)
        found = dict(zip(names, session.run(names, {"inputs": values, **states})))
        outputs.append(found["outputs"])
        states = {name: found[name + "_next"] for name in states}
    return counted(numpy.stack(outputs, 1), lengths, every_step)


def run_onnx_decoder(model, inputs, lengths, every_step, maximum=8):
    """An encoder, and its decoder for step after step: the most probable tokens, or reversed features."""
    import onnx
    import onnxruntime

    files = [model["file"], model["file"].removesuffix(".onnx") + ".decoder.onnx"]
    for file in files:
        onnx.checker.check_model(file, full_check=True)
    encoder, decoder = (
        onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]) for file in files)
    feeds = {"inputs": inputs.astype(numpy.int64 if model["tokens"] else numpy.float32)}
    if model["ragged"]:
        feeds["lengths"] = lengths.astype(numpy.int32)
        if model["tokens"]:
            feeds["inputs"] = numpy.minimum(feeds["inputs"], model["tokens"] - 1)
    state = dict(zip([output.name for output in encoder.get_outputs()], encoder.run(None, feeds)))
    wanted = {value.name for value in decoder.get_inputs()}
    names = [output.name for output in decoder.get_outputs()]
    boundary = next(output for output in decoder.get_outputs() if output.name == "outputs").shape[1] - 1
    batch = len(inputs)
    tokens = numpy.full(batch, boundary, numpy.int64)
    features = numpy.zeros((batch, boundary + 1), numpy.float32)
    steps = []
    for step in range(inputs.shape[1] if every_step else maximum):
        values = {"tokens": tokens, "features": features, **state}
        found = dict(zip(names, decoder.run(names, {name: values[name] for name in wanted})))
        state.update({name.removesuffix("_next"): value for name, value in found.items() if name.endswith("_next")})
        features = found["outputs"]
        tokens = features.argmax(-1)
        if "attention" in found:
            assert numpy.allclose(found["attention"].sum(-1), 1, atol=1e-5)
        steps.append(features if every_step else tokens)
    rows = numpy.stack(steps, 1)
    if every_step:
        # The last step of a row is written first.
        return numpy.concatenate([row[:length][::-1] for row, length in zip(rows, lengths)]).reshape(-1)
    ended = [row[:numpy.append(numpy.flatnonzero(row == boundary), maximum)[0]] for row in rows]
    return numpy.concatenate(ended).astype(numpy.float32)


RUNNERS = {
    "keras": run_keras, "keras-2": run_keras_2, "keras-weights": run_keras_weights, "pytorch": run_torch,
    "safetensors": run_torch, "onnx": run_onnx,
    "onnx-decoder": run_onnx_decoder, "torch-program": run_torch_program, "torch-decoder": run_torch_decoder, "onnx-streaming": run_onnx_steps,
}


def main(folder):
    differences = []
    for model in json.loads((folder / "models.json").read_text()):
        model["file"] = str(folder / model["file"])
        with h5py.File(folder / model["case"]) as case:
            inputs, lengths, wanted = case["inputs"][()], case["lengths"][()], case["outputs"][()].reshape(-1)
        try:
            found = RUNNERS[model["format"]](model, inputs, lengths, model["steps"] == "every-step")
            differences.append(float(numpy.abs(found - wanted).max()))
        except Exception as error:
            print(f"{model['format']} {model['file']}: {error}", file=sys.stderr)
            differences.append(None)
    print(json.dumps(differences))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
