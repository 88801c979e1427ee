#!/usr/bin/env python3
"""Makes the files beside it: one sparse matrix in the forms of SciPy, AnnData, 10x Genomics and MATLAB, and as an array.

Needs scipy and h5py from PyPI; scipy 1.17 and h5py 3 give the same files.
"""

import pathlib

import h5py
import numpy as np
import scipy.sparse

HERE = pathlib.Path(__file__).parent
MATRIX = scipy.sparse.random(12, 7, 0.3, "csr", random_state=1, dtype=np.float32)
MATRIX.data[:] = np.arange(1, len(MATRIX.data) + 1)

np.save(HERE / "dense.npy", MATRIX.toarray())
for name in ("csr", "csc", "coo", "bsr"):
    scipy.sparse.save_npz(HERE / f"{name}.npz", MATRIX.asformat(name))

with h5py.File(HERE / "sparse.h5", "w") as file:

    def put(name, matrix, kind=None):
        group = file.create_group(name)
        if kind:
            group.attrs["encoding-type"] = kind
            group.attrs["shape"] = matrix.shape
        group["data"], group["indices"], group["indptr"] = matrix.data, matrix.indices, matrix.indptr
        return group

    put("X", MATRIX, "csr_matrix")
    put("layers/columns", MATRIX.tocsc(), "csc_matrix")
    put("unknown", MATRIX)
    tenx = put("matrix", MATRIX)
    tenx["shape"], tenx["barcodes"] = [7, 12], np.array([b"A"] * 12)
    # Columns of MATLAB are rows of the file.
    transposed = MATRIX.T.tocsc()
    group = file.create_group("S")
    group.attrs["MATLAB_sparse"] = np.uint64(7)
    group["data"], group["ir"], group["jc"] = transposed.data, transposed.indices, transposed.indptr
    kind = file.create_group("obs/kind")
    kind["categories"], kind["codes"] = np.array(["T", "B"], object), (np.arange(12) % 2).astype("i1")
