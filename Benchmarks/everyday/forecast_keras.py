# A year of a monthly series, with intervals of 80%.
import keras
import numpy as np
import pandas
from keras import ops

LEVELS = np.array([0.1, 0.5, 0.9], "float32")


def quantile_loss(targets, quantiles):
    errors = targets[..., None] - quantiles
    return ops.mean(ops.maximum(LEVELS * errors, (LEVELS - 1) * errors), axis=(1, 2))


def windows(series):
    """Changes from the last value of the context, relative to it."""
    cut = np.lib.stride_tricks.sliding_window_view(series, 36)
    changes = cut / cut[:, 23:24] - 1
    return changes[:, :24, None], changes[:, 24:]


def main():
    keras.utils.set_random_seed(1)
    series = pandas.read_csv("sales.csv")["sales"].to_numpy("float32")
    model = keras.Sequential([
        keras.layers.GRU(32),
        keras.layers.Dense(12 * 3),
        keras.layers.Reshape((12, 3)),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=quantile_loss)
    best = keras.callbacks.EarlyStopping(patience=50, restore_best_weights=True)
    model.fit(
        *windows(series[:192]), validation_data=windows(series[168:]), epochs=300, callbacks=[best], verbose=2
    )
    level = series[-1]
    quantiles = level * (1 + model.predict(series[None, -24:, None] / level - 1)[0])
    pandas.DataFrame(quantiles, columns=["low", "median", "high"]).to_csv("forecast.csv", index=False)


if __name__ == "__main__":
    main()
