#!/usr/bin/env python3
"""What the forecasts are compared with: mean absolute errors over the same windows, 24 hours from every 24th on.

Seasonal naive repeats the last day. The linear autoregression is fitted by least squares to all windows of the training
split, one set of weights for each hour ahead, over the same context and calendar as the model, standardised alike; its
ridge penalty is the best of a few on the validation split.
"""

import pathlib

import h5py
import numpy as np

CONTEXT, HORIZON = 72, 24


def windows(group, spacing):
    values, calendar = group["temperature"][:, 0].astype(float), group["calendar"][:].astype(float)
    starts = range(0, len(values) - CONTEXT - HORIZON + 1, spacing)
    inputs = np.array([values[s:s + CONTEXT] for s in starts])
    known = np.array([calendar[s + CONTEXT] for s in starts])
    targets = np.array([values[s + CONTEXT:s + CONTEXT + HORIZON] for s in starts])
    return inputs, known, targets


def main():
    with h5py.File(pathlib.Path(__file__).parent / "seattle-temperatures.h5") as file:
        train = windows(file["train"], 1)
        validation, test = windows(file["validation"], HORIZON), windows(file["test"], HORIZON)
        series = file["train/temperature"][:, 0].astype(float)
    mean, deviation = series.mean(), series.std()
    features = lambda part: np.column_stack([(part[0] - mean) / deviation, part[1], np.ones(len(part[1]))])
    scaled = (train[2] - mean) / deviation
    x = features(train)
    fits = [np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ scaled) for ridge in (1e-6, 1, 10, 100, 1000)]
    error = lambda weights, part: np.abs(features(part) @ weights * deviation + mean - part[2]).mean()
    best = min(fits, key=lambda weights: error(weights, validation))
    for name, part in (("validation", validation), ("test", test)):
        print(f"{name}: {len(part[0])} windows")
        print(f"  seasonal naive         {np.abs(part[0][:, -24:] - part[2]).mean():.4f} °F")
        print(f"  linear autoregression  {error(best, part):.4f} °F")


if __name__ == "__main__":
    main()
