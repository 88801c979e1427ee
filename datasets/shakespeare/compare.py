#!/usr/bin/env python3
"""Compares the character model of train.yaml with the same model in PyTorch, on the same file.

    python3 compare.py runs/shakespeare                 all of it: some ten minutes
    python3 compare.py runs/shakespeare --only speeds   measure how long a step takes, in turns, and keep it
    python3 compare.py runs/shakespeare --picture curves.svg

The run is trained with Weft if it is not there. PyTorch then trains twice: for as many steps, and for as many as it
makes in Weft's time, each with a schedule that ends with its last step. Windows, their order, carried states,
initialisation, optimizer, clipping and schedule are the same. All models are measured by `weft evaluate`, PyTorch's
by a checkpoint with its weights, and PyTorch's own measurement of the same is printed beside it. What was done is
kept in comparison.json in the run's folder.

Needs torch, h5py and matplotlib: those of Benchmarks/peers/setup.sh.
"""

import argparse
import json
import pathlib
import sys
import time

import h5py
import torch

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import comparison  # noqa: E402

DATA = FOLDER / "shakespeare.h5"
# What train.yaml says.
WINDOW, BATCH, RESET_EVERY, HIDDEN, EMBEDDING, LAYERS = 100, 64, 5, 256, 64, 2
STEPS, LEARNING_RATE, WARMUP, CLIP = 1000, 0.008, 50, 1.0
EVALUATE_EVERY = 125


class Model(torch.nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, EMBEDDING)
        self.layers = torch.nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
        self.output = torch.nn.Linear(HIDDEN, vocabulary)
        torch.nn.init.normal_(self.embedding.weight, std=EMBEDDING ** -0.5)
        comparison.initialize_lstm(self.layers)
        torch.nn.init.xavier_uniform_(self.output.weight)
        torch.nn.init.zeros_(self.output.bias)

    def forward(self, tokens, state):
        states, state = self.layers(self.embedding(tokens), state)
        return self.output(states), state

    def weft_weights(self):
        weights = {
            "embedding/weights": self.embedding.weight, "output/weights": self.output.weight.t(),
            "output/bias": self.output.bias}
        for level in range(LAYERS):
            weights |= comparison.lstm_weights(self.layers, f"_l{level}", f"layer{level}/forward")
        return weights


class Windows:
    """Windows of a stream as Weft visits them with `carry_state`: each row goes through a part of its own."""

    def __init__(self, tokens):
        self.part = (len(tokens) - 1) // BATCH
        starts = torch.arange(BATCH) * self.part
        # Time-major, the order that torch.nn.LSTM computes in: [steps of a part and the one after, rows].
        self.tokens = tokens[starts + torch.arange(self.part + 1)[:, None]]
        self.count = (self.part + WINDOW - 1) // WINDOW

    def __getitem__(self, index):
        start = index * WINDOW
        end = min(start + WINDOW, self.part)
        return self.tokens[start:end], self.tokens[start + 1:end + 1]


def loss_of(model, window, state):
    inputs, targets = window
    outputs, state = model(inputs, state)
    loss = torch.nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())
    return loss, tuple(part.detach() for part in state)


@torch.no_grad()
def evaluate(model, windows):
    """States are carried from the first window to the last, as in Weft's evaluations."""
    total, count, state = 0.0, 0, None
    for index in range(windows.count):
        window = windows[index]
        loss, state = loss_of(model, window, state)
        total += loss.item() * window[1].numel()
        count += window[1].numel()
    return total / count


def train(model, windows, steps, total, after=lambda step: None):
    """Some steps of a training of `total`."""
    optimizer = torch.optim.Adam(
        [p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE, fused=True)
    state = None
    for step in range(steps):
        index = step % windows.count
        if index % RESET_EVERY == 0:
            state = None
        optimizer.param_groups[0]["lr"] = comparison.learning_rate(step, total, LEARNING_RATE, WARMUP)
        optimizer.zero_grad(set_to_none=True)
        loss, state = loss_of(model, windows[index], state)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        after(step + 1)


def read(path):
    with h5py.File(path) as file:
        splits = {name: Windows(torch.from_numpy(file[name]["tokens"][:].astype("int64")))
                  for name in ("train", "validation", "test")}
        return splits, len(file["vocabulary"])


def speeds(splits, vocabulary, threads, rounds):
    """Seconds of a step of both."""
    def pytorch(_):
        torch.manual_seed(1)
        model = Model(vocabulary)
        train(model, splits["train"], 2, STEPS)
        start = time.perf_counter()
        train(model, splits["train"], 20, STEPS)
        return (time.perf_counter() - start) / 20

    medians, all_rounds = comparison.in_turns(
        rounds, pytorch=pytorch,
        weft=lambda _: comparison.weft_seconds(FOLDER / "train.yaml", 40, threads))
    return {"threads": threads, "seconds": medians, "rounds": all_rounds}


def train_pytorch(splits, vocabulary, steps, template, path):
    """Trains, and gives the curve of the validation loss and what both programs measure of the result."""
    torch.manual_seed(1)
    model = Model(vocabulary)
    curve = []

    def after(step):
        if step % EVALUATE_EVERY == 0 or step == steps:
            curve.append((step, evaluate(model, splits["validation"])))
            print(f"PyTorch, step {step} of {steps}: validation loss {curve[-1][1]:.4f}", flush=True)

    train(model, splits["train"], steps, steps, after)
    comparison.write_weights(template, model.weft_weights(), path)
    return {
        "steps": steps, "curve": curve,
        "by_pytorch": {split: evaluate(model, splits[split]) for split in ("validation", "test")},
        "by_weft": {split: comparison.evaluate(path, DATA, split)["loss"] for split in ("validation", "test")}}


def draw(result, path):
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "weft", "font.size": 9})
    import matplotlib.pyplot as plot

    figure, (over_steps, over_time) = plot.subplots(1, 2, figsize=(8, 3), sharey=True, layout="constrained")
    seconds = result["speeds"]["seconds"]
    curves = [("Weft", "#1b6ca8", "-", result["weft"], seconds["weft"]),
              ("PyTorch, as many steps", "#8a8a8a", "-", result["equal_steps"], seconds["pytorch"]),
              ("PyTorch, as much time", "#c26a1b", "--", result["equal_time"], seconds["pytorch"])]
    for name, colour, style, part, scale in curves:
        steps, losses = zip(*part["curve"])
        over_steps.plot(steps, losses, style, color=colour, label=name, marker=".")
        over_time.plot([step * scale for step in steps], losses, style, color=colour, marker=".")
    over_steps.set(xlabel="optimizer steps", ylabel="validation loss, nats a character")
    over_time.set(xlabel=f"seconds of training, {result['speeds']['threads']} threads")
    over_steps.legend(frameon=False)
    for axes in (over_steps, over_time):
        axes.grid(color="#e5e5e5")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else {})


def report(result):
    seconds = result["speeds"]["seconds"]
    print(f"a step on {result['speeds']['threads']} threads: Weft {1000 * seconds['weft']:.0f} ms, "
          f"PyTorch {1000 * seconds['pytorch']:.0f} ms")
    for name, part in (("Weft", "weft"), ("PyTorch, as many steps", "equal_steps"),
                       ("PyTorch, as much time", "equal_time")):
        values = result[part]
        line = f"{name:<24}{values['steps']:>5} steps"
        for split in ("validation", "test"):
            loss = values["by_weft"][split]
            line += f"  {split} {loss:.4f} ({100 * (loss / result['weft']['by_weft'][split] - 1):+.2f} %)"
        if "by_pytorch" in values:
            line += f"  by PyTorch's measure {values['by_pytorch']['validation']:.4f}, {values['by_pytorch']['test']:.4f}"
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="the folder of a run of train.yaml")
    parser.add_argument("--threads", type=int, default=2, help="of both programs (default 2)")
    parser.add_argument("--speed-threads", type=int, default=2, help="of both where speeds are measured (default 2)")
    parser.add_argument("--rounds", type=int, default=5, help="of the measurement of speeds (default 5)")
    parser.add_argument("--only", choices=["speeds", "report"])
    parser.add_argument("--picture", type=pathlib.Path, help="draw the curves there")
    options = parser.parse_args()

    splits, vocabulary = read(DATA)
    kept = options.run / "comparison.json"
    result = json.loads(kept.read_text()) if kept.exists() else {}

    def keep(name, make):
        if name not in result:
            result[name] = make()
            options.run.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(result, indent=1))

    if options.only != "report":
        torch.set_num_threads(options.speed_threads)
        keep("speeds", lambda: speeds(splits, vocabulary, options.speed_threads, options.rounds))
    if options.only is None:
        torch.set_num_threads(options.threads)
        best = options.run / "best.h5"
        comparison.train(
            FOLDER / "train.yaml", options.run, options.threads, **{"training.evaluate_every": EVALUATE_EVERY})
        keep("weft", lambda: {
            "steps": STEPS, "curve": [(r["step"], r["loss"]) for r in comparison.read_metrics(options.run, "validation")],
            "by_weft": {split: comparison.evaluate(best, DATA, split)["loss"] for split in ("validation", "test")}})
        seconds = result["speeds"]["seconds"]
        in_time = round(STEPS * seconds["weft"] / seconds["pytorch"])
        for name, steps in (("equal_steps", STEPS), ("equal_time", in_time)):
            keep(name, lambda: train_pytorch(splits, vocabulary, steps, best, options.run / f"pytorch-{steps}.h5"))
    if options.only != "speeds":
        report(result)
        if options.picture:
            draw(result, options.picture)


if __name__ == "__main__":
    main()
