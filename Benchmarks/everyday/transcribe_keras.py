# Digits in recordings, learned from unaligned transcripts.
import csv
import json

import keras
import numpy as np
from keras import ops
from scipy.io import wavfile
from scipy.signal import spectrogram


def features(path):
    rate, samples = wavfile.read(path)
    _, _, power = spectrogram(samples / 32768, rate, nperseg=200, noverlap=120)
    return np.log(power.T + 1e-10).astype("float32")


def pad(sequences):
    return keras.utils.pad_sequences(sequences, maxlen=100, dtype="float32", padding="post")


def main():
    keras.utils.set_random_seed(1)
    rows = list(csv.reader(open("sounds.tsv"), delimiter="\t"))
    inputs = [features(path) for path, _ in rows]
    # Zero is the blank, which also pads.
    targets = keras.utils.pad_sequences([[int(digit) + 1 for digit in text] for _, text in rows], padding="post")
    scaling = keras.layers.Normalization()
    scaling.adapt(np.concatenate(inputs))
    model = keras.Sequential([
        keras.Input((100, inputs[0].shape[1])),
        scaling,
        keras.layers.Bidirectional(keras.layers.LSTM(64, return_sequences=True)),
        keras.layers.Dense(11),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.005, clipnorm=1), loss=keras.losses.CTC())
    model.fit(pad(inputs), targets, batch_size=8, epochs=15, verbose=2)
    new = open("new_sounds.tsv").read().split()
    outputs = model.predict(pad([features(path) for path in new]))
    decoded, _ = ops.ctc_decode(outputs, np.full(len(new), 100), mask_index=0)
    with open("transcripts.jsonl", "w") as file:
        for path, labels in zip(new, ops.convert_to_numpy(decoded[0])):
            text = "".join(str(label - 1) for label in labels if label > 0)
            print(json.dumps({"file": path, "text": text}), file=file)


if __name__ == "__main__":
    main()
