#!/usr/bin/env python3
"""Compares the generation of text with the character model, batch 1, token by token: Weft against PyTorch.

Weft's speed is the difference of two lengths, so that start-up drops out. PyTorch is the fastest of several ways of
running it, with 1 and 2 threads. A step reads every weight once; bytes of weights x steps a second is the memory
bandwidth that was reached.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from processes import FOLDER, WEFT, CommandFailed, run
from weft_training import VOCABULARY, CharacterTraining, write_tokens

EMBEDDING, HIDDEN, LAYERS = 128, 512, 2


def weight_bytes():
    """The weights that every step multiplies with, in float32; of the embedding it reads one row."""
    first = 4 * HIDDEN * (EMBEDDING + HIDDEN)
    others = (LAYERS - 1) * 4 * HIDDEN * (HIDDEN + HIDDEN)
    return 4 * (first + others + len(VOCABULARY) * HIDDEN)


def weft_speed(trained, short=500, long=5500):
    times = [
        run([WEFT, "generate", trained, "--prompt", "a", "--length", length], 1).seconds for length in (short, long)]
    if times[1] <= times[0]:
        raise CommandFailed("a longer text took less time: the machine is too busy to tell a speed")
    return (long - short) / (times[1] - times[0])


def measure(rounds=3, seconds=1.0):
    weft, pytorch, failed = [], {}, {}
    with tempfile.TemporaryDirectory(prefix="weft-peers-") as folder:
        data = Path(folder) / "tokens.h5"
        write_tokens(data, 100_000)
        training = CharacterTraining(
            Path(folder) / "weft", data, batch=4, layers=LAYERS, hidden=HIDDEN, embedding=EMBEDDING)
        _, trained = training.train(1, 1)
        for _ in range(rounds):
            weft.append(weft_speed(trained))
            for threads in (1, 2):
                command = [
                    sys.executable, FOLDER / "generation_peer.py", "--threads", threads, "--vocabulary",
                    len(VOCABULARY), "--seconds", seconds]
                answer = json.loads(run(command, threads).output.strip().splitlines()[-1])
                for name, speed in answer["steps_per_second"].items():
                    pytorch.setdefault(f"{name}, {threads} thread{'s' if threads > 1 else ''}", []).append(speed)
                failed.update(answer["failed"])
    ways = {name: statistics.median(speeds) for name, speeds in pytorch.items()}
    fastest = max(ways, key=ways.get)
    speed = statistics.median(weft)
    return {
        "weft_steps_per_second": speed,
        "weft_rounds": weft,
        "pytorch_steps_per_second": ways[fastest],
        "pytorch_way": fastest,
        "pytorch_ways": ways,
        "pytorch_failed": failed,
        "ratio": speed / ways[fastest],
        "weight_bytes": weight_bytes(),
        "weft_bytes_per_second": speed * weight_bytes(),
        "pytorch_bytes_per_second": ways[fastest] * weight_bytes(),
    }


def text(result):
    lines = [f"{name:<48}{speed:>9.0f} steps/s" for name, speed in result["pytorch_ways"].items()]
    lines += [f"{name:<48}failed: {error}" for name, error in result["pytorch_failed"].items()]
    lines.append(f"{'Weft, 1 thread':<48}{result['weft_steps_per_second']:>9.0f} steps/s")
    lines.append(f"Weft is {result['ratio']:.2f}x PyTorch's fastest ({result['pytorch_way']})")
    lines.append(
        f"{result['weight_bytes'] / 1e6:.1f} MB of weights a step: Weft {result['weft_bytes_per_second'] / 1e9:.1f} "
        f"GB/s, PyTorch {result['pytorch_bytes_per_second'] / 1e9:.1f} GB/s")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1, help="for each of PyTorch's ways (default 1)")
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    options = parser.parse_args()
    result = measure(options.rounds, options.seconds)
    print(text(result))
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
