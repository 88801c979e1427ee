"""A dataset of any size, larger than the memory that a run may use for it: sequences of stored and compressed features."""

import numpy
import h5py

STEPS, FEATURES, CHUNK, CLASSES = 16, 256, 32, 4
# Distinct chunks; compressing each chunk of a large file would take longer than the training.
VARIANTS = 61
CONFIGURATION = """\
data: {file: soak.h5, inputs: [stored, compressed], memory_budget: 16MiB}
model: {cell: gru, hidden: 8, output: last-step, output_size: 4}
training:
  {batch: 64, lanes: 8, evaluate_every: 1000, checkpoint_every: 50, log_every: 10, gradient_flow_every: 50, keep: 3}
"""


def write(path, gigabytes):
    """Writes the file, and returns its size in bytes."""
    random = numpy.random.default_rng(1)
    with h5py.File(path, "w") as file:
        bytes_per_chunk = _write_split(file, "validation", 8, random)
        _write_split(file, "train", max(24, round(gigabytes * 1e9 / bytes_per_chunk)), random)
        file.flush()
        return file.id.get_filesize()


def _write_split(file, name, chunks, random):
    """Writes a number of chunks, and returns the bytes that each takes."""
    group, count = file.create_group(name), chunks * CHUNK
    labels = random.integers(CLASSES, size=count)
    group["targets"] = labels.astype("u1")
    shape, chunk = (count, STEPS, FEATURES), (CHUNK, STEPS, FEATURES)
    stored = group.create_dataset("stored", shape, "<f4", chunks=chunk)
    compressed = group.create_dataset("compressed", shape, "<i2", chunks=chunk, compression=1, shuffle=True)
    parts = []
    for _ in range(min(VARIANTS, chunks)):
        parts.append(random.standard_normal(chunk, "f4"))
        compressed[:CHUNK] = random.normal(0, 20, chunk).round()
        file.flush()
        parts[-1] = (parts[-1], compressed.id.read_direct_chunk((0, 0, 0))[1])
    for number in range(chunks):
        values, packed = parts[number % len(parts)]
        # The label can be learned from one feature; it also makes equal chunks differ.
        values[:, :, 0] = labels[number * CHUNK:(number + 1) * CHUNK, None]
        stored.id.write_direct_chunk((number * CHUNK, 0, 0), values.tobytes())
        compressed.id.write_direct_chunk((number * CHUNK, 0, 0), packed)
    return (stored.id.get_storage_size() + compressed.id.get_storage_size()) / chunks
