"""What comparisons with PyTorch share: runs of Weft, their checkpoints as NumPy arrays and back, speeds, schedules."""

import json
import math
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import h5py
import torch

from packages import find_weft


def weft(*arguments, input=None):
    """What the program prints."""
    result = subprocess.run(
        [find_weft(), *map(str, arguments)], input=input, stdout=subprocess.PIPE, encoding="utf-8")
    if result.returncode:
        sys.exit(f"weft {' '.join(map(str, arguments))}: ended with {result.returncode}")
    return result.stdout


def settings(values):
    """Keys of the configuration and their values as options of `weft train`."""
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


def train(configuration, run, threads, **changed):
    """Trains with Weft, unless the run is there; a run that was interrupted goes on."""
    run = pathlib.Path(run)
    resume = ["--resume"] if list(run.glob("checkpoint-*.h5")) else []
    weft("train", configuration, "--output", run, "--threads", threads, *resume, *settings(changed))


def keep_training(path, model, optimizer, generator, **progress):
    """Writes all that a training in PyTorch needs to go on, `progress` included, whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "shuffling": generator.getstate(),
                "dropout": torch.get_rng_state(), **progress}, partial)
    partial.replace(path)


def resume_training(path, model, optimizer, generator):
    """Sets them to what was kept there and returns the rest, `progress`; nothing where nothing was kept."""
    if not path.exists():
        return {}
    state = torch.load(path, weights_only=False)
    model.load_state_dict(state.pop("model"))
    optimizer.load_state_dict(state.pop("optimizer"))
    generator.setstate(state.pop("shuffling"))
    torch.set_rng_state(state.pop("dropout"))
    return state


def read_metrics(run, split):
    """The records of a run on a split: dictionaries with `step`, `loss` and more."""
    lines = (pathlib.Path(run) / "metrics.jsonl").read_text().splitlines()
    return [record for record in map(json.loads, lines) if record["split"] == split]


def read_weights(checkpoint):
    """The parameters of a checkpoint as tensors, by name."""
    weights = {}
    with h5py.File(checkpoint) as file:
        file["weights"].visititems(
            lambda name, item: weights.update({name: torch.from_numpy(item[:])})
            if isinstance(item, h5py.Dataset) else None)
    return weights


def write_weights(template, weights, path):
    """A checkpoint like another one, with parameters of PyTorch, so that Weft measures both alike."""
    shutil.copyfile(template, path)
    with h5py.File(path, "r+") as file:
        names = set(read_weights(template))
        if names != set(weights):
            raise ValueError(f"the parameters differ: {sorted(names ^ set(weights))}")
        for name, value in weights.items():
            file["weights"][name][...] = value.detach().numpy().reshape(file["weights"][name].shape)


def evaluate(checkpoint, data, split):
    """What `weft evaluate` measures on a file's split, by name."""
    return json.loads(weft("evaluate", checkpoint, "--data", data, "--split", split, "--json"))


def weft_seconds(configuration, steps, threads, **changed):
    """Seconds of a step of Weft: from runs of two lengths, so that starting and ending drop out."""
    def run(count):
        with tempfile.TemporaryDirectory() as folder:
            # Without validation, which a run has at its end.
            values = {"training.steps": count, "training.checkpoint_every": 10 ** 6, "data.split.validation": "none"}
            start = time.perf_counter()
            weft("train", configuration, "--output", pathlib.Path(folder) / "run", "--threads", threads,
                 *settings(changed | values))
            return time.perf_counter() - start
    few = max(2, steps // 10)
    return (run(few + steps) - run(few)) / steps


def in_turns(rounds, **measures):
    """Medians of what each function gives for the number of a round, called in turns."""
    results = {name: [] for name in measures}
    for number in range(rounds):
        for name, measure in measures.items():
            results[name].append(measure(number))
    return {name: statistics.median(values) for name, values in results.items()}, results


def learning_rate(step, total, peak, warmup):
    """The schedule of the configurations: a line from 0 up, then half a cosine down to 0."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * min(1, (step - warmup) / max(total - warmup, 1))))


def initialize_lstm(layer):
    """Weft's initialization: input weights Glorot and recurrent weights orthogonal, gate by gate; biases 0, but 1 of
    the forget gate. PyTorch's second bias adds nothing and stays 0."""
    for name, parameter in layer.named_parameters():
        if "weight" in name:
            initialize = torch.nn.init.orthogonal_ if "weight_hh" in name else torch.nn.init.xavier_uniform_
            for gate in parameter.data.chunk(4):
                initialize(gate)
        else:
            parameter.data.zero_()
            if "bias_ih" in name:
                parameter.data.chunk(4)[1].fill_(1)
            else:
                parameter.requires_grad_(False)


def lstm_weights(layer, suffix, path):
    """Parameters of a layer of torch.nn.LSTM under Weft's names; gates are in the same order, i, f, g, o."""
    def get(name):
        return getattr(layer, f"{name}{suffix}")
    return {
        f"{path}/input_weights": get("weight_ih").t(),
        f"{path}/recurrent_weights": get("weight_hh").t(),
        f"{path}/bias": get("bias_ih") + get("bias_hh"),
    }
