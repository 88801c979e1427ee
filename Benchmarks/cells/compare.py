#!/usr/bin/env python3
"""Compares all cells with the same number of parameters: on Shakespeare's characters and on two memory problems.

    python3 Benchmarks/cells/compare.py --output docs/cells.md      # minutes on two cores
    python3 Benchmarks/cells/compare.py --cells lstm min-gru --tasks adding --steps 3000

Every model is two recurrent layers of one cell and an output layer, as wide as its share of parameters allows; above
each `lru`, which is linear, stands the dense layer of its paper's block. Needs h5py and NumPy, and the program `weft`,
which WEFT names or `swift build -c release --product weft` makes.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "datasets"))

from packages import find_weft  # noqa: E402

HEADS = 4
# Symbols of the copying problem, and how many of them are to be remembered.
SYMBOLS, REMEMBERED = 8, 5

# Weights of a layer of H units with I inputs, and the size of its output.
CELLS = {
    "rnn-tanh": lambda I, H: (H * (I + H + 1), H),
    "rnn-relu": lambda I, H: (H * (I + H + 1), H),
    "lstm": lambda I, H: (4 * H * (I + H + 1), H),
    "lstm-peephole": lambda I, H: (4 * H * (I + H + 1) + 3 * H, H),
    "lstm-projection": lambda I, H: (4 * H * (I + H // 2 + 1) + H * (H // 2), H // 2),
    "gru": lambda I, H: (3 * H * (I + H + 1), H),
    "gru-reset-after": lambda I, H: (3 * H * (I + H + 1) + H, H),
    "min-gru": lambda I, H: (2 * H * (I + 1), H),
    "min-lstm": lambda I, H: (3 * H * (I + 1), H),
    "indrnn": lambda I, H: (H * (I + 2), H),
    "slstm": lambda I, H: (4 * H * (I + H // HEADS + 1), H),
    "lru": lambda I, H: (2 * H * (I + 1) + 3 * H + 2 * H * (2 * H + 1), 2 * H),
}


def blocks(cell, units):
    """Two layers, in the form of a configuration."""
    layer = {"cell": cell, "hidden": units}
    if cell == "lstm-projection":
        layer["projection"] = units // 2
    if cell == "slstm":
        layer["heads"] = HEADS
    level = [layer]
    if cell == "lru":
        level.append({"dense": 2 * units, "activation": "gelu", "residual": "true"})
    entries = ["{" + ", ".join(f"{key}: {value}" for key, value in block.items()) + "}" for block in level * 2]
    return entries


def parameters(cell, units, inputs, outputs):
    first, size = CELLS[cell](inputs, units)
    second, size = CELLS[cell](size, units)
    return first + second + (size + 1) * outputs


def fitting_units(cell, budget, inputs, outputs):
    """The most units, a multiple of four, whose parameters do not exceed the budget."""
    units = HEADS
    while parameters(cell, units + HEADS, inputs, outputs) <= budget:
        units += HEADS
    return units


def write_adding(path, length, generator):
    """Numbers between 0 and 1, two of which are marked, one in each half; the target is their sum."""
    with h5py.File(path, "w") as file:
        for split, count in (("train", 10_000), ("validation", 1000)):
            numbers = generator.random((count, length), dtype=np.float32)
            marks = np.zeros_like(numbers)
            rows = np.arange(count)
            marks[rows, generator.integers(0, length // 2, count)] = 1
            marks[rows, generator.integers(length // 2, length, count)] = 1
            file[f"{split}/inputs"] = np.stack([numbers, marks], -1)
            file[f"{split}/targets"] = (numbers * marks).sum(1)


def write_copying(path, length, generator):
    """Symbols, a delay, and a mark, after which the symbols are to be told in their order."""
    with h5py.File(path, "w") as file:
        file["vocabulary"] = [str(symbol) for symbol in range(SYMBOLS + 2)]
        for split, count in (("train", 10_000), ("validation", 1000)):
            shown = generator.integers(0, SYMBOLS, (count, REMEMBERED))
            inputs = np.full((count, length + 2 * REMEMBERED), SYMBOLS)
            inputs[:, :REMEMBERED] = shown
            inputs[:, length + REMEMBERED - 1] = SYMBOLS + 1
            targets = np.full(inputs.shape, -1)
            targets[:, -REMEMBERED:] = shown
            file[f"{split}/inputs"] = inputs.astype(np.uint8)
            file[f"{split}/targets"] = targets.astype(np.int8)


class Task:
    """A problem: its data, what differs in its configuration, and what is told of a model."""

    def __init__(self, title, inputs, outputs, settings, score, best, write=None, file=None, chance=None):
        self.title, self.inputs, self.outputs, self.settings = title, inputs, outputs, settings
        self.score, self.best, self.write, self.file, self.chance = score, best, write, file, chance


def make_tasks(arguments):
    length, delay = arguments.length, arguments.delay
    return {
        "shakespeare": Task(
            "Shakespeare, bits a character", 32, 65,
            {"data.window": 64, "model.embedding": 32, "training.carry_state": "true",
             "optimizer.learning_rate": 0.008},
            lambda record: f"{record['loss'] / np.log(2):.3f}", min,
            file=REPOSITORY / "datasets/shakespeare/shakespeare.h5"),
        "adding": Task(
            f"adding, {length} steps, squared error", 2, 1,
            {"loss.kind": "squared-error", "optimizer.learning_rate": 0.008},
            lambda record: f"{record['loss']:.4f}", min, write=lambda path, generator: write_adding(
                path, length, generator), chance="0.1667"),
        "copying": Task(
            f"copying, delay of {delay}, symbols right", SYMBOLS + 2, SYMBOLS + 2,
            {"training.metric": "accuracy", "optimizer.learning_rate": 0.008},
            lambda record: f"{100 * record['accuracy']:.1f}%", max, write=lambda path, generator: write_copying(
                path, delay, generator), chance=f"{100 / SYMBOLS:.1f}%"),
    }


def train(cell, name, task, data, folder, arguments):
    units = fitting_units(cell, arguments.parameters, task.inputs, task.outputs)
    stack = blocks(cell, units)
    if name == "adding":
        stack.append("{pool: last}")
    settings = {
        "data.file": data, "model.blocks": f"[{', '.join(stack)}]", "training.batch": 32,
        "training.steps": arguments.steps, "training.clip_norm": 1, "training.seed": arguments.seed,
        "training.evaluate_every": max(arguments.steps // 4, 1), "training.keep": 1, "schedule.kind": "cosine",
        **task.settings}
    configuration = folder / "train.yaml"
    configuration.write_text("{}\n")
    run = folder / f"{name}-{cell}"
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    threads = ["--threads", str(arguments.threads)] if arguments.threads else []
    start = time.monotonic()
    result = subprocess.run(
        [find_weft(), "train", configuration, "--output", run, *threads, *words], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{name}, {cell}: {result.stderr.strip()}")
    seconds = time.monotonic() - start
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    key = "accuracy" if task.best is max else "loss"
    best = task.best((record for record in records if record["split"] == "validation"), key=lambda r: r[key])
    print(f"{name}, {cell}, {units} units: {task.score(best)}, {seconds:.0f} s", file=sys.stderr)
    return {"units": units, "score": task.score(best), "seconds": seconds,
            "parameters": parameters(cell, units, task.inputs, task.outputs)}


def page(arguments, tasks, results):
    def cells(row):
        return "| " + " | ".join(row) + " |"

    lines = [
        "# Cells compared", "",
        "All cells on a real task and on two problems that need a memory, with the same number of parameters.",
        "`Benchmarks/cells/compare.py` makes this page:", "", "```sh",
        "swift build -c release --product weft",
        "python3 Benchmarks/cells/compare.py --output docs/cells.md", "```", "",
        f"A model is two layers of one cell and an output layer, as wide as {arguments.parameters:,} parameters allow",
        "(embeddings not counted); above each `lru`, which is linear, stands a dense layer with GELU and a residual",
        f"connection, and an `slstm` has {HEADS} heads. Adam with the learning rate 0.008, a cosine schedule,",
        f"{arguments.steps:,} steps of 32 sequences, gradients clipped to a norm of 1, one seed; no key is tuned for a cell.",
        "Numbers are the best of four evaluations on the validation split.", "",
        cells(["cell", *(task.title for task in tasks.values()), "units"]),
        cells(["---", *("---:" for _ in tasks), "---:"]),
    ]
    for cell in arguments.cells:
        found = [results[name][cell] for name in tasks]
        lines.append(cells([f"`{cell}`", *(result["score"] for result in found),
                            ", ".join(dict.fromkeys(str(result["units"]) for result in found))]))
    if any(task.chance for task in tasks.values()):
        lines.append(cells(["without memory", *(task.chance or "" for task in tasks.values()), ""]))
    lines += [
        "", "- *Shakespeare*: the next character, windows of 64 with carried states (`datasets/shakespeare`).",
        "- *Adding* (Hochreiter and Schmidhuber 1997): the sum of two marked numbers, one in each half of a sequence.",
        f"- *Copying*: {REMEMBERED} symbols out of {SYMBOLS} are shown, and asked for after the delay.", "",
        "One seed and few steps rank cells roughly: differences in the last digits mean nothing, and a cell that has not",
        "solved a problem yet may do so later, or with `memory_span`, another learning rate or another initialization",
        "([gated cells](gated-cells.md) trains three of them longer). Times are left out, as they need a quiet machine:",
        "`weft bench layer --cell NAME` measures those.", "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--tasks", nargs="+", choices=["shakespeare", "adding", "copying"],
                        default=["shakespeare", "adding", "copying"])
    parser.add_argument("--parameters", type=int, default=30_000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--length", type=int, default=80, help="steps of the adding problem")
    parser.add_argument("--delay", type=int, default=30, help="steps between the symbols and their copy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--output", type=pathlib.Path, help="page of Markdown; the standard output by default")
    arguments = parser.parse_args()
    tasks = {name: task for name, task in make_tasks(arguments).items() if name in arguments.tasks}
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, task in tasks.items():
            data = task.file
            if task.write:
                data = folder / f"{name}.h5"
                task.write(data, np.random.default_rng(arguments.seed))
            results[name] = {cell: train(cell, name, task, data, folder, arguments) for cell in arguments.cells}
    text = page(arguments, tasks, results)
    if arguments.output:
        arguments.output.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
