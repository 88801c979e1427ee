#!/usr/bin/env python3
"""Writes golden_sequences.h5: losses of alignments and distributions, and pooling over time, from PyTorch.

    python3 make_golden_sequences.py [FOLDER]     default: the folder of this script

As make_golden.py, whose functions it uses: numbers that float32 holds exactly, results in float64.
Needs scikit-learn beside its packages, for the pinball loss.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import mean_pinball_loss

from make_golden import create, generator, normal, put, put_attributes

# --- Connectionist temporal classification --------------------------------------


def ctc_case(file, name, lengths, labels, classes, blank, scale=2.0, ruled_out=None):
    """`labels` holds a list for each sequence; `ruled_out` a class whose probability underflows to zero."""
    rng = generator("ctc_" + name)
    logits = normal(rng, max(lengths), len(lengths), classes, scale=scale)
    if ruled_out is not None:
        logits[:, :, ruled_out] = -1e4
    logits.requires_grad_()
    targets = torch.tensor([label for row in labels for label in row], dtype=torch.int64)
    arguments = (targets, torch.tensor(lengths), torch.tensor([len(row) for row in labels]))
    # Without an alignment, the loss is stored as infinite and its gradient as zero.
    losses = F.ctc_loss(logits.log_softmax(-1), *arguments, blank=blank, reduction="none")
    F.ctc_loss(logits.log_softmax(-1), *arguments, blank=blank, reduction="sum",
               zero_infinity=True).backward()
    group = file.create_group("ctc_" + name)
    put_attributes(group, blank=blank, lengths=lengths)
    put(group, "logits", logits)
    put(group, "labels", targets, np.int32)
    put(group, "label_lengths", [len(row) for row in labels], np.int32)
    put(group, "losses", losses, np.float64)
    put(group, "grad_logits", logits.grad)


def write_ctc(file):
    some = [[3, 1, 4], [1, 5], [2, 2], [1]]
    ctc_case(file, "blank_first", [9, 7, 5, 2], some, 6, 0)
    ctc_case(file, "blank_last", [9, 7, 5, 2], some, 7, 6)
    ctc_case(file, "blank_amid", [9, 7, 5, 2], [[4, 1, 5], [1, 5], [2, 2], [1]], 6, 3)
    ctc_case(file, "repeated", [12, 9, 7, 6], [[1, 1, 1, 1], [2, 2, 3, 3, 2], [1, 1, 1, 1], [2, 2, 2]], 4, 0)
    ctc_case(file, "empty", [8, 5, 3, 1], [[], [1, 2], [], []], 5, 0)
    ctc_case(file, "tight", [5, 4, 3, 1], [[1, 2, 3, 4, 1], [1, 1, 2], [1, 2, 1], [3]], 5, 0)
    ctc_case(file, "infeasible", [6, 4, 3, 1],
             [[1, 1, 1, 1], [1, 2, 3], [1, 1, 2], [1, 2]], 5, 0)
    ctc_case(file, "certain", [40, 33, 20, 7], [[1, 2, 3, 4, 1, 2], [2, 2], [3], []], 5, 0, scale=30)
    ctc_case(file, "ruled_out", [9, 7, 5, 3], [[1, 2], [3, 3], [4, 1], [2]], 6, 0, ruled_out=5)
    rng = generator("ctc_long labels")
    labels = [torch.randint(1, 40, (count,), generator=rng).tolist() for count in (60, 41, 17)]
    ctc_case(file, "long", [160, 101, 50], labels, 40, 0)


# --- Distributions ----------------------------------------------------------------

def distribution_case(file, name, blocks, log_likelihood, **attributes):
    ROWS, WIDTH = 11, 13
    rng = generator(name)
    predictions = normal(rng, ROWS, blocks * WIDTH, scale=2)
    if name == "student":
        predictions[:, 2 * WIDTH:] *= 4                 # degrees of freedom near 2 and near 20
    predictions[0, :2] += 30                            # outliers
    predictions.requires_grad_()
    targets = normal(rng, ROWS, WIDTH, scale=2)
    known = torch.rand(ROWS, WIDTH, generator=rng) < 0.8
    losses = -log_likelihood(predictions.split(WIDTH, -1), targets)
    row_losses = torch.where(known, losses, 0).sum(-1)
    row_losses.sum().backward()
    group = file.create_group(name)
    put_attributes(group, width=WIDTH, counted=int(known.sum()), **attributes)
    put(group, "predictions", predictions)
    put(group, "targets", torch.where(known, targets, torch.nan))
    put(group, "row_losses", row_losses, np.float64)
    put(group, "grad_predictions", predictions.grad)


def gaussian(blocks, targets):
    mean, deviation = blocks[0], F.softplus(blocks[1]) + 1e-4
    result = torch.distributions.Normal(mean, deviation).log_prob(targets)
    other = F.gaussian_nll_loss(mean, targets, deviation ** 2, full=True, eps=0, reduction="none")
    assert torch.allclose(-result, other, rtol=1e-12, atol=1e-12)
    return result


def student(blocks, targets):
    return torch.distributions.StudentT(
        2 + F.softplus(blocks[2]), blocks[0], F.softplus(blocks[1]) + 1e-4).log_prob(targets)


def pinball(levels):
    def loss(blocks, targets):
        total = 0
        for level, block in zip(levels, blocks):
            difference = targets - block
            one = torch.maximum(level * difference, (level - 1) * difference)
            expected = mean_pinball_loss(
                targets.flatten(), block.detach().flatten(), alpha=level)
            assert abs(one.mean().item() - expected) < 1e-12
            total = total - one
        return total
    return loss


# --- Pooling over time ------------------------------------------------------------

def pooling_case(file, name):
    """Additive attention with one query: softmax over t of v . tanh(W h_t + b)."""
    T, B, H, A = 9, 5, 7, 6
    lengths = [9, 8, 4, 4, 1]
    rng = generator("pooling_" + name)
    states = normal(rng, T, B, H).requires_grad_()
    p = dict(weights=normal(rng, H, A), bias=normal(rng, 1, A), score=normal(rng, A, 1))
    for value in p.values():
        value.requires_grad_()
    counted = (torch.arange(T)[:, None] < torch.tensor(lengths)[None, :])
    if name == "attention":
        scores = (torch.tanh(states @ p["weights"] + p["bias"]) @ p["score"]).squeeze(-1)
        shares = torch.where(counted, scores, -torch.inf).softmax(0)
    else:
        p = {}
        shares = counted / torch.tensor(lengths)
    pooled = (shares[:, :, None] * states).sum(0)
    R = normal(rng, B, H)
    (pooled * R).sum().backward()
    group = file.create_group("pooling_" + name)
    put_attributes(group, lengths=lengths)
    put(group, "states", states)
    put(group, "R", R)
    put(group, "pooled", pooled)
    put(group, "shares", shares)
    put(group, "grad_states", states.grad)
    for key, value in p.items():
        put(group, key, value)
        put(group, "grad_" + key, value.grad)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.parent
    with create(folder / "golden_sequences.h5") as file:
        write_ctc(file)
        distribution_case(file, "gaussian", 2, gaussian)
        distribution_case(file, "student", 3, student)
        levels = [0.1, 0.5, 0.75]
        distribution_case(file, "quantile", 3, pinball(levels), levels=np.array(levels))
        pooling_case(file, "mean")
        pooling_case(file, "attention")


if __name__ == "__main__":
    main()
