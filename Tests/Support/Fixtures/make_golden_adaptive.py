#!/usr/bin/env python3
"""Writes golden_adaptive.h5: adaptive softmaxes by torch.nn.AdaptiveLogSoftmaxWithLoss.

    python3 make_golden_adaptive.py [FOLDER]     default: the folder of this script

States and weights are float32 numbers and everything is computed from them in float64. Matrices are transposed: their
rows are inputs.
"""

import pathlib
import sys

import h5py
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
# Inputs, classes, cutoffs, and the classes that targets are drawn from.
CASES = {
    "small": (16, 10, [4, 7], range(10)), "wide": (70, 101, [17, 40, 90], range(101)), "one": (5, 6, [1], range(6)),
    "frequent": (16, 30, [10, 20], range(10)), "rare": (16, 30, [10, 20], range(20, 30)),
}


def main(folder):
    with h5py.File(folder / "golden_adaptive.h5", "w") as file:
        for number, (name, (inputs, classes, cutoffs, chosen)) in enumerate(CASES.items()):
            torch.manual_seed(number)
            layer = torch.nn.AdaptiveLogSoftmaxWithLoss(inputs, classes, cutoffs)
            for parameter in layer.parameters():
                parameter.data.copy_(parameter.data.float().double())
            states = torch.randn(23, inputs).float().double().requires_grad_()
            targets = torch.tensor(list(chosen))[torch.randint(len(chosen), (23,))]
            result = layer(states, targets)
            (-result.output).sum().backward()
            group = file.create_group(name)
            group["states"] = states.detach().float().numpy()
            group["targets"] = targets.numpy().astype(np.int32)
            group["cutoffs"] = np.array(cutoffs, np.int32)
            group["losses"] = -result.output.detach().numpy()
            group["predicted"] = layer.predict(states.detach()).numpy().astype(np.int32)
            group["log_probabilities"] = layer.log_prob(states.detach()).detach().numpy()
            group["grad_states"] = states.grad.numpy()
            parameters = {"head": layer.head.weight}
            for cluster, (projection, output) in enumerate(layer.tail):
                parameters[f"cluster{cluster}/projection"] = projection.weight
                parameters[f"cluster{cluster}/weights"] = output.weight
            for path, parameter in parameters.items():
                group[f"parameters/{path}"] = parameter.detach().numpy().T.astype(np.float32)
                group[f"gradients/{path}"] = (
                    parameter.grad.numpy().T if parameter.grad is not None else np.zeros(parameter.T.shape))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent))
