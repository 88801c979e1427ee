#!/usr/bin/env python3
"""Writes golden_crf.h5: conditional random fields by pytorch-crf 0.7.2.

    python3 make_golden_crf.py [FOLDER]     default: the folder of this script

Scores are float32 numbers and everything is computed from them in float64. A
case has sequences of T steps and fewer, in descending order of length; `logits`
and their gradient are [T, rows, classes], with zeros after the end of a row.
"""

import pathlib
import sys

import h5py
import numpy as np
import torch
from torchcrf import CRF

torch.set_default_dtype(torch.float64)
CASES = {"small": ([4, 3, 3, 1], 3), "wide": ([9, 7, 2], 19), "pair": ([6, 6, 5], 2), "one": ([3, 2], 1)}


def main(folder):
    with h5py.File(folder / "golden_crf.h5", "w") as file:
        for number, (name, (lengths, classes)) in enumerate(CASES.items()):
            torch.manual_seed(number)
            steps, rows = lengths[0], len(lengths)
            field = CRF(classes)
            for parameter in field.parameters():
                torch.nn.init.normal_(parameter, std=1.5).data.copy_(parameter.data.float().double())
            logits = (2 * torch.randn(steps, rows, classes)).float().double().requires_grad_()
            tags = torch.randint(classes, (steps, rows))
            mask = torch.arange(steps)[:, None] < torch.tensor(lengths)[None]
            # The loss is minus the log-likelihood, summed over all steps of all rows.
            likelihoods = field(logits, tags, mask=mask, reduction="none")
            (-likelihoods.sum()).backward()
            paths = np.full((steps, rows), -1, np.int32)
            for row, path in enumerate(field.decode(logits, mask=mask)):
                paths[: len(path), row] = path
            group = file.create_group(name)
            group["lengths"] = np.array(lengths, np.int32)
            group["logits"] = logits.detach().float().numpy()
            group["targets"] = tags.numpy().astype(np.int32)
            group["paths"] = paths
            group["losses"] = -likelihoods.detach().numpy()
            group["grad_logits"] = logits.grad.numpy()

            def rows_of(kind):
                values = [getattr(parameter, kind).detach() if kind == "data" else parameter.grad for parameter in
                          (field.transitions, field.start_transitions, field.end_transitions)]
                return torch.cat([values[0], values[1][None], values[2][None]]).numpy()

            group["transitions"] = rows_of("data").astype(np.float32)
            group["grad_transitions"] = rows_of("grad")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent))
