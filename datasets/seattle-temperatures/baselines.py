#!/usr/bin/env python3
"""What the forecasts are compared with: mean absolute errors over the same windows, 24 hours from every 24th on.

Seasonal naive repeats the last day. The linear autoregression is fitted by least squares to all windows of the training
split, one set of weights for each hour ahead, over the temperatures of as many hours as the model sees, and the same
calendar; its ridge penalty is the best of a few on the validation split. Its 80% interval is from the 10% to the 90%
quantile of its errors in training, for each hour ahead.
"""

import pathlib

import h5py
import numpy as np

CONTEXT, HORIZON, DAY = 24, 24, 24


def windows(group, spacing):
    """Temperatures before, calendar and temperatures after, of windows that lie within a block."""
    calendar = group["calendar"][:].astype(float)
    temperature = group["temperature"][:, 0].astype(float)
    before = temperature - group["change"][:, 0]
    offsets = group["offsets"][:]
    starts = [s for a, b in zip(offsets, offsets[1:]) for s in range(a, b - CONTEXT - HORIZON + 1, spacing)]
    # The model sees changes from the day before, so a day more than its context.
    inputs = np.array([np.r_[before[s:s + DAY], temperature[s:s + CONTEXT]] for s in starts])
    known = np.array([calendar[s + CONTEXT] for s in starts])
    targets = np.array([temperature[s + CONTEXT:s + CONTEXT + HORIZON] for s in starts])
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
    penalties = (1e-6, 1e-4, 1e-2, 1, 10, 100)
    fits = [np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ scaled) for ridge in penalties]
    forecast = lambda weights, part: features(part) @ weights * deviation + mean
    error = lambda weights, part: np.abs(forecast(weights, part) - part[2]).mean()
    best = min(fits, key=lambda weights: error(weights, validation))
    lower, upper = np.quantile(train[2] - forecast(best, train), [0.1, 0.9], axis=0)
    for name, part in (("validation", validation), ("test", test)):
        errors = part[2] - forecast(best, part)
        print(f"{name}: {len(part[0])} windows")
        print(f"  seasonal naive         {np.abs(part[0][:, -DAY:] - part[2]).mean():.4f} °F")
        print(f"  linear autoregression  {np.abs(errors).mean():.4f} °F, 80% interval holds "
              f"{100 * ((lower <= errors) & (errors <= upper)).mean():.1f}%")


if __name__ == "__main__":
    main()
