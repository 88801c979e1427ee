#!/usr/bin/env python3
"""Compares the recogniser of train.yaml with the same model in PyTorch, trained for as many steps on the same file.

    python3 compare.py runs/phrases

The run is trained with Weft if it is not there. Initialisation, batch size, optimizer, clipping, dropout, schedule and
number of steps are the same; minibatches are dealt by length in both, and PyTorch packs its sequences. Both last
models are then measured by the same program, PyTorch's through a checkpoint with its weights. What was done is kept
in comparison.json in the run's folder; PyTorch's training, too, goes on where it was interrupted.

Needs torch and h5py, those of Benchmarks/peers/setup.sh.
"""

import argparse
import json
import pathlib
import random
import sys
import time

import h5py
import torch
from torch.nn import functional
from torch.nn.utils import rnn

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import comparison  # noqa: E402

# What train.yaml says.
HIDDEN, LAYERS, DROPOUT = 128, 2, 0.3
BATCH, BUCKETS, EPOCHS = 16, 8, 20
LEARNING_RATE, WARMUP, CLIP = 0.003, 100, 1.0


class Recogniser(torch.nn.Module):
    """A bidirectional LSTM over standardised features; the last of its outputs stands for no label."""

    def __init__(self, features, labels):
        super().__init__()
        self.layers = torch.nn.LSTM(
            features, HIDDEN, LAYERS, dropout=DROPOUT, bidirectional=True, batch_first=True)
        self.output = torch.nn.Linear(2 * HIDDEN, labels + 1)
        comparison.initialize_lstm(self.layers)
        torch.nn.init.xavier_uniform_(self.output.weight)
        self.output.bias.data.zero_()

    def forward(self, features, lengths):
        """ln y [rows, steps, labels + 1]; rows are in descending order of their lengths."""
        dropped = functional.dropout(features, DROPOUT, self.training)
        states, _ = self.layers(rnn.pack_padded_sequence(dropped, lengths, batch_first=True))
        states = rnn.pad_packed_sequence(states, batch_first=True)[0]
        return self.output(functional.dropout(states, DROPOUT, self.training)).log_softmax(2)

    def weft_weights(self):
        """The parameters under Weft's names and in its shapes."""
        weights = {"output/weights": self.output.weight.t(), "output/bias": self.output.bias}
        for level in range(LAYERS):
            for suffix, direction in (("", "forward"), ("_reverse", "backward")):
                weights |= comparison.lstm_weights(self.layers, f"_l{level}{suffix}", f"layer{level}/{direction}")
        return weights


class Recordings:
    """A split, its features standardised by the training split's means and deviations."""

    def __init__(self, group, means, deviations):
        def sequences(values, offsets):
            return [torch.from_numpy(values[a:b]) for a, b in zip(offsets, offsets[1:])]
        self.features = sequences((group["inputs"][:] - means) / deviations, group["offsets"][:])
        self.labels = sequences(group["targets"][:].astype("int64"), group["target_offsets"][:])
        self.steps_per_epoch = -(-len(self.features) // BATCH)

    def batch(self, rows):
        rows = sorted(rows, key=lambda row: -len(self.features[row]))
        return (rnn.pad_sequence([self.features[row] for row in rows], batch_first=True),
                torch.tensor([len(self.features[row]) for row in rows]),
                torch.cat([self.labels[row] for row in rows]),
                torch.tensor([len(self.labels[row]) for row in rows]))

    def epoch(self, generator):
        """Rows of each minibatch: shuffled, and sorted by length within some minibatches."""
        order = list(range(len(self.features)))
        generator.shuffle(order)
        batches = []
        for start in range(0, len(order), BATCH * BUCKETS):
            bucket = sorted(order[start:start + BATCH * BUCKETS], key=lambda row: len(self.features[row]))
            parts = [bucket[first:first + BATCH] for first in range(0, len(bucket), BATCH)]
            generator.shuffle(parts)
            batches += parts
        return batches


def loss_of(model, batch):
    """The mean over labels of sequences that have an alignment, as Weft has it, and how many these are."""
    features, lengths, labels, counts = batch
    logarithms = model(features, lengths).transpose(0, 1)
    losses = functional.ctc_loss(
        logarithms, labels, lengths, counts, blank=logarithms.shape[2] - 1, reduction="none", zero_infinity=True)
    counted = counts[losses > 0].sum()
    return losses.sum() / counted, counted


@torch.no_grad()
def evaluate(model, recordings):
    model.eval()
    total, labels = 0.0, 0
    for first in range(0, len(recordings.features), BATCH):
        loss, counted = loss_of(model, recordings.batch(range(first, min(first + BATCH, len(recordings.features)))))
        total, labels = total + (loss * counted).item(), labels + counted.item()
    model.train()
    return total / labels


def train(splits, model, steps, kept):
    """Goes on from the last epoch that is kept there."""
    generator = random.Random(1)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE, fused=True)
    state = comparison.resume_training(kept, model, optimizer, generator)
    seconds, batches = state.get("seconds", 0.0), []
    start = time.perf_counter()
    for step in range(state.get("step", 0), steps):
        batches = batches or splits["train"].epoch(generator)
        optimizer.param_groups[0]["lr"] = comparison.learning_rate(step, steps, LEARNING_RATE, WARMUP)
        optimizer.zero_grad(set_to_none=True)
        loss, _ = loss_of(model, splits["train"].batch(batches.pop(0)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        if not batches:
            seconds, start = seconds + time.perf_counter() - start, time.perf_counter()
            comparison.keep_training(kept, model, optimizer, generator, step=step + 1, seconds=seconds)
            print(f"PyTorch, step {step + 1} of {steps}: loss {loss.item():.4f}, {seconds:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="the folder of a run of train.yaml")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of both (default {EPOCHS})")
    parser.add_argument("--threads", type=int, default=2, help="of both programs (default 2)")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    with h5py.File(FOLDER / "spoken-phrases.h5") as file:
        inputs = file["train/inputs"][:]
        splits = {name: Recordings(file[name], inputs.mean(0, dtype="float64").astype("float32"),
                                   inputs.std(0, dtype="float64").astype("float32"))
                  for name in ("train", "validation", "test")}
        labels = len(file["target_vocabulary"])

    start = time.perf_counter()
    comparison.train(FOLDER / "train.yaml", options.run, options.threads, **{"training.epochs": options.epochs})
    print(f"Weft: {time.perf_counter() - start:.0f} s", flush=True)
    steps = options.epochs * splits["train"].steps_per_epoch
    # The last one of both: neither is chosen by what it does on the validation split.
    last = options.run / f"checkpoint-{steps:09}.h5"
    other = options.run / f"pytorch-{steps}.h5"
    result = {}
    if not other.exists():
        torch.manual_seed(1)
        model = Recogniser(inputs.shape[1], labels)
        train(splits, model, steps, options.run / "pytorch.pt")
        comparison.write_weights(last, model.weft_weights(), other)
        print(f"PyTorch's test loss, by PyTorch: {evaluate(model, splits['test']):.4f}")
    for name, checkpoint in (("Weft", last), ("PyTorch", other)):
        result[name] = {split: comparison.evaluate(checkpoint, FOLDER / "spoken-phrases.h5", split) for split in ("validation", "test")}
        print(f"{name}, {steps} steps: " + ", ".join(
            f"{split} loss {values['loss']:.4f}, character error rate {100 * values['label_error_rate']:.2f} %"
            for split, values in result[name].items()))
    (options.run / "comparison.json").write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
