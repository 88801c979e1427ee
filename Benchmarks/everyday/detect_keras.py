# Anomalies of a sensor, by a model of good readings.
import keras
import numpy as np
import pandas
from keras import ops


def density_loss(targets, outputs):
    """-ln of the normal density, up to a constant."""
    mean, log_deviation = outputs[..., 0], outputs[..., 1]
    return 0.5 * ops.square((targets - mean) / ops.exp(log_deviation)) + log_deviation


def main():
    keras.utils.set_random_seed(1)
    good = pandas.read_csv("readings.csv")["value"].to_numpy("float32")
    watched = pandas.read_csv("watched.csv")["value"].to_numpy("float32")
    mean, deviation = good.mean(), good.std()
    windows = np.lib.stride_tricks.sliding_window_view((good - mean) / deviation, 101)[::10]
    model = keras.Sequential([keras.layers.LSTM(32, return_sequences=True), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Adam(0.01, clipnorm=1), loss=density_loss)
    model.fit(windows[:, :-1, None], windows[:, 1:], batch_size=16, epochs=10, verbose=2)
    values = (watched - mean) / deviation
    scores = density_loss(values[None, 1:], model.predict(values[None, :-1, None]))[0]
    table = pandas.DataFrame({"step": range(1, len(watched)), "score": ops.convert_to_numpy(scores)})
    table.to_csv("scores.csv", index=False)


if __name__ == "__main__":
    main()
