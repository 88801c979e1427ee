#!/usr/bin/env python3
"""What detection is compared with: moving z-scores, of the series and of its changes from step to step.

Windows and smoothing are the best of a few **on the test itself**, which no detector may choose; metrics are
scikit-learn's.
"""

import pathlib

import h5py
import numpy as np
from sklearn.metrics import precision_recall_curve, roc_auc_score

WINDOWS, SMOOTHINGS = (10, 25, 50, 100, 200, 400), (1, 5, 15)


def moving_z_scores(series, window):
    """How many deviations each step is off the mean of the steps before it."""
    scores = np.zeros(len(series))
    for step in range(2, len(series)):
        before = series[max(0, step - window):step]
        deviation = before.std()
        scores[step] = abs(series[step] - before.mean()) / deviation if deviation > 0 else 0
    return scores


def smoothed(scores, window):
    return np.convolve(scores, np.ones(window) / window, mode="same")


def best_f1(labels, scores):
    precision, recall, _ = precision_recall_curve(labels, scores)
    return np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))


def main():
    with h5py.File(pathlib.Path(__file__).parent / "blood-pressure.h5") as file:
        series, labels = file["test/inputs"][:, 0].astype(float), file["test/labels"][:]
    for name, values in (("of the series", series), ("of its changes", np.diff(series, prepend=series[0]))):
        found = []
        for window in WINDOWS:
            scores = moving_z_scores(values, window)
            for smoothing in SMOOTHINGS:
                own = smoothed(scores, smoothing)
                found.append((best_f1(labels, own), roc_auc_score(labels, own), window, smoothing))
        f1, _, window, smoothing = max(found)
        area = max(entry[1] for entry in found)
        print(f"moving z-score {name}: best ROC-AUC {area:.4f}, best F1 {f1:.4f} (window {window}, smoothing {smoothing})")


if __name__ == "__main__":
    main()
