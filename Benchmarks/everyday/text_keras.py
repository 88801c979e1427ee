# A character model: bits per character of a new play, and new text.
import json
import math

import keras
import numpy as np


def windows(text, index):
    tokens = np.array([index.get(letter, 0) for letter in text])
    count = (len(tokens) - 1) // 100
    return tokens[: 100 * count].reshape(count, 100), tokens[1 : 100 * count + 1].reshape(count, 100)


def network(size, batch_shape=(None, 100), stateful=False):
    return keras.Sequential([
        keras.Input(batch_shape=batch_shape, dtype="int32"),
        keras.layers.Embedding(size, 32),
        keras.layers.LSTM(128, return_sequences=True, stateful=stateful),
        keras.layers.Dense(size),
    ])


def main():
    keras.utils.set_random_seed(1)
    text = open("plays.txt").read()
    letters = sorted(set(text))
    index = {letter: number for number, letter in enumerate(letters)}
    model = network(len(letters))
    model.compile(
        optimizer=keras.optimizers.Adam(0.005, clipnorm=1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(*windows(text, index), batch_size=32, epochs=5, verbose=2)
    loss = model.evaluate(*windows(open("play.txt").read(), index), verbose=0)
    json.dump({"bits_per_token": loss / math.log(2)}, open("metrics.json", "w"))
    writer = network(len(letters), batch_shape=(1, 1), stateful=True)
    writer.set_weights(model.get_weights())
    random = np.random.default_rng(1)
    written = "The "
    for position in range(303):
        logits = writer.predict_on_batch(np.array([[index[written[position]]]]))[0, 0] / 0.8
        if position >= 3:
            probabilities = np.exp(logits - logits.max(), dtype="float64")
            written += random.choice(letters, p=probabilities / probabilities.sum())
    open("text.txt", "w").write(written)


if __name__ == "__main__":
    main()
