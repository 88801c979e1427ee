#!/usr/bin/env python3
"""Reading a dataset in minibatches: Weft beside h5py, on chunks compressed and not, in order and shuffled."""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from processes import FOLDER, WEFT, run

SEQUENCES, STEPS, FEATURES, CHUNK, BATCH = 4000, 200, 64, 16, 64
STORAGES = {
    "gzip 4, shuffle": dict(compression="gzip", compression_opts=4, shuffle=True),
    "uncompressed": {},
}
HEADER = f"{'storage':<16} {'order':<9} {'h5py MB/s':>10} {'Weft MB/s':>10} {'ratio':>7} {'decoding':>9} {'peak MiB':>9}"


def random_walk(numpy):
    """Values that compress as measurements do: a random walk, rounded to two decimals."""
    steps = numpy.random.default_rng(0).normal(size=(SEQUENCES, STEPS, FEATURES))
    return numpy.round(numpy.cumsum(steps, axis=1), 2).astype("float32")


def write(folder):
    import h5py
    import numpy

    values = random_walk(numpy)
    paths = {}
    for number, (name, options) in enumerate(STORAGES.items()):
        paths[name] = Path(folder) / f"data-{number}.h5"
        with h5py.File(paths[name], "w") as file:
            file.create_dataset("x", data=values, chunks=(CHUNK, STEPS, FEATURES), **options)
    return paths


def measure(rounds=5, threads=2, report=None):
    rows = []
    with tempfile.TemporaryDirectory(prefix="weft-peers-") as folder:
        for storage, path in write(folder).items():
            ours, theirs = [], []
            for _ in range(rounds):
                finished = run([
                    sys.executable, FOLDER / "data_peer.py", path, BATCH, 3], threads)
                theirs.append(json.loads(finished.output))
                finished = run([
                    WEFT, "bench", "data", path, "--batch", BATCH, "--threads", threads, "--rounds", 3, "--json"],
                    threads)
                ours.append(json.loads(finished.output))
            for order, weft_order in (("in_order", "sequential"), ("shuffled", "shuffled")):
                weft = statistics.median(result[weft_order]["megabytes_per_second"] for result in ours)
                h5py = statistics.median(result[order] for result in theirs)
                row = {
                    "storage": storage, "order": order.replace("_", " "), "threads": threads,
                    "weft_megabytes_per_second": weft, "h5py_megabytes_per_second": h5py, "ratio": weft / h5py,
                    "decode_share": statistics.median(result[weft_order]["decode_share"] for result in ours),
                    "weft_peak_bytes": max(result["peak_memory_bytes"] for result in ours),
                    "h5py": theirs[0]["h5py"], "hdf5": theirs[0]["hdf5"],
                }
                rows.append(row)
                if report:
                    report(row)
    return {
        "rows": rows, "shape": [SEQUENCES, STEPS, FEATURES], "chunk": CHUNK, "batch": BATCH, "rounds": rounds}


def text(row):
    return (
        f"{row['storage']:<16} {row['order']:<9} {row['h5py_megabytes_per_second']:>10.1f} "
        f"{row['weft_megabytes_per_second']:>10.1f} {row['ratio']:>6.2f}x {100 * row['decode_share']:>7.0f} % "
        f"{row['weft_peak_bytes'] / 2**20:>9.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    options = parser.parse_args()
    print(HEADER)
    result = measure(options.rounds, options.threads, report=lambda row: print(text(row), flush=True))
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
