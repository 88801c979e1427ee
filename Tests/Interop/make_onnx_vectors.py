"""Collects the test vectors of the RNN, GRU and LSTM operators that the onnx package holds.

    make_onnx_vectors.py FILE.h5

Each becomes a group: `model`, the bytes of its model; `inputs/NAME` and `outputs/NAME`.
"""

import sys
import warnings

import h5py
import numpy
from onnx.backend.test.case.node import collect_testcases


# The package computes vectors of all its operators, some of them on purpose beyond what numbers hold.
warnings.simplefilter("ignore")


def main(path):
    with h5py.File(path, "w") as file:
        for case in sorted(collect_testcases(None), key=lambda case: case.name):
            nodes = {node.op_type for node in case.model.graph.node}
            if not nodes & {"LSTM", "GRU", "RNN"}:
                continue
            group = file.create_group(case.name)
            group["model"] = numpy.frombuffer(case.model.SerializeToString(), numpy.uint8)
            inputs, outputs = case.data_sets[0]
            for values, array in zip(case.model.graph.input, inputs):
                group[f"inputs/{values.name}"] = array
            for values, array in zip(case.model.graph.output, outputs):
                group[f"outputs/{values.name}"] = array


if __name__ == "__main__":
    main(sys.argv[1])
