#!/usr/bin/env python3
"""Compares the training of a character model: Weft, PyTorch, and Keras on JAX and on TensorFlow.

Embedding 128, two LSTM layers of 512, softmax over 96; batches of 64 windows of 100; Adam, gradients clipped to
norm 1. Each runs in a process of its own, in turns; medians of the rounds are compared. Memory is the greatest
resident size of the whole process.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from processes import FOLDER, REPOSITORY, CommandFailed, run
from weft_training import CharacterTraining, write_tokens

CPU_ONLY_PYTHON = REPOSITORY / "Benchmarks/.venv-cpu/bin/python"


def peers():
    """Name, interpreter and argument of each peer."""
    result = [("PyTorch", sys.executable, "pytorch")]
    if CPU_ONLY_PYTHON.exists():
        result.append(("PyTorch, CPU-only build", CPU_ONLY_PYTHON, "pytorch"))
    return result + [
        ("Keras, JAX", sys.executable, "keras-jax"), ("Keras, TensorFlow", sys.executable, "keras-tensorflow")]


def measure(threads=(1, 2), rounds=3, steps=8, report=lambda row: None, precision="float32"):
    rows = []
    with tempfile.TemporaryDirectory(prefix="weft-peers-") as folder:
        data = Path(folder) / "tokens.h5"
        write_tokens(data, 2_000_000)
        training = CharacterTraining(Path(folder) / "weft", data, precision=precision)
        for count in threads:
            results = {}
            failed = {}
            for _ in range(rounds):
                # Weft does as many steps in one piece as a peer in its blocks.
                results.setdefault("Weft", []).append(training.speed(3 * steps, count))
                for name, python, peer in peers():
                    # Keras has no reduced precision for the layers of a CPU.
                    if name in failed or precision != "float32" and peer != "pytorch":
                        continue
                    command = [
                        python, FOLDER / "character_peer.py", peer, "--data", data, "--threads", count,
                        "--steps", steps, "--precision", precision]
                    try:
                        finished = run(command, count)
                    except CommandFailed as error:
                        failed[name] = str(error)
                        continue
                    answer = json.loads(finished.output.strip().splitlines()[-1])
                    answer["peak_bytes"] = finished.peak_bytes
                    results.setdefault(name, []).append(answer)
            weft = statistics.median(r["tokens_per_second"] for r in results["Weft"])
            for name, rounds_of_it in results.items():
                row = {
                    "system": name,
                    "version": rounds_of_it[-1].get("version"),
                    "threads": count,
                    "tokens_per_second": statistics.median(r["tokens_per_second"] for r in rounds_of_it),
                    "rounds": [r["tokens_per_second"] for r in rounds_of_it],
                    "peak_bytes": statistics.median(r["peak_bytes"] for r in rounds_of_it),
                    "import_bytes": rounds_of_it[-1].get("import_bytes"),
                }
                row["weft_ratio"] = weft / row["tokens_per_second"]
                rows.append(row)
                report(row)
            for name, error in failed.items():
                rows.append({"system": name, "threads": count, "error": error})
                report(rows[-1])
    return {"rows": rows}


HEADER = f"{'system':<26}{'threads':>7}{'tokens/s':>10}{'Weft is':>9}{'peak MiB':>10}{'of which import':>17}"


def text(row):
    if "error" in row:
        return f"{row['system']:<26}{row['threads']:>7}  failed: {row['error']}"
    imported = f"{row['import_bytes'] / 2**20:.0f}" if row["import_bytes"] else "-"
    return (
        f"{row['system']:<26}{row['threads']:>7}{row['tokens_per_second']:>10.0f}{row['weft_ratio']:>8.2f}x"
        f"{row['peak_bytes'] / 2**20:>10.0f}{imported:>17}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8, help="optimizer steps in one timed block (default 8)")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    options = parser.parse_args()
    print(HEADER, flush=True)
    result = measure(options.threads, options.rounds, options.steps, lambda row: print(text(row), flush=True),
        options.precision)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
