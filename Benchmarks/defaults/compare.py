#!/usr/bin/env python3
"""Trains six tasks with Weft's defaults, with one default after another replaced, and with PyTorch's, on three seeds.

    python3 compare.py --weft PROGRAM [--markdown FILE] [--tasks NAME ...] [--seeds N]

All use Adam with the same learning rate, as many steps and no clipping. Told is the loss on the test data after the
last step. Needs PyTorch, h5py and scikit-learn.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

import h5py
import numpy as np
import torch

import tasks

VARIANTS = {
    "Weft": {},
    "embedding of PyTorch": {"model.embedding_initialization": "normal"},
    "weights of PyTorch": {"model.initialization": "pytorch", "model.input_initialization": "pytorch"},
    "no forget bias": {"model.forget_bias": 0},
    "all of them": {"model.embedding_initialization": "normal", "model.initialization": "pytorch",
                    "model.input_initialization": "pytorch", "model.forget_bias": 0},
}


def write(task, path):
    with h5py.File(path, "w") as file:
        if task.vocabulary:
            file["vocabulary"] = [f"w{i}" for i in range(task.vocabulary)]
        if task.classes:
            file["classes"] = [f"c{i}" for i in range(task.classes)]
        for name, examples in (("train", task.train), ("test", task.test)):
            group = file.create_group(name)
            group["tokens" if task.vocabulary else "inputs"] = np.concatenate([x for x, _ in examples])
            group["offsets"] = np.cumsum([0] + [len(x) for x, _ in examples])
            targets = [y for _, y in examples]
            group["targets"] = np.concatenate(targets) if task.per_step else np.array(targets)


def train_weft(program, task, seed, changed, folder):
    settings = {
        "model.cell": task.cell, "model.hidden": task.hidden, "data.file": folder / f"{task.name}.h5",
        "data.targets": "targets", "data.split.validation": "test", "training.batch": task.batch,
        "training.steps": task.steps, "training.evaluate_every": task.steps, "training.seed": seed,
        "optimizer.kind": "adam", "optimizer.learning_rate": task.learning_rate,
        "loss.kind": "cross-entropy" if task.classes else "squared-error",
        "model.output": "every-step" if task.per_step else "last-step", **changed}
    if task.embedding:
        settings["model.embedding"] = task.embedding
    if task.cell != "lstm":
        settings.pop("model.forget_bias", None)
    (folder / "empty.yaml").write_text("model: {cell: gru, hidden: 1}\ndata: {file: x}\n")
    run = folder / "run"
    subprocess.run(["rm", "-rf", run], check=True)
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    subprocess.run([program, "train", folder / "empty.yaml", "--output", run, "--threads", "1", *words], check=True,
                   capture_output=True)
    told = subprocess.run([program, "evaluate", run, "--split", "test", "--json", "--threads", "1"], check=True,
                          capture_output=True, text=True)
    return json.loads(told.stdout)["loss"]


class Model(torch.nn.Module):
    def __init__(self, task):
        super().__init__()
        self.embedding = torch.nn.Embedding(task.vocabulary, task.embedding) if task.vocabulary else None
        inputs = task.embedding or task.train[0][0].shape[1]
        self.cell = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[task.cell](inputs, task.hidden, batch_first=True)
        self.output = torch.nn.Linear(task.hidden, task.classes or np.atleast_1d(task.train[0][1]).shape[-1])

    def forward(self, inputs, lengths, per_step):
        if self.embedding is not None:
            inputs = self.embedding(inputs)
        states = self.cell(inputs)[0]
        return self.output(states if per_step else states[torch.arange(len(lengths)), lengths - 1])


def train_torch(task, seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = Model(task)
    optimizer = torch.optim.Adam(model.parameters(), lr=task.learning_rate)
    measure = torch.nn.functional.cross_entropy if task.classes else torch.nn.functional.mse_loss

    def loss(examples):
        inputs = torch.nn.utils.rnn.pad_sequence([torch.as_tensor(x) for x, _ in examples], batch_first=True)
        lengths = torch.tensor([len(x) for x, _ in examples])
        outputs = model(inputs, lengths, task.per_step)
        if task.per_step:
            targets = torch.cat([torch.as_tensor(y) for _, y in examples])
            outputs = torch.cat([row[:n] for row, n in zip(outputs, lengths)])
        else:
            targets = torch.as_tensor(np.array([y for _, y in examples]))
        return measure(outputs, targets)

    step = 0
    while step < task.steps:
        order = torch.randperm(len(task.train)).tolist()
        for start in range(0, len(order), task.batch):
            if step == task.steps:
                break
            optimizer.zero_grad()
            loss([task.train[i] for i in order[start:start + task.batch]]).backward()
            optimizer.step()
            step += 1
    with torch.no_grad():
        parts = [task.test[i:i + 250] for i in range(0, len(task.test), 250)]
        counts = [sum(len(x) if task.per_step else 1 for x, _ in part) for part in parts]
        return float(np.average([loss(part).item() for part in parts], weights=counts))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weft", required=True)
    parser.add_argument("--markdown")
    parser.add_argument("--tasks", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    lines = ["| task | PyTorch | " + " | ".join(VARIANTS) + " |", "| --- |" + " ---: |" * (len(VARIANTS) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for make in tasks.ALL:
            task = make()
            if options.tasks and task.name not in options.tasks:
                continue
            write(task, folder / f"{task.name}.h5")
            seeds = range(1, options.seeds + 1)
            results = {"PyTorch": [train_torch(task, seed) for seed in seeds]}
            for name, changed in VARIANTS.items():
                if "model.embedding_initialization" in changed and not task.embedding and len(changed) == 1:
                    continue
                if name == "no forget bias" and task.cell != "lstm":
                    continue
                results[name] = [train_weft(options.weft, task, seed, changed, folder) for seed in seeds]
            for name, losses in results.items():
                print(task.name, name, *(f"{value:.5g}" for value in losses), flush=True)
            cells = [
                "–" if name not in results else
                f"{statistics.median(results[name]):.4g} ({min(results[name]):.4g}–{max(results[name]):.4g})"
                for name in ["PyTorch", *VARIANTS]]
            lines.append(f"| {task.name} | " + " | ".join(cells) + " |")
    if options.markdown:
        pathlib.Path(options.markdown).write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
