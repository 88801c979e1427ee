"""Times h5py's reading of a file's dataset `x` in batches of sequences; prints JSON. A process of its own."""

import json
import sys
import time

import h5py
import numpy


def in_order(dataset, batch):
    for first in range(0, len(dataset), batch):
        dataset[first:first + batch]
    return len(dataset)


def shuffled(dataset, batch, seconds):
    """As much of an epoch as `seconds` allow. h5py wants indices in ascending order."""
    order = numpy.random.default_rng(1).permutation(len(dataset))
    start = time.perf_counter()
    count = 0
    for first in range(0, len(dataset), batch):
        indices = numpy.sort(order[first:first + batch])
        count += len(dataset[indices])
        if time.perf_counter() - start > seconds:
            break
    return count


def main():
    path, batch, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with h5py.File(path) as file:
        dataset = file["x"]
        bytes_per_sequence = dataset.dtype.itemsize * dataset[0].size
        result = {"h5py": h5py.__version__, "hdf5": h5py.version.hdf5_version}
        for name, read in (("in_order", lambda: in_order(dataset, batch)),
                           ("shuffled", lambda: shuffled(dataset, batch, seconds))):
            start = time.perf_counter()
            count = read()
            result[name] = count * bytes_per_sequence / 1e6 / (time.perf_counter() - start)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
