#!/usr/bin/env python3
"""Exact back-propagation through 100,000 time steps in 1 GiB: what Weft takes, and what PyTorch would need.

Weft trains a character model (embedding 32, LSTM 256, batch 16) on windows of 100,000 with a memory budget, and the
same model on windows of 100 without one: the time of a time step is compared, and the greatest resident size of the
whole process is told. PyTorch keeps every step's activations: its need is measured at lengths that fit and
extrapolated in a straight line, not tried.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from processes import FOLDER, run
from weft_training import CharacterTraining, write_tokens

BATCH, HIDDEN, EMBEDDING = 16, 256, 32
# Below the limit, as the process holds more than activations: weights, its code, data read ahead.
BUDGET_MEBIBYTES = 768


def pytorch_need(length, lengths=(500, 1000, 2000)):
    """Bytes that `length` steps would take, from the growth over `lengths`."""
    peaks = []
    for steps in lengths:
        command = [
            sys.executable, FOLDER / "long_sequence_peer.py", "--steps", steps, "--batch", BATCH, "--hidden", HIDDEN,
            "--embedding", EMBEDDING]
        peaks.append(run(command, 1).peak_bytes)
    # The least-squares line through the peaks.
    mean_length, mean_peak = statistics.mean(lengths), statistics.mean(peaks)
    slope = sum((x - mean_length) * (y - mean_peak) for x, y in zip(lengths, peaks)) / sum(
        (x - mean_length) ** 2 for x in lengths)
    return {
        "lengths": list(lengths), "peak_bytes": peaks, "bytes_per_time_step": slope,
        "bytes_needed": mean_peak + slope * (length - mean_length),
    }


def measure(length=100_000, rounds=2, threads=2, short_length=100):
    with tempfile.TemporaryDirectory(prefix="weft-peers-") as folder:
        data = Path(folder) / "tokens.h5"
        write_tokens(data, BATCH * length * 2 + 1)

        def training(name, **settings):
            return CharacterTraining(
                Path(folder) / name, data, batch=BATCH, layers=1, hidden=HIDDEN, embedding=EMBEDDING, **settings)

        long = training("long", window=length, memory_budget=BUDGET_MEBIBYTES)
        short = training("short", window=short_length)
        results = {"short": [], "long": []}
        for _ in range(rounds):
            # As many tokens in both, but no more short steps than a minute takes.
            results["short"].append(short.speed(min(length // short_length, 400), threads))
            results["long"].append(long.speed(1, threads, start_steps=1))

    def seconds_per_step(name):
        return BATCH / statistics.median(r["tokens_per_second"] for r in results[name])

    return {
        "length": length, "batch": BATCH, "hidden": HIDDEN, "embedding": EMBEDDING, "threads": threads,
        "budget_bytes": 2**30,
        "weft_peak_bytes": max(r["peak_bytes"] for r in results["long"]),
        "weft_seconds_per_time_step": seconds_per_step("long"),
        "weft_seconds_per_time_step_short": seconds_per_step("short"),
        "short_length": short_length,
        "ratio": seconds_per_step("long") / seconds_per_step("short"),
        "pytorch": pytorch_need(length),
    }


def text(result):
    need = result["pytorch"]
    return (
        f"Weft, {result['length']:,} steps of {result['batch']} sequences, H {result['hidden']}, "
        f"{result['threads']} threads: {1e6 * result['weft_seconds_per_time_step']:.1f} µs a time step, "
        f"{result['weft_peak_bytes'] / 2**20:.0f} MiB at most\n"
        f"Weft, {result['short_length']} steps: {1e6 * result['weft_seconds_per_time_step_short']:.1f} µs a time "
        f"step: the long sequences take {result['ratio']:.2f}x as long\n"
        f"PyTorch would need about {need['bytes_needed'] / 2**30:.1f} GiB: {need['bytes_per_time_step'] / 1024:.0f} "
        f"KiB for every time step, and nn.LSTM has no recomputation in segments")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--length", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    options = parser.parse_args()
    result = measure(options.length, options.rounds, options.threads)
    print(text(result))
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
