#!/usr/bin/env python3
"""Compares the translator of train.yaml with the same model in PyTorch, trained for the same time on the same file.

    python3 compare.py runs/verses                  all of it: half an hour
    python3 compare.py runs/verses --only speeds    measure how long a step takes, in turns, and keep it
    python3 compare.py runs/verses --only pytorch   train PyTorch's model, and keep it

The run is trained with Weft if it is not there. PyTorch makes as many steps as it has time for in Weft's time, by what
a step of both takes; both trainings go on where they were interrupted, and other programs may run meanwhile.
Initialisation, batch size, optimizer, clipping, dropout, label smoothing and schedule are the same; minibatches are
dealt by length in both, and PyTorch packs its sources. Both models are then measured by the same program, PyTorch's
through a checkpoint with its weights: the loss, which PyTorch measures too, and translations of the test split by
beam search, scored by sacreBLEU. What was done is kept in comparison.json in the run's folder.

Needs torch and h5py, those of Benchmarks/peers/setup.sh, and sacrebleu and sentencepiece.
"""

import argparse
import json
import pathlib
import random
import time

import h5py
import torch

from pytorch_model import Translator, comparison

FOLDER = pathlib.Path(__file__).resolve().parent
DATA = FOLDER / "bible-verses.h5"
# What train.yaml says.
BATCH, BUCKETS, EPOCHS = 32, 100, 5
LEARNING_RATE, WARMUP, CLIP, SMOOTHING = 0.0015, 300, 1.0, 0.1
KEEP_EVERY = 50


class Pairs:
    """A split: sources with their end, targets without beginning and end, which the model marks itself."""

    def __init__(self, group, boundary):
        def sequences(values, offsets):
            values, offsets = group[values][:].astype("int64"), group[offsets][:]
            return [torch.from_numpy(values[a:b]) for a, b in zip(offsets, offsets[1:])]
        self.sources = sequences("inputs", "offsets")
        self.targets = [target[1:-1] for target in sequences("targets", "target_offsets")]
        self.boundary = boundary
        self.steps_per_epoch = -(-len(self.sources) // BATCH)

    def batch(self, rows):
        """Sources, their lengths, tokens read, tokens written, and which of them count."""
        boundary = torch.tensor([self.boundary])
        pad = torch.nn.utils.rnn.pad_sequence
        source = pad([self.sources[row] for row in rows], batch_first=True)
        lengths = torch.tensor([len(self.sources[row]) for row in rows])
        previous = pad([torch.cat((boundary, self.targets[row])) for row in rows], batch_first=True)
        written = pad([torch.cat((self.targets[row], boundary)) for row in rows], batch_first=True)
        sizes = torch.tensor([len(self.targets[row]) + 1 for row in rows])
        return source, lengths, previous, written, torch.arange(written.shape[1]) < sizes[:, None]

    def epoch(self, generator):
        """Rows of each minibatch. Those of some minibatches are sorted by target, as sources are packed and only
        targets are padded."""
        order = list(range(len(self.sources)))
        generator.shuffle(order)
        batches = []
        for start in range(0, len(order), BATCH * BUCKETS):
            bucket = sorted(order[start:start + BATCH * BUCKETS], key=lambda row: len(self.targets[row]))
            parts = [bucket[first:first + BATCH] for first in range(0, len(bucket), BATCH)]
            generator.shuffle(parts)
            batches += parts
        return batches


def loss_of(model, batch, smoothing, reduction):
    source, lengths, previous, written, wanted = batch
    return torch.nn.functional.cross_entropy(
        model(source, lengths, previous, wanted), written[wanted], label_smoothing=smoothing, reduction=reduction)


@torch.no_grad()
def evaluate(model, pairs):
    model.eval()
    order = sorted(range(len(pairs.sources)), key=lambda row: len(pairs.targets[row]))
    total = sum(loss_of(model, pairs.batch(order[first:first + BATCH]), 0, "sum").item()
                for first in range(0, len(order), BATCH))
    model.train()
    return total / sum(len(target) + 1 for target in pairs.targets)


def train(model, pairs, steps, total, seed, kept=None):
    """Some steps of a training of `total`; goes on from what is `kept` in that file, and keeps it."""
    generator = random.Random(seed)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE, fused=True)
    state = comparison.resume_training(kept, model, optimizer, generator) if kept else {}
    batches = state.get("batches", [])
    for step in range(state.get("step", 0), steps):
        batches = batches or pairs.epoch(generator)
        optimizer.param_groups[0]["lr"] = comparison.learning_rate(step, total, LEARNING_RATE, WARMUP)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model, pairs.batch(batches.pop(0)), SMOOTHING, "mean")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        if kept and ((step + 1) % KEEP_EVERY == 0 or step + 1 == steps):
            comparison.keep_training(kept, model, optimizer, generator, step=step + 1, batches=batches)
            print(f"PyTorch, step {step + 1} of {steps}: loss {loss.item():.4f}", flush=True)


class Data:
    def __init__(self, path):
        with h5py.File(path) as file:
            self.read, self.written = len(file["vocabulary"]), len(file["target_vocabulary"])
            self.splits = {name: Pairs(file[name], self.written) for name in ("train", "validation", "test")}
            self.models = [file[name][:].tobytes() for name in ("vocabulary_model", "target_vocabulary_model")]

    def new_model(self):
        torch.manual_seed(1)
        return Translator(self.read, self.written)

    def text(self, split):
        """Sources and targets of a split as lines."""
        import sentencepiece
        reader, writer = (sentencepiece.SentencePieceProcessor(model_proto=model) for model in self.models)
        pairs = self.splits[split]
        return ([reader.decode(source[:-1].tolist()) for source in pairs.sources],
                [writer.decode(target.tolist()) for target in pairs.targets])


def speeds(data, threads, rounds, steps):
    """Seconds of a step of both. Each round has other minibatches; all have the same lengths on average."""
    def pytorch(number):
        model = data.new_model()
        train(model, data.splits["train"], 3, 1000, number)
        start = time.perf_counter()
        train(model, data.splits["train"], steps, 1000, number)
        return (time.perf_counter() - start) / steps

    medians, all_rounds = comparison.in_turns(
        rounds, pytorch=pytorch, weft=lambda number: comparison.weft_seconds(
            FOLDER / "train.yaml", steps, threads, **{"training.seed": 1 + number, "training.epochs": 1000}))
    return {"threads": threads, "seconds": medians, "rounds": all_rounds}


def measure(data, checkpoint):
    """The loss, and sacreBLEU of the translations of the test split."""
    import sacrebleu
    sources, references = data.text("test")
    written = comparison.weft("translate", checkpoint, input="\n".join(sources) + "\n").split("\n")[:-1]
    bleu = sacrebleu.corpus_bleu(written, [references])
    checkpoint.with_suffix(".es").write_text("\n".join(written) + "\n", encoding="utf-8")
    return {"loss": comparison.evaluate(checkpoint, DATA, "test")["loss"], "bleu": bleu.score, "sacrebleu": str(bleu),
            "chrf": sacrebleu.corpus_chrf(written, [references]).score}


def train_pytorch(data, steps, folder):
    """Trains, unless that was done."""
    model = data.new_model()
    train(model, data.splits["train"], steps, steps, 1, folder / f"pytorch-{steps}.pt")
    return model


def measure_pytorch(data, model, steps, template):
    path = template.with_name(f"pytorch-{steps}.h5")
    comparison.write_weights(template, model.weft_weights(), path)
    return {"steps": steps, "by_pytorch": evaluate(model, data.splits["test"]), **measure(data, path)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="the folder of a run of train.yaml")
    parser.add_argument("--threads", type=int, default=2, help="of both programs (default 2)")
    parser.add_argument("--speed-threads", type=int, default=2, help="of both where speeds are measured (default 2)")
    parser.add_argument("--rounds", type=int, default=5, help="of the measurement of speeds (default 5)")
    parser.add_argument("--steps", type=int, default=40, help="of a round (default 40)")
    parser.add_argument("--only", choices=["speeds", "pytorch"])
    options = parser.parse_args()

    data = Data(DATA)
    kept = options.run / "comparison.json"
    result = json.loads(kept.read_text()) if kept.exists() else {}

    def keep(name, make):
        if name not in result:
            result[name] = make()
            options.run.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(result, indent=1))
        return result[name]

    torch.set_num_threads(options.speed_threads)
    seconds = keep("speeds", lambda: speeds(data, options.speed_threads, options.rounds, options.steps))["seconds"]
    print(f"a step: Weft {1000 * seconds['weft']:.0f} ms, PyTorch {1000 * seconds['pytorch']:.0f} ms", flush=True)
    if options.only == "speeds":
        return
    torch.set_num_threads(options.threads)
    steps = EPOCHS * data.splits["train"].steps_per_epoch
    in_time = round(steps * seconds["weft"] / seconds["pytorch"])
    if options.only != "pytorch":
        comparison.train(FOLDER / "train.yaml", options.run, options.threads)
    model = train_pytorch(data, in_time, options.run)
    if options.only == "pytorch":
        return
    # The last one of both: neither is chosen by what it does on the validation split.
    last = options.run / f"checkpoint-{steps:09}.h5"
    keep("weft", lambda: {"steps": steps, **measure(data, last)})
    keep("pytorch", lambda: measure_pytorch(data, model, in_time, last))
    for name, part in (("Weft", result["weft"]), ("PyTorch", result["pytorch"])):
        measured = f", {part['by_pytorch']:.4f} by PyTorch" if "by_pytorch" in part else ""
        print(f"{name}: {part['steps']} steps, test loss {part['loss']:.4f}{measured}, chrF {part['chrf']:.2f}, "
              f"{part['sacrebleu']}")


if __name__ == "__main__":
    main()
