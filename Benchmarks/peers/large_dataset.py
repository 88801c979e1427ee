#!/usr/bin/env python3
"""One shuffled epoch over a compressed dataset that is larger than memory may be: peak memory, and how long the
trainer waits for data.

The dataset is made of a few compressed chunks that are written again and again, so that making it takes no longer
than the disk does; Weft decodes every one of them.
"""

import argparse
import json
import re
import tempfile
from pathlib import Path

from processes import WEFT, run

STEPS, FEATURES, CHUNK = 200, 64, 16
CHUNK_BYTES = CHUNK * STEPS * FEATURES * 4
DISTINCT_CHUNKS = 32
MEMORY_LIMIT = 400 << 20
WAITING_LIMIT = 0.02

CONFIGURATION = """\
data:
  file: {file}
model:
  cell: lstm
  hidden: {hidden}
  output: last-step
training:
  batch: 64
  epochs: 1
  log_every: 1000000
"""


def write(path, gigabytes):
    """`train/inputs` [sequences, 200, 64], gzip and shuffle; a class out of four for each sequence."""
    import h5py
    import numpy

    chunks = int(gigabytes * 1e9) // CHUNK_BYTES
    generator = numpy.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, h5py.File(Path(folder) / "few.h5", "w") as few:
        steps = generator.normal(size=(DISTINCT_CHUNKS * CHUNK, STEPS, FEATURES))
        values = numpy.round(numpy.cumsum(steps, axis=1) / 10, 2).astype("float32")
        source = few.create_dataset(
            "values", data=values, chunks=(CHUNK, STEPS, FEATURES), compression="gzip", compression_opts=4,
            shuffle=True)
        compressed = [source.id.read_direct_chunk((CHUNK * number, 0, 0)) for number in range(DISTINCT_CHUNKS)]
        with h5py.File(path, "w", libver="v110") as file:
            inputs = file.create_dataset(
                "train/inputs", shape=(chunks * CHUNK, STEPS, FEATURES), dtype="float32",
                chunks=(CHUNK, STEPS, FEATURES), compression="gzip", compression_opts=4, shuffle=True)
            for number in range(chunks):
                mask, content = compressed[number % DISTINCT_CHUNKS]
                inputs.id.write_direct_chunk((CHUNK * number, 0, 0), content, mask)
            classes = values[:, -1, :4].argmax(axis=1).astype("int8")
            file["train/targets"] = numpy.resize(classes, chunks * CHUNK)
            file["classes"] = ["a", "b", "c", "d"]
    return chunks * CHUNK


def measure(gigabytes=12, threads=2, hidden=64, folder=None):
    with tempfile.TemporaryDirectory(prefix="weft-large-", dir=folder) as place:
        data, configuration = Path(place) / "large.h5", Path(place) / "large.yaml"
        sequences = write(data, gigabytes)
        configuration.write_text(CONFIGURATION.format(file=data, hidden=hidden))
        finished = run([
            WEFT, "train", configuration, "--output", Path(place) / "run", "--threads", threads, "--profile"], threads)
        phases = {
            name: (float(seconds), float(share) / 100)
            for name, seconds, share in re.findall(r"^(\S.*?) +([\d.]+) s +([\d.]+)%$", finished.output, re.MULTILINE)
        }
        return {
            "bytes": sequences * STEPS * FEATURES * 4, "stored_bytes": data.stat().st_size, "sequences": sequences,
            "hidden": hidden, "threads": threads, "seconds": finished.seconds, "peak_bytes": finished.peak_bytes,
            "memory_limit": MEMORY_LIMIT, "waiting_limit": WAITING_LIMIT,
            "waiting_share": phases["waiting for data"][1], "phases": phases,
        }


def text(result):
    return (
        f"{result['bytes'] / 1e9:.1f} GB of values ({result['stored_bytes'] / 1e9:.1f} GB stored), LSTM "
        f"{result['hidden']}, {result['threads']} threads: {result['seconds']:.0f} s, "
        f"{result['bytes'] / 1e6 / result['seconds']:.0f} MB/s, {result['peak_bytes'] / 2**20:.0f} MiB at most, "
        f"{100 * result['waiting_share']:.1f} % of the time waiting for data")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--folder", help="where the dataset is made, and removed again")
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    options = parser.parse_args()
    result = measure(options.gigabytes, options.threads, options.hidden, options.folder)
    print(text(result))
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
