#!/usr/bin/env python3
"""Compares one training step of one layer: Weft against PyTorch, cell by cell and shape by shape.

A round times PyTorch, then Weft, on the same processors; rounds repeat and the medians are compared, so that a
machine that slows down slows both.

  layers.py                    the grid, threads 1 and 2
  layers.py --odd --cell lstm  further shapes, one cell
  layers.py --bfloat16         in bfloat16, against PyTorch's fastest mode and Weft's own float32
"""

import argparse
import json
import math
import statistics
import sys

import shapes
from processes import PyTorchWorker, Unsupported, weft_layer


def compare(cell, shape, threads, worker, rounds, seconds):
    weft, pytorch = [], []
    for _ in range(rounds):
        pytorch.append(worker.time(shapes.PYTORCH_MODULE[cell], shape, seconds))
        weft.append(weft_layer(cell, shape, threads))
    # The greatest rate any round reached is the nearest to what the processor can do.
    peak = max(result["peak_gflops"] for result in weft)
    weft_milliseconds = statistics.median(result["milliseconds"] for result in weft)
    pytorch_milliseconds = statistics.median(result["milliseconds"] for result in pytorch)
    rate = shape.operations(cell) / 1e6
    return {
        "cell": cell,
        "steps": shape.steps, "batch": shape.batch, "input": shape.input, "hidden": shape.hidden,
        "threads": threads,
        "rounds": rounds,
        "weft_milliseconds": weft_milliseconds,
        "pytorch_milliseconds": pytorch_milliseconds,
        "ratio": pytorch_milliseconds / weft_milliseconds,
        "round_ratios": [p["milliseconds"] / w["milliseconds"] for p, w in zip(pytorch, weft)],
        "peak_gflops": peak,
        # Each round against the peak of its own process: both slow down together.
        "weft_fraction_of_peak": statistics.median(result["fraction_of_peak"] for result in weft),
        "pytorch_fraction_of_peak": statistics.median(
            rate / p["milliseconds"] / w["peak_gflops"] for p, w in zip(pytorch, weft)),
        # Time by the processors' own count, for a first look on a machine that others use too. It is no substitute
        # for a quiet machine: with more than one thread it counts waiting as work.
        "weft_processor_milliseconds": statistics.median(r["milliseconds"] * r["share"] for r in weft),
        "pytorch_processor_milliseconds": statistics.median(r["milliseconds"] * r["share"] for r in pytorch),
        # Below about 0.95 other programs took the processors away: the row says little.
        "weft_share": min(result["share"] for result in weft),
        "pytorch_share": min(result["share"] for result in pytorch),
    }


def shape_of(row):
    return shapes.Shape(row["steps"], row["batch"], row["input"], row["hidden"])


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def speedups(rows):
    """Two threads against one, by cell and shape, for Weft and PyTorch."""
    single = {(row["cell"], shape_of(row)): row for row in rows if row["threads"] == 1}
    result = []
    for row in rows:
        one = single.get((row["cell"], shape_of(row)))
        if row["threads"] == 1 or one is None:
            continue
        result.append({
            "cell": row["cell"],
            "steps": row["steps"], "batch": row["batch"], "input": row["input"], "hidden": row["hidden"],
            "threads": row["threads"],
            "weft": one["weft_milliseconds"] / row["weft_milliseconds"],
            "pytorch": one["pytorch_milliseconds"] / row["pytorch_milliseconds"],
        })
    return result


def measure_rows(compared, shape_list, cells, threads, rounds, seconds, report):
    """What `compared` finds of each cell and shape, shape by shape: `report` is called with each as it is known."""
    rows = []
    for count in threads:
        worker = PyTorchWorker(count)
        try:
            for shape in shape_list:
                for cell in cells:
                    row = compared(cell, shape, count, worker, rounds, seconds)
                    rows.append(row)
                    report(row)
        finally:
            worker.close()
    return rows


def measure(shape_list, cells=shapes.CELLS, threads=(1, 2), rounds=3, seconds=0.5, report=lambda row: None):
    """All rows in float32, and the speedups of threads."""
    rows = measure_rows(compare, shape_list, cells, threads, rounds, seconds, report)
    return {"rows": rows, "speedups": speedups(rows)}


# PyTorch's ways to train in bfloat16, and without.
MODES = ("float32", "autocast", "bfloat16")


def compare_bfloat16(cell, shape, threads, worker, rounds, seconds):
    weft, float32 = [], []
    pytorch = {mode: [] for mode in MODES}
    for _ in range(rounds):
        for mode in list(pytorch):
            try:
                answer = worker.time(shapes.PYTORCH_MODULE[cell], shape, seconds, mode)
            except Unsupported:
                del pytorch[mode]
            else:
                pytorch[mode].append(answer["milliseconds"])
        weft.append(weft_layer(cell, shape, threads, ("--precision", "bfloat16")))
        float32.append(weft_layer(cell, shape, threads)["milliseconds"])
    milliseconds = statistics.median(result["milliseconds"] for result in weft)
    medians = {mode: statistics.median(times) for mode, times in pytorch.items()}
    fastest = min(medians, key=medians.get)
    return {
        "cell": cell,
        "steps": shape.steps, "batch": shape.batch, "input": shape.input, "hidden": shape.hidden,
        "threads": threads,
        "rounds": rounds,
        "weft_milliseconds": milliseconds,
        "weft_float32_milliseconds": statistics.median(float32),
        "pytorch_milliseconds": medians,
        "pytorch_fastest": fastest,
        "ratio": medians[fastest] / milliseconds,
        "float32_ratio": statistics.median(float32) / milliseconds,
        "peak_gflops": max(result["peak_gflops"] for result in weft),
        "weft_fraction_of_peak": statistics.median(result["fraction_of_peak"] for result in weft),
    }


def measure_bfloat16(
        shape_list, cells=shapes.CELLS, threads=(1, 2), rounds=3, seconds=0.5, report=lambda row: None):
    """All rows in bfloat16."""
    return {"rows": measure_rows(compare_bfloat16, shape_list, cells, threads, rounds, seconds, report)}


BFLOAT16_HEADER = (
    f"{'cell':<16}{'shape':<24}{'threads':>7}{'PyTorch ms':>12}{'fastest':>10}{'Weft ms':>10}{'ratio':>7}"
    f"{'own float32':>13}{'peak GF/s':>11}{'Weft %':>8}")


def bfloat16_text(row):
    fastest = row["pytorch_fastest"]
    return (
        f"{row['cell']:<16}{str(shape_of(row)):<24}{row['threads']:>7}{row['pytorch_milliseconds'][fastest]:>12.2f}"
        f"{fastest:>10}{row['weft_milliseconds']:>10.2f}{row['ratio']:>7.2f}{row['float32_ratio']:>13.2f}"
        f"{row['peak_gflops']:>11.0f}{100 * row['weft_fraction_of_peak']:>8.1f}")


def bfloat16_summary(result):
    rows = result["rows"]
    return "\n".join(
        f"{name}: geometric mean {geometric_mean(row[key] for row in rows):.2f}, "
        f"minimum {min(row[key] for row in rows):.2f}, maximum {max(row[key] for row in rows):.2f}"
        for name, key in (("PyTorch's fastest mode", "ratio"), ("own float32", "float32_ratio")))


HEADER = (
    f"{'cell':<16}{'shape':<24}{'threads':>7}{'PyTorch ms':>12}{'Weft ms':>10}{'ratio':>7}"
    f"{'peak GF/s':>11}{'PyTorch %':>11}{'Weft %':>8}{'shares':>12}")


def text(row):
    return (
        f"{row['cell']:<16}{str(shape_of(row)):<24}{row['threads']:>7}{row['pytorch_milliseconds']:>12.2f}"
        f"{row['weft_milliseconds']:>10.2f}{row['ratio']:>7.2f}{row['peak_gflops']:>11.0f}"
        f"{100 * row['pytorch_fraction_of_peak']:>11.1f}{100 * row['weft_fraction_of_peak']:>8.1f}"
        f"{row['pytorch_share']:>7.2f}{row['weft_share']:>5.2f}")


def summary(result):
    lines = []
    rows = result["rows"]
    for cell in shapes.CELLS:
        for count in sorted({row["threads"] for row in rows}):
            chosen = [row["ratio"] for row in rows if row["cell"] == cell and row["threads"] == count]
            if chosen:
                lines.append(
                    f"{cell}, {count} thread{'s' if count > 1 else ''}: geometric mean of the ratios "
                    f"{geometric_mean(chosen):.2f}, minimum {min(chosen):.2f}, maximum {max(chosen):.2f}")
    for row in result["speedups"]:
        lines.append(
            f"{row['cell']:<16}{str(shape_of(row)):<24}{row['threads']} threads against 1: "
            f"Weft {row['weft']:.2f}, PyTorch {row['pytorch']:.2f}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", action="append", choices=shapes.CELLS, help="only this cell (may be repeated)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--odd", action="store_true", help="further shapes instead of the grid")
    parser.add_argument("--quick", action="store_true", help="three shapes, one round")
    parser.add_argument("--bfloat16", action="store_true", help="with operands in bfloat16")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5, help="of PyTorch steps a round (default 0.5)")
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    options = parser.parse_args()

    shape_list = shapes.ODD if options.odd else shapes.QUICK if options.quick else shapes.GRID
    rounds = 1 if options.quick else options.rounds
    arguments = (shape_list, options.cell or shapes.CELLS, options.threads, rounds, options.seconds)
    if options.bfloat16:
        print(BFLOAT16_HEADER, flush=True)
        result = measure_bfloat16(*arguments, report=lambda row: print(bfloat16_text(row), flush=True))
        print(bfloat16_summary(result))
    else:
        print(HEADER, flush=True)
        result = measure(*arguments, report=lambda row: print(text(row), flush=True))
        print(summary(result))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    sys.exit(main())
