"""Makes the files of other programs that Weft reads; see ForeignFileTests.swift.

pip install numpy h5py tables netCDF4 hdf5storage; python make_foreign.py

Feature f of step t of sequence s is 100 s + 10 t + f, and the class of sequence s is s modulo 3.
"""

from pathlib import Path

import h5py
import hdf5storage
import netCDF4
import numpy as np
import tables

FOLDER = Path(__file__).parent
SEQUENCES, STEPS, FEATURES = 7, 5, 3
s, t, f = np.meshgrid(np.arange(SEQUENCES), np.arange(STEPS), np.arange(FEATURES), indexing="ij")
VALUES = 100 * s + 10 * t + f
CLASSES = np.arange(SEQUENCES) % 3


def pytables():
    filters = tables.Filters(complevel=5, complib="zlib", shuffle=True, fletcher32=True)
    with tables.open_file(FOLDER / "pytables.h5", "w") as file:
        features = file.create_earray(
            "/", "features", tables.Float32Atom(), (0, STEPS, FEATURES), filters=filters, chunkshape=(2, STEPS, FEATURES))
        for row in VALUES:
            features.append(row[np.newaxis].astype("float32"))
        file.create_carray("/", "labels", obj=CLASSES.astype("int16"), filters=filters)
        group = file.create_group("/", "ragged")
        # Sequence s has its first s % 5 + 1 steps.
        lengths = np.arange(SEQUENCES) % 5 + 1
        file.create_array(group, "offsets", np.concatenate([[0], np.cumsum(lengths)]))
        steps = np.concatenate([VALUES[s, :n] for s, n in enumerate(lengths)])
        file.create_carray(
            group, "values", obj=steps.astype("float64"), filters=tables.Filters(complevel=0), chunkshape=(4, 2))


def netcdf():
    with netCDF4.Dataset(FOLDER / "netcdf.nc", "w") as file:
        for name, size in (("sequence", None), ("time", STEPS), ("feature", FEATURES)):
            file.createDimension(name, size)
        features = file.createVariable(
            "features", "f4", ("sequence", "time", "feature"), zlib=True, complevel=4, shuffle=True, fletcher32=True,
            chunksizes=(3, 2, 3))
        features.units = "K"
        features[:] = VALUES
        first = file.createVariable("first", "i2", ("sequence", "time"), endian="big", zlib=True, chunksizes=(4, 5))
        first[:] = VALUES[:, :, 0]
        others = file.createVariable("others", "f8", ("sequence", "time", "feature"), endian="big")
        others[:] = VALUES
        file.createVariable("labels", "i4", ("sequence",))[:] = CLASSES


def matlab():
    # MATLAB's first dimension lies innermost: the file has [sequences, steps, features], and a user block of 512 bytes.
    path = FOLDER / "matlab.mat"
    path.unlink(missing_ok=True)
    hdf5storage.savemat(
        str(path),
        {"features": VALUES.transpose(2, 1, 0).astype("float64"), "labels": CLASSES.astype("float64")[:, np.newaxis],
         "rows": CLASSES.astype("uint8")[np.newaxis], "durations": (np.arange(SEQUENCES) % 5 + 1.0)[:, np.newaxis]},
        format="7.3", store_python_metadata=False, appendmat=False)


def several():
    # The third has another number of features.
    for name, rows, features in (("part-1.h5", slice(0, 3), 3), ("part-2.h5", slice(3, 7), 3), ("odd-3.h5", slice(0, 2), 2)):
        with h5py.File(FOLDER / name, "w") as file:
            file.create_dataset(
                "train/inputs", data=VALUES[rows, :, :features].astype(">f2" if name == "part-2.h5" else "f4"),
                chunks=(2, 5, 2), compression="gzip")
            file["train/targets"] = CLASSES[rows]
            file["classes"] = ["a", "b", "c"]


for make in (pytables, netcdf, matlab, several):
    make()
